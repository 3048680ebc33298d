/* gif.c - GIF87a and GIF89a (CompuServe, 1990).
 *
 * Kept: every picture with its palette, its place on the canvas, its time and what becomes of it, the loop count, the
 * transparent colour. Gone: comments, XMP, application extensions, plain-text extensions (which no viewer shows), data
 * behind the end; interlacing. An animation stays unless the policy (image.animation) removes it; then its first
 * picture stays.
 * Output: GIF89a as engines/gif_write.h says. When a container asks for a PNG or JPEG in this place, the first picture
 * on its canvas. Known limits: what sticks out of the canvas is cut off, as viewers do; a file whose first picture is
 * damaged beyond an eighth is refused. Messages hidden in the indices themselves may survive. */
#include "checks/checks.h"
#include "engines/gif_read.h"
#include "engines/gif_write.h"
#include "engines/recognise.h"
#include "engines/target.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "GIF87a"), MGK_MAGIC(0, "GIF89a")};
    return MGK_MAGIC_ANY(probe, table) ? 92 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    mgk_target_choose(job, MGK_FORMAT_ID_gif);
    return mgk_gif_read(job, error);
}

static gboolean encode_picture(MgkRasterReader *reader, const MgkRaster *raster, MgkGifWriter *writer, GError **error)
{
    gsize row = mgk_raster_row_bytes(raster);
    g_autofree guint8 *indices = g_malloc(row * mgk_raster_rows(raster));
    for (guint32 y = 0, n = mgk_raster_rows(raster); y < n; y++) {
        if (!mgk_raster_reader_row(reader, indices + y * row, error))
            return FALSE;
    }
    return mgk_gif_writer_add(writer, raster, indices, error);
}

static gboolean encode(MgkJob *job, GError **error)
{
    g_autoptr(MgkRasterReader) reader = mgk_raster_reader_new(job);
    g_autoptr(MgkGifWriter) writer = mgk_gif_writer_new(mgk_sink_job, job);
    const MgkRaster *raster = NULL;
    for (guint pictures = 0;; pictures++) {
        if (!mgk_raster_reader_next(reader, &raster, error))
            return FALSE;
        if (!raster && pictures > 0)
            return mgk_gif_writer_finish(writer, error);
        if (!raster) {
            g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "no picture");
            return FALSE;
        }
        if (!encode_picture(reader, raster, writer, error))
            return FALSE;
    }
}

const MgkHandler mgk_format_gif = {.probe = probe, .clean = clean, .encode = encode, .check = mgk_check_gif};
