#include "engines/zip_writer.h"

#include <libdeflate.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#define OUT_SIZE (64u << 10) /* small writes are gathered: each costs a system call in a worker */
/* On sheets and documents libdeflate 6 packs as zlib 6 does in half the time; 5 costs 1-10 % of size and saves another
 * third, which only large parts feel. zlib 4 streams as fast as libdeflate 6, 5 and 6 at 0.8 and 0.6 of that. */
#define PACK_LEVEL 6
#define PACK_LEVEL_LARGE 5
#define LARGE (1u << 20)
#define STREAM_LEVEL 4
#define TINY 64u /* below this, deflate gains nothing */
#define INPUT_STEP (1u << 30)

enum { FLAG_DESCRIPTOR = 8, FLAG_UTF8 = 1 << 11 };
enum { STORED = 0, DEFLATED = 8 };
enum { VERSION = 20, VERSION_ZIP64 = 45 };

typedef struct Entry {
    char *name; /* owned; NULL between entries */
    MgkZipMethod wanted;
    guint16 flags, method;
    guint32 dos_time, crc;
    guint64 header_offset, size, packed_size;
    gboolean streaming;
} Entry;

struct MgkZipWriter {
    MgkZipSink sink;
    gpointer user;
    guint64 offset;        /* bytes given out, those in `out` included */
    guint8 *out;           /* owned; OUT_SIZE bytes */
    gsize out_used;        /* bytes gathered */
    GByteArray *directory; /* owned; central records so far */
    guint64 count;         /* of entries */
    GByteArray *held;      /* owned; the open entry's bytes while it is small */
    GByteArray *packed;    /* owned; scratch for packing them */
    Entry entry;           /* the open one */
    gboolean finished;
    struct libdeflate_compressor *packers[2]; /* owned; small and large, made when first needed */
    z_stream deflater;
    gboolean deflating; /* the deflater holds memory */
};

static gboolean job_sink(gpointer user, const void *data, gsize size, GError **error)
{
    MgkJob *job = user;
    return job->write(job, data, size, error);
}

MgkZipWriter *mgk_zip_writer_new(MgkZipSink sink, gpointer user)
{
    MgkZipWriter *writer = g_new0(MgkZipWriter, 1);
    writer->sink = sink;
    writer->user = user;
    writer->out = g_malloc(OUT_SIZE);
    writer->directory = g_byte_array_new();
    writer->held = g_byte_array_new();
    writer->packed = g_byte_array_new();
    return writer;
}

MgkZipWriter *mgk_zip_writer_new_for_job(MgkJob *job)
{
    return mgk_zip_writer_new(job_sink, job);
}

void mgk_zip_writer_free(MgkZipWriter *writer)
{
    if (!writer)
        return;
    if (writer->deflating)
        deflateEnd(&writer->deflater);
    for (guint i = 0; i < G_N_ELEMENTS(writer->packers); i++) {
        if (writer->packers[i])
            libdeflate_free_compressor(writer->packers[i]);
    }
    g_byte_array_unref(writer->directory);
    g_byte_array_unref(writer->held);
    g_byte_array_unref(writer->packed);
    g_free(writer->entry.name);
    g_free(writer->out);
    g_free(writer);
}

guint64 mgk_zip_writer_offset(const MgkZipWriter *writer)
{
    return writer->offset;
}

static gboolean misuse(const char *what, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_FAILED, "zip writer: %s", what);
    return FALSE;
}

static gboolean flush_out(MgkZipWriter *writer, GError **error)
{
    gsize used = writer->out_used;
    writer->out_used = 0;
    return used == 0 || writer->sink(writer->user, writer->out, used, error);
}

static gboolean put(MgkZipWriter *writer, const void *data, gsize size, GError **error)
{
    if (size == 0)
        return TRUE;
    writer->offset += size;
    if (size > OUT_SIZE - writer->out_used && !flush_out(writer, error))
        return FALSE;
    if (size >= OUT_SIZE)
        return writer->sink(writer->user, data, size, error);
    memcpy(writer->out + writer->out_used, data, size);
    writer->out_used += size;
    return TRUE;
}

static void add_u16(GByteArray *out, guint v)
{
    const guint8 bytes[2] = {(guint8)v, (guint8)(v >> 8)};
    g_byte_array_append(out, bytes, sizeof bytes);
}

static void add_u32(GByteArray *out, guint32 v)
{
    add_u16(out, v & 0xffff);
    add_u16(out, v >> 16);
}

static void add_u64(GByteArray *out, guint64 v)
{
    add_u32(out, (guint32)v);
    add_u32(out, (guint32)(v >> 32));
}

static guint32 short_form(guint64 v)
{
    return (guint32)MIN(v, G_MAXUINT32);
}

static gboolean is_large(guint64 v)
{
    return v >= G_MAXUINT32;
}

/* The fields that local header and central record share, from the version on. */
static void add_common(GByteArray *out, const Entry *entry, gboolean large, guint extra_size, gboolean local)
{
    gboolean later = local && entry->streaming;
    add_u16(out, large ? VERSION_ZIP64 : VERSION);
    add_u16(out, entry->flags);
    add_u16(out, entry->method);
    add_u32(out, entry->dos_time);
    add_u32(out, later ? 0 : entry->crc);
    /* a local zip64 extra must hold both sizes, so both short fields point to it */
    add_u32(out, later ? 0 : local && large ? G_MAXUINT32 : short_form(entry->packed_size));
    add_u32(out, later ? 0 : local && large ? G_MAXUINT32 : short_form(entry->size));
    add_u16(out, (guint)strlen(entry->name));
    add_u16(out, extra_size);
}

static gboolean put_local(MgkZipWriter *writer, GError **error)
{
    Entry *entry = &writer->entry;
    gboolean large = is_large(entry->size) || is_large(entry->packed_size);
    g_autoptr(GByteArray) header = g_byte_array_sized_new(128);
    entry->header_offset = writer->offset;
    add_u32(header, 0x04034b50);
    add_common(header, entry, large, large ? 20 : 0, TRUE);
    g_byte_array_append(header, (const guint8 *)entry->name, (guint)strlen(entry->name));
    if (large) {
        add_u16(header, 1);
        add_u16(header, 16);
        add_u64(header, entry->size);
        add_u64(header, entry->packed_size);
    }
    return put(writer, header->data, header->len, error);
}

static void record_central(MgkZipWriter *writer)
{
    const Entry *entry = &writer->entry;
    guint64 wide[3] = {entry->size, entry->packed_size, entry->header_offset};
    guint n_wide = 0;
    for (guint i = 0; i < G_N_ELEMENTS(wide); i++)
        n_wide += is_large(wide[i]);
    gsize length = strlen(entry->name);
    GByteArray *out = writer->directory;
    add_u32(out, 0x02014b50);
    add_u16(out, n_wide ? VERSION_ZIP64 : VERSION); /* maker: FAT, the one that promises nothing */
    add_common(out, entry, n_wide > 0, n_wide ? 4 + 8 * n_wide : 0, FALSE);
    add_u16(out, 0); /* comment */
    add_u16(out, 0); /* disk */
    add_u16(out, 0);
    add_u32(out, entry->name[length - 1] == '/' ? 0x10 : 0);
    add_u32(out, short_form(entry->header_offset));
    g_byte_array_append(out, (const guint8 *)entry->name, (guint)length);
    if (n_wide) {
        add_u16(out, 1);
        add_u16(out, 8 * n_wide);
    }
    for (guint i = 0; i < G_N_ELEMENTS(wide); i++) {
        if (is_large(wide[i]))
            add_u64(out, wide[i]);
    }
    writer->count++;
}

static void close_entry(MgkZipWriter *writer)
{
    record_central(writer);
    g_clear_pointer(&writer->entry.name, g_free);
    g_byte_array_set_size(writer->held, 0);
}

gboolean mgk_zip_writer_begin(MgkZipWriter *writer, const char *name, MgkZipMethod method, guint32 dos_time,
                              GError **error)
{
    gsize length = strlen(name);
    if (writer->entry.name || writer->finished)
        return misuse("an entry is open, or the archive is finished", error);
    if (length == 0 || length > G_MAXUINT16 || !g_utf8_validate(name, (gssize)length, NULL))
        return misuse("unusable entry name", error);
    if (writer->directory->len > G_MAXUINT32 / 2)
        return misuse("directory too large", error);
    writer->entry = (Entry){.name = g_strndup(name, length),
                            .wanted = method,
                            .flags = g_str_is_ascii(name) ? 0 : FLAG_UTF8,
                            .dos_time = dos_time};
    return TRUE;
}

static gboolean deflate_some(MgkZipWriter *writer, const void *data, gsize size, gboolean last, GError **error)
{
    z_stream *z = &writer->deflater;
    const guint8 *at = data;
    int result = Z_OK;
    do {
        gsize step = MIN(size, INPUT_STEP);
        z->next_in = at;
        z->avail_in = (uInt)step;
        do {
            z->next_out = writer->packed->data;
            z->avail_out = (uInt)writer->packed->len;
            result = deflate(z, last && step == size ? Z_FINISH : Z_NO_FLUSH);
            gsize made = writer->packed->len - z->avail_out;
            writer->entry.packed_size += made;
            if (result == Z_STREAM_ERROR)
                return misuse("zlib fails", error);
            if (!put(writer, writer->packed->data, made, error))
                return FALSE;
        } while (z->avail_out == 0 && result != Z_STREAM_END);
        at += step;
        size -= step;
    } while (size);
    return TRUE;
}

/* Too long to be held: from here on the entry leaves as it comes. */
static gboolean spill(MgkZipWriter *writer, GError **error)
{
    Entry *entry = &writer->entry;
    entry->streaming = TRUE;
    entry->flags |= FLAG_DESCRIPTOR;
    entry->method = DEFLATED;
    if (!put_local(writer, error))
        return FALSE;
    g_byte_array_set_size(writer->packed, OUT_SIZE);
    int level = entry->wanted == MGK_ZIP_STORE ? 1 : STREAM_LEVEL;
    int result = writer->deflating ? deflateReset(&writer->deflater)
                                   : deflateInit2(&writer->deflater, level, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL,
                                                  Z_DEFAULT_STRATEGY);
    if (writer->deflating && result == Z_OK)
        result = deflateParams(&writer->deflater, level, Z_DEFAULT_STRATEGY);
    if (result != Z_OK)
        return misuse("zlib does not start", error);
    writer->deflating = TRUE;
    gboolean ok = deflate_some(writer, writer->held->data, writer->held->len, FALSE, error);
    g_byte_array_unref(writer->held); /* give the memory back: a long entry is written in constant memory */
    writer->held = g_byte_array_new();
    return ok;
}

gboolean mgk_zip_writer_append(MgkZipWriter *writer, const void *data, gsize size, GError **error)
{
    Entry *entry = &writer->entry;
    if (!entry->name)
        return misuse("no entry is open", error);
    if (size == 0)
        return TRUE;
    if (size > G_MAXUINT32 - 1 - entry->size) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "output_bytes: a streamed entry of 4 GiB");
        return FALSE;
    }
    if (!entry->streaming && size > MGK_ZIP_BUFFER - writer->held->len && !spill(writer, error))
        return FALSE;
    entry->crc = libdeflate_crc32(entry->crc, data, size);
    entry->size += size;
    if (entry->streaming)
        return deflate_some(writer, data, size, FALSE, error);
    g_byte_array_append(writer->held, data, (guint)size);
    return TRUE;
}

/* Packs into scratch memory; 0 when that does not make it smaller. */
static gsize pack(MgkZipWriter *writer, const void *data, gsize size)
{
    struct libdeflate_compressor **packer = &writer->packers[size >= LARGE];
    if (!*packer)
        *packer = libdeflate_alloc_compressor(size >= LARGE ? PACK_LEVEL_LARGE : PACK_LEVEL);
    if (!*packer)
        return 0;
    if (writer->packed->len < size)
        g_byte_array_set_size(writer->packed, (guint)size);
    return libdeflate_deflate_compress(*packer, data, size, writer->packed->data, size - 1);
}

/* Writes the open entry, whose size and crc are known, in one go. */
static gboolean put_whole(MgkZipWriter *writer, const void *data, gsize size, GError **error)
{
    Entry *entry = &writer->entry;
    gsize packed =
        entry->wanted == MGK_ZIP_PACK && size >= TINY && size <= MGK_ZIP_BUFFER ? pack(writer, data, size) : 0;
    entry->method = packed ? DEFLATED : STORED;
    entry->packed_size = packed ? packed : size;
    if (!put_local(writer, error) || !put(writer, packed ? writer->packed->data : data, packed ? packed : size, error))
        return FALSE;
    close_entry(writer);
    return TRUE;
}

static gboolean put_descriptor(MgkZipWriter *writer, GError **error)
{
    const Entry *entry = &writer->entry;
    if (is_large(entry->packed_size)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "output_bytes: a streamed entry of 4 GiB");
        return FALSE;
    }
    g_autoptr(GByteArray) descriptor = g_byte_array_sized_new(16);
    add_u32(descriptor, 0x08074b50);
    add_u32(descriptor, entry->crc);
    add_u32(descriptor, (guint32)entry->packed_size);
    add_u32(descriptor, (guint32)entry->size);
    return put(writer, descriptor->data, descriptor->len, error);
}

gboolean mgk_zip_writer_end(MgkZipWriter *writer, GError **error)
{
    if (!writer->entry.name)
        return misuse("no entry is open", error);
    if (!writer->entry.streaming)
        return put_whole(writer, writer->held->data, writer->held->len, error);
    if (!deflate_some(writer, NULL, 0, TRUE, error) || !put_descriptor(writer, error))
        return FALSE;
    close_entry(writer);
    return TRUE;
}

gboolean mgk_zip_writer_add(MgkZipWriter *writer, const char *name, MgkZipMethod method, guint32 dos_time,
                            const void *data, gsize size, GError **error)
{
    if (!mgk_zip_writer_begin(writer, name, method, dos_time, error))
        return FALSE;
    if (size && g_str_has_suffix(name, "/"))
        return misuse("a folder with content", error);
    if (size >= G_MAXUINT32) /* no descriptor says such a size without zip64 */
        writer->entry.wanted = MGK_ZIP_STORE;
    if (writer->entry.wanted == MGK_ZIP_PACK && size > MGK_ZIP_BUFFER)
        return mgk_zip_writer_append(writer, data, size, error) && mgk_zip_writer_end(writer, error);
    writer->entry.crc = libdeflate_crc32(0, size ? data : "", size);
    writer->entry.size = size;
    return put_whole(writer, data, size, error);
}

static void add_end64(GByteArray *out, guint64 count, guint64 size, guint64 offset)
{
    add_u32(out, 0x06064b50);
    add_u64(out, 44);
    add_u16(out, VERSION_ZIP64);
    add_u16(out, VERSION_ZIP64);
    add_u64(out, 0); /* disks */
    add_u64(out, count);
    add_u64(out, count);
    add_u64(out, size);
    add_u64(out, offset);
    add_u32(out, 0x07064b50);
    add_u32(out, 0);
    add_u64(out, offset + size);
    add_u32(out, 1);
}

gboolean mgk_zip_writer_finish(MgkZipWriter *writer, GError **error)
{
    if (writer->entry.name || writer->finished)
        return misuse("an entry is open, or the archive is finished", error);
    writer->finished = TRUE;
    guint64 offset = writer->offset, size = writer->directory->len;
    g_autoptr(GByteArray) end = g_byte_array_new();
    if (writer->count >= G_MAXUINT16 || is_large(offset) || is_large(size))
        add_end64(end, writer->count, size, offset);
    guint count = (guint)MIN(writer->count, G_MAXUINT16);
    add_u32(end, 0x06054b50);
    add_u32(end, 0); /* disks */
    add_u16(end, count);
    add_u16(end, count);
    add_u32(end, short_form(size));
    add_u32(end, short_form(offset));
    add_u16(end, 0); /* comment */
    return put(writer, writer->directory->data, writer->directory->len, error) &&
           put(writer, end->data, end->len, error) && flush_out(writer, error);
}
