/* mail_fields.h - the header of a converted mail: what rules/mail_fields.def allows, decoded and written anew. */
#pragma once

#include "engines/mail_draft.h"
#include "engines/mail_writer.h"
#include "engines/mime_tree.h"

/* Writes the allowed fields of root's message, and X-Mugaika last. Notes senders that deceive, fields given twice and
 * what was not readable. */
void mgk_mail_fields_write(MgkMailDraft *draft, const MgkMimePart *root, MgkMailWriter *writer);
/* A date as RFC 5322 writes it, out of what mails give for one; NULL when it is none. Owned by the caller. */
char *mgk_mail_date(const char *text);
