/* msg_read.h - Outlook items ([MS-OXMSG]: a compound file of MAPI properties, [MS-OXPROPS]) as the mails they were. */
#pragma once

#include "engines/cfb_read.h"
#include "model/error.h"

/* The item as a MIME message (engines/mail_wrap.h): sender, recipients, date, subject, both bodies, attachments with
 * their names, items inside as messages. A body that is only there as RTF becomes an attachment. Owned by the caller
 * (g_string_free). Errors: MGK_ERROR_LIMIT (nested too deeply, too many parts). */
GString *mgk_msg_to_mail(const MgkCfb *cfb, GError **error);
/* The text behind compressed RTF ([MS-OXRTFCP]); NULL when it is broken. Owned by the caller (g_string_free). */
GString *mgk_msg_expand_rtf(const guint8 *data, gsize size);
