/* archive_forge.h - builds RAR and cabinet archives of stored members in memory, byte by byte: nobody packages programs
 * that write them. For tests only. */
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

#define FORGE_DOS_TIME ((43u << 9 | 11 << 5 | 15) << 16 | (7 << 11 | 13 << 5 | 10)) /* 2023-11-15 07:13:20 */
#define FORGE_UNIX_TIME 1700000000u                                                 /* the same in Japan */

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

/* One cabinet, one folder, one block of stored data. flags: 1 goes on from another, 2 goes on in another; 0x100, of
 * this maker alone: the block says that it unpacks to more than it holds. */
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
    forge_u16(out, flags & 0xff);
    forge_u32(out, 0);
    forge_u32(out, start);
    forge_u16(out, 1);
    forge_u16(out, 0);
    forge_bytes(out, list->data, list->len);
    forge_u32(out, 0); /* no checksum */
    forge_u16(out, data->len);
    forge_u16(out, data->len + (flags & 0x100 ? 231 : 0));
    forge_bytes(out, data->data, data->len);
    return out;
}
