/* cad.c - drawings of AutoCAD, MicroStation, JW-CAD and SXF: recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "AC10"),
                                     MGK_MAGIC(0, "AC1.4"),
                                     MGK_MAGIC(0, "AutoCAD Binary DXF"),
                                     MGK_MAGIC(0, "JwwData."),
                                     MGK_MAGIC(0, "\x08\x09\xfe\x02"),
                                     MGK_MAGIC(0, "ISO-10303-21;")};
    if (MGK_MAGIC_ANY(probe, table))
        return 88;
    g_autofree char *head = mgk_recognise_head(probe);
    return g_str_has_prefix(head, "0\r\nsection") || g_str_has_prefix(head, "0\nsection") ? 80 : 0;
}

const MgkHandler mgk_format_cad = {.probe = probe};
