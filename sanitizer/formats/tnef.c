/* tnef.c - Transport Neutral Encapsulation ([MS-OXTNEF]): recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "\x78\x9f\x3e\x22")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

const MgkHandler mgk_format_tnef = {.probe = probe};
