/* rtf.c - Rich Text Format 1.9.1 (Microsoft, 2008). As Word does, {\\rt is enough, also after leading white space.
 *
 * Rebuilt token by token from an allow-list of control words (rules/rtf.def), never by search. Kept: text in its own
 * encoding (CP932 pairs, \\uN), fonts, styles, lists, tables, sections, headers, notes, bookmarks, fields that compute
 * inside the document, links to web pages and mail, comments and tracked changes (by policy), drawings by an allow-list
 * of properties (rules/rtf_properties.def), PNG, JPEG, EMF and WMF pictures (rebuilt elsewhere), titles and labels.
 * Removed: objects and controls (their picture stays), fields that run or fetch something (their text stays),
 * templates, mail merge sources, data stores, themes, markup of other formats, binary data, embedded fonts, link
 * targets other than http, https and mailto, names of persons, what follows the last brace. Output: {\\rtf1, seven
 * bits, one spelling. Limits: pictures in other formats become gray boxes; clickable drawings lose their link;
 * free-form shapes of Word 6
 * (\\do) are straight lines; white text is not recognised as hidden. */
#include "checks/rtf.h"
#include "engines/recognise.h"
#include "engines/rtf.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    static const MgkMagic magic[] = {MGK_MAGIC(0, "{\\rt")}; /* the rest may hold NULs */
    return MGK_MAGIC_ANY(probe, magic) || g_str_has_prefix(head, "{\\rt") ? 90 : 0;
}

const MgkHandler mgk_format_rtf = {
    .probe = probe, .clean = mgk_rtf_clean, .check = mgk_check_rtf, .text = mgk_rtf_text};
