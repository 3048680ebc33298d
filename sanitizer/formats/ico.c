/* ico.c - Windows icons and cursors (Microsoft, "Icons in Win32"): a directory of pictures, each a PNG or a bitmap with
 * a mask.
 *
 * Kept: every picture with its transparency, in the order of the directory. Gone: whatever the directory does not
 * reach, all that formats/png.c drops from a PNG, a cursor's hot spot.
 * Output: an icon of PNG pictures, which Windows Vista and later, browsers and viewers read; a cursor becomes an icon
 * (verdict `converted`). When a container asks for a PNG or JPEG in this place, the largest picture.
 * Known limits: a picture that cannot be read is left out with a finding as long as another one is there; the signature
 * is four small numbers, so the first directory entry must make sense too. */
#include "checks/checks.h"
#include "engines/dib.h"
#include "engines/png_read.h"
#include "engines/png_write.h"
#include "engines/recognise.h"
#include "engines/target.h"
#include "formats/formats.h"

#include <string.h>

#define DIRECTORY 6u
#define ENTRY 16u
#define MAX_ENTRIES 256u
#define BIG_SIDE 256u /* from here on the directory says 0 */

static guint probe(const MgkProbe *probe)
{
    const guint8 *p = probe->data;
    if (probe->size < 22 || (memcmp(p, "\0\0\1\0", 4) != 0 && memcmp(p, "\0\0\2\0", 4) != 0))
        return 0;
    guint images = mgk_recognise_u16le(p + 4);
    guint32 untrusted_offset = mgk_recognise_u32le(p + 18);
    return images > 0 && images < 300 && p[9] == 0 && untrusted_offset >= 6 + 16u * images ? 86 : 0;
}

/* One entry's bytes, as many as the file has of them, or NULL when they lie outside. */
static const guint8 *entry_bytes(const MgkJob *job, guint index, gsize *ret_size)
{
    const guint8 *entry = job->data + DIRECTORY + ENTRY * (gsize)index;
    gsize untrusted_size = mgk_recognise_u32le(entry + 8), untrusted_at = mgk_recognise_u32le(entry + 12);
    if (untrusted_at > job->size || MIN(untrusted_size, job->size - untrusted_at) < 16)
        return NULL;
    *ret_size = MIN(untrusted_size, job->size - untrusted_at);
    return job->data + untrusted_at;
}

static gboolean is_png(const guint8 *data)
{
    return memcmp(data, "\211PNG\r\n\032\n", MGK_PNG_MAGIC_BYTES) == 0;
}

static gboolean send_png(MgkJob *job, const guint8 *data, gsize size, GError **error)
{
    MgkJob part = *job; /* the same output, other bytes */
    part.data = data;
    part.size = size;
    MgkPngScan scan;
    mgk_png_scan(&part, &scan);
    gboolean sent = mgk_png_read(&part, &scan, error);
    job->outcome = part.outcome;
    return sent;
}

static gboolean send_bitmap(MgkJob *job, const MgkDib *dib, GError **error)
{
    const MgkRaster *raster = mgk_dib_raster(dib);
    g_autoptr(MgkRasterWriter) writer = mgk_raster_writer_new(job, raster, error);
    g_autofree guint8 *row = g_malloc(mgk_raster_row_bytes(raster));
    if (!writer)
        return FALSE;
    for (guint32 y = 0; y < raster->height; y++) {
        mgk_dib_row(dib, y, row);
        if (!mgk_raster_writer_row(writer, row, error))
            return FALSE;
    }
    return mgk_raster_writer_finish(writer, error);
}

/* *ret_sent stays FALSE when the entry is no picture. */
static gboolean send_entry(MgkJob *job, guint index, gboolean *ret_sent, GError **error)
{
    gsize size = 0;
    g_autoptr(GError) local = NULL;
    g_autoptr(MgkDib) dib = NULL;
    const guint8 *data = entry_bytes(job, index, &size);
    gboolean png = data && is_png(data);
    if (data && !png)
        dib = mgk_dib_new(data, size, 0, TRUE, &job->policy->limits, &local);
    if (!png && (!dib || mgk_dib_rows_there(dib) < mgk_dib_raster(dib)->height)) {
        mgk_job_find(job, MGK_KIND_IMAGE_DAMAGED, "icon", local ? local->message : "outside the file");
        return TRUE;
    }
    *ret_sent = TRUE;
    return png ? send_png(job, data, size, error) : send_bitmap(job, dib, error);
}

static guint side(guint8 stored)
{
    return stored ? stored : BIG_SIDE;
}

/* The entry that the directory calls the largest, the deepest among equals. */
static guint largest(const MgkJob *job, guint n)
{
    guint best = 0;
    guint64 best_rank = 0;
    for (guint i = 0; i < n; i++) {
        const guint8 *entry = job->data + DIRECTORY + ENTRY * (gsize)i;
        guint64 rank = (guint64)(side(entry[0]) * side(entry[1])) << 16 | mgk_recognise_u16le(entry + 6);
        if (i == 0 || rank > best_rank) {
            best = i;
            best_rank = rank;
        }
    }
    return best;
}

static gboolean clean(MgkJob *job, GError **error)
{
    guint n = job->size >= DIRECTORY ? mgk_recognise_u16le(job->data + 4) : 0;
    if (n == 0 || n > MAX_ENTRIES || job->size < DIRECTORY + ENTRY * (gsize)n)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "icon directory");
    mgk_target_choose(job, MGK_FORMAT_ID_ico);
    gboolean one = job->outcome.format != MGK_FORMAT_ID_ico, any = FALSE;
    if (!one && job->data[2] == 2)
        job->outcome.verdict = MGK_VERDICT_CONVERTED;
    for (guint i = one ? largest(job, n) : 0; i < n; i++) {
        gboolean sent = FALSE;
        if (!send_entry(job, i, &sent, error))
            return FALSE;
        any = any || sent;
        if (one)
            break;
    }
    return any || mgk_job_hold(job, MGK_REASON_MALFORMED, "no picture in the icon");
}

static void put16(guint8 *at, guint value)
{
    at[0] = (guint8)value;
    at[1] = (guint8)(value >> 8);
}

static void put32(guint8 *at, guint32 value)
{
    put16(at, value & 0xffff);
    put16(at + 2, value >> 16);
}

/* Appends one picture as PNG to the body and its entry, whose offset counts from the body's start, to the directory. */
static gboolean encode_picture(MgkRasterReader *reader, const MgkRaster *raster, GByteArray *directory,
                               GByteArray *body, GError **error)
{
    guint8 entry[ENTRY] = {0};
    guint start = body->len;
    entry[0] = (guint8)(raster->width < BIG_SIDE ? raster->width : 0);
    entry[1] = (guint8)(raster->height < BIG_SIDE ? raster->height : 0);
    put16(entry + 4, 1);
    put16(entry + 6, mgk_raster_channels(raster) * raster->depth);
    g_autoptr(MgkPngWriter) writer = mgk_png_writer_new(raster, mgk_sink_array, body);
    g_autofree guint8 *row = g_malloc(mgk_raster_row_bytes(raster));
    for (guint32 y = 0, n = raster->height; y < n; y++) {
        if (!mgk_raster_reader_row(reader, row, error) || !mgk_png_writer_row(writer, row, error))
            return FALSE;
    }
    if (!mgk_png_writer_finish(writer, error))
        return FALSE;
    put32(entry + 8, body->len - start);
    put32(entry + 12, start);
    g_byte_array_append(directory, entry, sizeof entry);
    return TRUE;
}

static gboolean write_all(MgkJob *job, GByteArray *directory, const GByteArray *body, GError **error)
{
    guint8 head[DIRECTORY] = {0, 0, 1, 0};
    put16(head + 4, directory->len / ENTRY);
    for (guint i = 0; i < directory->len; i += ENTRY) {
        guint8 *offset = directory->data + i + 12;
        put32(offset, mgk_recognise_u32le(offset) + DIRECTORY + directory->len);
    }
    return job->write(job, head, sizeof head, error) && job->write(job, directory->data, directory->len, error) &&
           job->write(job, body->data, body->len, error);
}

static gboolean encode(MgkJob *job, GError **error)
{
    g_autoptr(MgkRasterReader) reader = mgk_raster_reader_new(job);
    g_autoptr(GByteArray) directory = g_byte_array_new(), body = g_byte_array_new();
    const MgkRaster *raster = NULL;
    for (;;) {
        if (!mgk_raster_reader_next(reader, &raster, error))
            return FALSE;
        if (!raster && body->len > 0)
            return write_all(job, directory, body, error);
        if (!raster || raster->model == MGK_RASTER_YCC || directory->len >= ENTRY * MAX_ENTRIES ||
            body->len > job->policy->limits.output_bytes / 2) {
            g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "no icon");
            return FALSE;
        }
        if (!encode_picture(reader, raster, directory, body, error))
            return FALSE;
    }
}

const MgkHandler mgk_format_ico = {.probe = probe, .clean = clean, .encode = encode, .check = mgk_check_ico};
