/* metafile.c - bitmaps as our metafiles hold them. */
#include "checks/metafile.h"

#define HEADER 40u

guint mgk_look_u16(const guint8 *at)
{
    return at[0] | (guint)at[1] << 8;
}

guint32 mgk_look_u32(const guint8 *at)
{
    return mgk_look_u16(at) | (guint32)mgk_look_u16(at + 2) << 16;
}

static gboolean fits_coding(guint bits, guint32 coding)
{
    if (bits == 16 || bits == 32)
        return coding == 0 || coding == 3;
    return (bits == 1 || bits == 4 || bits == 8 || bits == 24) && coding == 0;
}

static guint64 stride_of(const guint8 *header)
{
    return ((guint64)mgk_look_u32(header + 4) * mgk_look_u16(header + 14) + 31) / 32 * 4;
}

gboolean mgk_look_bitmap(const guint8 *data, gsize size, guint32 usage, guint32 rows, gsize *ret_header,
                         gsize *ret_bits)
{
    if (size < HEADER || mgk_look_u32(data) != HEADER || usage > 1 || mgk_look_u16(data + 12) != 1)
        return FALSE;
    guint32 width = mgk_look_u32(data + 4), height = mgk_look_u32(data + 8), coding = mgk_look_u32(data + 16);
    guint bits = mgk_look_u16(data + 14);
    height = height > G_MAXINT32 ? 0 - height : height;
    if (!fits_coding(bits, coding) || !width || width > G_MAXINT32 || !height)
        return FALSE;
    guint32 colors = bits <= 8 ? 1u << bits : 0;
    if (mgk_look_u32(data + 32) != colors || mgk_look_u32(data + 36))
        return FALSE;
    guint64 image = stride_of(data) * (rows ? MIN(rows, height) : height);
    if (image > G_MAXINT32 || mgk_look_u32(data + 20) != image)
        return FALSE;
    *ret_header = HEADER + (coding == 3 ? 12 : 0) + (gsize)colors * (usage == 1 ? 2 : 4);
    *ret_bits = (gsize)image;
    return *ret_header <= size;
}

gboolean mgk_look_bitmap_rows(const guint8 *header, const guint8 *bits, gsize size)
{
    guint64 row_bits = (guint64)mgk_look_u32(header + 4) * mgk_look_u16(header + 14);
    gsize stride = (gsize)stride_of(header), used = (gsize)((row_bits + 7) / 8);
    guint8 spare = row_bits % 8 ? (guint8)(0xffu >> row_bits % 8) : 0;
    for (gsize at = 0; at < size; at += stride) {
        if (spare & bits[at + used - 1])
            return FALSE;
        for (gsize i = used; i < stride; i++) {
            if (bits[at + i])
                return FALSE;
        }
    }
    return TRUE;
}
