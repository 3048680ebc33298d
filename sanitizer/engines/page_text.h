/* page_text.h - web pages that are files as text: what mail_render.h does for the pages of mails. */
#pragma once

#include "engines/mail_draft.h"
#include "engines/text_out.h"

/* The output is a text: CONVERTED, .txt. Call before anything is written. */
void mgk_page_text_choose(MgkJob *job);
/* Adds the title and the text of a page to out, and records what the page tried in draft. charset: the label that the
 * page came with, or NULL: byte order mark, <meta> and detection decide. A page too large ends the job as held (TRUE).
 */
gboolean mgk_page_text_add(MgkMailDraft *draft, MgkTextOut *out, const guint8 *data, gsize size, const char *charset);
/* Writes what is left. A page without a visible letter writes nothing, and so never crosses. Errors: those of
 * job->write.
 */
gboolean mgk_page_text_finish(MgkMailDraft *draft, MgkTextOut *out, GError **error);
