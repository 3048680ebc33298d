/* odt.c - OpenDocument text and its templates: ISO/IEC 26300 (OASIS ODF 1.0 to 1.3), LibreOffice's extensions.
 *
 * Kept, in all of the family: text, tables, styles, lists, fields that compute inside the document, comments and
 * tracked changes (by policy), drawings, charts, formulas and other OpenDocument objects inside (rebuilt by the same
 * rules), pictures (rebuilt elsewhere), forms without their data, bookmarks, settings of view and layout, titles and
 * labels. Removed: Basic and other scripts, event listeners, user interface, objects of other programs (their picture
 * stays, else a gray box), applets, plug-ins, frames, DDE, sections and tables linked from elsewhere (their text
 * stays), macro fields, database fields (as text), printers, link updates, embedded fonts, RDF, thumbnails, signatures
 * (told), older versions, authors and editing statistics; links with schemes other than http, https, mailto; members
 * that no document leads to. Everything without a row in rules/odf.def and odf_attributes.def is left out. Output: the
 * same type, or its template, in a new package with a manifest of what is in it. Limits: white text is not recognised
 * as hidden; a picture in a format that is not rebuilt yet is a gray box unless its frame has another rendering; what a
 * program computes anew on opening (page numbers, dates) is left to it. */
#include "checks/odf.h"
#include "engines/odf.h"
#include "engines/odf_text.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    return mgk_odf_probe(probe, MGK_FORMAT_ID_odt);
}

const MgkHandler mgk_format_odt = {
    .probe = probe, .clean = mgk_odf_clean, .check = mgk_check_odt, .text = mgk_odf_text};
