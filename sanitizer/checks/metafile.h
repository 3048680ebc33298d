/* metafile.h - what the second looks at WMF and EMF share: numbers, and the only bitmaps that we write. */
#pragma once

#include <glib.h>

guint mgk_look_u16(const guint8 *at);
guint32 mgk_look_u32(const guint8 *at);
/* Reads the bitmap header at data: 40 bytes, masks, a full colour table (usage 0: 4 bytes, 1: 2 bytes a colour). rows:
 * how many of them the bits hold at most, 0 for all. FALSE when we do not write such; else the sizes of header with
 * colours, and of bits. Both lie within size when they are packed; otherwise bits may be anywhere. */
gboolean mgk_look_bitmap(const guint8 *data, gsize size, guint32 usage, guint32 rows, gsize *ret_header,
                         gsize *ret_bits);
/* TRUE when nothing stands behind the ends of the rows; header and bits as measured by mgk_look_bitmap(). */
gboolean mgk_look_bitmap_rows(const guint8 *header, const guint8 *bits, gsize size);
