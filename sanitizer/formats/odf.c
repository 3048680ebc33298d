/* odf.c - OpenDocument formulas: MathML in a package (ISO/IEC 26300-1 clause 14.5).
 *
 * Presentation MathML and the StarMath annotation stay; content MathML, actions and links go.
 * Kept, removed, limits: odt.c says it for the family; engines/odf.h how it is done. */
#include "checks/odf.h"
#include "engines/odf.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    return mgk_odf_probe(probe, MGK_FORMAT_ID_odf);
}

const MgkHandler mgk_format_odf = {.probe = probe, .clean = mgk_odf_clean, .check = mgk_check_odf};
