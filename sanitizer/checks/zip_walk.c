#include "checks/zip_walk.h"

#include <archive.h>
#include <archive_entry.h>
#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <string.h>

enum {
    LOCAL_SIZE = 30,
    CENTRAL_SIZE = 46,
    END_SIZE = 22,
    MAX_NAME = 1024,
    PIECE = 65536,
    FLAG_DESCRIPTOR = 0x0008,
    FLAG_UTF8 = 0x0800,
    FLAGS_ALLOWED = FLAG_DESCRIPTOR | FLAG_UTF8 | 0x0006, /* bits 1 and 2 only tell how hard the packer tried */
};

#define LOCAL_MAGIC 0x04034b50u
#define CENTRAL_MAGIC 0x02014b50u
#define END_MAGIC 0x06054b50u
#define DESCRIPTOR_MAGIC 0x08074b50u

static guint16 u16(const guint8 *p)
{
    return (guint16)(p[0] | p[1] << 8);
}

static guint32 u32(const guint8 *p)
{
    return (guint32)p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24;
}

static gboolean refuse(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "zip: %s", what);
    return FALSE;
}

static gboolean name_is_plain(const char *name, gsize length)
{
    if (length == 0 || name[0] == '/' || name[length - 1] == '/')
        return FALSE;
    for (gsize i = 0; i < length; i++) {
        char c = name[i];
        if (!g_ascii_isalnum(c) && !strchr("._-/[]%()~+,@=& ", c))
            return FALSE;
    }
    g_autofree char *text = g_strndup(name, length);
    g_auto(GStrv) segments = g_strsplit(text, "/", -1);
    for (char **segment = segments; *segment; segment++) {
        if (**segment == '\0' || g_str_has_suffix(*segment, "."))
            return FALSE;
    }
    return TRUE;
}

/* The local record at *cursor must say what the central one says; *cursor moves behind the entry's last byte. */
static gboolean walk_local(const MgkZipWalk *walk, const guint8 *central, MgkZipWalkEntry *entry, gsize *cursor,
                           GError **error)
{
    gsize left = walk->size - *cursor;
    const guint8 *local = walk->data + *cursor;
    gsize name_length = strlen(entry->name);
    if (left < LOCAL_SIZE || u32(local) != LOCAL_MAGIC || u32(central + 42) != *cursor)
        return refuse(error, "an entry does not start where the one before it ends");
    if (u16(local + 6) != u16(central + 8) || u16(local + 8) != u16(central + 10) || u16(local + 26) != name_length ||
        u16(local + 28) != 0 || left - LOCAL_SIZE < name_length ||
        memcmp(local + LOCAL_SIZE, entry->name, name_length) != 0)
        return refuse(error, "local and central record differ");
    gboolean later = u16(local + 6) & FLAG_DESCRIPTOR;
    if (later ? (u32(local + 14) || u32(local + 18) || u32(local + 22)) : memcmp(local + 14, central + 16, 12) != 0)
        return refuse(error, "local and central sizes differ");
    left -= LOCAL_SIZE + name_length;
    gsize tail = later ? 16 : 0;
    if (left < entry->packed || left - entry->packed < tail)
        return refuse(error, "an entry reaches beyond the file");
    entry->offset = *cursor + LOCAL_SIZE + name_length;
    const guint8 *end = walk->data + entry->offset + entry->packed;
    if (later && (u32(end) != DESCRIPTOR_MAGIC || memcmp(end + 4, central + 16, 12) != 0))
        return refuse(error, "data descriptor and central record differ");
    *cursor = entry->offset + (gsize)entry->packed + tail;
    return TRUE;
}

static gboolean walk_central(MgkZipWalk *walk, gsize *directory, gsize end, gsize *cursor, GError **error)
{
    const guint8 *central = walk->data + *directory;
    if (end - *directory < CENTRAL_SIZE || u32(central) != CENTRAL_MAGIC)
        return refuse(error, "broken directory");
    gsize name_length = u16(central + 28);
    if (name_length > MAX_NAME || end - *directory - CENTRAL_SIZE < name_length)
        return refuse(error, "broken directory");
    if (u16(central + 30) || u16(central + 32) || u16(central + 34))
        return refuse(error, "extra fields or comments in the directory");
    if (u16(central + 8) & ~FLAGS_ALLOWED || (u16(central + 10) != 0 && u16(central + 10) != 8))
        return refuse(error, "encrypted or unknown method");
    const char *name = (const char *)central + CENTRAL_SIZE;
    if (!name_is_plain(name, name_length))
        return refuse(error, "a part name is not plain");
    MgkZipWalkEntry entry = {.name = g_strndup(name, name_length),
                             .packed = u32(central + 20),
                             .size = u32(central + 24),
                             .crc = u32(central + 16),
                             .method = u16(central + 10)};
    g_array_append_val(walk->entries, entry);
    *directory += CENTRAL_SIZE + name_length;
    return walk_local(walk, central, &g_array_index(walk->entries, MgkZipWalkEntry, walk->entries->len - 1), cursor,
                      error);
}

static gboolean names_differ(const MgkZipWalk *walk, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < walk->entries->len; i++) {
        char *folded = g_ascii_strdown(g_array_index(walk->entries, MgkZipWalkEntry, i).name, -1);
        if (!g_hash_table_add(seen, folded))
            return refuse(error, "two entries share a name");
    }
    return TRUE;
}

/* A second reader must see the same entries: what libarchive lists is what other programs find. */
static gboolean agrees_with_libarchive(const MgkZipWalk *walk, GError **error)
{
    struct archive *archive = archive_read_new();
    gboolean same = archive && archive_read_support_format_zip_seekable(archive) == ARCHIVE_OK &&
                    archive_read_open_memory(archive, walk->data, walk->size) == ARCHIVE_OK;
    guint n = 0;
    struct archive_entry *found = NULL;
    while (same && archive_read_next_header(archive, &found) == ARCHIVE_OK) {
        const MgkZipWalkEntry *entry =
            n < walk->entries->len ? &g_array_index(walk->entries, MgkZipWalkEntry, n) : NULL;
        same = entry && g_strcmp0(archive_entry_pathname(found), entry->name) == 0 &&
               (guint64)archive_entry_size(found) == entry->size;
        n++;
    }
    same = same && n == walk->entries->len;
    archive_read_free(archive);
    return same || refuse(error, "two readers see different entries");
}

gboolean mgk_zip_walk_open(MgkZipWalk *walk, const guint8 *data, gsize size, guint64 max_entries, GError **error)
{
    *walk = (MgkZipWalk){.data = data, .size = size, .entries = g_array_new(FALSE, TRUE, sizeof(MgkZipWalkEntry))};
    if (size < END_SIZE || u32(data + size - END_SIZE) != END_MAGIC)
        return refuse(error, "no end record in the last 22 bytes");
    const guint8 *end_record = data + size - END_SIZE;
    guint n = u16(end_record + 10);
    gsize untrusted_start = u32(end_record + 16), end = size - END_SIZE, cursor = 0;
    if (u32(end_record + 4) != 0 || u16(end_record + 8) != n || u16(end_record + 20) != 0 || n > max_entries ||
        untrusted_start > end || end - untrusted_start != u32(end_record + 12))
        return refuse(error, "the end record does not fit the file");
    gsize directory = untrusted_start;
    for (guint i = 0; i < n; i++) {
        if (!walk_central(walk, &directory, end, &cursor, error))
            return FALSE;
    }
    if (directory != end || cursor != untrusted_start)
        return refuse(error, "bytes that belong to no entry");
    return names_differ(walk, error) && agrees_with_libarchive(walk, error);
}

void mgk_zip_walk_clear(MgkZipWalk *walk)
{
    for (guint i = 0; walk->entries && i < walk->entries->len; i++)
        g_free(g_array_index(walk->entries, MgkZipWalkEntry, i).name);
    g_clear_pointer(&walk->entries, g_array_unref);
}

static gboolean read_stored(const guint8 *data, gsize size, MgkZipWalkSink sink, gpointer context, GError **error)
{
    while (size > 0) {
        gsize n = MIN(size, (gsize)PIECE);
        if (!sink(context, data, n, error))
            return FALSE;
        data += n;
        size -= n;
    }
    return TRUE;
}

static gboolean inflate_all(struct inflate_state *stream, const MgkZipWalkEntry *entry, MgkZipWalkSink sink,
                            gpointer context, GError **error)
{
    g_autofree guint8 *piece = g_malloc(PIECE);
    guint64 total = 0;
    guint32 crc = 0;
    do {
        stream->next_out = piece;
        stream->avail_out = PIECE;
        int status = isal_inflate(stream);
        gsize n = PIECE - stream->avail_out;
        gboolean cut = n == 0 && stream->block_state != ISAL_BLOCK_FINISH;
        if (status != ISAL_DECOMP_OK || cut || n > entry->size - total)
            return refuse(error, "an entry does not unpack to its size");
        total += n;
        crc = libdeflate_crc32(crc, piece, n);
        if (n && !sink(context, piece, n, error))
            return FALSE;
    } while (stream->block_state != ISAL_BLOCK_FINISH);
    gboolean more = stream->avail_in || stream->read_in_length >= 8; /* igzip takes whole bytes ahead, as bits */
    if (total != entry->size || crc != entry->crc || more)
        return refuse(error, "an entry's size or checksum is wrong");
    return TRUE;
}

gboolean mgk_zip_walk_read(const MgkZipWalk *walk, const MgkZipWalkEntry *entry, MgkZipWalkSink sink, gpointer context,
                           GError **error)
{
    const guint8 *data = walk->data + entry->offset;
    if (entry->method == 0) {
        if (entry->packed != entry->size || libdeflate_crc32(0, data, (gsize)entry->size) != entry->crc)
            return refuse(error, "an entry's size or checksum is wrong");
        return read_stored(data, (gsize)entry->size, sink, context, error);
    }
    g_autofree struct inflate_state *stream = g_new(struct inflate_state, 1);
    isal_inflate_init(stream);
    stream->next_in = (guint8 *)(gsize)data;   /* igzip's interface has no const */
    stream->avail_in = (guint32)entry->packed; /* a field of 32 bits */
    return inflate_all(stream, entry, sink, context, error);
}
