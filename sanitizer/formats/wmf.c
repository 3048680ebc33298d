/* wmf.c - Windows metafiles ([MS-WMF], placeable or not): recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "\xd7\xcd\xc6\x9a"), MGK_MAGIC(0, "\1\0\x09\0\0\3"),
                                     MGK_MAGIC(0, "\2\0\x09\0\0\3"), MGK_MAGIC(0, "\1\0\x09\0\0\1")};
    return MGK_MAGIC_ANY(probe, table) ? 90 : 0;
}

const MgkHandler mgk_format_wmf = {.probe = probe};
