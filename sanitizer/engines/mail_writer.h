/* mail_writer.h - a fresh mail, written by us alone: pure 7-bit, CRLF, lines of at most 78 columns where the words
 * allow it and below 998 always (RFC 5322, RFC 2045, RFC 2047, RFC 2231). One text/plain, or multipart/mixed of it and
 * the attachments. Encoded words and the text are in UTF-8, or in ISO-2022-JP where every character fits and the writer
 * was made so; its text is then the one place where ESC stands. Boundaries come from the content's hash: the same
 * content gives the same bytes. */
#pragma once

#include <glib.h>

typedef struct MgkMailWriter MgkMailWriter;

MgkMailWriter *mgk_mail_writer_new(gboolean jis);
void mgk_mail_writer_free(MgkMailWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkMailWriter, mgk_mail_writer_free)
/* "Name: text", folded; text (UTF-8, one line) becomes encoded words where it must. name is a literal of ours. */
void mgk_mail_writer_field(MgkMailWriter *writer, const char *name, const char *text);
/* "Name: value", folded at its spaces only; value must be printable ASCII (else the field is left out). For ids, dates
 * and addresses. */
void mgk_mail_writer_field_ascii(MgkMailWriter *writer, const char *name, const char *value);
/* text (UTF-8) as it may stand in a phrase or an unstructured field: itself, quoted, or encoded words. writer may be
 * NULL: UTF-8. Owned by the caller. */
char *mgk_mail_writer_phrase(const MgkMailWriter *writer, const char *text);
/* The body, UTF-8 with \n lines; call once. */
void mgk_mail_writer_text(MgkMailWriter *writer, const char *text);
/* media_type is a literal of ours; name UTF-8, safe as a file name. */
void mgk_mail_writer_attach(MgkMailWriter *writer, const char *media_type, const char *name, GBytes *bytes);
/* The whole mail. Owned by the caller; the writer is spent. */
GByteArray *mgk_mail_writer_finish(MgkMailWriter *writer);
