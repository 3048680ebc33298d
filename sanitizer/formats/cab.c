/* cab.c - cabinets ([MS-CAB]): recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "MSCF\0\0\0\0")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

const MgkHandler mgk_format_cab = {.probe = probe};
