/* mail_header.h - values of mail header fields, decoded: encoded words (RFC 2047) and parameters (RFC 2045, RFC 2231),
 * as they are written in everyday mail rather than as the RFCs want them. */
#pragma once

#include <glib.h>

/* An unstructured value as UTF-8 on one line: unfolded, encoded words decoded (neighbours of one charset are joined as
 * bytes first, so a character or a shift may be cut between them), raw 8-bit and raw ISO-2022-JP recognised. Not
 * tidied: may hold any character but CR, LF and NUL. Owned by the caller. */
char *mgk_mail_header_decode(const char *raw);
/* raw with raw 8-bit and ISO-2022-JP bytes made UTF-8 and folds undone, encoded words left alone: for parsers of
 * structure. Owned by the caller. */
char *mgk_mail_header_flatten(const char *raw);

typedef struct MgkMailParams MgkMailParams;

/* "value; name=x; …", at most 64 parameters of names up to 64 bytes; comments are skipped. raw may be NULL. */
MgkMailParams *mgk_mail_params_parse(const char *raw);
void mgk_mail_params_free(MgkMailParams *params);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkMailParams, mgk_mail_params_free)
/* The part before the first ';', lower case, spaces gone ("text/plain"). Borrowed. */
const char *mgk_mail_params_value(const MgkMailParams *params);
/* A parameter, decoded to UTF-8: continuations joined before decoding, name* before name. NULL when it is not there.
 * Owned by the caller. */
char *mgk_mail_params_get(const MgkMailParams *params, const char *name);
