/* heif.c - HEIF and AVIF (ISO/IEC 23008-12: an ftyp box with a still image brand): recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(4, "ftypheic"), MGK_MAGIC(4, "ftypheix"), MGK_MAGIC(4, "ftypheim"),
                                     MGK_MAGIC(4, "ftypheis"), MGK_MAGIC(4, "ftyphevc"), MGK_MAGIC(4, "ftyphevx"),
                                     MGK_MAGIC(4, "ftypmif1"), MGK_MAGIC(4, "ftypmsf1"), MGK_MAGIC(4, "ftypavif"),
                                     MGK_MAGIC(4, "ftypavis")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

const MgkHandler mgk_format_heif = {.probe = probe};
