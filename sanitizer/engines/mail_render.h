/* mail_render.h - bodies of single mail parts as text. */
#pragma once

#include "engines/html_text.h"
#include "engines/mail_draft.h"
#include "engines/mime_tree.h"

/* text/plain and what else is text: decoded, format=flowed joined (RFC 3676), tidied, links by policy. Files in it
 * (uuencode) go to *ret_files (of MgkMailFile, owned by the caller, may be NULL: left in the text). Owned by the
 * caller.
 */
char *mgk_mail_render_plain(MgkMailDraft *draft, const MgkMimePart *part, GPtrArray *ret_files);
/* text/html; notes what deceives. Never NULL. Owned by the caller. FALSE error: none; a page too large becomes "". */
char *mgk_mail_render_html(MgkMailDraft *draft, const MgkMimePart *part);
/* What a page tried becomes notes and findings: links that deceive, hidden text, forms, pictures from elsewhere. */
void mgk_mail_note_page(MgkMailDraft *draft, const MgkHtmlResult *html);
/* How a page is laid out by the policy. */
MgkHtmlOptions mgk_mail_page_options(const MgkPolicy *policy);
/* How two renderings of one text agree: what share of each is in the other (0 to 1). */
void mgk_mail_agreement(const char *a, const char *b, double *ret_a_in_b, double *ret_b_in_a);
/* Letters and digits in a text. */
gsize mgk_mail_weight(const char *text);

typedef struct MgkMailFile {
    char *name;   /* owned; untrusted */
    GBytes *data; /* owned */
} MgkMailFile;
void mgk_mail_file_free(gpointer file);
/* Takes uuencoded blocks (begin 644 name … end) out of text; a line naming the file stands in their place. Owned by the
 * caller. */
char *mgk_mail_take_uuencoded(const char *text, GPtrArray *files);
/* Web addresses in plain text by policy: kept, defanged or removed; a name before @ posing as host, or a host mixing
 * scripts, is noted. Owned by the caller. */
char *mgk_mail_links(MgkMailDraft *draft, const char *text);
