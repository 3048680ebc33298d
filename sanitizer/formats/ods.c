/* ods.c - OpenDocument spreadsheets and their templates (ISO/IEC 26300-1 clause 9; formulas: ODF 1.3 part 4).
 *
 * Formulas that run something, fetch, or read other files become the value they last had, wherever a formula can stand:
 * cells, names, validations, conditional formats. Linked sheets, DDE links, database ranges lose their source and keep
 * their cells; pivot tables over databases go, their cells stay. Hidden sheets are told. Kept, removed, limits: odt.c
 * says it for the family; engines/odf.h how it is done. */
#include "checks/odf.h"
#include "engines/odf.h"
#include "engines/odf_text.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    return mgk_odf_probe(probe, MGK_FORMAT_ID_ods);
}

const MgkHandler mgk_format_ods = {
    .probe = probe, .clean = mgk_odf_clean, .check = mgk_check_ods, .text = mgk_odf_text};
