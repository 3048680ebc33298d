/* draw_cull.h - what is painted over must not cross: a drawing, unlike pixels, still holds it.
 *
 * The operations are looked at from the last to the first, with a map of the pixels that later ones hide. What lies
 * under them goes: whole operations, single letters, parts of paths, and of pictures the pixels that the page does not
 * show, those outside their clip included. A letter of which a cover leaves only edges becomes what is seen of it. */
#pragma once

#include "engines/draw_record.h"

typedef struct MgkDrawCulled {
    guint operations, parts; /* gone: whole; letters and parts of paths */
    guint pictures;          /* of which pixels are gone */
} MgkDrawCulled;

/* glyphs: the watch's, judged by the finished page, which is given as its pixels. FALSE: the page had better be
 * pixels. */
gboolean mgk_draw_cull(MgkDrawRecord *record, const GArray *glyphs, cairo_surface_t *page, MgkDrawCulled *ret_culled);
