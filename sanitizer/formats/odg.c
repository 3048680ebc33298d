/* odg.c - OpenDocument drawings and their templates (ISO/IEC 26300-1 clause 10).
 *
 * Shapes, layers and text stay; pictures are rebuilt.
 * Kept, removed, limits: odt.c says it for the family; engines/odf.h how it is done. */
#include "checks/odf.h"
#include "engines/odf.h"
#include "engines/odf_text.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    return mgk_odf_probe(probe, MGK_FORMAT_ID_odg);
}

const MgkHandler mgk_format_odg = {
    .probe = probe, .clean = mgk_odf_clean, .check = mgk_check_odg, .text = mgk_odf_text};
