/* odp.c - OpenDocument presentations and their templates (ISO/IEC 26300-1 clauses 9, 10, 15).
 *
 * Jumps between slides, animations and notes stay; clicks that start programs, objects or macros, sound and film go
 * (their picture stays). Hidden slides are told. Kept, removed, limits: odt.c says it for the family; engines/odf.h how
 * it is done. */
#include "checks/odf.h"
#include "engines/odf.h"
#include "engines/odf_text.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    return mgk_odf_probe(probe, MGK_FORMAT_ID_odp);
}

const MgkHandler mgk_format_odp = {
    .probe = probe, .clean = mgk_odf_clean, .check = mgk_check_odp, .text = mgk_odf_text};
