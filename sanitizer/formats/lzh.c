/* lzh.c - LHA archives, by the method's name in the first header: recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    const guint8 *p = probe->data;
    if (probe->size < 22 || p[2] != '-' || p[6] != '-')
        return 0;
    static const char *const families[] = {"lh", "lz", "pm"};
    for (guint i = 0; i < G_N_ELEMENTS(families); i++) {
        if (memcmp(p + 3, families[i], 2) == 0 && g_ascii_isalnum(p[5]) && p[20] <= 3)
            return 91;
    }
    return 0;
}

const MgkHandler mgk_format_lzh = {.probe = probe};
