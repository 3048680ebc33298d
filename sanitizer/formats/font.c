/* font.c - TrueType, OpenType, collections, WOFF, EOT and Type 1 fonts: recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {
        MGK_MAGIC(0, "OTTO\0"), MGK_MAGIC(0, "ttcf\0"),     MGK_MAGIC(0, "true\0"),    MGK_MAGIC(0, "wOFF"),
        MGK_MAGIC(0, "wOF2"),   MGK_MAGIC(0, "\0\1\0\0\0"), MGK_MAGIC(34, "LP\0\0\0"), MGK_MAGIC(0, "%!PS-AdobeFont")};
    if (MGK_MAGIC_ANY(probe, table))
        return 91;
    return g_str_has_prefix(probe->media_type, "font/") ? 35 : 0; /* libmagic alone never outweighs text */
}

const MgkHandler mgk_format_font = {.probe = probe};
