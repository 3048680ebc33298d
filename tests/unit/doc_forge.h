/* doc_forge.h - small Word 97 documents made in memory for tests. */
#pragma once

#include "engines/cfb_write.h"
#include "engines/office_rc4.h"

#include <string.h>

enum { FORGE_TEXT = 1024 };

typedef struct DocForge {
    const char *text; /* UTF-8; one paragraph mark is added */
    const char *stream, *stream_data;
    guint slot; /* of FibRgFcLcb97, filled with slot_data */
    const char *slot_data;
    gsize slot_size;
    guint16 ident, version, flags; /* 0: as they should be */
    guint extra_text;              /* characters claimed but not there */
    const guint8 *chpx;            /* properties of all runs, chpx_size of them */
    guint8 chpx_size;
    guint16 prc;             /* bytes of properties that the piece of text names */
    const MgkOfficeRc4 *rc4; /* encrypts it, behind this header */
    const guint8 *header;
    gsize header_size;
} DocForge;

static inline void forge_u16(GByteArray *bytes, gsize at, guint value)
{
    bytes->data[at] = (guint8)value;
    bytes->data[at + 1] = (guint8)(value >> 8);
}

static inline void forge_u32(GByteArray *bytes, gsize at, gsize value)
{
    forge_u16(bytes, at, (guint)(value & 0xffff));
    forge_u16(bytes, at + 2, (guint)(value >> 16 & 0xffff));
}

static inline gsize forge_grow(GByteArray *bytes, gsize size)
{
    gsize at = bytes->len;
    g_byte_array_set_size(bytes, (guint)(at + size));
    memset(bytes->data + at, 0, size);
    return at;
}

static inline void forge_slot(GByteArray *word, guint slot, gsize at, gsize size)
{
    forge_u32(word, 154 + 8 * slot, at);
    forge_u32(word, 158 + 8 * slot, size);
}

/* One page of run properties (2.9.33) over all of the text. */
static inline void forge_runs(const DocForge *forge, GByteArray *word, GByteArray *table, glong n)
{
    if (!forge->chpx_size)
        return;
    while (word->len % 512)
        forge_grow(word, 1);
    gsize page = forge_grow(word, 512), at = forge_grow(table, 12);
    forge_u32(word, page, FORGE_TEXT);
    forge_u32(word, page + 4, FORGE_TEXT + 2 * (gsize)n);
    word->data[page + 8] = 100;
    word->data[page + 200] = forge->chpx_size;
    memcpy(word->data + page + 201, forge->chpx, forge->chpx_size);
    word->data[page + 511] = 1;
    forge_u32(table, at, FORGE_TEXT);
    forge_u32(table, at + 4, FORGE_TEXT + 2 * (gsize)n);
    forge_u32(table, at + 8, page / 512);
    forge_slot(word, 12, at, 12);
}

static inline void forge_encrypt(const DocForge *forge, GByteArray *stream, gsize clear)
{
    g_autofree guint8 *head = g_memdup2(stream->data, clear);
    mgk_office_rc4_apply(forge->rc4, 0, 512, stream->data, stream->len);
    memcpy(stream->data, head, clear);
}

static inline GByteArray *doc_forge(const DocForge *forge)
{
    static const guint8 class_id[16] = {0x06, 0x09, 0x02, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46};
    g_autofree char *text = g_strconcat(forge->text, "\r", NULL);
    glong n = 0;
    g_autofree gunichar2 *wide = g_utf8_to_utf16(text, -1, NULL, &n, NULL);
    g_autoptr(GByteArray) word = g_byte_array_new();
    g_autoptr(GByteArray) table = g_byte_array_new();
    forge_grow(word, FORGE_TEXT);
    g_byte_array_append(word, (const guint8 *)wide, (guint)(2 * n));
    forge_u16(word, 0, forge->ident ? forge->ident : 0xa5ec);
    forge_u16(word, 2, forge->version ? forge->version : 0xc1);
    forge_u16(word, 10, 0x0200u | forge->flags);
    forge_u32(word, 76, (gsize)n + forge->extra_text);
    forge_u32(word, 14, forge->header_size);
    if (forge->header)
        g_byte_array_append(table, forge->header, (guint)forge->header_size);
    gsize prc = forge->prc ? 3 + (gsize)forge->prc : 0, clx = forge_grow(table, prc + 5 + 16);
    if (prc) {
        table->data[clx] = 1;
        forge_u16(table, clx + 1, forge->prc);
    }
    for (gsize i = 0; i + 258 <= forge->prc; i += 258)
        memcpy(table->data + clx + 3 + i, "\xff\xc6\xff", 3); /* no property, of 255 bytes */
    forge_slot(word, 33, clx, prc + 21);
    clx += prc;
    table->data[clx] = 2;
    table->data[clx + 19] = prc ? 1 : 0;
    forge_u32(table, clx + 1, 16);
    forge_u32(table, clx + 9, (gsize)n);
    forge_u32(table, clx + 15, FORGE_TEXT);
    if (forge->slot) {
        forge_slot(word, forge->slot, table->len, forge->slot_size);
        g_byte_array_append(table, (const guint8 *)forge->slot_data, (guint)forge->slot_size);
    }
    forge_runs(forge, word, table, n);
    if (forge->rc4) {
        forge_encrypt(forge, word, 68);
        forge_encrypt(forge, table, forge->header_size);
    }
    g_autoptr(MgkCfbWriter) writer = mgk_cfb_writer_new(class_id);
    mgk_cfb_writer_add(writer, "WordDocument", word->data, word->len);
    mgk_cfb_writer_add(writer, "1Table", table->data, table->len);
    if (forge->stream)
        mgk_cfb_writer_add(writer, forge->stream, (const guint8 *)forge->stream_data, strlen(forge->stream_data));
    return mgk_cfb_writer_finish(writer, NULL);
}
