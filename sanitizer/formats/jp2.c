/* jp2.c - JPEG 2000 files and code streams (ISO/IEC 15444-1): recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "\0\0\0\x0cjP  \r\n"), MGK_MAGIC(0, "\xff\x4f\xff\x51")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

const MgkHandler mgk_format_jp2 = {.probe = probe};
