#include "formats/formats.h"

#include "engines/charset.h"
#include "engines/detect.h"

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

gboolean mgk_formats_warm(GError **error)
{
    return mgk_detect_warm(error) && mgk_charset_warm(error);
}

MgkFormatId mgk_detect(const guint8 *data, gsize size, const char *name, char **ret_media_type)
{
    g_autofree char *extension = mgk_detect_extension(name);
    g_autofree char *media_type = mgk_detect_media_type(data, size);
    MgkProbe probe = {.data = data, .size = size, .extension = extension, .media_type = media_type};
    MgkFormatId best = MGK_FORMAT_ID_NONE;
    guint best_score = 0;
    for (guint i = 0; size > 0 && i < MGK_N_FORMATS; i++) {
        guint score = handlers[i]->probe ? handlers[i]->probe(&probe) : 0;
        if (score > best_score) {
            best_score = score;
            best = (MgkFormatId)i;
        }
    }
    if (ret_media_type)
        *ret_media_type = g_steal_pointer(&media_type);
    return best;
}
