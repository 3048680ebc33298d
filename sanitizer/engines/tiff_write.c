/* A directory stands before its strips, so a page is written as soon as it is known whether another one follows. */
#include "engines/tiff_write.h"

#include "engines/jpeg_write.h"
#include "engines/signature.h"
#include "engines/tiff_memory.h"

#include <libdeflate.h>
#include <string.h>

#define STRIP_BYTES (1 * MGK_MIB)
#define LEVEL 5
/* Other spellings of a strip whose bytes happen to show a foreign signature. */
#define VARIANTS 3
#define MAX_FIELDS 20
#define FILE_BYTES_MAX (G_MAXUINT32 - 64 * MGK_MIB)

struct MgkTiffWriter {
    MgkSink sink;
    gpointer user; /* borrowed */
    guint64 written;
    GByteArray *page; /* owned; the page that waits for its successor; NULL none */
    gsize next_at;    /* in page: where the successor's place goes */
};

typedef struct Field {
    guint16 tag, type;
    guint32 count;
    guint32 value;     /* in the directory itself */
    GByteArray *bytes; /* owned; or longer ones */
} Field;

typedef struct Directory {
    Field fields[MAX_FIELDS];
    guint n;
} Directory;

typedef struct Page {
    const MgkRaster *raster;
    guint8 *rows; /* borrowed */
    gsize row_bytes;
    guint16 compression, photometric;
    gboolean predictor;
    guint32 rows_per_strip;
    GPtrArray *strips; /* owned; of GByteArray* */
} Page;

static void directory_clear(Directory *directory)
{
    for (guint i = 0; i < directory->n; i++) {
        if (directory->fields[i].bytes)
            g_byte_array_unref(directory->fields[i].bytes);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Directory, directory_clear)

static void page_clear(Page *page)
{
    if (page->strips)
        g_ptr_array_unref(page->strips);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Page, page_clear)

MgkTiffWriter *mgk_tiff_writer_new(MgkSink sink, gpointer user)
{
    MgkTiffWriter *writer = g_new0(MgkTiffWriter, 1);
    writer->sink = sink;
    writer->user = user;
    return writer;
}

void mgk_tiff_writer_free(MgkTiffWriter *writer)
{
    if (!writer)
        return;
    if (writer->page)
        g_byte_array_unref(writer->page);
    g_free(writer);
}

static void put(GByteArray *out, guint32 value, guint bytes)
{
    guint32 little = GUINT32_TO_LE(value);
    g_byte_array_append(out, (const guint8 *)&little, bytes);
}

/* ---- the strips ---- */

/* One Group 4 strip, by libtiff in memory: a whole file is made and its only strip taken. */
static GByteArray *pack_g4(const Page *page, const guint8 *rows, guint32 n)
{
    g_autoptr(GByteArray) file = g_byte_array_new();
    MgkTiffMemory memory = {.out = file};
    TIFF *tiff = mgk_tiff_memory_open(&memory, 0);
    if (!tiff)
        return NULL;
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, page->raster->width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, n);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, n);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_CCITTFAX4);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
    TIFFSetField(tiff, TIFFTAG_FILLORDER, FILLORDER_MSB2LSB);
    tmsize_t size = (tmsize_t)(page->row_bytes * n);
    gboolean packed = TIFFWriteEncodedStrip(tiff, 0, (void *)(gsize)rows, size) == size; /* no const in libtiff */
    gsize at = (gsize)TIFFGetStrileOffset(tiff, 0), length = (gsize)TIFFGetStrileByteCount(tiff, 0);
    TIFFClose(tiff);
    if (!packed || memory.errors || at > file->len || length > file->len - at)
        return NULL;
    return g_byte_array_append(g_byte_array_new(), file->data + at, (guint)length);
}

static GByteArray *pack_deflate(const Page *page, const guint8 *rows, guint32 n, guint variant)
{
    struct libdeflate_compressor *deflater = libdeflate_alloc_compressor(LEVEL + (int)variant);
    gsize size = page->row_bytes * n, bound = libdeflate_zlib_compress_bound(deflater, size);
    GByteArray *out = g_byte_array_new();
    g_byte_array_set_size(out, (guint)bound);
    g_byte_array_set_size(out, (guint)libdeflate_zlib_compress(deflater, rows, size, out->data, bound));
    libdeflate_free_compressor(deflater);
    return out;
}

static GByteArray *pack_strip(const Page *page, guint32 first, guint32 n, guint variant)
{
    const guint8 *rows = page->rows + first * page->row_bytes;
    return page->compression == COMPRESSION_CCITTFAX4 ? pack_g4(page, rows, n) : pack_deflate(page, rows, n, variant);
}

/* Cuts the page into strips. Group 4 has one spelling only: another cut changes where its rows begin. */
static gboolean pack_strips(Page *page, guint variant)
{
    guint32 height = page->raster->height, step = page->rows_per_strip;
    if (page->compression == COMPRESSION_CCITTFAX4 && variant)
        step = page->rows_per_strip = MAX(1, height / (variant + 1) + variant);
    g_ptr_array_set_size(page->strips, 0);
    for (guint32 first = 0; first < height; first += step) {
        GByteArray *strip = NULL;
        guint again = variant;
        do {
            g_clear_pointer(&strip, g_byte_array_unref);
            strip = pack_strip(page, first, MIN(step, height - first), again++);
        } while (strip && page->compression != COMPRESSION_CCITTFAX4 && again < VARIANTS &&
                 mgk_signature_foreign(strip->data, strip->len));
        if (!strip)
            return FALSE;
        g_ptr_array_add(page->strips, strip);
        if (mgk_signature_foreign(strip->data, strip->len))
            return FALSE;
    }
    return TRUE;
}

static gboolean pack_jpeg(Page *page, GError **error)
{
    g_autoptr(MgkJpegWriter) writer = mgk_jpeg_writer_new(page->raster, error);
    for (guint32 y = 0; writer && y < page->raster->height; y++) {
        if (!mgk_jpeg_writer_row(writer, page->rows + y * page->row_bytes, error))
            return FALSE;
    }
    GByteArray *strip = g_byte_array_new();
    g_ptr_array_add(page->strips, strip);
    return writer && mgk_jpeg_writer_finish(writer, mgk_sink_array, strip, error);
}

/* Each sample as the difference to its neighbour on the left (TIFF 6.0, section 14), from the right end on. */
static void difference(const Page *page)
{
    guint step = mgk_raster_channels(page->raster);
    for (guint32 y = 0; y < page->raster->height; y++) {
        guint8 *row = page->rows + y * page->row_bytes;
        for (gsize i = page->row_bytes; i-- > step;)
            row[i] = (guint8)(row[i] - row[i - step]);
    }
}

static void swap_samples(const Page *page)
{
    for (gsize i = 0, n = page->row_bytes * page->raster->height; i + 1 < n; i += 2) {
        guint8 high = page->rows[i];
        page->rows[i] = page->rows[i + 1];
        page->rows[i + 1] = high;
    }
}

static void invert(const Page *page)
{
    for (gsize i = 0, n = page->row_bytes * page->raster->height; i < n; i++)
        page->rows[i] = (guint8)~page->rows[i];
}

static gboolean bilevel(const MgkRaster *raster)
{
    return raster->model == MGK_RASTER_GRAY && raster->depth == 1;
}

static gboolean lossy(const MgkRaster *raster)
{
    gboolean plain = raster->model == MGK_RASTER_GRAY || raster->model == MGK_RASTER_RGB;
    return raster->quality && plain && raster->depth == 8 && raster->width <= 65500 && raster->height <= 65500;
}

static gboolean make_strips(Page *page, GError **error)
{
    const MgkRaster *raster = page->raster;
    page->rows_per_strip = raster->height;
    if (lossy(raster)) {
        page->compression = COMPRESSION_JPEG;
        page->photometric = raster->model == MGK_RASTER_GRAY ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_YCBCR;
        return pack_jpeg(page, error);
    }
    gboolean color = raster->model == MGK_RASTER_RGB || raster->model == MGK_RASTER_RGBA;
    page->photometric = color                                 ? PHOTOMETRIC_RGB
                        : raster->model == MGK_RASTER_PALETTE ? PHOTOMETRIC_PALETTE
                                                              : PHOTOMETRIC_MINISBLACK;
    page->compression = COMPRESSION_ADOBE_DEFLATE;
    if (bilevel(raster)) {
        page->compression = COMPRESSION_CCITTFAX4;
        page->photometric = PHOTOMETRIC_MINISWHITE; /* what fax readers expect */
        invert(page);
    } else {
        page->rows_per_strip = (guint32)CLAMP(STRIP_BYTES / page->row_bytes, 1, raster->height);
        page->predictor = raster->depth == 8 && raster->model != MGK_RASTER_PALETTE;
        if (page->predictor)
            difference(page);
        else if (raster->depth == 16)
            swap_samples(page);
    }
    for (guint variant = 0; variant < VARIANTS; variant++) {
        if (pack_strips(page, variant))
            return TRUE;
    }
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_FAILED, "pixels keep spelling a foreign signature");
    return FALSE;
}

/* ---- the directory ---- */

static void add_number(Directory *directory, guint16 tag, guint16 type, guint32 value)
{
    directory->fields[directory->n++] = (Field){.tag = tag, .type = type, .count = 1, .value = value};
}

static void add_bytes(Directory *directory, guint16 tag, guint16 type, guint32 count, GByteArray *bytes)
{
    Field field = {.tag = tag, .type = type, .count = count, .bytes = bytes};
    if (bytes->len <= 4) {
        for (guint i = 0; i < bytes->len; i++)
            field.value |= (guint32)bytes->data[i] << (8 * i);
        g_clear_pointer(&field.bytes, g_byte_array_unref);
    }
    directory->fields[directory->n++] = field;
}

static void add_repeated(Directory *directory, guint16 tag, guint n, guint value)
{
    GByteArray *bytes = g_byte_array_new();
    for (guint i = 0; i < n; i++)
        put(bytes, value, 2);
    add_bytes(directory, tag, TIFF_SHORT, n, bytes);
}

/* Pixels a metre as hundredths of pixels an inch, so that 300 dpi come back as 300. */
static void add_density(Directory *directory, guint16 tag, guint32 density)
{
    GByteArray *bytes = g_byte_array_new();
    put(bytes, (guint32)((guint64)density * 254 / 100 + ((guint64)density * 254 % 100 >= 50)), 4);
    put(bytes, 100, 4);
    add_bytes(directory, tag, TIFF_RATIONAL, 1, bytes);
}

static void add_palette(Directory *directory, const MgkRaster *raster)
{
    GByteArray *bytes = g_byte_array_new();
    for (guint c = 0; c < 3; c++) {
        for (guint i = 0; i < 1u << raster->depth; i++)
            put(bytes, i < raster->n_colors ? raster->palette[i][c] * 257u : 0, 2);
    }
    add_bytes(directory, TIFFTAG_COLORMAP, TIFF_SHORT, 3u << raster->depth, bytes);
}

static void add_sampling(Directory *directory, const MgkRaster *raster)
{
    gboolean known = raster->sample_h >= 1 && raster->sample_h <= 2 && raster->sample_v >= 1 && raster->sample_v <= 2;
    GByteArray *bytes = g_byte_array_new();
    put(bytes, known ? raster->sample_h : 1, 2);
    put(bytes, known ? raster->sample_v : 1, 2);
    add_bytes(directory, TIFFTAG_YCBCRSUBSAMPLING, TIFF_SHORT, 2, bytes);
}

/* Strip places count from 0 until the page's own place is known. */
static void add_strips(Directory *directory, guint16 tag, const Page *page)
{
    GByteArray *bytes = g_byte_array_new();
    guint32 at = 0;
    for (guint i = 0; i < page->strips->len; i++) {
        guint length = ((GByteArray *)g_ptr_array_index(page->strips, i))->len;
        put(bytes, tag == TIFFTAG_STRIPOFFSETS ? at : length, 4);
        at += length;
    }
    add_bytes(directory, tag, TIFF_LONG, page->strips->len, bytes);
}

static void describe(Directory *directory, const Page *page)
{
    const MgkRaster *raster = page->raster;
    guint samples = mgk_raster_channels(raster);
    add_number(directory, TIFFTAG_IMAGEWIDTH, TIFF_LONG, raster->width);
    add_number(directory, TIFFTAG_IMAGELENGTH, TIFF_LONG, raster->height);
    add_repeated(directory, TIFFTAG_BITSPERSAMPLE, samples, raster->depth);
    add_number(directory, TIFFTAG_COMPRESSION, TIFF_SHORT, page->compression);
    add_number(directory, TIFFTAG_PHOTOMETRIC, TIFF_SHORT, page->photometric);
    add_strips(directory, TIFFTAG_STRIPOFFSETS, page);
    add_number(directory, TIFFTAG_SAMPLESPERPIXEL, TIFF_SHORT, samples);
    add_number(directory, TIFFTAG_ROWSPERSTRIP, TIFF_LONG, page->rows_per_strip);
    add_strips(directory, TIFFTAG_STRIPBYTECOUNTS, page);
    if (raster->density_x && !raster->density_ratio) {
        add_density(directory, TIFFTAG_XRESOLUTION, raster->density_x);
        add_density(directory, TIFFTAG_YRESOLUTION, raster->density_y);
        add_number(directory, TIFFTAG_RESOLUTIONUNIT, TIFF_SHORT, RESUNIT_INCH);
    }
    if (page->predictor)
        add_number(directory, TIFFTAG_PREDICTOR, TIFF_SHORT, 2);
    if (raster->model == MGK_RASTER_PALETTE)
        add_palette(directory, raster);
    if (raster->model == MGK_RASTER_RGBA || raster->model == MGK_RASTER_GRAY_ALPHA)
        add_number(directory, TIFFTAG_EXTRASAMPLES, TIFF_SHORT, EXTRASAMPLE_UNASSALPHA);
    if (page->photometric == PHOTOMETRIC_YCBCR)
        add_sampling(directory, raster);
}

static guint32 directory_bytes(const Directory *directory)
{
    guint32 bytes = 2 + 12 * directory->n + 4;
    for (guint i = 0; i < directory->n; i++)
        bytes += directory->fields[i].bytes ? directory->fields[i].bytes->len : 0;
    return bytes;
}

/* Now that the page's place in the file is known, so are those of its strips. */
static void move_strips(Directory *directory, guint32 base)
{
    for (guint i = 0; i < directory->n; i++) {
        Field *field = &directory->fields[i];
        if (field->tag != TIFFTAG_STRIPOFFSETS)
            continue;
        field->value += field->bytes ? 0 : base;
        for (guint at = 0; field->bytes && at < field->bytes->len; at += 4) {
            guint32 offset;
            memcpy(&offset, field->bytes->data + at, 4);
            offset = GUINT32_TO_LE(GUINT32_FROM_LE(offset) + base);
            memcpy(field->bytes->data + at, &offset, 4);
        }
    }
}

/* ---- the file ---- */

static gboolean flush_page(MgkTiffWriter *writer, gboolean another, GError **error)
{
    if (!writer->page)
        return TRUE;
    guint64 next = writer->written + writer->page->len;
    guint32 place = GUINT32_TO_LE(another ? (guint32)next : 0);
    memcpy(writer->page->data + writer->next_at, &place, 4);
    gboolean sunk = writer->sink(writer->user, writer->page->data, writer->page->len, error);
    writer->written = next;
    g_clear_pointer(&writer->page, g_byte_array_unref);
    return sunk;
}

static void put_page(MgkTiffWriter *writer, Directory *directory, const Page *page)
{
    GByteArray *out = writer->page = g_byte_array_new();
    guint32 values = (guint32)writer->written + 2 + 12 * directory->n + 4;
    move_strips(directory, (guint32)writer->written + directory_bytes(directory));
    put(out, directory->n, 2);
    for (guint i = 0; i < directory->n; i++) {
        const Field *field = &directory->fields[i];
        put(out, field->tag, 2);
        put(out, field->type, 2);
        put(out, field->count, 4);
        put(out, field->bytes ? values : field->value, 4);
        values += field->bytes ? field->bytes->len : 0;
    }
    writer->next_at = out->len;
    put(out, 0, 4);
    for (guint i = 0; i < directory->n; i++) {
        if (directory->fields[i].bytes)
            g_byte_array_append(out, directory->fields[i].bytes->data, directory->fields[i].bytes->len);
    }
    for (guint i = 0; i < page->strips->len; i++) {
        const GByteArray *strip = g_ptr_array_index(page->strips, i);
        g_byte_array_append(out, strip->data, strip->len);
    }
    if (out->len % 2)
        put(out, 0, 1);
}

gboolean mgk_tiff_writer_add(MgkTiffWriter *writer, const MgkRaster *raster, guint8 *rows, GError **error)
{
    g_auto(Page) page = {.raster = raster, .rows = rows, .row_bytes = mgk_raster_row_bytes(raster)};
    g_auto(Directory) directory = {.n = 0};
    page.strips = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
    if (!make_strips(&page, error))
        return FALSE;
    if (writer->written == 0) {
        if (!writer->sink(writer->user, "II*\0\10\0\0\0", 8, error))
            return FALSE;
        writer->written = 8;
    }
    if (!flush_page(writer, TRUE, error))
        return FALSE;
    describe(&directory, &page);
    put_page(writer, &directory, &page);
    if (writer->written + writer->page->len <= FILE_BYTES_MAX)
        return TRUE;
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "TIFF: at most 4 GiB");
    return FALSE;
}

gboolean mgk_tiff_writer_finish(MgkTiffWriter *writer, GError **error)
{
    return flush_page(writer, FALSE, error);
}
