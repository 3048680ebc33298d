/* psd.c - Photoshop documents: recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "8BPS\0\1"), MGK_MAGIC(0, "8BPS\0\2")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

const MgkHandler mgk_format_psd = {.probe = probe};
