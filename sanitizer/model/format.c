#include "model/format.h"

#include <string.h>

#define N_(text) text

static const MgkFormatInfo formats[MGK_N_FORMATS] = {
#define MGK_FORMAT(fid, ext, mime, box, fl, words) \
    [MGK_FORMAT_ID_## \
        fid] = {.id = #fid, .extensions = ext, .media_type = mime, .sandbox = box, .flags = fl, .label = words},
#include "formats/formats.def"
#undef MGK_FORMAT
};

const MgkFormatInfo *mgk_format_info(MgkFormatId id)
{
    return id < MGK_N_FORMATS ? &formats[id] : NULL;
}

gboolean mgk_format_from_name(const char *id, MgkFormatId *ret_id)
{
    for (guint i = 0; i < MGK_N_FORMATS; i++) {
        if (strcmp(formats[i].id, id) == 0) {
            *ret_id = (MgkFormatId)i;
            return TRUE;
        }
    }
    return FALSE;
}

char *mgk_format_extension(MgkFormatId id, guint index)
{
    const MgkFormatInfo *info = mgk_format_info(id);
    if (!info)
        return NULL;
    g_auto(GStrv) list = g_strsplit(info->extensions, " ", -1);
    return index < g_strv_length(list) ? g_strdup(list[index]) : NULL;
}

gboolean mgk_format_has_extension(MgkFormatId id, const char *extension)
{
    const MgkFormatInfo *info = mgk_format_info(id);
    if (!info)
        return FALSE;
    g_autofree char *lower = g_ascii_strdown(extension, -1);
    g_auto(GStrv) list = g_strsplit(info->extensions, " ", -1);
    return g_strv_contains((const char *const *)list, lower);
}
