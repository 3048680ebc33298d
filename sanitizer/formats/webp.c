/* webp.c - WebP (RFC 9649): lossy, lossless, with transparency, moving.
 *
 * Kept: the picture (lossless stays lossless), transparency, an animation with its times (unless the policy removes it:
 * image.animation), the EXIF orientation (applied). Gone: EXIF with coordinates, XMP, unknown chunks, data behind the
 * end. A colour profile is applied (to sRGB) and dropped.
 * Output: WebP by libwebp without metadata. When a container asks for a PNG or JPEG in this place, the first picture.
 * Known limits: lossy pictures are coded once more at a high quality, since the file does not tell its own; frames of
 * an animation cross as whole pictures, the encoder finds anew what changed between them. */
#include "checks/checks.h"
#include "engines/recognise.h"
#include "engines/target.h"
#include "engines/webp_read.h"
#include "engines/webp_write.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic riff[] = {MGK_MAGIC(0, "RIFF")}, form[] = {MGK_MAGIC(8, "WEBP")};
    return MGK_MAGIC_ANY(probe, riff) && MGK_MAGIC_ANY(probe, form) ? 93 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    mgk_target_choose(job, MGK_FORMAT_ID_webp);
    return mgk_webp_read(job, error);
}

static gboolean encode_picture(MgkRasterReader *reader, const MgkRaster *raster, MgkWebpWriter *writer, GError **error)
{
    gsize size = mgk_raster_row_bytes(raster);
    g_autofree guint8 *pixels = g_malloc(size * mgk_raster_rows(raster));
    for (guint32 y = 0, n = mgk_raster_rows(raster); y < n; y++) {
        if (!mgk_raster_reader_row(reader, pixels + y * size, error))
            return FALSE;
    }
    return mgk_webp_writer_add(writer, raster, g_steal_pointer(&pixels), error);
}

static gboolean encode(MgkJob *job, GError **error)
{
    g_autoptr(MgkRasterReader) reader = mgk_raster_reader_new(job);
    g_autoptr(MgkWebpWriter) writer = mgk_webp_writer_new(mgk_sink_job, job);
    const MgkRaster *raster = NULL;
    for (guint pictures = 0;; pictures++) {
        if (!mgk_raster_reader_next(reader, &raster, error))
            return FALSE;
        if (!raster && pictures > 0)
            return mgk_webp_writer_finish(writer, error);
        if (!raster) {
            g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "no picture");
            return FALSE;
        }
        if (!encode_picture(reader, raster, writer, error))
            return FALSE;
    }
}

const MgkHandler mgk_format_webp = {.probe = probe, .clean = clean, .encode = encode, .check = mgk_check_webp};
