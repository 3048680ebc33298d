/* tiff.c - TIFF 6 and BigTIFF, both byte orders, as libtiff reads them: strips and tiles, PackBits, LZW, Deflate, Group
 * 3 and 4, JPEG old and new, every photometric it can show.
 *
 * Kept: every page with its colour model and depth (bilevel stays bilevel), resolution, orientation (applied), alpha.
 * Gone: all tags that are not picture, EXIF with coordinates, XMP, IPTC, Photoshop blocks, private tags, previews and
 * masks, sub-directories, whatever no tag reaches. A colour profile is applied (to sRGB) and dropped; printing colours
 * become RGB.
 * Output: little-endian TIFF, a page a directory: Group 4, JPEG where the source was JPEG, else Deflate. When a
 * container asks for a PNG or JPEG in this place, the first page.
 * Known limits: a page of which less than an eighth can be read refuses the file; floating-point and 32-bit samples are
 * held; odd forms (tiles, separate planes, YCbCr, Lab) come out with 8 bits a sample. */
#include "checks/checks.h"
#include "engines/recognise.h"
#include "engines/target.h"
#include "engines/tiff_read.h"
#include "engines/tiff_write.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "II*\0"), MGK_MAGIC(0, "MM\0*"), MGK_MAGIC(0, "II+\0\x08\0"),
                                     MGK_MAGIC(0, "MM\0+\0\x08")};
    return MGK_MAGIC_ANY(probe, table) ? 91 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    mgk_target_choose(job, MGK_FORMAT_ID_tiff);
    return mgk_tiff_read(job, error);
}

static gboolean encode_page(MgkRasterReader *reader, const MgkRaster *raster, MgkTiffWriter *writer, GError **error)
{
    gsize size = mgk_raster_row_bytes(raster);
    g_autofree guint8 *rows = g_malloc(size * raster->height);
    for (guint32 y = 0, n = raster->height; y < n; y++) {
        if (!mgk_raster_reader_row(reader, rows + y * size, error))
            return FALSE;
    }
    return mgk_tiff_writer_add(writer, raster, rows, error);
}

static gboolean encode(MgkJob *job, GError **error)
{
    g_autoptr(MgkRasterReader) reader = mgk_raster_reader_new(job);
    g_autoptr(MgkTiffWriter) writer = mgk_tiff_writer_new(mgk_sink_job, job);
    const MgkRaster *raster = NULL;
    for (guint pages = 0;; pages++) {
        if (!mgk_raster_reader_next(reader, &raster, error))
            return FALSE;
        if (!raster && pages > 0)
            return mgk_tiff_writer_finish(writer, error);
        if (!raster || raster->model == MGK_RASTER_YCC) {
            g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "no TIFF page");
            return FALSE;
        }
        if (!encode_page(reader, raster, writer, error))
            return FALSE;
    }
}

const MgkHandler mgk_format_tiff = {.probe = probe, .clean = clean, .encode = encode, .check = mgk_check_tiff};
