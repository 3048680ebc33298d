/* formats.h - the handlers behind formats.def; worker side only. */
#pragma once

#include "model/job.h"

/* The handler of a format; never NULL for a valid id. */
const MgkHandler *mgk_formats_handler(MgkFormatId id);

/* Which format the bytes are: every handler's probe is asked, the surest wins, ties by the order of formats.def.
 * MGK_FORMAT_ID_NONE when nobody recognises them. name (UTF-8, untrusted, may be "") is a hint only. *ret_media_type
 * (may be NULL) is the format's media type, or libmagic's opinion where no probe is sure; owned by the caller. Call
 * mgk_formats_warm() before the lock-down. */
MgkFormatId mgk_detect(const guint8 *data, gsize size, const char *name, char **ret_media_type);
/* Loads what detection and text need from files. FALSE with an error when something of it is missing. */
gboolean mgk_formats_warm(GError **error);

#define MGK_FORMAT(id, ext, mime, sandbox, flags, label) extern const MgkHandler mgk_format_##id;
#include "formats/formats.def"
#undef MGK_FORMAT
