/* bmp.c - Windows and OS/2 bitmaps (Microsoft, "Bitmap storage"): every header from OS/2 1.x to V5, 1 to 32 bits, RLE4,
 * RLE8, RLE24, bit fields; of an OS/2 array the first bitmap.
 *
 * Kept: every pixel, its palette, the resolution, transparency where a mask declares it. A colour profile is applied
 * (to sRGB) and dropped. Gone: everything between and behind headers, colours and pixels.
 * Output: PNG (verdict `converted`), since uncompressed pixels are bytes of the sender's choice: a bitmap can spell a
 * program. JPEG when a container asks for one.
 * Known limits: bitmaps that wrap a JPEG or PNG for printers, and OS/2's Huffman coding, are held. BM alone is prose;
 * the size of the second header must be a known one. */
#include "checks/checks.h"
#include "engines/dib.h"
#include "engines/icc.h"
#include "engines/recognise.h"
#include "engines/signature.h"
#include "engines/target.h"
#include "formats/formats.h"

#include <string.h>

#define FILE_HEADER 14u
/* A picture of which less than this part is there is not worth showing. */
#define HOPELESS_PART 8

static guint probe(const MgkProbe *probe)
{
    static const guint32 headers[] = {12, 16, 40, 52, 56, 64, 108, 124};
    if (probe->size < 26 || memcmp(probe->data, "BM", 2) != 0)
        return memcmp(probe->data, "BA", MIN(probe->size, 2)) == 0 && probe->size > 28 &&
                       memcmp(probe->data + 14, "BM", 2) == 0
                   ? 88
                   : 0;
    for (guint i = 0; i < G_N_ELEMENTS(headers); i++) {
        if (mgk_recognise_u32le(probe->data + 14) == headers[i])
            return 90;
    }
    return 0;
}

static gboolean send_rows(MgkJob *job, const MgkDib *dib, MgkIcc *icc, const MgkRaster *raster, GError **error)
{
    g_autoptr(MgkRasterWriter) writer = mgk_raster_writer_new(job, raster, error);
    g_autofree guint8 *row = g_malloc(mgk_raster_row_bytes(raster));
    if (!writer)
        return FALSE;
    for (guint32 y = 0; y < raster->height; y++) {
        mgk_dib_row(dib, y, row);
        if (icc)
            mgk_icc_apply(icc, row, row, raster->width);
        if (!mgk_raster_writer_row(writer, row, error))
            return FALSE;
    }
    return mgk_raster_writer_finish(writer, error);
}

static gboolean send(MgkJob *job, const MgkDib *dib, GError **error)
{
    MgkRaster raster = *mgk_dib_raster(dib);
    gboolean palette = raster.model == MGK_RASTER_PALETTE;
    gsize profile_size = 0;
    const guint8 *profile = mgk_dib_profile(dib, &profile_size);
    g_autoptr(MgkIcc) icc = NULL;
    if (profile) {
        mgk_job_find(job, MGK_KIND_IMAGE_PROFILE, "ICC", NULL);
        icc = mgk_icc_new(profile, profile_size, MGK_ICC_RGB, 8, palette || raster.model == MGK_RASTER_RGBA);
    }
    if (icc && palette) {
        mgk_icc_apply(icc, raster.palette[0], raster.palette[0], raster.n_colors);
        g_clear_pointer(&icc, mgk_icc_free);
    }
    return send_rows(job, dib, icc, &raster, error);
}

static gboolean clean(MgkJob *job, GError **error)
{
    gsize start = job->size >= 2 && memcmp(job->data, "BA", 2) == 0 ? FILE_HEADER : 0;
    if (job->size < start + FILE_HEADER + 4 || memcmp(job->data + start, "BM", 2) != 0)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "no BMP signature");
    gsize base = start + FILE_HEADER, untrusted_pixels = mgk_recognise_u32le(job->data + start + 10);
    gsize pixels = untrusted_pixels > base ? untrusted_pixels - base : 0;
    g_autoptr(MgkDib) dib = mgk_dib_new(job->data + base, job->size - base, pixels, FALSE, &job->policy->limits, error);
    if (!dib)
        return FALSE;
    guint32 rows = mgk_dib_rows_there(dib), height = mgk_dib_raster(dib)->height;
    if (rows == 0 || rows < height / HOPELESS_PART) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "BMP: almost nothing of the picture is there");
        return FALSE;
    }
    if (rows < height)
        mgk_job_find(job, MGK_KIND_IMAGE_DAMAGED, NULL, "rows are missing");
    mgk_target_choose(job, MGK_FORMAT_ID_png);
    if (start == 0)
        mgk_signature_report_tail(job, base + mgk_dib_end(dib));
    return send(job, dib, error);
}

const MgkHandler mgk_format_bmp = {.probe = probe, .clean = clean};
