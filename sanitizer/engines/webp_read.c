#include "engines/webp_read.h"

#include "engines/animation.h"
#include "engines/exif.h"
#include "engines/icc.h"
#include "engines/recognise.h"
#include "engines/signature.h"
#include "engines/turn.h"

#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

#define RIFF_HEADER 12u
#define CHUNK_HEADER 8u
#define FRAME_HEADER 16u
/* What WebP's own quality was is not told by the file; this one loses nothing that is seen. */
#define LOSSY_QUALITY 88
/* A picture of which less than this part can be read is not worth showing. */
#define HOPELESS_PART 8

typedef struct Reader {
    MgkJob *job; /* borrowed */
    MgkExif exif;
    const guint8 *profile; /* borrowed; NULL none */
    gsize profile_size;
    gboolean moving, lossless;
    MgkRaster raster;
    MgkRasterBudget budget;
} Reader;

static gboolean malformed(const char *what, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "WebP: %s", what);
    return FALSE;
}

static gboolean is(const guint8 *chunk, const char *type)
{
    return memcmp(chunk, type, 4) == 0;
}

static void see_exif(Reader *reader, const guint8 *data, gsize size)
{
    gboolean prefixed = size >= 6 && memcmp(data, "Exif\0\0", 6) == 0;
    mgk_job_find(reader->job, MGK_KIND_METADATA, "EXIF", NULL);
    mgk_exif_read(data + (prefixed ? 6 : 0), size - (prefixed ? 6 : 0), &reader->exif);
    if (reader->exif.has_gps)
        mgk_job_find(reader->job, MGK_KIND_IMAGE_GPS, "EXIF", NULL);
    if (reader->exif.has_thumbnail)
        mgk_job_find(reader->job, MGK_KIND_IMAGE_THUMBNAIL, "EXIF", NULL);
}

static void see_unknown(Reader *reader, const guint8 *chunk)
{
    char name[5] = {0};
    for (guint i = 0; i < 4; i++)
        name[i] = g_ascii_isalnum((char)chunk[i]) ? (char)chunk[i] : '?';
    mgk_job_find(reader->job, MGK_KIND_UNKNOWN_PART, name, NULL);
}

static void see_chunk(Reader *reader, const guint8 *chunk, const guint8 *data, gsize size)
{
    if (is(chunk, "VP8L")) {
        reader->lossless = TRUE;
    } else if (is(chunk, "ANMF")) {
        reader->moving = TRUE;
        reader->lossless = size >= FRAME_HEADER + 4 && is(data + FRAME_HEADER, "VP8L");
    } else if (is(chunk, "EXIF")) {
        see_exif(reader, data, size);
    } else if (is(chunk, "XMP ")) {
        mgk_job_find(reader->job, MGK_KIND_METADATA, "XMP", NULL);
    } else if (is(chunk, "ICCP")) {
        mgk_job_find(reader->job, MGK_KIND_IMAGE_PROFILE, "ICCP", NULL);
        reader->profile = data;
        reader->profile_size = size;
    } else if (!is(chunk, "VP8 ") && !is(chunk, "VP8X") && !is(chunk, "ALPH") && !is(chunk, "ANIM")) {
        see_unknown(reader, chunk);
    }
}

static void scan(Reader *reader)
{
    const MgkJob *job = reader->job;
    gsize untrusted_end = (gsize)mgk_recognise_u32le(job->data + 4) + 8, at = RIFF_HEADER;
    gsize end = MIN(untrusted_end, job->size);
    while (at < end && end - at >= CHUNK_HEADER) {
        const guint8 *chunk = job->data + at;
        gsize size = MIN(mgk_recognise_u32le(chunk + 4), end - at - CHUNK_HEADER);
        see_chunk(reader, chunk, chunk + CHUNK_HEADER, size);
        at += CHUNK_HEADER + size + size % 2;
    }
    if (untrusted_end < job->size)
        mgk_signature_report_tail(reader->job, untrusted_end);
}

static gboolean describe(Reader *reader, GError **error)
{
    const MgkJob *job = reader->job;
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(job->data, job->size, &features) != VP8_STATUS_OK)
        return malformed("header", error);
    reader->raster = (MgkRaster){.width = (guint32)features.width,
                                 .height = (guint32)features.height,
                                 .model = features.has_alpha || reader->moving ? MGK_RASTER_RGBA : MGK_RASTER_RGB,
                                 .depth = 8,
                                 .quality = reader->lossless ? 0 : LOSSY_QUALITY,
                                 .density_x = reader->exif.density_x,
                                 .density_y = reader->exif.density_y};
    return mgk_raster_validate(&reader->raster, &job->policy->limits, error);
}

static MgkIcc *open_profile(const Reader *reader)
{
    gboolean alpha = reader->raster.model == MGK_RASTER_RGBA;
    return reader->profile ? mgk_icc_new(reader->profile, reader->profile_size, MGK_ICC_RGB, 8, alpha) : NULL;
}

static gboolean send_rows(Reader *reader, guint8 *pixels, guint32 rows, GError **error)
{
    const MgkRaster *raster = &reader->raster;
    gsize size = mgk_raster_row_bytes(raster);
    g_autoptr(MgkIcc) icc = open_profile(reader);
    g_autoptr(MgkTurn) turn = mgk_turn_new(reader->job, raster, reader->exif.orientation, error);
    for (guint32 y = 0; turn && y < rows; y++) {
        guint8 *row = pixels + y * size;
        if (icc)
            mgk_icc_apply(icc, row, row, raster->width);
        if (!mgk_turn_row(turn, row, error))
            return FALSE;
    }
    return turn && mgk_turn_finish(turn, error);
}

/* Decodes step by step, so that a file cut short still shows what is there. */
static gboolean send_still(Reader *reader, GError **error)
{
    const MgkRaster *raster = &reader->raster;
    const MgkJob *job = reader->job;
    gsize row = mgk_raster_row_bytes(raster), size = row * raster->height;
    g_autofree guint8 *pixels = g_malloc0(size);
    WEBP_CSP_MODE mode = raster->model == MGK_RASTER_RGBA ? MODE_RGBA : MODE_RGB;
    WebPIDecoder *decoder = WebPINewRGB(mode, pixels, size, (int)row);
    int last = 0;
    VP8StatusCode status = decoder ? WebPIUpdate(decoder, job->data, job->size) : VP8_STATUS_OUT_OF_MEMORY;
    if (status == VP8_STATUS_SUSPENDED || status == VP8_STATUS_BITSTREAM_ERROR)
        WebPIDecGetRGB(decoder, &last, NULL, NULL, NULL);
    WebPIDelete(decoder);
    guint32 rows = status == VP8_STATUS_OK ? raster->height : (guint32)CLAMP(last, 0, (gint64)raster->height);
    if (rows == 0 || rows < raster->height / HOPELESS_PART)
        return malformed("the picture cannot be read", error);
    if (rows < raster->height)
        mgk_job_find(reader->job, MGK_KIND_IMAGE_DAMAGED, NULL, "cut short");
    return send_rows(reader, pixels, rows, error);
}

static gboolean send_frame(Reader *reader, guint8 *pixels, int duration, GError **error)
{
    reader->raster.duration = (guint32)MAX(duration, 0);
    return mgk_raster_budget_take(&reader->budget, &reader->raster, &reader->job->policy->limits, error) &&
           send_rows(reader, pixels, reader->raster.height, error);
}

static gboolean send_frames(Reader *reader, WebPAnimDecoder *decoder, gboolean all, GError **error)
{
    WebPAnimInfo info;
    guint32 sent = 0;
    int before = 0, now = 0;
    if (!WebPAnimDecoderGetInfo(decoder, &info))
        return malformed("animation", error);
    reader->raster.loops = (guint16)MIN(info.loop_count, G_MAXUINT16);
    guint8 *pixels = NULL;
    while (sent < (all ? info.frame_count : 1) && WebPAnimDecoderGetNext(decoder, &pixels, &now)) {
        if (!send_frame(reader, pixels, now - before, error))
            return FALSE;
        before = now;
        sent++;
    }
    if (sent == 0)
        return malformed("the first picture cannot be read", error);
    if (all && sent < info.frame_count)
        mgk_job_find(reader->job, MGK_KIND_IMAGE_DAMAGED, NULL, "a picture of the animation cannot be read");
    return TRUE;
}

static gboolean send_moving(Reader *reader, GError **error)
{
    gboolean own = reader->job->outcome.format == MGK_FORMAT_ID_webp;
    if (!own)
        mgk_animation_lost(reader->job, NULL);
    gboolean all = own && mgk_animation_kept(reader->job, NULL);
    WebPAnimDecoderOptions options;
    WebPData data = {.bytes = reader->job->data, .size = reader->job->size};
    if (!WebPAnimDecoderOptionsInit(&options))
        return malformed("libwebp of another version", error);
    options.color_mode = MODE_RGBA;
    options.use_threads = 0;
    WebPAnimDecoder *decoder = WebPAnimDecoderNew(&data, &options);
    gboolean sent = decoder ? send_frames(reader, decoder, all, error) : malformed("animation", error);
    WebPAnimDecoderDelete(decoder);
    return sent;
}

gboolean mgk_webp_read(MgkJob *job, GError **error)
{
    Reader reader = {.job = job, .exif.orientation = 1};
    if (job->size < RIFF_HEADER)
        return malformed("header", error);
    scan(&reader);
    if (!describe(&reader, error))
        return FALSE;
    return reader.moving ? send_moving(&reader, error) : send_still(&reader, error);
}
