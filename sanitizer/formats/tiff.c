/* tiff.c - TIFF 6 and BigTIFF, both byte orders: recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "II*\0"), MGK_MAGIC(0, "MM\0*"), MGK_MAGIC(0, "II+\0\x08\0"),
                                     MGK_MAGIC(0, "MM\0+\0\x08")};
    return MGK_MAGIC_ANY(probe, table) ? 91 : 0;
}

const MgkHandler mgk_format_tiff = {.probe = probe};
