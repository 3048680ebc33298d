/* dib.h - device-independent bitmaps, the body of BMP files and of old icons: OS/2 1.x and 2.x, BITMAPINFOHEADER, V2 to
 * V5 (Microsoft, "Bitmap storage"; OS/2 2.0 Presentation Driver Reference). */
#pragma once

#include "engines/raster.h"

typedef struct MgkDib MgkDib;

/* Reads the headers of a bitmap whose header begins at data. pixels is where its samples begin, 0 for right behind the
 * colours. icon: the height counts a mask that follows the samples. data is borrowed as long as the bitmap lives.
 * Errors: MGK_ERROR_MALFORMED, MGK_ERROR_LIMIT, MGK_ERROR_UNSUPPORTED (embedded JPEG or PNG, Huffman coding). */
MgkDib *mgk_dib_new(const guint8 *data, gsize size, gsize pixels, gboolean icon, const MgkLimits *limits,
                    GError **error);
void mgk_dib_free(MgkDib *dib);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkDib, mgk_dib_free)

/* The header of the picture that mgk_dib_row() gives: PALETTE as deep as stored (run-length coded: 8), RGB or RGBA of
 * depth 8; icons always RGBA. */
const MgkRaster *mgk_dib_raster(const MgkDib *dib);
/* Shown row y, 0 at the top, into out (mgk_raster_row_bytes()). What the data does not reach is zeros. */
void mgk_dib_row(const MgkDib *dib, guint32 y, guint8 *out);
/* How many rows the data holds, for judging damage. */
guint32 mgk_dib_rows_there(const MgkDib *dib);
/* Where the bitmap's data ends, from its header on. */
gsize mgk_dib_end(const MgkDib *dib);
/* The embedded colour profile, borrowed, or NULL. */
const guint8 *mgk_dib_profile(const MgkDib *dib, gsize *ret_size);
