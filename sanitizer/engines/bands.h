/* bands.h - cuts a rendered page into bands and sends each in the cheapest coding that keeps what is seen.
 *
 * 64 rows at a time are looked at: one colour is a fill; up to 256 colours in long runs are a palette of 1, 2, 4 or 8
 * bits (line art and text; the grays of smoothed text become 16); everything else is a photograph. Neighbours of one
 * coding are sent as one band, and each band reaches one row into the next, so that viewers show no seam. */
#pragma once

#include "engines/page_stream.h"

typedef struct MgkPixels {
    const guint8 *data; /* borrowed: 0x00RRGGBB in machine order, the high byte ignored */
    gsize stride;       /* bytes */
    guint width, height;
    guint top; /* row of the page that row 0 is */
} MgkPixels;

/* Sends a page, or a stretch of its rows, as BAND and PIXELS records. White rows are not sent. */
gboolean mgk_bands_send(MgkJob *job, const MgkPixels *pixels, GError **error);
