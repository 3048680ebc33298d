/* zip_forge.h - builds ZIP archives in memory, honest or hostile: every field can be made to lie. For tests only. */
#pragma once

#include <glib.h>
#include <string.h>
#include <zlib.h>

typedef struct ForgeEntry {
    const char *name;
    gsize name_size; /* 0: strlen */
    const char *text;
    gsize text_size; /* 0: strlen */
    guint16 flags, method;
    guint32 external, dos_time;
    guint8 made_by;
    const char *local_name, *extra, *local_extra; /* extras: raw bytes */
    gsize extra_size, local_extra_size;
    guint32 central_crc, central_packed, central_size, central_offset; /* 0: the truth */
    guint32 local_crc, local_packed, local_size;                       /* 0: the truth; G_MAXUINT32: zero */
    const char *gap;                                                   /* bytes in front */
    gboolean descriptor, no_descriptor;                                /* bit 3 */
    gboolean lie_offset;
    const char *after; /* bytes after the packed data that belong to it */
    guint16 central_method, central_flags;
    const char *comment;
    gsize repeat; /* text is this many zero bytes instead */
} ForgeEntry;

typedef struct ForgeOptions {
    const char *prefix, *before_directory, *before_end, *comment, *trailer;
    gsize comment_size, trailer_size;
    gint count_lie; /* added to the counts of the end record */
    gboolean offsets_without_prefix, no_end;
} ForgeOptions;

static inline void forge_u16(GByteArray *out, guint v)
{
    g_byte_array_append(out, (const guint8[]){(guint8)v, (guint8)(v >> 8)}, 2);
}

static inline void forge_u32(GByteArray *out, guint64 v)
{
    forge_u16(out, (guint)(v & 0xffff));
    forge_u16(out, (guint)(v >> 16 & 0xffff));
}

static inline void forge_text(GByteArray *out, const char *text)
{
    if (text)
        g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

static inline GByteArray *forge_pack(const guint8 *data, gsize size, guint16 method)
{
    GByteArray *packed = g_byte_array_new();
    if (method != 8) {
        g_byte_array_append(packed, data, (guint)size);
        return packed;
    }
    z_stream z = {0};
    g_assert(deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    g_byte_array_set_size(packed, (guint)deflateBound(&z, size));
    z.next_in = (Bytef *)(gsize)data;
    z.avail_in = (uInt)size;
    z.next_out = packed->data;
    z.avail_out = packed->len;
    g_assert(deflate(&z, Z_FINISH) == Z_STREAM_END);
    g_byte_array_set_size(packed, (guint)z.total_out);
    deflateEnd(&z);
    return packed;
}

typedef struct Forged {
    guint32 crc, packed, size, offset;
} Forged;

static inline guint32 forge_pick(guint32 lie, guint32 truth)
{
    return lie == G_MAXUINT32 ? 0 : lie ? lie : truth;
}

static inline Forged forge_local(GByteArray *out, const ForgeEntry *e, gsize base)
{
    gsize size = e->repeat ? e->repeat : e->text_size ? e->text_size : e->text ? strlen(e->text) : 0;
    g_autofree guint8 *zeros = e->repeat ? g_malloc0(size) : NULL;
    const guint8 *data = zeros ? zeros : (const guint8 *)(e->text ? e->text : "");
    g_autoptr(GByteArray) packed = forge_pack(data, size, e->method);
    forge_text(packed, e->after);
    forge_text(out, e->gap);
    Forged f = {.crc = (guint32)crc32(0, data, (uInt)size),
                .packed = packed->len,
                .size = (guint32)size,
                .offset = (guint32)(out->len - base)};
    gsize name_size = e->name_size ? e->name_size : strlen(e->name);
    const char *name = e->local_name ? e->local_name : e->name;
    gboolean bit3 = e->descriptor || e->no_descriptor;
    forge_u32(out, 0x04034b50);
    forge_u16(out, 20);
    forge_u16(out, e->flags | (bit3 ? 8u : 0u));
    forge_u16(out, e->method);
    forge_u32(out, e->dos_time);
    forge_u32(out, forge_pick(e->local_crc, bit3 ? 0 : f.crc));
    forge_u32(out, forge_pick(e->local_packed, bit3 ? 0 : f.packed));
    forge_u32(out, forge_pick(e->local_size, bit3 ? 0 : f.size));
    forge_u16(out, (guint)(e->local_name ? strlen(name) : name_size));
    forge_u16(out, (guint)e->local_extra_size);
    g_byte_array_append(out, (const guint8 *)name, (guint)(e->local_name ? strlen(name) : name_size));
    g_byte_array_append(out, (const guint8 *)e->local_extra, (guint)e->local_extra_size);
    g_byte_array_append(out, packed->data, packed->len);
    if (e->descriptor) {
        forge_u32(out, 0x08074b50);
        forge_u32(out, f.crc);
        forge_u32(out, f.packed);
        forge_u32(out, f.size);
    }
    return f;
}

static inline void forge_central(GByteArray *out, const ForgeEntry *e, const Forged *f)
{
    gsize name_size = e->name_size ? e->name_size : strlen(e->name);
    gboolean bit3 = e->descriptor || e->no_descriptor;
    forge_u32(out, 0x02014b50);
    forge_u16(out, 20u | (guint)e->made_by << 8);
    forge_u16(out, 20);
    forge_u16(out, e->central_flags ? e->central_flags : e->flags | (bit3 ? 8u : 0u));
    forge_u16(out, e->central_method ? e->central_method : e->method);
    forge_u32(out, e->dos_time);
    forge_u32(out, forge_pick(e->central_crc, f->crc));
    forge_u32(out, forge_pick(e->central_packed, f->packed));
    forge_u32(out, forge_pick(e->central_size, f->size));
    forge_u16(out, (guint)name_size);
    forge_u16(out, (guint)e->extra_size);
    forge_u16(out, e->comment ? (guint)strlen(e->comment) : 0);
    forge_u16(out, 0);
    forge_u16(out, 0);
    forge_u32(out, e->external);
    forge_u32(out, e->lie_offset ? e->central_offset : f->offset);
    g_byte_array_append(out, (const guint8 *)e->name, (guint)name_size);
    g_byte_array_append(out, (const guint8 *)e->extra, (guint)e->extra_size);
    forge_text(out, e->comment);
}

static inline void forge_end(GByteArray *out, guint count, gsize size, gsize offset, const char *comment,
                             gsize comment_size)
{
    forge_u32(out, 0x06054b50);
    forge_u32(out, 0);
    forge_u16(out, count);
    forge_u16(out, count);
    forge_u32(out, size);
    forge_u32(out, offset);
    forge_u16(out, (guint)comment_size);
    g_byte_array_append(out, (const guint8 *)comment, (guint)comment_size);
}

/* options may be NULL. The result is owned by the caller. */
static inline GByteArray *forge_zip(const ForgeEntry *entries, guint n, const ForgeOptions *options)
{
    static const ForgeOptions honest = {0};
    const ForgeOptions *o = options ? options : &honest;
    GByteArray *out = g_byte_array_new();
    g_autofree Forged *made = g_new0(Forged, n + 1);
    forge_text(out, o->prefix);
    gsize base = o->offsets_without_prefix ? out->len : 0;
    for (guint i = 0; i < n; i++)
        made[i] = forge_local(out, &entries[i], base);
    forge_text(out, o->before_directory);
    gsize directory = out->len - base;
    for (guint i = 0; i < n; i++)
        forge_central(out, &entries[i], &made[i]);
    gsize size = out->len - base - directory;
    forge_text(out, o->before_end);
    gsize comment = o->comment_size ? o->comment_size : o->comment ? strlen(o->comment) : 0;
    if (!o->no_end)
        forge_end(out, (guint)((gint)n + o->count_lie), size, directory, o->comment, comment);
    if (o->trailer)
        g_byte_array_append(out, (const guint8 *)o->trailer,
                            (guint)(o->trailer_size ? o->trailer_size : strlen(o->trailer)));
    return out;
}
