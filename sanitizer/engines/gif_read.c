#include "engines/gif_read.h"

#include "engines/animation.h"
#include "engines/gif_lzw.h"
#include "engines/signature.h"

#include <string.h>

#define SCREEN_BYTES 13 /* signature and logical screen descriptor */
#define NO_INDEX 256u
/* A first picture of which less than this part can be read is not worth showing. */
#define HOPELESS_PART 8

typedef struct Colors {
    const guint8 *rgb; /* borrowed; NULL none */
    guint n;
} Colors;

/* Graphic control extension: holds for the next picture. */
typedef struct Control {
    guint transparent; /* NO_INDEX: none */
    guint8 disposal;
    guint32 duration;
} Control;

/* One picture as the file stores it. */
typedef struct Frame {
    guint left, top, width, height;
    gboolean interlaced;
    Colors colors;
    guint8 *indices; /* owned; width × height, in stored order */
} Frame;

typedef struct Reader {
    MgkJob *job; /* borrowed */
    gsize at;
    guint canvas_width, canvas_height;
    Colors global;
    Control control;
    guint16 loops;
    guint frames;
    gboolean still; /* only the first picture is wanted */
    MgkRasterBudget budget;
} Reader;

static void frame_clear(Frame *frame)
{
    g_free(frame->indices);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Frame, frame_clear)

static guint le16(const guint8 *at)
{
    return (guint)(at[0] | at[1] << 8);
}

/* The next bytes of the file, or NULL when there are not so many. */
static const guint8 *take(Reader *reader, gsize size)
{
    if (size > reader->job->size - reader->at)
        return NULL;
    const guint8 *bytes = reader->job->data + reader->at;
    reader->at += size;
    return bytes;
}

/* Skips sub-blocks and their terminator. FALSE when the file ends first. */
static gboolean skip_blocks(Reader *reader)
{
    const guint8 *length = NULL;
    while ((length = take(reader, 1)) && *length) {
        if (!take(reader, *length))
            return FALSE;
    }
    return length != NULL;
}

static gboolean take_colors(Reader *reader, guint8 flags, Colors *ret_colors)
{
    if (!(flags & 0x80))
        return TRUE;
    guint n = 2u << (flags & 7);
    ret_colors->rgb = take(reader, (gsize)n * 3);
    ret_colors->n = n;
    return ret_colors->rgb != NULL;
}

static void reset_control(Reader *reader)
{
    reader->control = (Control){.transparent = NO_INDEX};
}

static void see_control(Reader *reader)
{
    const guint8 *block = reader->job->data + reader->at;
    if (reader->job->size - reader->at < 5 || block[0] < 4)
        return;
    guint disposal = (guint)(block[1] >> 2) & 7;
    reader->control.disposal = (guint8)(disposal <= 3 ? disposal : 0);
    reader->control.duration = le16(block + 2) * 10;
    reader->control.transparent = block[1] & 1 ? block[4] : NO_INDEX;
}

static void see_application(Reader *reader)
{
    const guint8 *block = reader->job->data + reader->at;
    gsize left = reader->job->size - reader->at;
    if (left < 12 || block[0] != 11)
        return;
    if (memcmp(block + 1, "NETSCAPE2.0", 11) == 0 || memcmp(block + 1, "ANIMEXTS1.0", 11) == 0) {
        if (left >= 16 && block[12] >= 3 && block[13] == 1) {
            guint again = le16(block + 14);
            reader->loops = (guint16)(again ? MIN(again + 1, G_MAXUINT16) : 0);
        }
        return;
    }
    gboolean known = memcmp(block + 1, "XMP Data", 8) == 0 || memcmp(block + 1, "ICCRGBG1", 8) == 0 ||
                     memcmp(block + 1, "ImageMag", 8) == 0;
    char name[9] = {0};
    for (guint i = 0; i < 8; i++)
        name[i] = g_ascii_isalnum((char)block[1 + i]) ? (char)block[1 + i] : '?';
    mgk_job_find(reader->job, known ? MGK_KIND_METADATA : MGK_KIND_UNKNOWN_PART, name, NULL);
}

/* FALSE when the file ends inside. */
static gboolean see_extension(Reader *reader)
{
    const guint8 *label = take(reader, 1);
    if (!label)
        return FALSE;
    switch (*label) {
    case 0xf9:
        see_control(reader);
        break;
    case 0xfe:
        mgk_job_find(reader->job, MGK_KIND_METADATA, "comment", NULL);
        break;
    case 0xff:
        see_application(reader);
        break;
    default:
        mgk_job_find(reader->job, MGK_KIND_UNKNOWN_PART, *label == 1 ? "text" : "extension", NULL);
        break;
    }
    return skip_blocks(reader);
}

static gboolean damaged(Reader *reader, const char *what, GError **error)
{
    if (reader->frames == 0) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "GIF: %s", what);
        return FALSE;
    }
    mgk_job_find(reader->job, MGK_KIND_IMAGE_DAMAGED, NULL, what);
    return TRUE;
}

static void describe(const Reader *reader, const Frame *frame, MgkRaster *raster)
{
    static const guint8 black_and_white[6] = {0, 0, 0, 255, 255, 255};
    const Colors *colors = frame->colors.rgb ? &frame->colors : &reader->global;
    const guint8 *rgb = colors->rgb ? colors->rgb : black_and_white;
    guint n = colors->rgb ? colors->n : 2, transparent = reader->control.transparent;
    *raster = (MgkRaster){.width = frame->width,
                          .height = frame->height,
                          .model = MGK_RASTER_PALETTE,
                          .depth = 8,
                          .n_colors = (guint16)(transparent < 256 ? MAX(n, transparent + 1) : n),
                          .canvas_width = reader->canvas_width,
                          .canvas_height = reader->canvas_height,
                          .left = frame->left,
                          .top = frame->top,
                          .duration = reader->control.duration,
                          .loops = reader->loops,
                          .disposal = reader->control.disposal};
    for (guint i = 0; i < raster->n_colors; i++) {
        if (i < n)
            memcpy(raster->palette[i], rgb + 3 * (gsize)i, 3);
        raster->palette[i][3] = i == transparent ? 0 : 255;
    }
}

/* Stored rows of an interlaced picture come in four passes (GIF89a, appendix E). */
static guint32 *shown_order(const Frame *frame)
{
    static const guint first[4] = {0, 4, 2, 1}, step[4] = {8, 8, 4, 2};
    guint32 *stored = g_new(guint32, frame->height), n = 0;
    for (guint pass = 0; pass < 4 && frame->interlaced; pass++) {
        for (guint y = first[pass]; y < frame->height; y += step[pass])
            stored[y] = n++;
    }
    for (guint y = 0; y < frame->height && !frame->interlaced; y++)
        stored[y] = y;
    return stored;
}

static gboolean send_frame(Reader *reader, const Frame *frame, GError **error)
{
    MgkRaster raster;
    describe(reader, frame, &raster);
    raster.width = MIN(frame->width, reader->canvas_width - frame->left); /* viewers cut off what sticks out */
    raster.height = MIN(frame->height, reader->canvas_height - frame->top);
    g_autofree guint32 *stored = shown_order(frame);
    g_autoptr(MgkRasterWriter) writer = mgk_raster_writer_new(reader->job, &raster, error);
    if (!writer)
        return FALSE;
    for (guint y = 0; y < raster.height; y++) {
        if (!mgk_raster_writer_row(writer, frame->indices + (gsize)stored[y] * frame->width, error))
            return FALSE;
    }
    return mgk_raster_writer_finish(writer, error);
}

/* The first picture on its canvas, transparent around it, for encoders that know one picture only. */
static gboolean send_still(Reader *reader, const Frame *frame, GError **error)
{
    MgkRaster raster,
        canvas = {.width = reader->canvas_width, .height = reader->canvas_height, .model = MGK_RASTER_RGBA, .depth = 8};
    describe(reader, frame, &raster);
    g_autofree guint32 *stored = shown_order(frame);
    g_autofree guint8 *row = g_malloc0((gsize)canvas.width * 4);
    g_autoptr(MgkRasterWriter) writer = mgk_raster_writer_new(reader->job, &canvas, error);
    if (!writer)
        return FALSE;
    guint width = MIN(frame->width, canvas.width - frame->left);
    for (guint y = 0; y < canvas.height; y++) {
        memset(row, 0, (gsize)canvas.width * 4);
        if (y >= frame->top && y - frame->top < frame->height) {
            const guint8 *indices = frame->indices + (gsize)stored[y - frame->top] * frame->width;
            for (guint x = 0; x < width; x++)
                memcpy(row + 4 * (gsize)(frame->left + x), raster.palette[indices[x]], 4);
        }
        if (!mgk_raster_writer_row(writer, row, error))
            return FALSE;
    }
    return mgk_raster_writer_finish(writer, error);
}

static gboolean covers_canvas(const Reader *reader, const Frame *frame)
{
    return frame->left == 0 && frame->top == 0 && frame->width >= reader->canvas_width &&
           frame->height >= reader->canvas_height;
}

static gboolean send(Reader *reader, const Frame *frame, GError **error)
{
    MgkJob *job = reader->job;
    gboolean animated = job->outcome.format == MGK_FORMAT_ID_gif;
    reader->frames++;
    return animated || covers_canvas(reader, frame) ? send_frame(reader, frame, error)
                                                    : send_still(reader, frame, error);
}

/* The canvas holds the first picture whatever it says itself, as in browsers. FALSE when nothing of this picture can be
 * seen. */
static gboolean place(Reader *reader, const Frame *frame)
{
    if (reader->frames == 0) {
        reader->canvas_width = MAX(reader->canvas_width, frame->left + frame->width);
        reader->canvas_height = MAX(reader->canvas_height, frame->top + frame->height);
    }
    return frame->left < reader->canvas_width && frame->top < reader->canvas_height;
}

static gboolean unpack(Reader *reader, Frame *frame, guint min_bits, GError **error)
{
    gsize total = (gsize)frame->width * frame->height;
    const guint8 *packed = reader->job->data + reader->at;
    frame->indices = g_malloc(total);
    gsize done = mgk_gif_unpack(packed, reader->job->size - reader->at, min_bits, frame->indices, total);
    guint blank = reader->control.transparent < NO_INDEX ? reader->control.transparent : 0;
    memset(frame->indices + done, (int)blank, total - done);
    if (done == total)
        return TRUE;
    if (reader->frames == 0 && done <= total / HOPELESS_PART)
        return damaged(reader, "almost nothing of the picture is there", error);
    mgk_job_find(reader->job, MGK_KIND_IMAGE_DAMAGED, NULL, "picture cut short");
    return TRUE;
}

/* Whether this picture is to be sent; on the second one the animation is reported. */
static gboolean wanted(Reader *reader)
{
    if (reader->frames == 0 || reader->still)
        return reader->frames == 0;
    if (reader->frames > 1)
        return TRUE;
    if (reader->job->outcome.format == MGK_FORMAT_ID_gif && mgk_animation_kept(reader->job, NULL))
        return TRUE;
    if (reader->job->outcome.format != MGK_FORMAT_ID_gif)
        mgk_animation_lost(reader->job, NULL);
    reader->still = TRUE;
    return FALSE;
}

static gboolean take_picture(Reader *reader, Frame *frame, guint min_bits, GError **error)
{
    MgkRaster size = {
        .width = frame->width, .height = frame->height, .model = MGK_RASTER_PALETTE, .depth = 8, .n_colors = 1};
    const MgkLimits *limits = &reader->job->policy->limits;
    return mgk_raster_validate(&size, limits, error) && mgk_raster_budget_take(&reader->budget, &size, limits, error) &&
           unpack(reader, frame, min_bits, error) && send(reader, frame, error);
}

/* *ret_more becomes FALSE where the file ends too soon. */
static gboolean see_picture(Reader *reader, gboolean *ret_more, GError **error)
{
    g_auto(Frame) frame = {0};
    const guint8 *head = take(reader, 9), *bits = NULL;
    *ret_more = head && take_colors(reader, head[8], &frame.colors) && (bits = take(reader, 1));
    if (!*ret_more)
        return damaged(reader, "the file ends inside a picture", error);
    frame.left = le16(head);
    frame.top = le16(head + 2);
    frame.width = le16(head + 4);
    frame.height = le16(head + 6);
    frame.interlaced = (head[8] & 0x40) != 0;
    if (*bits < 1 || *bits > MGK_GIF_MAX_BITS || !frame.width || !frame.height) {
        if (!damaged(reader, "a picture that no encoder writes", error))
            return FALSE;
    } else if (wanted(reader) && place(reader, &frame) && !take_picture(reader, &frame, *bits, error)) {
        return FALSE;
    }
    reset_control(reader);
    *ret_more = skip_blocks(reader);
    if (!*ret_more)
        mgk_job_find(reader->job, MGK_KIND_IMAGE_DAMAGED, NULL, "the file ends too soon");
    return TRUE;
}

static gboolean read_blocks(Reader *reader, GError **error)
{
    for (;;) {
        const guint8 *kind = take(reader, 1);
        gboolean more = TRUE;
        if (!kind)
            return damaged(reader, "no end", error);
        if (*kind == 0x3b)
            break;
        if (*kind == 0x2c) {
            if (!see_picture(reader, &more, error))
                return FALSE;
        } else if (*kind == 0x21) {
            more = see_extension(reader);
        } else if (*kind != 0) { /* some writers pad with zeros between blocks */
            return damaged(reader, "a block of no known kind", error);
        }
        if (!more)
            return damaged(reader, "the file ends too soon", error);
    }
    mgk_signature_report_tail(reader->job, reader->at);
    return reader->frames > 0 || damaged(reader, "no picture", error);
}

gboolean mgk_gif_read(MgkJob *job, GError **error)
{
    Reader reader = {.job = job, .loops = 1};
    const guint8 *screen = take(&reader, SCREEN_BYTES);
    if (!screen || !take_colors(&reader, screen[10], &reader.global))
        return damaged(&reader, "the file ends inside its head", error);
    reader.canvas_width = le16(screen + 6);
    reader.canvas_height = le16(screen + 8);
    reset_control(&reader);
    return read_blocks(&reader, error);
}
