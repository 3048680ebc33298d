/* jpeg_scan.h - the second look's own reading of a baseline scan (ITU-T T.81, annex F.2): which bits are picture.
 *
 * libjpeg reads ahead and says nothing of what it read and did not need, so whether bytes hide between the last block
 * and the end is seen only by who counts bits. Nothing is computed but the places of things. */
#pragma once

#include <glib.h>

typedef struct MgkJpegScan {
    guint width, height, components, restart; /* restart: MCUs between markers, 0 for none */
    guint8 h[3], v[3];                        /* sampling */
    const guint8 *codes[4];                   /* borrowed; DHT's 16 counts and values: DC and AC for luma, for chroma */
} MgkJpegScan;

/* TRUE when the scan is exactly the picture's blocks, restart markers in their order where they belong, codes that the
 * tables have, and ones to fill up the last bytes. The tables' values lie inside (the caller has looked). */
gboolean mgk_jpeg_scan_is_whole(const MgkJpegScan *scan, const guint8 *data, gsize size);
