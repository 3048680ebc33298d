#include "checks/ppt_look.h"

#include "checks/picture.h"

#include <libdeflate.h>
#include <string.h>

#define MOST_UNPACKED (256u << 20)

/* Properties that are numbers; first and last of each range. */
static const guint16 numbers[][2] = {
    {0x04, 0x04},   {0x77, 0x8b},   {0xbb, 0xbf},   {0xc2, 0xc4},   {0xf0, 0xff},   {0x100, 0x103},
    {0x107, 0x10a}, {0x10c, 0x10e}, {0x11a, 0x11c}, {0x130, 0x144}, {0x147, 0x150}, {0x153, 0x154},
    {0x158, 0x158}, {0x170, 0x185}, {0x189, 0x196}, {0x198, 0x1a9}, {0x1b0, 0x1c4}, {0x1c8, 0x1ce},
    {0x1d0, 0x1dc}, {0x1f0, 0x215}, {0x230, 0x253}, {0x270, 0x2ff}, {0x301, 0x304}, {0x330, 0x34a},
    {0x370, 0x37f}, {0x384, 0x388}, {0x38f, 0x394}, {0x39f, 0x39f}, {0x3aa, 0x3ab}, {0x3bf, 0x3bf},
};
static const guint16 texts[] = {0xc0, 0xc5, 0x380, 0x381};
static const guint16 arrays[] = {0x145, 0x146, 0x151, 0x152, 0x155, 0x156, 0x157, 0x197, 0x1cf, 0x383, 0x3a0};
static const guint16 blips[] = {0x104, 0x186, 0x1c5};

static gboolean among(const guint16 *list, gsize n, guint id)
{
    for (gsize i = 0; i < n; i++) {
        if (list[i] == id)
            return TRUE;
    }
    return FALSE;
}

static gboolean is_number(guint id)
{
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        if (id >= numbers[i][0] && id <= numbers[i][1])
            return TRUE;
    }
    return FALSE;
}

/* How many bytes an array says that it has, its head included. */
static gsize array_bytes(const guint8 *p, gsize left)
{
    if (left < 6)
        return G_MAXSIZE;
    guint each = mgk_ppt_look_u16(p + 4);
    each = each == 0xfff0 ? 4 : each >= 0x8000 ? (0x10000 - each) / 4 : each;
    return 6 + (gsize)mgk_ppt_look_u16(p) * each;
}

gboolean mgk_ppt_look_at_options(MgkPptLook *look, guint count, const guint8 *p, gsize size, GError **error)
{
    if (size / 6 < count)
        return mgk_ppt_look_refuse(error, "properties of a shape");
    gsize at = (gsize)count * 6;
    for (guint i = 0; i < count; i++) {
        guint id = mgk_ppt_look_u16(p + i * 6);
        guint32 value = mgk_ppt_look_u32(p + i * 6 + 2);
        gboolean text = among(texts, G_N_ELEMENTS(texts), id & 0x3fff);
        if ((id & 0xc000) == 0x8000 && (text || among(arrays, G_N_ELEMENTS(arrays), id & 0x3fff))) {
            if (value > size - at || (text ? value % 2 : value && array_bytes(p + at, size - at) != value))
                return mgk_ppt_look_refuse(error, "a property of a shape is cut off");
            at += value;
        } else if ((id & 0xc000) == 0x4000 && among(blips, G_N_ELEMENTS(blips), id & 0x3fff)) {
            look->highest = MAX(look->highest, value);
        } else if (!is_number(id)) {
            return mgk_ppt_look_refuse(error, "a property of a shape that has to go");
        }
    }
    return at == size || mgk_ppt_look_refuse(error, "bytes behind the properties of a shape");
}

gboolean mgk_ppt_look_at_entry(MgkPptLook *look, const guint8 *p, GError **error)
{
    static const guint8 empty[36];
    look->entries++;
    if (memcmp(p, empty, sizeof empty) == 0)
        return TRUE;
    gpointer size = g_hash_table_lookup(look->starts, GUINT_TO_POINTER(mgk_ppt_look_u32(p + 28)));
    if (mgk_ppt_look_u32(p + 32) != 0 || mgk_ppt_look_u16(p + 18) != 0xff || !size ||
        GPOINTER_TO_UINT(size) != mgk_ppt_look_u32(p + 20))
        return mgk_ppt_look_refuse(error, "an entry of the store of pictures");
    return TRUE;
}

/* Unpacks a drawing and has it looked at. */
static gboolean look_at_drawing(MgkPptLook *look, MgkFormatId format, const guint8 *p, gsize size, GError **error)
{
    guint32 whole = size >= 50 ? mgk_ppt_look_u32(p + 16) : 0;
    gsize got = 0;
    if (whole == 0 || whole > MOST_UNPACKED || mgk_ppt_look_u32(p + 44) != size - 50 || p[48] != 0 || p[49] != 0xfe)
        return mgk_ppt_look_refuse(error, "the header of a drawing");
    g_autofree guint8 *data = g_malloc(whole);
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    enum libdeflate_result result = libdeflate_zlib_decompress(decompressor, p + 50, size - 50, data, whole, &got);
    libdeflate_free_decompressor(decompressor);
    if (result != LIBDEFLATE_SUCCESS || got != whole)
        return mgk_ppt_look_refuse(error, "a drawing that cannot be unpacked");
    return mgk_check_picture(look->job, "picture", format, data, whole, error);
}

gboolean mgk_ppt_look_at_picture(MgkPptLook *look, const guint8 *p, gsize size, GError **error)
{
    guint head = mgk_ppt_look_u16(p), type = mgk_ppt_look_u16(p + 2);
    const guint8 *body = p + 8;
    gsize n = size - 8;
    if (type == 0xf01a && head == 0x3d40)
        return look_at_drawing(look, MGK_FORMAT_ID_emf, body, n, error);
    if (type == 0xf01b && head == 0x2160)
        return look_at_drawing(look, MGK_FORMAT_ID_wmf, body, n, error);
    gboolean png = type == 0xf01e && head == 0x6e00, jpeg = type == 0xf01d && head == 0x46a0;
    if ((!png && !jpeg) || n < 18 || body[16] != 0xff)
        return mgk_ppt_look_refuse(error, "a picture of a kind that we never write");
    return mgk_check_picture(look->job, "picture", png ? MGK_FORMAT_ID_png : MGK_FORMAT_ID_jpeg, body + 17, n - 17,
                             error);
}

gboolean mgk_ppt_look_at_pictures(MgkPptLook *look, GError **error)
{
    for (gsize at = 0; at < look->pictures_size;) {
        const guint8 *p = look->pictures + at;
        gsize left = look->pictures_size - at;
        gsize size = left >= 8 ? mgk_ppt_look_u32(p + 4) : left;
        if (left < 8 || size > left - 8)
            return mgk_ppt_look_refuse(error, "a picture is cut off");
        if (!mgk_ppt_look_at_picture(look, p, size + 8, error))
            return FALSE;
        g_hash_table_insert(look->starts, GUINT_TO_POINTER((guint)at), GUINT_TO_POINTER((guint)size + 8));
        at += size + 8;
    }
    return TRUE;
}
