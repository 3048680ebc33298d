#include "formats/formats.h"

static const MgkHandler *const handlers[MGK_N_FORMATS] = {
#define MGK_FORMAT(id, ext, mime, sandbox, flags, label) [MGK_FORMAT_ID_##id] = &mgk_format_##id,
#include "formats/formats.def"
#undef MGK_FORMAT
};

const MgkHandler *mgk_formats_handler(MgkFormatId id)
{
    g_return_val_if_fail(id < MGK_N_FORMATS, handlers[0]);
    return handlers[id];
}
