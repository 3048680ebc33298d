/* package.c - documents in ZIP packages that no handler knows: Visio, XPS and other OPC packages, EPUB, iWork, HWPX.
 * Recognised only, held: rebuilt as plain ZIP they would be documents no more. */
#include "engines/zip_peek.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_auto(GStrv) names = mgk_zip_peek(probe->data, probe->size);
    if (!names)
        return 0;
    g_autofree char *type = mgk_zip_peek_mimetype(probe->data, probe->size);
    if (g_str_has_prefix(type, "application/epub") || g_str_has_prefix(type, "application/hwp"))
        return 92;
    if (mgk_zip_peek_has(names, "index/document.iwa") || mgk_zip_peek_has(names, "index.zip") ||
        mgk_zip_peek_has_suffix(names, "buildversionhistory.plist") || mgk_zip_peek_has(names, "index.apxl"))
        return 92;
    /* below docx, xlsx and pptx, which look for their main part */
    return mgk_zip_peek_has(names, "[content_types].xml") || mgk_zip_peek_has(names, "_rels/.rels") ? 60 : 0;
}

const MgkHandler mgk_format_package = {.probe = probe};
