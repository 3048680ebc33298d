/* lzh_forge.h - builds LZH archives in memory, all levels of headers, honest or hostile. For tests only. */
#pragma once

#include "archive_forge.h"

static inline guint16 forge_crc16(const guint8 *data, gsize size)
{
    guint crc = 0;
    for (gsize i = 0; i < size; i++) {
        crc ^= data[i];
        for (guint bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1;
    }
    return (guint16)crc;
}

typedef struct ForgeLzh {
    guint level;
    const char *method, *folder, *name; /* folder as stored, NULL: none; levels 2 and 3 need it for folders */
    const char *packed;
    gsize packed_size; /* 0: strlen */
    gsize size;        /* declared; 0: like packed */
    guint16 crc;       /* 0: that of packed */
    guint mode;        /* unix, levels 1 to 3 */
    const char *wide;  /* UTF-8; written as UTF-16 */
    const char *twice; /* a second name */
    gboolean bad_sum;
} ForgeLzh;

/* Extended headers, each behind its own size; width bytes a size. */
static inline void forge_lzh_extension(GByteArray *out, guint width, guint type, const void *data, gsize size)
{
    width == 2 ? forge_u16(out, (guint)size + 3) : forge_u32(out, size + 5);
    forge_u8(out, type);
    forge_bytes(out, data, size);
}

static inline GByteArray *forge_lzh_extensions(const ForgeLzh *e, guint width)
{
    GByteArray *out = g_byte_array_new();
    guint8 mode[2] = {(guint8)e->mode, (guint8)(e->mode >> 8)};
    if (e->level > 1 && e->name)
        forge_lzh_extension(out, width, 0x01, e->name, strlen(e->name));
    if (e->twice)
        forge_lzh_extension(out, width, 0x01, e->twice, strlen(e->twice));
    if (e->folder)
        forge_lzh_extension(out, width, 0x02, e->folder, strlen(e->folder));
    if (e->mode)
        forge_lzh_extension(out, width, 0x50, mode, 2);
    if (e->wide) {
        glong units = 0;
        g_autofree gunichar2 *wide = g_utf8_to_utf16(e->wide, -1, NULL, &units, NULL);
        forge_lzh_extension(out, width, 0x44, wide, (gsize)units * 2);
    }
    width == 2 ? forge_u16(out, 0) : forge_u32(out, 0);
    return out;
}

static inline void forge_lzh_common(GByteArray *out, const ForgeLzh *e, gsize packed, gsize size)
{
    forge_bytes(out, e->method ? e->method : "-lh0-", 5);
    forge_u32(out, packed);
    forge_u32(out, size);
    forge_u32(out, e->level < 2 ? FORGE_DOS_TIME : FORGE_UNIX_TIME);
    forge_u8(out, 0x20);
    forge_u8(out, e->level);
}

static inline void forge_lzh_short(GByteArray *out, const ForgeLzh *e, gsize packed, gsize size, guint16 crc)
{
    g_autoptr(GByteArray) header = g_byte_array_new();
    g_autoptr(GByteArray) extensions = forge_lzh_extensions(e, 2);
    gsize extra = e->level == 1 ? extensions->len - 2 : 0;
    const char *name = e->name ? e->name : "";
    forge_lzh_common(header, e, packed + extra, size);
    forge_u8(header, (guint)strlen(name));
    forge_text(header, name);
    forge_u16(header, crc);
    if (e->level == 1) {
        forge_u8(header, 'M');
        forge_bytes(header, extensions->data, 2);
    }
    guint8 sum = (guint8)e->bad_sum;
    for (guint i = 0; i < header->len; i++)
        sum = (guint8)(sum + header->data[i]);
    forge_u8(out, header->len);
    forge_u8(out, sum);
    forge_bytes(out, header->data, header->len);
    if (e->level == 1)
        forge_bytes(out, extensions->data + 2, extensions->len - 2);
}

static inline void forge_lzh_long(GByteArray *out, const ForgeLzh *e, gsize packed, gsize size, guint16 crc)
{
    guint width = e->level == 2 ? 2 : 4;
    g_autoptr(GByteArray) extensions = forge_lzh_extensions(e, width);
    guint length = (e->level == 2 ? 24u : 28u) + extensions->len;
    forge_u16(out, e->level == 2 ? length : 4);
    forge_lzh_common(out, e, packed, size);
    forge_u16(out, crc);
    forge_u8(out, 'U');
    if (e->level == 3)
        forge_u32(out, length);
    forge_bytes(out, extensions->data, extensions->len);
}

static inline void forge_lzh(GByteArray *out, const ForgeLzh *e)
{
    gsize packed = e->packed_size ? e->packed_size : e->packed ? strlen(e->packed) : 0;
    guint16 crc = e->crc ? e->crc : forge_crc16((const guint8 *)e->packed, packed);
    (e->level < 2 ? forge_lzh_short : forge_lzh_long)(out, e, packed, e->size ? e->size : packed, crc);
    forge_bytes(out, e->packed, packed);
}
