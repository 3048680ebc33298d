/* zip_stream.c - contents of entries: bounded, and verified against size, CRC-32 and the end of the deflate stream. */
#include "engines/zip_internal.h"

#include <isa-l/igzip_lib.h>
#include <string.h>

#define FREE_BYTES MGK_MIB    /* growth below this is nobody's concern */
#define DEFLATE_GROWTH 1032u  /* deflate cannot grow by more */
#define INPUT_STEP (1u << 30) /* igzip counts in 32 bits */

struct MgkZipStream {
    MgkZip *zip;                    /* borrowed */
    MgkZipEntry *entry;             /* borrowed */
    struct inflate_state *inflater; /* owned; NULL for stored entries. Takes two fifths of zlib's time */
    gboolean ended;
    gsize consumed; /* stored entries: how far; deflated: how much was given to the inflater */
    guint64 produced;
    guint32 crc;
};

static gboolean readable(const MgkZipEntry *entry, GError **error)
{
    if (entry->anomalies & MGK_ZIP_ENCRYPTED)
        g_set_error(error, MGK_ERROR, MGK_ERROR_ENCRYPTED, "entry is encrypted");
    else if (entry->anomalies & MGK_ZIP_METHOD)
        g_set_error(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "method %u", entry->method);
    else if (entry->anomalies & MGK_ZIP_UNREADABLE)
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "entry overlaps another or lies on another disk");
    else
        return TRUE;
    return FALSE;
}

static gboolean damaged(const char *what, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "%s", what);
    return FALSE;
}

gboolean mgk_zip_account(MgkZip *zip, MgkZipEntry *entry, guint64 produced, GError **error)
{
    guint64 packed = MAX(entry->packed_size, 1);
    if (produced > FREE_BYTES && produced / packed > zip->limits.ratio) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "ratio: grows more than %" G_GUINT64_FORMAT " times",
                    zip->limits.ratio);
        return FALSE;
    }
    if (produced > entry->unpacked) { /* reading an entry again costs nothing */
        zip->unpacked += produced - entry->unpacked;
        entry->unpacked = produced;
    }
    if (zip->unpacked > zip->limits.total_bytes) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "total_bytes: more than %" G_GUINT64_FORMAT,
                    zip->limits.total_bytes);
        return FALSE;
    }
    return TRUE;
}

/* Sizes that cannot be true are refused before memory is spent on them. */
static gboolean bound_size(MgkZip *zip, MgkZipEntry *entry, gsize max, gsize *ret_size, GError **error)
{
    guint64 untrusted_size = entry->untrusted_size;
    gboolean stored = entry->method == 0;
    if (stored ? untrusted_size != entry->packed_size : untrusted_size / DEFLATE_GROWTH > entry->packed_size)
        return damaged("declared size cannot be true", error);
    if (untrusted_size > max) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "size: %" G_GUINT64_FORMAT " bytes", untrusted_size);
        return FALSE;
    }
    *ret_size = (gsize)untrusted_size;
    return mgk_zip_account(zip, entry, untrusted_size, error);
}

static GBytes *inflate_whole(MgkZip *zip, const MgkZipEntry *entry, gsize size, GError **error)
{
    g_autofree guint8 *out = g_try_malloc(MAX(size, 1));
    gsize used = 0, made = 0;
    if (!zip->decompressor)
        zip->decompressor = libdeflate_alloc_decompressor();
    if (!out || !zip->decompressor) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "worker_memory: entry of %" G_GSIZE_FORMAT " bytes", size);
        return NULL;
    }
    enum libdeflate_result result = libdeflate_deflate_decompress_ex(zip->decompressor, mgk_zip_packed(zip, entry),
                                                                     entry->packed_size, out, size, &used, &made);
    if (result != LIBDEFLATE_SUCCESS || made != size || used != entry->packed_size) {
        damaged("deflate stream is broken, or its length is not as declared", error);
        return NULL;
    }
    return g_bytes_new_take(g_steal_pointer(&out), size);
}

GBytes *mgk_zip_entry_bytes(MgkZip *zip, MgkZipEntry *entry, gsize max, GError **error)
{
    gsize size = 0;
    if (!readable(entry, error) || !bound_size(zip, entry, max, &size, error))
        return NULL;
    g_autoptr(GBytes) bytes = entry->method == 0 ? g_bytes_new_static(mgk_zip_packed(zip, entry), size)
                                                 : inflate_whole(zip, entry, size, error);
    if (!bytes)
        return NULL;
    if (libdeflate_crc32(0, g_bytes_get_data(bytes, NULL), size) != entry->crc) {
        damaged("checksum is wrong", error);
        return NULL;
    }
    return g_steal_pointer(&bytes);
}

MgkZipStream *mgk_zip_stream_new(MgkZip *zip, MgkZipEntry *entry, GError **error)
{
    if (!readable(entry, error))
        return NULL;
    g_autoptr(MgkZipStream) stream = g_new0(MgkZipStream, 1);
    stream->zip = zip;
    stream->entry = entry;
    if (entry->method != 0) {
        stream->inflater = g_new(struct inflate_state, 1);
        isal_inflate_init(stream->inflater);
    }
    return g_steal_pointer(&stream);
}

static gboolean read_stored(MgkZipStream *stream, guint8 *buffer, gsize size, gsize *ret_size)
{
    gsize left = stream->entry->packed_size - stream->consumed, n = MIN(size, left);
    if (n) /* a buffer of nobody is no memory to copy to */
        memcpy(buffer, mgk_zip_packed(stream->zip, stream->entry) + stream->consumed, n);
    stream->consumed += n;
    stream->ended = stream->consumed == stream->entry->packed_size;
    *ret_size = n;
    return TRUE;
}

/* Gives the inflater what it has not had yet; returns how much that is. */
static gsize feed(MgkZipStream *stream)
{
    gsize n = MIN(stream->entry->packed_size - stream->consumed, INPUT_STEP);
    /* igzip's interface has no const */
    stream->inflater->next_in = (guint8 *)(gsize)mgk_zip_packed(stream->zip, stream->entry) + stream->consumed;
    stream->inflater->avail_in = (guint32)n;
    stream->consumed += n;
    return n;
}

static gboolean read_deflated(MgkZipStream *stream, guint8 *buffer, gsize size, gsize *ret_size, GError **error)
{
    struct inflate_state *z = stream->inflater;
    guint32 room = (guint32)MIN(size, INPUT_STEP);
    z->next_out = buffer;
    z->avail_out = room;
    while (z->avail_out && !stream->ended) {
        guint32 before = z->avail_out;
        gboolean given = z->avail_in || feed(stream);
        if (isal_inflate(z) != ISAL_DECOMP_OK)
            return damaged("deflate stream is broken", error);
        stream->ended = z->block_state == ISAL_BLOCK_FINISH;
        if (!given && !stream->ended && z->avail_out == before)
            return damaged("deflate stream is cut off", error);
    }
    gboolean more = z->avail_in || z->read_in_length >= 8; /* igzip takes whole bytes ahead, as bits */
    if (stream->ended && (more || stream->consumed != stream->entry->packed_size))
        return damaged("bytes after the end of the deflate stream", error);
    *ret_size = room - z->avail_out;
    return TRUE;
}

gboolean mgk_zip_stream_read(MgkZipStream *stream, guint8 *buffer, gsize size, gsize *ret_size, GError **error)
{
    MgkZipEntry *entry = stream->entry;
    gsize n = 0;
    if (!stream->ended) {
        gboolean ok =
            entry->method == 0 ? read_stored(stream, buffer, size, &n) : read_deflated(stream, buffer, size, &n, error);
        if (!ok)
            return FALSE;
    }
    stream->produced += n;
    stream->crc = libdeflate_crc32(stream->crc, buffer, n);
    if (stream->produced > entry->untrusted_size)
        return damaged("more data than declared", error);
    if (stream->ended && (stream->produced != entry->untrusted_size || stream->crc != entry->crc))
        return damaged("length or checksum is wrong", error);
    if (!mgk_zip_account(stream->zip, entry, stream->produced, error))
        return FALSE;
    *ret_size = n;
    return TRUE;
}

void mgk_zip_stream_free(MgkZipStream *stream)
{
    if (!stream)
        return;
    g_free(stream->inflater);
    g_free(stream);
}
