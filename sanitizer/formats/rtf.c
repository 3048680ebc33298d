/* rtf.c - Rich Text Format 1.9.1: recognised only, held. As Word does, {\\rt is enough, also after leading white space.
 */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    static const MgkMagic magic[] = {MGK_MAGIC(0, "{\\rt")}; /* the rest may hold NULs */
    return MGK_MAGIC_ANY(probe, magic) || g_str_has_prefix(head, "{\\rt") ? 90 : 0;
}

const MgkHandler mgk_format_rtf = {.probe = probe};
