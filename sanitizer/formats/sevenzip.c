/* sevenzip.c - 7z archives: recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "7z\xbc\xaf'\x1c")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

const MgkHandler mgk_format_sevenzip = {.probe = probe};
