/* ico.c - Windows icons and cursors: recognised only, held. The signature is four small numbers, so the first directory
 * entry must make sense too. */
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    const guint8 *p = probe->data;
    if (probe->size < 22 || (memcmp(p, "\0\0\1\0", 4) != 0 && memcmp(p, "\0\0\2\0", 4) != 0))
        return 0;
    guint images = mgk_recognise_u16le(p + 4);
    guint32 untrusted_offset = mgk_recognise_u32le(p + 18);
    return images > 0 && images < 300 && p[9] == 0 && untrusted_offset >= 6 + 16u * images ? 86 : 0;
}

const MgkHandler mgk_format_ico = {.probe = probe};
