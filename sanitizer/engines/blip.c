#include "engines/blip.h"

#include "engines/recognise.h"

#include <libdeflate.h>
#include <string.h>

#define METAFILE_HEADER 34 /* 2.2.31: size before packing first, at 32 whether it is packed */
#define BMP_HEADER 14
#define NOT_PACKED 0xfe

enum { TYPE_PICT = 0xf01c, TYPE_DIB = 0xf01f };

/* Two identifiers instead of one when the instance is one of these (2.2.24 and on). */
static const struct {
    guint type, two, two_more;
    const char *extension;
} kinds[] = {{0xf01a, 0x3d5, 0, "emf"},      {0xf01b, 0x217, 0, "wmf"},      {0xf01c, 0x543, 0, "pict"},
             {0xf01d, 0x46b, 0x6e3, "jpeg"}, {0xf02a, 0x46b, 0x6e3, "jpeg"}, {0xf01e, 0x6e1, 0, "png"},
             {0xf01f, 0x7a9, 0, "bmp"},      {0xf029, 0x6e5, 0, "tiff"}};

static gint row_of(guint type)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (kinds[i].type == type)
            return (gint)i;
    }
    return -1;
}

gboolean mgk_blip_is(guint type)
{
    return row_of(type) >= 0;
}

gsize mgk_blip_ids(guint type, guint instance)
{
    gint row = row_of(type);
    return row >= 0 && (instance == kinds[row].two || (kinds[row].two_more && instance == kinds[row].two_more)) ? 32
                                                                                                                : 16;
}

static GBytes *unpack(const guint8 *p, gsize size, gsize most)
{
    gsize untrusted_size = size > METAFILE_HEADER ? mgk_recognise_u32le(p) : 0;
    if (untrusted_size == 0 || untrusted_size > most)
        return NULL;
    const guint8 *data = p + METAFILE_HEADER;
    gsize packed = size - METAFILE_HEADER, got = 0;
    if (p[32] == NOT_PACKED)
        return g_bytes_new(data, packed);
    g_autofree guint8 *out = g_malloc(untrusted_size);
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    enum libdeflate_result result = libdeflate_zlib_decompress(decompressor, data, packed, out, untrusted_size, &got);
    libdeflate_free_decompressor(decompressor);
    return result == LIBDEFLATE_SUCCESS ? g_bytes_new_take(g_steal_pointer(&out), got) : NULL;
}

/* A bitmap as it lies in memory; its file's header says where the pixels are, or 0: right behind the colours. */
static GBytes *bitmap_file(const guint8 *p, gsize size)
{
    GByteArray *file = g_byte_array_sized_new((guint)(BMP_HEADER + size));
    static const guint8 header[BMP_HEADER] = {'B', 'M'};
    g_byte_array_append(file, header, BMP_HEADER);
    g_byte_array_append(file, p, (guint)size);
    return g_byte_array_free_to_bytes(file);
}

GBytes *mgk_blip_file(guint type, guint instance, const guint8 *body, gsize size, gsize most,
                      const char **ret_extension)
{
    gint row = row_of(type);
    gsize ids = mgk_blip_ids(type, instance);
    if (row < 0 || size <= ids + 1 || size > G_MAXINT32)
        return NULL;
    *ret_extension = kinds[row].extension;
    if (type <= TYPE_PICT)
        return unpack(body + ids, size - ids, most);
    if (type == TYPE_DIB)
        return bitmap_file(body + ids + 1, size - ids - 1);
    return g_bytes_new(body + ids + 1, size - ids - 1);
}
