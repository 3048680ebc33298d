/* eps.c - PostScript and EPS, also with a DOS header (PLRM, EPSF 3.0): a program in itself, recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "%!PS"), MGK_MAGIC(0, "\4%!PS"), MGK_MAGIC(0, "\xc5\xd0\xd3\xc6"),
                                     MGK_MAGIC(0, "%!")};
    return MGK_MAGIC_ANY(probe, table) ? 90 : 0;
}

const MgkHandler mgk_format_eps = {.probe = probe};
