/* bmp.c - Windows and OS/2 bitmaps: recognised only, held. BM alone is prose; the size of the second header must be a
 * known one. */
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    static const guint32 headers[] = {12, 16, 40, 52, 56, 64, 108, 124};
    if (probe->size < 26 || memcmp(probe->data, "BM", 2) != 0)
        return memcmp(probe->data, "BA", MIN(probe->size, 2)) == 0 && probe->size > 28 &&
                       memcmp(probe->data + 14, "BM", 2) == 0
                   ? 88
                   : 0;
    for (guint i = 0; i < G_N_ELEMENTS(headers); i++) {
        if (mgk_recognise_u32le(probe->data + 14) == headers[i])
            return 90;
    }
    return 0;
}

const MgkHandler mgk_format_bmp = {.probe = probe};
