/* mail_body.h - from a mail's tree to text and attachments: which part of an alternative, what an inline picture
 * becomes, what is never taken. */
#pragma once

#include "engines/mail_draft.h"
#include "engines/mime_tree.h"

/* Walks the tree below root, appends its text to draft->body and its files to draft->items. Ends the job as held where
 * the whole mail cannot be read (encrypted, a fragment). FALSE when the whole job must end. */
gboolean mgk_mail_collect(MgkMailDraft *draft, const MgkMimePart *root, GError **error);
