#include "engines/placeholder_drawing.h"

#include "engines/metafile.h"

#define GRAY_BRUSH 0x80000001u /* LTGRAY_BRUSH */
#define DPI 96u

/* One record: its number, then fields of 32 bits. */
static void put_emf(GByteArray *out, guint32 number, const guint32 *fields, guint n)
{
    mgk_meta_put32(out, number);
    mgk_meta_put32(out, 8 + 4 * n);
    for (guint i = 0; i < n; i++)
        mgk_meta_put32(out, fields[i]);
}

static GByteArray *draw_emf(guint width, guint height)
{
    enum { RECORDS = 8, SIZE = 108 + 12 + 24 + 4 * 16 + 20 };
    guint32 right = width - 1, bottom = height - 1;
    const guint32 header[] = {0,
                              0,
                              right,
                              bottom,
                              0,
                              0,
                              width * 2540 / DPI,
                              height * 2540 / DPI,
                              0x464d4520,
                              0x10000,
                              SIZE,
                              RECORDS,
                              1,
                              0,
                              0,
                              0,
                              960,
                              768,
                              254,
                              203,
                              0,
                              0,
                              0,
                              254000,
                              203000};
    const guint32 brush[] = {GRAY_BRUSH}, box[] = {0, 0, right, bottom};
    const guint32 lines[][2] = {{0, 0}, {right, bottom}, {right, 0}, {0, bottom}}, end[] = {0, 16, 20};
    GByteArray *out = g_byte_array_new();
    put_emf(out, 1, header, G_N_ELEMENTS(header));
    put_emf(out, 37, brush, 1);
    put_emf(out, 43, box, 4);
    for (guint i = 0; i < 4; i++)
        put_emf(out, i % 2 ? 54 : 27, lines[i], 2);
    put_emf(out, 14, end, 3);
    return out;
}

/* One record: its function, then fields of 16 bits. */
static void put_wmf(GByteArray *out, guint function, const guint16 *fields, guint n)
{
    mgk_meta_put32(out, 3 + n);
    mgk_meta_put16(out, function);
    for (guint i = 0; i < n; i++)
        mgk_meta_put16(out, fields[i]);
}

static GByteArray *draw_wmf(guint width, guint height)
{
    enum { WORDS = 9 + 5 + 5 + 7 + 4 + 7 + 4 * 5 + 3, LONGEST = 7 };
    const guint16 right = (guint16)(width - 1), bottom = (guint16)(height - 1);
    const guint16 placeable[] = {0xcdd7, 0x9ac6, 0, 0, 0, (guint16)width, (guint16)height, DPI, 0, 0};
    const guint16 header[] = {1, 9, 0x300, WORDS, 0, 1, LONGEST, 0, 0};
    const guint16 origin[] = {0, 0}, extent[] = {(guint16)height, (guint16)width}, brush[] = {0, 0xc0c0, 0x00c0, 0};
    const guint16 slot[] = {0}, box[] = {bottom, right, 0, 0};
    const guint16 lines[][2] = {{0, 0}, {bottom, right}, {0, right}, {bottom, 0}};
    GByteArray *out = g_byte_array_new();
    guint sum = 0;
    for (guint i = 0; i < G_N_ELEMENTS(placeable); i++) {
        mgk_meta_put16(out, placeable[i]);
        sum ^= placeable[i];
    }
    mgk_meta_put16(out, sum);
    for (guint i = 0; i < G_N_ELEMENTS(header); i++)
        mgk_meta_put16(out, header[i]);
    put_wmf(out, 0x020b, origin, 2);
    put_wmf(out, 0x020c, extent, 2);
    put_wmf(out, 0x02fc, brush, 4);
    put_wmf(out, 0x012d, slot, 1);
    put_wmf(out, 0x041b, box, 4);
    for (guint i = 0; i < 4; i++)
        put_wmf(out, i % 2 ? 0x0213 : 0x0214, lines[i], 2);
    put_wmf(out, 0, NULL, 0);
    return out;
}

GBytes *mgk_placeholder_drawing(MgkFormatId format, guint width, guint height)
{
    guint w = CLAMP(width, 8, 4096), h = CLAMP(height, 8, 4096);
    return g_byte_array_free_to_bytes(format == MGK_FORMAT_ID_wmf ? draw_wmf(w, h) : draw_emf(w, h));
}
