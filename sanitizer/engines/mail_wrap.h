/* mail_wrap.h - a mail out of what other formats keep of one (Outlook's items and envelopes): MIME as plain as can be,
 * read by engines/mail_rebuild.h and never given out. Everything but headers is base64, so no content can end a part.
 */
#pragma once

#include <glib.h>

#define MGK_MAIL_WRAP_DEPTH 10 /* messages in messages */

/* "Name: value" with value (UTF-8, one line after tidying) in encoded words where it must. NULL or "": nothing. */
void mgk_mail_wrap_field(GString *mail, const char *name, const char *value);
/* "Name <address>" as it may stand in an address field, appended to list after a comma. Either may be NULL. */
void mgk_mail_wrap_address(GString *list, const char *name, const char *address);
/* A field of a list that mgk_mail_wrap_address() made. */
void mgk_mail_wrap_addresses(GString *mail, const char *name, const GString *list);
/* Ends the header and begins a multipart: what follows are parts, until mgk_mail_wrap_end(). subtype: "mixed". depth:
 * below MGK_MAIL_WRAP_DEPTH × 2; each multipart inside another needs its own. */
void mgk_mail_wrap_begin(GString *mail, const char *subtype, guint depth);
/* Begins a part that writes its own header: a multipart or a message. */
void mgk_mail_wrap_open(GString *mail, guint depth);
/* One leaf. type: media type with parameters, of ours; name: file name, UTF-8, untrusted, or NULL for a body. */
void mgk_mail_wrap_leaf(GString *mail, guint depth, const char *type, const char *name, const guint8 *data, gsize size);
void mgk_mail_wrap_end(GString *mail, guint depth);
