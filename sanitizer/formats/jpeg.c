/* jpeg.c - JPEG (ITU-T T.81), as JFIF 1.02 and EXIF 2.3 wrap it: baseline, progressive, arithmetic; gray, YCbCr, RGB,
 * CMYK and YCCK.
 *
 * Kept: the picture at about its own quality (estimated from its quantisation tables) and chroma sampling, gray as
 * gray, the resolution, the EXIF orientation (applied). Gone: EXIF with coordinates and previews, XMP, IPTC, comments,
 * application segments, further pictures (MPF), data behind the end. A colour profile is applied (to sRGB) and dropped;
 * printing colours become RGB. Output: SOI APP0 DQT SOF0 DHT SOS EOI, baseline. When a container asks for a PNG in this
 * place, the PNG encoder runs. Known limits: 12-bit, lossless and hierarchical files are held; coding twice costs a
 * little quality, as every JPEG editor does; messages hidden in the pixels may survive. */
#include "checks/checks.h"
#include "engines/flatten.h"
#include "engines/jpeg_read.h"
#include "engines/jpeg_write.h"
#include "formats/formats.h"

#include <string.h>

static gboolean starts_well(const guint8 *data, gsize size)
{
    return size >= 4 && data[0] == 0xff && data[1] == 0xd8 && data[2] == 0xff;
}

static guint probe(const MgkProbe *probe)
{
    return starts_well(probe->data, probe->size) ? 100 : 0;
}

/* "photo.jpeg" stays "photo.jpeg". */
static guint own_extension(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (guint i = 0; dot; i++) {
        g_autofree char *extension = mgk_format_extension(MGK_FORMAT_ID_jpeg, i);
        if (!extension)
            break;
        if (g_ascii_strcasecmp(dot + 1, extension) == 0)
            return i;
    }
    return 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    if (!starts_well(job->data, job->size))
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "no JPEG signature");
    if (job->want == MGK_FORMAT_ID_png)
        job->outcome.format = job->want;
    else
        job->outcome.extension = own_extension(job->name);
    MgkJpegScan scan;
    mgk_jpeg_scan(job, &scan);
    return mgk_jpeg_read(job, &scan, error);
}

static gboolean encode_rows(MgkRasterReader *reader, const MgkRaster *raster, MgkJpegWriter *writer, GError **error)
{
    g_autofree guint8 *row = g_malloc(mgk_raster_row_bytes(raster));
    g_autofree guint8 *flat = mgk_flatten_needless(raster) ? NULL : g_malloc((gsize)raster->width * 3);
    for (guint32 y = 0, n = mgk_raster_rows(raster); y < n; y++) {
        if (!mgk_raster_reader_row(reader, row, error))
            return FALSE;
        if (flat)
            mgk_flatten_row(raster, row, flat);
        if (!mgk_jpeg_writer_row(writer, flat ? flat : row, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean encode(MgkJob *job, GError **error)
{
    g_autoptr(MgkRasterReader) reader = mgk_raster_reader_new(job);
    const MgkRaster *raster = NULL;
    if (!mgk_raster_reader_next(reader, &raster, error))
        return FALSE;
    if (!raster) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "no picture");
        return FALSE;
    }
    MgkRaster flat;
    mgk_flatten_header(raster, &flat);
    g_autoptr(MgkJpegWriter) writer = mgk_jpeg_writer_new(&flat, error);
    if (!writer || !encode_rows(reader, raster, writer, error) || !mgk_raster_reader_next(reader, &raster, error))
        return FALSE;
    if (raster) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "more than one picture");
        return FALSE;
    }
    return mgk_jpeg_writer_finish(writer, mgk_sink_job, job, error);
}

const MgkHandler mgk_format_jpeg = {
    .probe = probe, .clean = clean, .encode = encode, .check = mgk_check_jpeg, .confirm = mgk_confirm_jpeg};
