/* gif.c - GIF87a and GIF89a: recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "GIF87a"), MGK_MAGIC(0, "GIF89a")};
    return MGK_MAGIC_ANY(probe, table) ? 92 : 0;
}

const MgkHandler mgk_format_gif = {.probe = probe};
