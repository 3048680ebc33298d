/* webp.c - the second look at a WebP: RIFF with exactly its bytes; a picture chunk alone, or the extended header that
 * names transparency and animation only, then their chunks in order; every picture decodes. */
#include "checks/checks.h"
#include "checks/foreign.h"

#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

#define FLAG_ANIMATION 0x02u
#define FLAG_ALPHA 0x10u

typedef struct Look {
    const guint8 *data;
    gsize size, at;
    const guint8 *type, *body; /* of the current chunk */
    gsize length;
    guint frames;
    gboolean moving;
    const char *wrong;
} Look;

static gboolean wrong(Look *look, const char *what)
{
    look->wrong = what;
    return FALSE;
}

static guint32 number(const guint8 *at)
{
    return (guint32)at[0] | (guint32)at[1] << 8 | (guint32)at[2] << 16 | (guint32)at[3] << 24;
}

static gboolean is(const Look *look, const char *type)
{
    return memcmp(look->type, type, 4) == 0;
}

/* The next chunk before end, with its padding. */
static gboolean next_chunk(Look *look, gsize end)
{
    if (end - look->at < 8)
        return wrong(look, "ends inside a chunk");
    look->type = look->data + look->at;
    look->body = look->type + 8;
    look->length = number(look->type + 4);
    gsize left = end - look->at - 8;
    if (look->length > left || (look->length % 2 && look->length == left))
        return wrong(look, "chunk reaches beyond the end");
    if (look->length % 2 && look->body[look->length])
        return wrong(look, "padding");
    look->at += 8 + look->length + look->length % 2;
    return TRUE;
}

/* A picture up to end: transparency of a lossy one first. */
static gboolean look_at_picture(Look *look, gsize end)
{
    if (!next_chunk(look, end))
        return FALSE;
    if (is(look, "ALPH")) {
        if (!next_chunk(look, end))
            return FALSE;
        return is(look, "VP8 ") ? TRUE : wrong(look, "transparency without a picture");
    }
    return is(look, "VP8 ") || is(look, "VP8L") ? TRUE : wrong(look, "a chunk that we never write");
}

static gboolean look_at_frames(Look *look, const MgkLimits *limits)
{
    if (!next_chunk(look, look->size) || !is(look, "ANIM") || look->length != 6)
        return wrong(look, "ANIM");
    look->moving = TRUE;
    while (look->at < look->size) {
        if (!next_chunk(look, look->size) || !is(look, "ANMF") || look->length < 24)
            return wrong(look, "ANMF");
        if (look->frames++ >= limits->image_frames)
            return wrong(look, "too many pictures");
        gsize after = look->at, end = (gsize)(look->body - look->data) + look->length;
        look->at = (gsize)(look->body - look->data) + 16;
        if (!look_at_picture(look, end))
            return FALSE;
        if (look->at != end)
            return wrong(look, "data behind a picture");
        look->at = after;
    }
    return TRUE;
}

static gboolean look_at_chunks(Look *look, const MgkLimits *limits)
{
    if (look->size < 20 || memcmp(look->data, "RIFF", 4) != 0 || memcmp(look->data + 8, "WEBP", 4) != 0 ||
        number(look->data + 4) != look->size - 8)
        return wrong(look, "signature or length");
    look->at = 12;
    if (memcmp(look->data + 12, "VP8X", 4) != 0)
        return look_at_picture(look, look->size) && (look->at == look->size || wrong(look, "data after the end"));
    if (!next_chunk(look, look->size) || look->length != 10 || (look->body[0] & ~(FLAG_ANIMATION | FLAG_ALPHA)) ||
        look->body[1] || look->body[2] || look->body[3])
        return wrong(look, "VP8X");
    if (look->body[0] & FLAG_ANIMATION)
        return look_at_frames(look, limits);
    return look_at_picture(look, look->size) && (look->at == look->size || wrong(look, "data after the end"));
}

static gboolean still_decodes(Look *look)
{
    int width = 0, height = 0;
    guint8 *pixels = WebPDecodeRGBA(look->data, look->size, &width, &height);
    WebPFree(pixels);
    return pixels ? TRUE : wrong(look, "does not decode");
}

static gboolean frames_decode(Look *look)
{
    WebPAnimDecoderOptions options;
    WebPData data = {.bytes = look->data, .size = look->size};
    guint8 *pixels = NULL;
    guint frames = 0;
    int time = 0;
    if (!WebPAnimDecoderOptionsInit(&options))
        return wrong(look, "libwebp of another version");
    WebPAnimDecoder *decoder = WebPAnimDecoderNew(&data, &options);
    while (decoder && frames < look->frames && WebPAnimDecoderGetNext(decoder, &pixels, &time))
        frames++;
    WebPAnimDecoderDelete(decoder);
    return frames > 0 && frames == look->frames ? TRUE : wrong(look, "does not decode");
}

static gboolean look_at_all(Look *look, const MgkLimits *limits)
{
    WebPBitstreamFeatures features;
    if (!look_at_chunks(look, limits))
        return FALSE;
    if (WebPGetFeatures(look->data, look->size, &features) != VP8_STATUS_OK || features.width <= 0 ||
        features.height <= 0 || (guint64)features.height > limits->image_pixels / (guint64)features.width)
        return wrong(look, "size of the picture");
    if (!(look->moving ? frames_decode(look) : still_decodes(look)))
        return FALSE;
    return mgk_check_foreign(look->data, look->size, MGK_FOREIGN_PICTURE, NULL) || wrong(look, "a foreign signature");
}

gboolean mgk_check_webp(MgkJob *job, GError **error)
{
    Look look = {.data = job->data, .size = job->size};
    gboolean good = look_at_all(&look, &job->policy->limits);
    if (!good)
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "WebP output: %s", look.wrong);
    return good;
}
