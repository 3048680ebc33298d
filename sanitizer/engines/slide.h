/* slide.h - what must be known about a slide before it is written, and the hooks that use it.
 *
 * PowerPoint describes an embedded object in a frame whose picture comes after it, or lies in a VML part; the animation
 * of a shape comes after the shape; whether text is off the slide shows at its end. So each slide, layout, master and
 * notes page is read once before it is written (survey), and things are recognised again by counting. */
#pragma once

#include "engines/opc.h"

typedef struct MgkSlideState MgkSlideState;

/* Members of the pptx row of MgkOpcFormat. */
extern const gsize mgk_slide_state_size;
gboolean mgk_slide_survey(MgkOpc *opc, GError **error);
void mgk_slide_part_begin(MgkOpc *opc, MgkOpcPart *part, MgkXmlFilter *filter);
void mgk_slide_state_clear(gpointer state);
extern const MgkXmlHook mgk_slide_hooks[MGK_N_XML_HOOKS];
