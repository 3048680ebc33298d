/* formats.h - the handlers behind formats.def; worker side only. */
#pragma once

#include "model/job.h"

/* The handler of a format; never NULL for a valid id. */
const MgkHandler *mgk_formats_handler(MgkFormatId id);

#define MGK_FORMAT(id, ext, mime, sandbox, flags, label) extern const MgkHandler mgk_format_##id;
#include "formats/formats.def"
#undef MGK_FORMAT
