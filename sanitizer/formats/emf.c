/* emf.c - enhanced metafiles ([MS-EMF] 2.3.4.2: header record with the signature at 40): recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic record[] = {MGK_MAGIC(0, "\1\0\0\0")}, signature[] = {MGK_MAGIC(40, " EMF")};
    return MGK_MAGIC_ANY(probe, record) && MGK_MAGIC_ANY(probe, signature) ? 93 : 0;
}

const MgkHandler mgk_format_emf = {.probe = probe};
