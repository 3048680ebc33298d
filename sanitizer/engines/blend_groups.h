/* blend_groups.h - lets a highlighter shine through: blend modes inside transparency groups.
 *
 * The renderer draws every transparency group on an empty surface first, so that a group whose content is to be
 * multiplied with the page (a marked passage in nearly every viewer's annotations) is multiplied with nothing and then
 * covers the text. A group that is not isolated blends with what lies below (ISO 32000-1, 11.4.4). This module stands
 * between the renderer and cairo, as glyph_watch.h does: when all that was drawn in a group had one blend mode, the
 * group itself is painted with that mode. And no group punches a hole into the page itself. */
#pragma once

#include <cairo.h>
#include <glib.h>

/* From here on groups drawn with cr are treated so; NULL: none. */
void mgk_blend_groups_begin(cairo_t *cr);
/* Looks up cairo's own functions; call it before a sandbox closes. */
void mgk_blend_groups_warm(void);
/* For glyph_watch.c: something is being drawn. */
void mgk_blend_groups_note(cairo_t *cr);
