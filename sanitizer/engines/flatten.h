/* flatten.h - any raster as what a JPEG can hold: gray or RGB of 8 bits, transparency onto white. */
#pragma once

#include "engines/raster.h"

/* TRUE when the rows need no flattening: GRAY and RGB of 8 bits without a transparent colour, and YCC. */
gboolean mgk_flatten_needless(const MgkRaster *raster);
/* The header of the flattened picture: GRAY or RGB, depth 8 (YCC stays as it is). */
void mgk_flatten_header(const MgkRaster *raster, MgkRaster *ret_flat);
/* One row; out has width × (1 or 3) bytes. Palette indices beyond the palette are black. */
void mgk_flatten_row(const MgkRaster *raster, const guint8 *row, guint8 *out);
