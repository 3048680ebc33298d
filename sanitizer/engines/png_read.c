#include "engines/png_read.h"

#include "engines/icc.h"

#include <png.h>
#include <string.h>

#define CHUNK_BYTES (8 * MGK_MIB) /* one ancillary chunk, unpacked */
#define CHUNK_COUNT 128           /* ancillary chunks that libpng remembers */
#define CUT_FILE_BYTES 64
/* A picture of which less than this part can be read is not worth showing. */
#define HOPELESS_PART 8

typedef struct Reader {
    MgkJob *job; /* borrowed */
    gsize used;
    png_structp png;
    png_infop info;
    char message[96]; /* libpng's last error */
    MgkRaster raster;
    int passes;
    gsize row_bytes;
    guint8 *rows;   /* owned; one row, or the whole picture when interlaced */
    guint32 good;   /* rows whose samples are final */
    MgkIcc *icc;    /* owned */
    MgkTurn *turn;  /* owned */
    GError *failed; /* owned; an error of ours that made libpng stop */
} Reader;

static void reader_clear(Reader *reader)
{
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
    mgk_icc_free(reader->icc);
    mgk_turn_free(reader->turn);
    g_free(reader->rows);
    g_clear_error(&reader->failed);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reader, reader_clear)

static void on_error(png_structp png, png_const_charp message)
{
    Reader *reader = png_get_error_ptr(png);
    g_strlcpy(reader->message, message, sizeof reader->message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void on_read(png_structp png, png_bytep out, png_size_t size)
{
    Reader *reader = png_get_io_ptr(png);
    if (size > reader->job->size - reader->used)
        png_error(png, "the data ends too soon");
    memcpy(out, reader->job->data + reader->used, size);
    reader->used += size;
}

/* libpng reads only what decides the look; everything else was seen by the scan and is skipped unread. */
static void prepare(Reader *reader)
{
    static const png_byte skipped[] = "bKGD\0cHRM\0gAMA\0hIST\0iTXt\0oFFs\0pCAL\0sCAL\0sPLT\0tEXt\0tIME\0zTXt\0sRGB\0"
                                      "sBIT\0eXIf";
    png_set_user_limits(reader->png, 0x7fffffff, 0x7fffffff);
    png_set_chunk_cache_max(reader->png, CHUNK_COUNT);
    png_set_chunk_malloc_max(reader->png, CHUNK_BYTES);
    png_set_keep_unknown_chunks(reader->png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
    png_set_keep_unknown_chunks(reader->png, PNG_HANDLE_CHUNK_NEVER, skipped, sizeof skipped / 5);
    png_set_read_fn(reader->png, reader, on_read);
}

static void take_palette(Reader *reader)
{
    MgkRaster *raster = &reader->raster;
    png_colorp colors = NULL;
    png_bytep alpha = NULL;
    int n_colors = 0, n_alpha = 0;
    png_get_PLTE(reader->png, reader->info, &colors, &n_colors);
    png_get_tRNS(reader->png, reader->info, &alpha, &n_alpha, NULL);
    raster->n_colors = (guint16)MIN(n_colors, 1 << raster->depth);
    for (int i = 0; i < raster->n_colors; i++) {
        raster->palette[i][0] = colors[i].red;
        raster->palette[i][1] = colors[i].green;
        raster->palette[i][2] = colors[i].blue;
        raster->palette[i][3] = i < n_alpha && alpha ? alpha[i] : 255;
    }
}

static void take_key(Reader *reader)
{
    MgkRaster *raster = &reader->raster;
    png_color_16p key = NULL;
    if (!(png_get_tRNS(reader->png, reader->info, NULL, NULL, &key) & PNG_INFO_tRNS) || !key)
        return;
    gboolean gray = raster->model == MGK_RASTER_GRAY;
    guint32 key_or = gray ? key->gray : (guint32)(key->red | key->green | key->blue);
    if (key_or >> raster->depth)
        return; /* a colour that no pixel can have */
    raster->has_key = TRUE;
    raster->key[0] = gray ? key->gray : key->red;
    raster->key[1] = gray ? 0 : key->green;
    raster->key[2] = gray ? 0 : key->blue;
}

static void take_density(Reader *reader, const MgkExif *exif)
{
    MgkRaster *raster = &reader->raster;
    png_uint_32 x = 0, y = 0;
    int unit = 0;
    if (png_get_pHYs(reader->png, reader->info, &x, &y, &unit) && x && y) {
        raster->density_ratio = unit != PNG_RESOLUTION_METER;
        gboolean square = raster->density_ratio && x == y;
        raster->density_x = square ? 0 : x;
        raster->density_y = square ? 0 : y;
        raster->density_ratio = raster->density_ratio && !square;
    } else {
        raster->density_x = exif->density_x;
        raster->density_y = exif->density_y;
    }
}

static void describe(Reader *reader, const MgkExif *exif)
{
    static const MgkRasterModel models[] = {[PNG_COLOR_TYPE_GRAY] = MGK_RASTER_GRAY,
                                            [PNG_COLOR_TYPE_RGB] = MGK_RASTER_RGB,
                                            [PNG_COLOR_TYPE_PALETTE] = MGK_RASTER_PALETTE,
                                            [PNG_COLOR_TYPE_GRAY_ALPHA] = MGK_RASTER_GRAY_ALPHA,
                                            [PNG_COLOR_TYPE_RGB_ALPHA] = MGK_RASTER_RGBA};
    MgkRaster *raster = &reader->raster;
    raster->width = png_get_image_width(reader->png, reader->info);
    raster->height = png_get_image_height(reader->png, reader->info);
    raster->depth = png_get_bit_depth(reader->png, reader->info);
    raster->model = models[png_get_color_type(reader->png, reader->info)];
    if (raster->model == MGK_RASTER_PALETTE)
        take_palette(reader);
    else if (raster->model == MGK_RASTER_GRAY || raster->model == MGK_RASTER_RGB)
        take_key(reader);
    take_density(reader, exif);
}

/* A transparent colour would no longer be found after a conversion, so such pictures keep their numbers. */
static void take_profile(Reader *reader)
{
    MgkRaster *raster = &reader->raster;
    png_charp name = NULL;
    png_bytep profile = NULL;
    png_uint_32 size = 0;
    int compression = 0;
    if (!png_get_iCCP(reader->png, reader->info, &name, &compression, &profile, &size))
        return;
    mgk_job_find(reader->job, MGK_KIND_IMAGE_PROFILE, "iCCP", name);
    if (raster->has_key || (raster->depth < 8 && raster->model != MGK_RASTER_PALETTE))
        return;
    gboolean gray = raster->model == MGK_RASTER_GRAY || raster->model == MGK_RASTER_GRAY_ALPHA;
    gboolean palette = raster->model == MGK_RASTER_PALETTE;
    gboolean alpha = palette || raster->model == MGK_RASTER_GRAY_ALPHA || raster->model == MGK_RASTER_RGBA;
    reader->icc = mgk_icc_new(profile, size, gray ? MGK_ICC_GRAY : MGK_ICC_RGB, palette ? 8 : raster->depth, alpha);
    if (reader->icc && palette) {
        mgk_icc_apply(reader->icc, raster->palette[0], raster->palette[0], raster->n_colors);
        g_clear_pointer(&reader->icc, mgk_icc_free);
    }
}

static void read_front(Reader *reader, const MgkPngScan *scan)
{
    prepare(reader);
    if (!scan->has_end) /* what libpng cannot read in full it does not read at all: lose little of a cut file */
        png_set_compression_buffer_size(reader->png, CUT_FILE_BYTES);
    png_read_info(reader->png, reader->info);
    describe(reader, &scan->exif);
    if (!mgk_raster_validate(&reader->raster, &reader->job->policy->limits, &reader->failed))
        return;
    reader->passes = png_set_interlace_handling(reader->png);
    png_start_read_image(reader->png);
    take_profile(reader);
}

static gboolean put_row(Reader *reader, guint8 *row, GError **error)
{
    if (reader->icc)
        mgk_icc_apply(reader->icc, row, row, reader->raster.width);
    return mgk_turn_row(reader->turn, row, error);
}

static void read_plain(Reader *reader)
{
    while (reader->good < reader->raster.height) {
        png_read_row(reader->png, reader->rows, NULL);
        if (!put_row(reader, reader->rows, &reader->failed))
            return;
        reader->good++;
    }
}

/* Each pass paints blocks over what the passes before left, so a picture cut short still shows as a whole. */
static void read_interlaced(Reader *reader)
{
    for (int pass = 0; pass < reader->passes; pass++) {
        for (guint32 y = 0; y < reader->raster.height; y++)
            png_read_row(reader->png, NULL, reader->rows + y * reader->row_bytes);
        reader->good = reader->raster.height;
    }
}

/* FALSE when libpng gave up; its words are in reader->message. Nothing here may own memory: libpng jumps. */
static gboolean guarded(Reader *reader, void (*work)(Reader *reader))
{
    if (setjmp(png_jmpbuf(reader->png)))
        return FALSE;
    work(reader);
    return TRUE;
}

static gboolean front_guarded(Reader *reader, const MgkPngScan *scan)
{
    if (setjmp(png_jmpbuf(reader->png)))
        return FALSE;
    read_front(reader, scan);
    return TRUE;
}

static gboolean put_collected(Reader *reader, GError **error)
{
    for (guint32 y = 0; y < reader->raster.height; y++) {
        if (!put_row(reader, reader->rows + y * reader->row_bytes, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean malformed(const Reader *reader, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "PNG: %s", reader->message);
    return FALSE;
}

static gboolean own_error(Reader *reader, GError **error)
{
    g_propagate_error(error, g_steal_pointer(&reader->failed));
    return FALSE;
}

static gboolean read_rows(Reader *reader, GError **error)
{
    gboolean interlaced = reader->passes > 1;
    guint32 height = reader->raster.height;
    reader->rows = interlaced ? g_malloc0(reader->row_bytes * height) : g_malloc(reader->row_bytes);
    gboolean whole = guarded(reader, interlaced ? read_interlaced : read_plain);
    if (reader->failed)
        return own_error(reader, error);
    if (!whole) {
        if (reader->good < height / HOPELESS_PART || reader->good == 0)
            return malformed(reader, error);
        mgk_job_find(reader->job, MGK_KIND_IMAGE_DAMAGED, NULL, reader->message);
    }
    return !interlaced || put_collected(reader, error);
}

gboolean mgk_png_read(MgkJob *job, const MgkPngScan *scan, GError **error)
{
    g_auto(Reader) reader = {.job = job};
    reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, on_error, on_warning);
    reader.info = reader.png ? png_create_info_struct(reader.png) : NULL;
    if (!reader.info) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_FAILED, "libpng: no memory");
        return FALSE;
    }
    if (!front_guarded(&reader, scan))
        return malformed(&reader, error);
    if (reader.failed)
        return own_error(&reader, error);
    reader.row_bytes = png_get_rowbytes(reader.png, reader.info);
    reader.turn = mgk_turn_new(job, &reader.raster, scan->exif.orientation, error);
    return reader.turn && read_rows(&reader, error) && mgk_turn_finish(reader.turn, error);
}
