#include "engines/jp2_read.h"

#include "engines/icc.h"
#include "engines/target.h"

#include <openjpeg.h>
#include <string.h>

/* What the wavelets leave out says nothing of JPEG's quality; this one loses nothing that is seen. */
#define QUALITY 90

typedef struct Reader {
    MgkJob *job; /* borrowed */
    gsize at;
    opj_stream_t *stream; /* owned */
    opj_codec_t *codec;   /* owned */
    opj_image_t *image;   /* owned */
    char message[96];     /* OpenJPEG's first error */
    MgkRaster raster;
} Reader;

static void reader_clear(Reader *reader)
{
    if (reader->image)
        opj_image_destroy(reader->image);
    if (reader->codec)
        opj_destroy_codec(reader->codec);
    if (reader->stream)
        opj_stream_destroy(reader->stream);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reader, reader_clear)

static OPJ_SIZE_T on_read(void *out, OPJ_SIZE_T size, void *user)
{
    Reader *reader = user;
    gsize n = MIN(size, reader->job->size - reader->at);
    memcpy(out, reader->job->data + reader->at, n);
    reader->at += n;
    return n ? n : (OPJ_SIZE_T)-1;
}

static OPJ_OFF_T on_skip(OPJ_OFF_T untrusted_n, void *user)
{
    Reader *reader = user;
    if (untrusted_n < 0 || (guint64)untrusted_n > reader->job->size - reader->at)
        return -1;
    reader->at += (gsize)untrusted_n;
    return untrusted_n;
}

static OPJ_BOOL on_seek(OPJ_OFF_T untrusted_at, void *user)
{
    Reader *reader = user;
    if (untrusted_at < 0 || (guint64)untrusted_at > reader->job->size)
        return OPJ_FALSE;
    reader->at = (gsize)untrusted_at;
    return OPJ_TRUE;
}

static void on_error(const char *message, void *user)
{
    Reader *reader = user;
    if (!reader->message[0])
        g_strlcpy(reader->message, message, sizeof reader->message);
}

static gboolean malformed(const Reader *reader, const char *what, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "JPEG 2000: %s", reader->message[0] ? reader->message : what);
    return FALSE;
}

static gboolean open_stream(Reader *reader)
{
    opj_dparameters_t parameters;
    gboolean boxes = reader->job->size >= 4 && reader->job->data[0] == 0;
    reader->codec = opj_create_decompress(boxes ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K);
    reader->stream = opj_stream_create(64 * 1024, OPJ_TRUE);
    if (!reader->codec || !reader->stream)
        return FALSE;
    opj_set_error_handler(reader->codec, on_error, reader);
    opj_stream_set_read_function(reader->stream, on_read);
    opj_stream_set_skip_function(reader->stream, on_skip);
    opj_stream_set_seek_function(reader->stream, on_seek);
    opj_stream_set_user_data(reader->stream, reader, NULL);
    opj_stream_set_user_data_length(reader->stream, reader->job->size);
    opj_set_default_decoder_parameters(&parameters);
    return opj_setup_decoder(reader->codec, &parameters) &&
           opj_read_header(reader->stream, reader->codec, &reader->image);
}

/* Every channel that counts lies on the same grid, or on one of half its density. */
static gboolean fits(const opj_image_t *image, guint channels)
{
    for (guint i = 0; i < channels; i++) {
        const opj_image_comp_t *comp = &image->comps[i];
        if (comp->dx < 1 || comp->dy < 1 || comp->dx > 2 || comp->dy > 2 || comp->prec < 1 || comp->prec > 16)
            return FALSE;
    }
    return image->comps[0].dx == 1 && image->comps[0].dy == 1;
}

static gboolean unsupported(GError **error)
{
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "JPEG 2000: channels");
    return FALSE;
}

/* What the header tells, before anything is decoded. */
static gboolean measure(Reader *reader, GError **error)
{
    const opj_image_t *image = reader->image;
    MgkRaster *raster = &reader->raster;
    *raster = (MgkRaster){.model = MGK_RASTER_RGBA, .depth = 8, .quality = QUALITY};
    if (image->numcomps < 1 || image->numcomps > 4 || !fits(image, image->numcomps))
        return unsupported(error);
    raster->width = image->x1 > image->x0 ? image->x1 - image->x0 : 0;
    raster->height = image->y1 > image->y0 ? image->y1 - image->y0 : 0;
    return mgk_raster_validate(raster, &reader->job->policy->limits, error);
}

/* What the channels mean is known only afterwards; a palette has become colours by then. */
static gboolean choose_model(Reader *reader, GError **error)
{
    const opj_image_t *image = reader->image;
    guint n = image->numcomps;
    if (n < 1 || n > 4 || !fits(image, n) || image->color_space == OPJ_CLRSPC_CMYK)
        return unsupported(error);
    gboolean color = n >= 3, alpha = n % 2 == 0 && image->comps[n - 1].alpha;
    if (n == 4 && !alpha)
        return unsupported(error);
    reader->raster.model =
        color ? (alpha ? MGK_RASTER_RGBA : MGK_RASTER_RGB) : (alpha ? MGK_RASTER_GRAY_ALPHA : MGK_RASTER_GRAY);
    mgk_target_choose(reader->job, alpha ? MGK_FORMAT_ID_png : MGK_FORMAT_ID_jpeg);
    return TRUE;
}

/* A sample of any depth and sign as 0 to 255. */
static guint8 sample(const opj_image_comp_t *comp, guint32 x, guint32 y)
{
    guint32 cx = MIN(x / comp->dx, comp->w - 1), cy = MIN(y / comp->dy, comp->h - 1);
    gint64 most = ((gint64)1 << comp->prec) - 1;
    gint64 value = comp->data[(gsize)cy * comp->w + cx] + (comp->sgnd ? (gint64)1 << (comp->prec - 1) : 0);
    return (guint8)((CLAMP(value, 0, most) * 255 + most / 2) / most);
}

/* sYCC, the colour differences of JPEG. */
static void to_rgb(guint8 *pixel)
{
    int y = pixel[0], blue = pixel[1] - 128, red = pixel[2] - 128;
    pixel[0] = (guint8)CLAMP(y + (91881 * red + 32768) / 65536, 0, 255);
    pixel[1] = (guint8)CLAMP(y - (22554 * blue + 46802 * red + 32768) / 65536, 0, 255);
    pixel[2] = (guint8)CLAMP(y + (116130 * blue + 32768) / 65536, 0, 255);
}

static void make_row(const Reader *reader, guint32 y, guint8 *out)
{
    const opj_image_t *image = reader->image;
    guint channels = mgk_raster_channels(&reader->raster);
    gboolean differences = image->color_space == OPJ_CLRSPC_SYCC && channels >= 3;
    for (guint32 x = 0; x < reader->raster.width; x++, out += channels) {
        for (guint c = 0; c < channels; c++)
            out[c] = sample(&image->comps[c], x, y);
        if (differences)
            to_rgb(out);
    }
}

static gboolean send(Reader *reader, GError **error)
{
    const opj_image_t *image = reader->image;
    const MgkRaster *raster = &reader->raster;
    guint channels = mgk_raster_channels(raster);
    for (guint i = 0; i < channels; i++) {
        if (!image->comps[i].data || !image->comps[i].w || !image->comps[i].h)
            return malformed(reader, "a channel is empty", error);
    }
    g_autoptr(MgkIcc) icc = NULL;
    if (image->icc_profile_buf && image->icc_profile_len) {
        mgk_job_find(reader->job, MGK_KIND_IMAGE_PROFILE, "ICC", NULL);
        icc = mgk_icc_new(image->icc_profile_buf, image->icc_profile_len, channels >= 3 ? MGK_ICC_RGB : MGK_ICC_GRAY, 8,
                          channels % 2 == 0);
    }
    g_autofree guint8 *row = g_malloc(mgk_raster_row_bytes(raster));
    g_autoptr(MgkRasterWriter) writer = mgk_raster_writer_new(reader->job, raster, error);
    for (guint32 y = 0; writer && y < raster->height; y++) {
        make_row(reader, y, row);
        if (icc)
            mgk_icc_apply(icc, row, row, raster->width);
        if (!mgk_raster_writer_row(writer, row, error))
            return FALSE;
    }
    return writer && mgk_raster_writer_finish(writer, error);
}

gboolean mgk_jp2_read(MgkJob *job, GError **error)
{
    g_auto(Reader) reader = {.job = job};
    if (!open_stream(&reader))
        return malformed(&reader, "header", error);
    if (!measure(&reader, error))
        return FALSE;
    if (!opj_decode(reader.codec, reader.stream, reader.image))
        return malformed(&reader, "pixels", error);
    return choose_model(&reader, error) && send(&reader, error);
}
