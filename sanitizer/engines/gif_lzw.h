/* gif_lzw.h - GIF's variable-length-code LZW (GIF89a specification, appendix F), both ways. */
#pragma once

#include <glib.h>

#define MGK_GIF_MIN_BITS 2
#define MGK_GIF_MAX_BITS 8

/* Unpacks the sub-blocks that begin at data (behind the byte that tells the code size) into at most total indices.
 * Returns how many came out; fewer mean damage. min_bits is 1 to 8. */
gsize mgk_gif_unpack(const guint8 *data, gsize size, guint min_bits, guint8 *out, gsize total);
/* Packs n indices below 1 << min_bits into sub-blocks and their terminator, appended to out. variant 0 is the ordinary
 * form, others spell the same picture in other bytes. */
void mgk_gif_pack(const guint8 *indices, gsize n, guint min_bits, guint variant, GByteArray *out);
