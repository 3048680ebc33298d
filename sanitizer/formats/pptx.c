/* pptx.c - PowerPoint presentations: PresentationML in a package (ISO/IEC 29500-1 clauses 13 and 19, [MS-PPTX]),
 * transitional and strict; presentations, templates and slide shows, and their macro twins.
 *
 * Kept: slides, layouts, masters, notes and handouts; text, tables, charts with the values they show, diagrams,
 * pictures (rebuilt), transitions and animation, jumps between slides and custom shows, web links, comments and their
 * authors (policy), sections, themes, labels.
 * Gone: macros, embedded and linked objects and ActiveX controls (their picture stands in their place, else a gray box
 * that says so), verbs, sound and video (the poster picture stays), links that run macros, programs or files, workbooks
 * behind charts, slide update and publishing, tags, embedded fonts, revision logs, ink (its picture stays), animation
 * of what went. Hidden slides, text off the slide, in hidden shapes or too small to read are reported; such shapes can
 * be removed by policy. Output: the same type without macros, all parts written afresh. Rules:
 * rules/presentationml.def, drawingml.def, chart.def; look-ahead and code: engines/slide_*.c. Known limits: text in the
 * colour of its background is not noticed; old controls without a picture of their own leave no trace but the finding;
 * add-ins (ppam) are held. */
#include "formats/formats.h"

#include "checks/ooxml.h"
#include "engines/slide.h"
#include "engines/slide_text.h"

static guint probe(const MgkProbe *p)
{
    return mgk_opc_probe(p, MGK_FORMAT_ID_pptx);
}

static gboolean clean(MgkJob *job, GError **error)
{
    const MgkOpcFormat format = {.id = MGK_FORMAT_ID_pptx,
                                 .folder = "ppt",
                                 .hooks = mgk_slide_hooks,
                                 .state_size = mgk_slide_state_size,
                                 .survey = mgk_slide_survey,
                                 .part_begin = mgk_slide_part_begin,
                                 .state_clear = mgk_slide_state_clear};
    return mgk_opc_clean(job, &format, error);
}

const MgkHandler mgk_format_pptx = {.probe = probe, .clean = clean, .check = mgk_check_pptx, .text = mgk_slide_text};
