/* odf_other.c - OpenDocument files that are not rebuilt: databases, master documents, web pages, charts and pictures of
 * their own, and the OpenOffice.org 1 ancestor. Recognised only, held. (.odc is an Excel data connection to Windows and
 * is blocked by name.) */
#include "engines/odf.h"
#include "engines/zip_peek.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_autofree char *type = mgk_odf_peek_type(probe);
    if (g_str_has_prefix(type, "application/vnd.oasis.opendocument") ||
        g_str_has_prefix(type, "application/vnd.sun.xml"))
        return 95;
    g_auto(GStrv) names = mgk_zip_peek(probe->data, probe->size);
    return mgk_zip_peek_has(names, "content.xml") && mgk_zip_peek_has(names, "meta-inf/manifest.xml") ? 93 : 0;
}

const MgkHandler mgk_format_odf_other = {.probe = probe};
