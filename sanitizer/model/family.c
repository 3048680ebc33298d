#include "model/family.h"

#define N_(text) text

static const MgkFamily families[] = {
#define MGK_FAMILY(ids, words, kept, gone) {.formats = ids, .name = words, .stays = kept, .goes = gone},
#include "model/families.def"
#undef MGK_FAMILY
};

const MgkFamily *mgk_families(gsize *ret_n)
{
    *ret_n = G_N_ELEMENTS(families);
    return families;
}

const MgkFamily *mgk_family_of(MgkFormatId id)
{
    const MgkFormatInfo *info = mgk_format_info(id);
    for (gsize i = 0; info && i < G_N_ELEMENTS(families); i++) {
        g_auto(GStrv) ids = g_strsplit(families[i].formats, " ", -1);
        if (g_strv_contains((const char *const *)ids, info->id))
            return &families[i];
    }
    return NULL;
}
