/* rar.c - RAR 1.5 to 5: recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "Rar!\x1a\7"), MGK_MAGIC(0, "RE~^")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

const MgkHandler mgk_format_rar = {.probe = probe};
