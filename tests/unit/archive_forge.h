/* archive_forge.h - builds LZH, RAR and cabinet archives of stored members in memory, byte by byte: nobody packages
 * programs that write them all. For tests only. */
#pragma once

#include "zip_forge.h"

#include <zlib.h>

static inline void forge_bytes(GByteArray *out, const void *data, gsize size)
{
    g_byte_array_append(out, data, (guint)size);
}

static inline void forge_u8(GByteArray *out, guint v)
{
    forge_bytes(out, (const guint8[]){(guint8)v}, 1);
}

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

#define FORGE_DOS_TIME ((43u << 9 | 11 << 5 | 15) << 16 | (7 << 11 | 13 << 5 | 10)) /* 2023-11-15 07:13:20 */
#define FORGE_UNIX_TIME 1700000000u                                                 /* the same in Japan */

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
    forge_lzh_common(header, e, packed + extra, size);
    forge_u8(header, (guint)strlen(e->name));
    forge_text(header, e->name);
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

typedef struct ForgeRar {
    const char *name, *text;
    guint flags; /* of the file header, RAR 4; of the encryption kind RAR 5 has none here */
} ForgeRar;

static inline void forge_rar4_block(GByteArray *out, const GByteArray *block)
{
    forge_u16(out, (guint)crc32(0, block->data, block->len) & 0xffff);
    forge_bytes(out, block->data, block->len);
}

/* main_flags: 1 volume, 0x80 encrypted headers. */
static inline GByteArray *forge_rar4(const ForgeRar *files, guint n, guint main_flags)
{
    GByteArray *out = g_byte_array_new();
    g_autoptr(GByteArray) head = g_byte_array_new();
    forge_bytes(out, "Rar!\x1a\7\0", 7);
    forge_u8(head, 0x73);
    forge_u16(head, main_flags);
    forge_u16(head, 13);
    forge_bytes(head, "\0\0\0\0\0\0", 6);
    forge_rar4_block(out, head);
    for (guint i = 0; i < n && files[i].name; i++) {
        g_autoptr(GByteArray) file = g_byte_array_new();
        gsize size = strlen(files[i].text), name_size = strlen(files[i].name);
        forge_u8(file, 0x74);
        forge_u16(file, 0x8000 | files[i].flags);
        forge_u16(file, 32 + (guint)name_size);
        forge_u32(file, size);
        forge_u32(file, size);
        forge_u8(file, 2);
        forge_u32(file, crc32(0, (const guint8 *)files[i].text, (uInt)size));
        forge_u32(file, FORGE_DOS_TIME);
        forge_u8(file, 20);
        forge_u8(file, 0x30);
        forge_u16(file, (guint)name_size);
        forge_u32(file, 0x20);
        forge_text(file, files[i].name);
        forge_rar4_block(out, file);
        forge_text(out, files[i].text);
    }
    forge_bytes(out, "\xc4\x3d\x7b\0\x40\7\0", 7);
    return out;
}

/* RAR 5 numbers below 128 are one byte; bigger ones two here. */
static inline void forge_vint(GByteArray *out, guint v)
{
    if (v >= 128)
        forge_u8(out, (v & 127) | 128);
    forge_u8(out, v >= 128 ? v >> 7 : v);
}

static inline void forge_rar5_block(GByteArray *out, const GByteArray *block)
{
    g_autoptr(GByteArray) sized = g_byte_array_new();
    forge_vint(sized, block->len);
    forge_bytes(sized, block->data, block->len);
    forge_u32(out, crc32(0, sized->data, sized->len));
    forge_bytes(out, sized->data, sized->len);
}

/* archive_flags: 1 volume. type 4 in place of the main header: encrypted headers. */
static inline GByteArray *forge_rar5(const ForgeRar *files, guint n, guint type, guint archive_flags)
{
    GByteArray *out = g_byte_array_new();
    g_autoptr(GByteArray) head = g_byte_array_new();
    forge_bytes(out, "Rar!\x1a\7\1\0", 8);
    forge_vint(head, type);
    forge_vint(head, 0);
    forge_vint(head, archive_flags);
    forge_rar5_block(out, head);
    for (guint i = 0; i < n && files[i].name; i++) {
        g_autoptr(GByteArray) file = g_byte_array_new();
        gsize size = strlen(files[i].text);
        forge_vint(file, 2);
        forge_vint(file, 2); /* data follow */
        forge_vint(file, (guint)size);
        forge_vint(file, 2 | 4); /* time and checksum are there */
        forge_vint(file, (guint)size);
        forge_vint(file, 0x20);
        forge_u32(file, FORGE_UNIX_TIME);
        forge_u32(file, crc32(0, (const guint8 *)files[i].text, (uInt)size));
        forge_vint(file, 0); /* stored */
        forge_vint(file, 0); /* Windows */
        forge_vint(file, (guint)strlen(files[i].name));
        forge_text(file, files[i].name);
        forge_rar5_block(out, file);
        forge_text(out, files[i].text);
    }
    g_autoptr(GByteArray) end = g_byte_array_new();
    forge_vint(end, 5);
    forge_vint(end, 0);
    forge_vint(end, 0);
    forge_rar5_block(out, end);
    return out;
}

/* One cabinet, one folder, one block of stored data. flags: 1 goes on from another, 2 goes on in another. */
static inline GByteArray *forge_cab(const ForgeRar *files, guint n, guint flags)
{
    GByteArray *out = g_byte_array_new();
    g_autoptr(GByteArray) list = g_byte_array_new(), data = g_byte_array_new();
    guint count = 0;
    for (; count < n && files[count].name; count++) {
        forge_u32(list, strlen(files[count].text));
        forge_u32(list, data->len);
        forge_u16(list, 0);
        forge_u16(list, FORGE_DOS_TIME >> 16);
        forge_u16(list, FORGE_DOS_TIME & 0xffff);
        forge_u16(list, files[count].flags);
        forge_bytes(list, files[count].name, strlen(files[count].name) + 1);
        forge_text(data, files[count].text);
    }
    guint first = 36 + 8, start = first + list->len;
    forge_bytes(out, "MSCF\0\0\0\0", 8);
    forge_u32(out, start + 8 + data->len);
    forge_u32(out, 0);
    forge_u32(out, first);
    forge_u32(out, 0);
    forge_u16(out, 0x0103);
    forge_u16(out, 1);
    forge_u16(out, count);
    forge_u16(out, flags);
    forge_u32(out, 0);
    forge_u32(out, start);
    forge_u16(out, 1);
    forge_u16(out, 0);
    forge_bytes(out, list->data, list->len);
    forge_u32(out, 0); /* no checksum */
    forge_u16(out, data->len);
    forge_u16(out, data->len);
    forge_bytes(out, data->data, data->len);
    return out;
}
