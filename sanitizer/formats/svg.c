/* svg.c - Scalable Vector Graphics (SVG 1.1 second edition, SVG 2), plain or packed with gzip (svgz).
 *
 * Kept, by rules/svg.def: shapes, text, gradients, patterns, masks, filters, markers, symbols and their reuse,
 * animation of looks and geometry (policy: image.animation), style sheets and style attributes rebuilt property by
 * property (engines/css.h), links to web pages and mail addresses, pictures in data: URIs, each rebuilt by a child.
 * Gone: scripts, event handlers, foreignObject and everything else of other vocabularies, references to anything
 * outside the document, animation of links and handlers, fonts, sound and video, metadata, comments, instructions,
 * document types. What Illustrator declares as entities is put in place first (engines/svg_prolog.h).
 * Held: other entities, a root that is no svg in its namespace, drawings that show themselves or grow beyond measure
 * through <use>, patterns and masks (engines/svg_cost.h).
 * Output: SVG in UTF-8, never packed. Encodings read: those of engines/charset.h.
 * Known limits: @keyframes, @font-face and SVG fonts go, so that such a drawing stands still or shows another font;
 * references in style sheets are counted by class only; a tag longer than 32 MiB ends the job. */
#include "engines/svg.h"
#include "checks/data.h"
#include "engines/gunzip.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe_markup(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    g_autofree char *root = mgk_recognise_root(head);
    if (strcmp(root, "svg") == 0 || g_str_has_suffix(root, ":svg"))
        return 82;
    /* a doctype with entities or a long comment may hide the root */
    return head[0] == '<' &&
                   (strstr(head, "<!doctype svg") || (strcmp(probe->extension, "svg") == 0 && strstr(head, "<svg")))
               ? 82
               : 0;
}

static guint probe(const MgkProbe *probe)
{
    guint8 head[MGK_HEAD_BYTES];
    MgkProbe inside;
    if (mgk_gunzip_probe(probe, "svgz", head, sizeof head, &inside))
        return probe_markup(&inside) ? 94 : 0;
    return probe_markup(probe);
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_gunzip_clean(job, mgk_svg_clean, error);
}

const MgkHandler mgk_format_svg = {.probe = probe, .clean = clean, .check = mgk_check_svg};
