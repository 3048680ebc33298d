/* odf.c - OpenDocument (ISO/IEC 26300-3: a ZIP whose first member is a stored "mimetype") and its OpenOffice.org 1
 * ancestor: recognised only, held. */
#include "engines/zip_peek.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_autofree char *type = mgk_zip_peek_mimetype(probe->data, probe->size);
    if (g_str_has_prefix(type, "application/vnd.oasis.opendocument") ||
        g_str_has_prefix(type, "application/vnd.sun.xml"))
        return 95;
    g_auto(GStrv) names = mgk_zip_peek(probe->data, probe->size);
    return mgk_zip_peek_has(names, "content.xml") && mgk_zip_peek_has(names, "meta-inf/manifest.xml") ? 93 : 0;
}

const MgkHandler mgk_format_odf = {.probe = probe};
