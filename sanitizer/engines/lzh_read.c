#include "engines/lzh_read.h"

#include "engines/archive_out.h"

#include <lhasa.h>
#include <string.h>
#include <sys/stat.h>

#define FIXED 22u /* bytes that levels 0 and 1 have before the name */
#define PATH_BYTES 4096u

enum {
    EXT_CRC = 0x00,
    EXT_NAME = 0x01,
    EXT_FOLDER = 0x02,
    EXT_DOS_ATTRIBUTES = 0x40,
    EXT_SIZES = 0x42,
    EXT_WIDE_NAME = 0x44,
    EXT_WIDE_FOLDER = 0x45,
    EXT_UNIX_MODE = 0x50
};

enum { DOS_REPARSE = 0x400 };

/* One header while it is read. */
typedef struct Header {
    const guint8 *p;                                     /* its first byte */
    gsize left;                                          /* bytes of the archive from there */
    gsize size;                                          /* of the header with its extensions */
    gsize extensions, extension_size;                    /* where the first extended header is, and its size */
    guint width;                                         /* of an extended header's size field; 0: there are none */
    const guint8 *crc;                                   /* the field of the header's own checksum, or NULL */
    GByteArray *name, *folder, *wide_name, *wide_folder; /* owned; NULL until seen */
    guint mode, attributes;
    guint64 packed;
    MgkLzhEntry *entry;
} Header;

static guint64 number(const guint8 *p, guint bytes)
{
    guint64 value = 0;
    for (guint i = 0; i < bytes; i++)
        value |= (guint64)p[i] << (8 * i);
    return value;
}

static gboolean malformed(const char *what, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "LZH header: %s", what);
    return FALSE;
}

static guint16 crc16(guint16 crc, guint8 byte)
{
    crc ^= byte;
    for (guint bit = 0; bit < 8; bit++)
        crc = (guint16)(crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
    return crc;
}

static void entry_free(gpointer data)
{
    MgkLzhEntry *entry = data;
    g_free(entry->raw_name);
    g_free(entry->name);
    g_free(entry);
}

static void header_clear(Header *header)
{
    GByteArray **all[] = {&header->name, &header->folder, &header->wide_name, &header->wide_folder};
    for (guint i = 0; i < G_N_ELEMENTS(all); i++)
        g_clear_pointer(all[i], g_byte_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Header, header_clear)

/* A second name would be one that only some programs use. */
static gboolean take_text(GByteArray **text, const guint8 *data, gsize size, GError **error)
{
    if (*text)
        return malformed("two names", error);
    if (size > PATH_BYTES)
        return malformed("name too long", error);
    *text = g_byte_array_new();
    g_byte_array_append(*text, data, (guint)size);
    return TRUE;
}

static gboolean take_extension(Header *header, guint8 type, const guint8 *data, gsize size, GError **error)
{
    switch (type) {
    case EXT_CRC:
        header->crc = size >= 2 ? data : NULL;
        return size >= 2 || malformed("checksum", error);
    case EXT_NAME:
        return take_text(&header->name, data, size, error);
    case EXT_FOLDER:
        return take_text(&header->folder, data, size, error);
    case EXT_WIDE_NAME:
        return take_text(&header->wide_name, data, size, error);
    case EXT_WIDE_FOLDER:
        return take_text(&header->wide_folder, data, size, error);
    case EXT_DOS_ATTRIBUTES:
        header->attributes = size >= 2 ? (guint)number(data, 2) : 0;
        return TRUE;
    case EXT_UNIX_MODE:
        header->mode = size >= 2 ? (guint)number(data, 2) : 0;
        return TRUE;
    case EXT_SIZES:
        if (size < 16)
            return malformed("sizes", error);
        header->packed = number(data, 8);
        header->entry->untrusted_size = number(data + 8, 8);
        return TRUE;
    default:
        return TRUE; /* comments, owners, times: gone */
    }
}

/* The chain of extended headers, from header->extensions to at most end; header->size becomes where it ends, when the
 * header does not say. */
static gboolean take_extensions(Header *header, gsize end, GError **error)
{
    gsize at = header->extensions, size = header->extension_size;
    while (size) {
        if (size <= header->width || size > end - at)
            return malformed("extension", error);
        const guint8 *extension = header->p + at;
        if (!take_extension(header, extension[0], extension + 1, size - 1 - header->width, error))
            return FALSE;
        at += size;
        size = (gsize)number(header->p + at - header->width, header->width);
    }
    header->size = MAX(header->size, at);
    return TRUE;
}

/* Levels 0 and 1: one byte of length and one of checksum in front, the name inside. */
static gboolean take_short(Header *header, GError **error)
{
    const guint8 *p = header->p;
    gsize size = p[0] + 2u, name_size = p[21], after = FIXED + name_size;
    guint8 sum = 0;
    gboolean first = p[20] == 1;
    if (size > header->left || after + (first ? 5 : 2) > size)
        return malformed("length", error);
    for (gsize i = 2; i < size; i++)
        sum = (guint8)(sum + p[i]);
    if (sum != p[1])
        return malformed("checksum", error);
    header->size = size;
    header->entry->crc = (guint16)number(p + after, 2);
    header->entry->dos_time = (guint32)number(p + 15, 4);
    if (!first && size >= after + 10 && p[after + 2] == 'U')
        header->mode = (guint)number(p + after + 8, 2);
    if (name_size && !take_text(&header->name, p + FIXED, name_size, error))
        return FALSE;
    if (!first)
        return TRUE;
    header->width = 2;
    header->extensions = size;
    header->extension_size = (gsize)number(p + size - 2, 2);
    if (!take_extensions(header, header->left, error))
        return FALSE;
    gsize extra = header->size - size; /* the packed size of level 1 counts the extensions */
    if (extra > header->packed)
        return malformed("packed size", error);
    header->packed -= extra;
    return TRUE;
}

/* Levels 2 and 3: the length of everything in front, universal time. */
static gboolean take_long(Header *header, GError **error)
{
    const guint8 *p = header->p;
    gboolean third = p[20] == 3;
    gsize fixed = third ? 32 : 26;
    if (header->left < fixed || (third && number(p, 2) != 4))
        return malformed("length", error);
    header->size = (gsize)(third ? number(p + 24, 4) : number(p, 2));
    if (header->size < fixed || header->size > header->left)
        return malformed("length", error);
    header->entry->crc = (guint16)number(p + 21, 2);
    header->entry->dos_time = mgk_archive_dos_time((gint64)number(p + 15, 4) + MGK_ARCHIVE_JAPAN);
    header->width = third ? 4 : 2;
    header->extensions = fixed;
    header->extension_size = (gsize)number(p + fixed - header->width, header->width);
    return take_extensions(header, header->size, error);
}

static gboolean crc_fits(const Header *header)
{
    guint16 crc = 0;
    if (!header->crc)
        return TRUE;
    for (gsize i = 0; i < header->size; i++) {
        const guint8 *at = header->p + i;
        crc = crc16(crc, at == header->crc || at == header->crc + 1 ? 0 : *at);
    }
    return crc == number(header->crc, 2);
}

/* Folder and name; 0xFF parts folders in their own field, which is no byte of CP932. */
static void join_bytes(const Header *header)
{
    GByteArray *all = g_byte_array_new();
    if (header->folder && header->folder->len) {
        g_byte_array_append(all, header->folder->data, header->folder->len);
        for (guint i = 0; i < all->len; i++)
            all->data[i] = all->data[i] == 0xff ? '/' : all->data[i];
        if (all->data[all->len - 1] != '/')
            g_byte_array_append(all, (const guint8 *)"/", 1);
    }
    if (header->name)
        g_byte_array_append(all, header->name->data, header->name->len);
    g_byte_array_append(all, (const guint8 *)"", 1);
    header->entry->raw_size = strlen((const char *)all->data);
    header->entry->raw_name = (char *)g_byte_array_free(all, FALSE);
}

static char *wide_text(const GByteArray *bytes)
{
    gsize units = bytes ? bytes->len / 2 : 0;
    g_autofree gunichar2 *text = g_new0(gunichar2, units + 1);
    for (gsize i = 0; i < units; i++) {
        gunichar2 unit = (gunichar2)number(bytes->data + 2 * i, 2);
        text[i] = unit == 0xffff ? '/' : unit;
    }
    return g_utf16_to_utf8(text, (glong)units, NULL, NULL, NULL);
}

static void join_wide(const Header *header)
{
    g_autofree char *folder = wide_text(header->wide_folder), *name = wide_text(header->wide_name);
    if (!header->wide_name || !folder || !name)
        return;
    gboolean apart = *folder && !g_str_has_suffix(folder, "/");
    header->entry->name = g_strconcat(folder, apart ? "/" : "", name, NULL);
}

static gboolean take_header(Header *header, GError **error)
{
    MgkLzhEntry *entry = header->entry;
    const guint8 *p = header->p;
    if (header->left < FIXED || p[2] != '-' || p[6] != '-' || p[20] > 3)
        return malformed("no method or level", error);
    memcpy(entry->method, p + 2, 5);
    header->packed = number(p + 7, 4);
    entry->untrusted_size = number(p + 11, 4);
    if (!(p[20] < 2 ? take_short(header, error) : take_long(header, error)))
        return FALSE;
    if (!crc_fits(header))
        return malformed("CRC", error);
    if (header->packed > header->left - header->size)
        return malformed("cut off, or one of several pieces", error);
    entry->packed = p + header->size;
    entry->packed_size = (gsize)header->packed;
    entry->directory = strcmp(entry->method, "-lhd-") == 0;
    guint type = header->mode & S_IFMT;
    entry->link = (type && type != S_IFREG && type != S_IFDIR) || (header->attributes & DOS_REPARSE);
    join_bytes(header);
    join_wide(header);
    return TRUE;
}

GPtrArray *mgk_lzh_open(const guint8 *data, gsize size, const MgkLimits *limits, gsize *ret_end, GError **error)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(entry_free);
    gsize at = 0;
    while (at < size && data[at] != 0) {
        if (entries->len >= limits->zip_entries) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "zip_entries: too many");
            return NULL;
        }
        g_auto(Header) header = {.p = data + at, .left = size - at, .entry = g_new0(MgkLzhEntry, 1)};
        g_ptr_array_add(entries, header.entry);
        if (!take_header(&header, error))
            return NULL;
        at += header.size + header.entry->packed_size;
    }
    *ret_end = MIN(at + 1, size); /* the end mark is a zero */
    return g_steal_pointer(&entries);
}

typedef struct Feed {
    const guint8 *at;
    gsize left;
} Feed;

static size_t feed_decoder(void *buffer, size_t size, void *user)
{
    Feed *feed = user;
    gsize n = MIN(size, feed->left);
    memcpy(buffer, feed->at, n);
    feed->at += n;
    feed->left -= n;
    return n;
}

static gboolean decode(const MgkLzhEntry *entry, LHADecoder *decoder, MgkGrowth *growth, GByteArray *bytes,
                       GError **error)
{
    gsize used = 0;
    for (;;) {
        guint8 *room = mgk_growth_room(bytes, used);
        gsize n = lha_decoder_read(decoder, room, MGK_GROWTH_STEP);
        if (!mgk_growth_commit(growth, used, n, error))
            return FALSE;
        used += n;
        if (n == 0)
            break;
    }
    g_byte_array_set_size(bytes, (guint)used);
    if (used == entry->untrusted_size && lha_decoder_get_crc(decoder) == entry->crc)
        return TRUE;
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "length or checksum is wrong");
    return FALSE;
}

GBytes *mgk_lzh_content(const MgkLzhEntry *entry, MgkGrowth *growth, GError **error)
{
    char method[sizeof entry->method];
    memcpy(method, entry->method, sizeof method);
    LHADecoderType *type = lha_decoder_for_name(method);
    if (!type) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "method %s", method);
        return NULL;
    }
    if (entry->untrusted_size > growth->limits->input_bytes) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "size: %" G_GUINT64_FORMAT " bytes", entry->untrusted_size);
        return NULL;
    }
    Feed feed = {entry->packed, entry->packed_size};
    LHADecoder *decoder = lha_decoder_new(type, feed_decoder, &feed, (gsize)entry->untrusted_size);
    if (!decoder) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "worker_memory: decoder");
        return NULL;
    }
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    gboolean ok = decode(entry, decoder, growth, bytes, error);
    lha_decoder_free(decoder);
    return ok ? g_byte_array_free_to_bytes(g_steal_pointer(&bytes)) : NULL;
}
