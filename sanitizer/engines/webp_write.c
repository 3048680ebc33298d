/* The first picture waits until it is known whether it is the only one. */
#include "engines/webp_write.h"

#include "engines/signature.h"

#include <webp/encode.h>
#include <webp/mux.h>

#define METHOD 2         /* libwebp's 0 (fast) to 6 (small) */
#define LOSSLESS_LEVEL 1 /* 0 to 9 */
/* Other spellings of a picture whose bytes happen to show a foreign signature. */
#define VARIANTS 3

struct MgkWebpWriter {
    MgkSink sink;
    gpointer user; /* borrowed */
    MgkRaster raster;
    guint8 *first;            /* owned; pixels of the first picture until the second comes */
    WebPAnimEncoder *encoder; /* owned; NULL for a still */
    gint64 time;
    gboolean any;
};

MgkWebpWriter *mgk_webp_writer_new(MgkSink sink, gpointer user)
{
    MgkWebpWriter *writer = g_new0(MgkWebpWriter, 1);
    writer->sink = sink;
    writer->user = user;
    return writer;
}

void mgk_webp_writer_free(MgkWebpWriter *writer)
{
    if (!writer)
        return;
    WebPAnimEncoderDelete(writer->encoder);
    g_free(writer->first);
    g_free(writer);
}

static gboolean failed(const char *what, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_FAILED, "WebP: %s", what);
    return FALSE;
}

static gboolean configure(const MgkRaster *raster, int variant, WebPConfig *config)
{
    if (!WebPConfigInit(config))
        return FALSE;
    if (raster->quality == 0)
        return WebPConfigLosslessPreset(config, LOSSLESS_LEVEL + variant);
    config->quality = raster->quality;
    config->method = METHOD + variant;
    return WebPValidateConfig(config);
}

static gboolean import(const MgkRaster *raster, const guint8 *pixels, WebPPicture *picture)
{
    if (!WebPPictureInit(picture))
        return FALSE;
    picture->width = (int)raster->width;
    picture->height = (int)raster->height;
    picture->use_argb = raster->quality == 0;
    int stride = (int)mgk_raster_row_bytes(raster);
    return raster->model == MGK_RASTER_RGBA ? WebPPictureImportRGBA(picture, pixels, stride)
                                            : WebPPictureImportRGB(picture, pixels, stride);
}

static gboolean fits(const MgkWebpWriter *writer, const MgkRaster *raster, GError **error)
{
    const MgkRaster *first = &writer->raster;
    if (raster->width > WEBP_MAX_DIMENSION || raster->height > WEBP_MAX_DIMENSION) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "WebP: at most %d pixels a side", WEBP_MAX_DIMENSION);
        return FALSE;
    }
    gboolean known =
        (raster->model == MGK_RASTER_RGB || raster->model == MGK_RASTER_RGBA) && raster->depth == 8 && !raster->has_key;
    if (known && (!writer->any || (first->width == raster->width && first->height == raster->height)))
        return TRUE;
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "no WebP picture");
    return FALSE;
}

static gboolean start_moving(MgkWebpWriter *writer, GError **error)
{
    WebPAnimEncoderOptions options;
    if (!WebPAnimEncoderOptionsInit(&options))
        return failed("libwebp of another version", error);
    options.anim_params.loop_count = writer->raster.loops;
    writer->encoder = WebPAnimEncoderNew((int)writer->raster.width, (int)writer->raster.height, &options);
    return writer->encoder ? TRUE : failed("animation", error);
}

static gboolean add_frame(MgkWebpWriter *writer, const MgkRaster *raster, const guint8 *pixels, GError **error)
{
    WebPConfig config;
    WebPPicture picture;
    if (!configure(raster, 0, &config) || writer->time > G_MAXINT32 / 2)
        return failed("settings", error);
    gboolean added =
        import(raster, pixels, &picture) && WebPAnimEncoderAdd(writer->encoder, &picture, (int)writer->time, &config);
    WebPPictureFree(&picture);
    writer->time += MIN(raster->duration, 0xffffff);
    return added ? TRUE : failed("a picture of the animation", error);
}

gboolean mgk_webp_writer_add(MgkWebpWriter *writer, const MgkRaster *raster, guint8 *pixels, GError **error)
{
    g_autofree guint8 *owned = pixels;
    if (!fits(writer, raster, error))
        return FALSE;
    if (!writer->any) {
        writer->any = TRUE;
        writer->raster = *raster;
        writer->first = g_steal_pointer(&owned);
        return TRUE;
    }
    if (!writer->encoder && (!start_moving(writer, error) || !add_frame(writer, &writer->raster, writer->first, error)))
        return FALSE;
    g_clear_pointer(&writer->first, g_free);
    return add_frame(writer, raster, owned, error);
}

static gboolean finish_moving(MgkWebpWriter *writer, GError **error)
{
    WebPData data = {0};
    gboolean made = WebPAnimEncoderAdd(writer->encoder, NULL, (int)writer->time, NULL) &&
                    WebPAnimEncoderAssemble(writer->encoder, &data);
    gboolean sunk = made ? writer->sink(writer->user, data.bytes, data.size, error) : failed("animation", error);
    WebPDataClear(&data);
    return sunk;
}

/* *ret_again is TRUE when the bytes spell a foreign signature and nothing was written. */
static gboolean write_still(MgkWebpWriter *writer, int variant, gboolean *ret_again, GError **error)
{
    WebPConfig config;
    WebPPicture picture;
    WebPMemoryWriter memory;
    WebPMemoryWriterInit(&memory);
    if (!configure(&writer->raster, variant, &config))
        return failed("settings", error);
    gboolean made = import(&writer->raster, writer->first, &picture);
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &memory;
    made = made && WebPEncode(&config, &picture);
    WebPPictureFree(&picture);
    *ret_again = made && mgk_signature_foreign(memory.mem, memory.size) != NULL;
    gboolean sunk =
        made ? *ret_again || writer->sink(writer->user, memory.mem, memory.size, error) : failed("the picture", error);
    WebPMemoryWriterClear(&memory);
    return sunk;
}

gboolean mgk_webp_writer_finish(MgkWebpWriter *writer, GError **error)
{
    gboolean again = TRUE;
    if (writer->encoder)
        return finish_moving(writer, error);
    for (int variant = 0; again && variant < VARIANTS; variant++) {
        if (!write_still(writer, variant, &again, error))
            return FALSE;
    }
    return again ? failed("pixels keep spelling a foreign signature", error) : TRUE;
}
