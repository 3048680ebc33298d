/* png.c - Portable Network Graphics (PNG 3rd edition; APNG extension).
 *
 * Kept: every pixel with its colour model and depth (1 to 16 bits, palette, gray, alpha, transparent colour), the
 * resolution, the EXIF orientation (applied).
 * Gone: all metadata, text, private chunks, later frames of an animation and whatever follows IEND; none of it is
 * picture, all of it can carry more than is seen. A colour profile is applied (to sRGB) and dropped.
 * Output: IHDR, PLTE, tRNS, pHYs, IDAT, IEND, filtered and compressed by us, never interlaced. When a container asks
 * for a JPEG in this place, the JPEG encoder runs instead.
 * Known limits: gamma without a profile (gAMA, cHRM, cICP) is dropped and not applied, as most viewers do; a picture
 * with a transparent colour keeps its colour numbers. Messages hidden in the pixels themselves stay. */
#include "checks/checks.h"
#include "engines/png_read.h"
#include "engines/png_write.h"
#include "formats/formats.h"

#include <string.h>

static const guint8 magic[MGK_PNG_MAGIC_BYTES] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

static guint probe(const MgkProbe *probe)
{
    return probe->size >= sizeof magic && memcmp(probe->data, magic, sizeof magic) == 0 ? 100 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    if (job->size < sizeof magic || memcmp(job->data, magic, sizeof magic) != 0)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "no PNG signature");
    if (job->want == MGK_FORMAT_ID_jpeg)
        job->outcome.format = job->want;
    MgkPngScan scan;
    mgk_png_scan(job, &scan);
    return mgk_png_read(job, &scan, error);
}

static gboolean encode(MgkJob *job, GError **error)
{
    g_autoptr(MgkRasterReader) reader = mgk_raster_reader_new(job);
    const MgkRaster *raster = NULL;
    if (!mgk_raster_reader_next(reader, &raster, error))
        return FALSE;
    if (!raster || raster->model == MGK_RASTER_YCC) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, raster ? "no PNG picture" : "no picture");
        return FALSE;
    }
    g_autoptr(MgkPngWriter) writer = mgk_png_writer_new(raster, mgk_sink_job, job);
    g_autofree guint8 *row = g_malloc(mgk_raster_row_bytes(raster));
    for (guint32 height = raster->height, y = 0; y < height; y++) {
        if (!mgk_raster_reader_row(reader, row, error) || !mgk_png_writer_row(writer, row, error))
            return FALSE;
    }
    if (!mgk_png_writer_finish(writer, error) || !mgk_raster_reader_next(reader, &raster, error))
        return FALSE;
    if (raster)
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "more than one picture");
    return !raster;
}

const MgkHandler mgk_format_png = {
    .probe = probe, .clean = clean, .encode = encode, .check = mgk_check_png, .confirm = mgk_confirm_png};
