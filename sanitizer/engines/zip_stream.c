/* zip_stream.c - contents of entries: bounded, and verified against size, CRC-32 and the end of the deflate stream. */
#include "engines/zip_internal.h"

#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#define FREE_BYTES MGK_MIB    /* growth below this is nobody's concern */
#define DEFLATE_GROWTH 1032u  /* deflate cannot grow by more */
#define INPUT_STEP (1u << 30) /* zlib counts in unsigned int */

struct MgkZipStream {
    MgkZip *zip;        /* borrowed */
    MgkZipEntry *entry; /* borrowed */
    z_stream inflater;
    gboolean inflating; /* the inflater holds memory */
    gboolean ended;
    gsize consumed; /* stored entries: how far; deflated: how much was given to zlib */
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
        if (inflateInit2(&stream->inflater, -MAX_WBITS) != Z_OK) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_FAILED, "zlib does not start");
            return NULL;
        }
        stream->inflating = TRUE;
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

static gboolean read_deflated(MgkZipStream *stream, guint8 *buffer, gsize size, gsize *ret_size, GError **error)
{
    z_stream *z = &stream->inflater;
    uInt room = (uInt)MIN(size, INPUT_STEP);
    z->next_out = buffer;
    z->avail_out = room;
    while (z->avail_out && !stream->ended) {
        if (z->avail_in == 0) {
            gsize n = MIN(stream->entry->packed_size - stream->consumed, INPUT_STEP);
            z->next_in = mgk_zip_packed(stream->zip, stream->entry) + stream->consumed;
            z->avail_in = (uInt)n;
            stream->consumed += n;
        }
        int result = inflate(z, Z_NO_FLUSH);
        stream->ended = result == Z_STREAM_END;
        if (result != Z_OK && result != Z_STREAM_END)
            return damaged("deflate stream is broken or cut off", error);
    }
    if (stream->ended && (z->avail_in || stream->consumed != stream->entry->packed_size))
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
    if (stream->inflating)
        inflateEnd(&stream->inflater);
    g_free(stream);
}
