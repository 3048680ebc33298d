/* tiff.c - the second look at a TIFF: little-endian; page after page its directory of known fields, their longer
 * values, the strips, one behind the other without a gap; the strips decode to exactly their rows. */
#include "checks/checks.h"
#include "checks/foreign.h"

#include <libdeflate.h>
#include <stdio.h>
#include <string.h>
#include <tiffio.h>

#define MAX_FIELDS 20

typedef struct Field {
    guint32 tag, type, count, value;
    const guint8 *bytes; /* the values, wherever they stand */
} Field;

typedef struct Look {
    MgkJob *job;
    const guint8 *data;
    gsize size, at;
    Field fields[MAX_FIELDS];
    guint n_fields;
    guint pages;
    const char *wrong;
} Look;

/* What we write, in the order of tags. most: the largest number of values. */
static const struct {
    guint32 tag, type, most;
} known[] = {
    {TIFFTAG_IMAGEWIDTH, TIFF_LONG, 1},
    {TIFFTAG_IMAGELENGTH, TIFF_LONG, 1},
    {TIFFTAG_BITSPERSAMPLE, TIFF_SHORT, 4},
    {TIFFTAG_COMPRESSION, TIFF_SHORT, 1},
    {TIFFTAG_PHOTOMETRIC, TIFF_SHORT, 1},
    {TIFFTAG_STRIPOFFSETS, TIFF_LONG, G_MAXUINT32},
    {TIFFTAG_SAMPLESPERPIXEL, TIFF_SHORT, 1},
    {TIFFTAG_ROWSPERSTRIP, TIFF_LONG, 1},
    {TIFFTAG_STRIPBYTECOUNTS, TIFF_LONG, G_MAXUINT32},
    {TIFFTAG_XRESOLUTION, TIFF_RATIONAL, 1},
    {TIFFTAG_YRESOLUTION, TIFF_RATIONAL, 1},
    {TIFFTAG_RESOLUTIONUNIT, TIFF_SHORT, 1},
    {TIFFTAG_PREDICTOR, TIFF_SHORT, 1},
    {TIFFTAG_COLORMAP, TIFF_SHORT, 768},
    {TIFFTAG_EXTRASAMPLES, TIFF_SHORT, 1},
    {TIFFTAG_YCBCRSUBSAMPLING, TIFF_SHORT, 2},
};

static gboolean wrong(Look *look, const char *what)
{
    look->wrong = what;
    return FALSE;
}

static guint32 u16(const guint8 *at)
{
    return (guint32)(at[0] | at[1] << 8);
}

static guint32 u32(const guint8 *at)
{
    return u16(at) | u16(at + 2) << 16;
}

static const guint8 *take(Look *look, gsize size)
{
    if (size > look->size - look->at)
        return NULL;
    look->at += size;
    return look->data + look->at - size;
}

static const Field *find(const Look *look, guint32 tag)
{
    for (guint i = 0; i < look->n_fields; i++) {
        if (look->fields[i].tag == tag)
            return &look->fields[i];
    }
    return NULL;
}

/* A single number; 0 for a field that is not there. */
static guint32 number(const Look *look, guint32 tag)
{
    const Field *field = find(look, tag);
    return !field ? 0 : field->type == TIFF_SHORT ? u16(field->bytes) : u32(field->bytes);
}

static gboolean look_at_field(Look *look, const guint8 *entry, guint *place)
{
    Field *field = &look->fields[look->n_fields++];
    *field = (Field){u16(entry), u16(entry + 2), u32(entry + 4), u32(entry + 8), entry + 8};
    while (*place < G_N_ELEMENTS(known) && known[*place].tag != field->tag)
        ++*place;
    if (*place == G_N_ELEMENTS(known) || known[*place].type != field->type || field->count == 0 ||
        field->count > known[*place].most)
        return wrong(look, "a field that we never write");
    ++*place;
    guint64 bytes = (guint64)field->count * (field->type == TIFF_SHORT ? 2 : field->type == TIFF_LONG ? 4 : 8);
    if (bytes <= 4)
        return bytes == 2 && field->value >> 16 ? wrong(look, "bytes behind a value") : TRUE;
    if (field->value != look->at)
        return wrong(look, "place of a value");
    field->bytes = bytes <= look->size ? take(look, (gsize)bytes) : NULL;
    return field->bytes ? TRUE : wrong(look, "value beyond the end");
}

/* The directory and, behind it, its values. */
static gboolean look_at_directory(Look *look, guint32 *ret_next)
{
    const guint8 *count = take(look, 2);
    guint n = count ? u16(count) : 0, place = 0;
    if (n == 0 || n > MAX_FIELDS)
        return wrong(look, "number of fields");
    const guint8 *entries = take(look, 12 * (gsize)n), *next = take(look, 4);
    if (!entries || !next)
        return wrong(look, "directory beyond the end");
    *ret_next = u32(next);
    look->n_fields = 0;
    for (guint i = 0; i < n; i++) {
        if (!look_at_field(look, entries + 12 * (gsize)i, &place))
            return FALSE;
    }
    return TRUE;
}

static gsize row_bytes(const Look *look)
{
    return ((gsize)number(look, TIFFTAG_IMAGEWIDTH) * number(look, TIFFTAG_SAMPLESPERPIXEL) *
                number(look, TIFFTAG_BITSPERSAMPLE) +
            7) /
           8;
}

static gboolean look_at_shape(Look *look)
{
    guint32 width = number(look, TIFFTAG_IMAGEWIDTH), height = number(look, TIFFTAG_IMAGELENGTH);
    guint32 samples = number(look, TIFFTAG_SAMPLESPERPIXEL), bits = number(look, TIFFTAG_BITSPERSAMPLE);
    const Field *offsets = find(look, TIFFTAG_STRIPOFFSETS), *counts = find(look, TIFFTAG_STRIPBYTECOUNTS);
    const Field *depth = find(look, TIFFTAG_BITSPERSAMPLE);
    guint32 rows = number(look, TIFFTAG_ROWSPERSTRIP);
    if (!width || !height || height > look->job->policy->limits.image_pixels / width)
        return wrong(look, "size of a page");
    if (samples < 1 || samples > 4 || !depth || depth->count != samples || bits == 0 || bits > 16 || 16 % bits)
        return wrong(look, "samples");
    for (guint i = 1; i < samples; i++) {
        if (u16(depth->bytes + 2 * (gsize)i) != bits)
            return wrong(look, "samples");
    }
    guint32 strips = rows ? height / rows + (height % rows != 0) : 0;
    if (!strips || rows > height || !offsets || !counts || offsets->count != strips || counts->count != strips)
        return wrong(look, "strips");
    return TRUE;
}

/* Which way of showing goes with which coding, and the few values that the other fields take. */
static gboolean look_at_choices(Look *look)
{
    static const struct {
        guint32 compression, photometric, samples;
    } ways[] = {{COMPRESSION_CCITTFAX4, PHOTOMETRIC_MINISWHITE, 1},
                {COMPRESSION_JPEG, PHOTOMETRIC_MINISBLACK, 1},
                {COMPRESSION_JPEG, PHOTOMETRIC_YCBCR, 3},
                {COMPRESSION_ADOBE_DEFLATE, PHOTOMETRIC_MINISBLACK, 1},
                {COMPRESSION_ADOBE_DEFLATE, PHOTOMETRIC_MINISBLACK, 2},
                {COMPRESSION_ADOBE_DEFLATE, PHOTOMETRIC_RGB, 3},
                {COMPRESSION_ADOBE_DEFLATE, PHOTOMETRIC_RGB, 4},
                {COMPRESSION_ADOBE_DEFLATE, PHOTOMETRIC_PALETTE, 1}};
    guint32 photometric = number(look, TIFFTAG_PHOTOMETRIC), samples = number(look, TIFFTAG_SAMPLESPERPIXEL);
    guint i = 0;
    while (i < G_N_ELEMENTS(ways) && (ways[i].compression != number(look, TIFFTAG_COMPRESSION) ||
                                      ways[i].photometric != photometric || ways[i].samples != samples))
        i++;
    const Field *colors = find(look, TIFFTAG_COLORMAP), *sampling = find(look, TIFFTAG_YCBCRSUBSAMPLING);
    gboolean alpha = samples == 2 || samples == 4, palette = photometric == PHOTOMETRIC_PALETTE;
    if (i == G_N_ELEMENTS(ways) || number(look, TIFFTAG_EXTRASAMPLES) != (alpha ? EXTRASAMPLE_UNASSALPHA : 0) ||
        (colors ? colors->count : 0) != (palette ? 3u << number(look, TIFFTAG_BITSPERSAMPLE) : 0))
        return wrong(look, "way of showing");
    for (guint k = 0; sampling && k < 2; k++) {
        if (sampling->count != 2 || u16(sampling->bytes + 2 * (gsize)k) - 1 > 1)
            return wrong(look, "sampling");
    }
    gboolean density = find(look, TIFFTAG_XRESOLUTION) && find(look, TIFFTAG_YRESOLUTION);
    gboolean unit = number(look, TIFFTAG_RESOLUTIONUNIT) == (density ? RESUNIT_INCH : 0);
    return unit && (number(look, TIFFTAG_PREDICTOR) | 2) == 2 && !sampling == (photometric != PHOTOMETRIC_YCBCR)
               ? TRUE
               : wrong(look, "a value that we never write");
}

static gboolean look_at_deflate(Look *look, const guint8 *strip, gsize size, guint32 rows)
{
    gsize want = row_bytes(look) * rows, used = 0;
    g_autofree guint8 *out = g_malloc(want);
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    enum libdeflate_result result = libdeflate_zlib_decompress_ex(inflater, strip, size, out, want, &used, NULL);
    libdeflate_free_decompressor(inflater);
    return result == LIBDEFLATE_SUCCESS && used == size ? TRUE : wrong(look, "compressed data");
}

static gboolean look_at_jpeg(Look *look, const guint8 *strip, gsize size)
{
    MgkJob part = *look->job;
    part.data = strip;
    part.size = size;
    return mgk_check_jpeg(&part, NULL) ? TRUE : wrong(look, "JPEG strip");
}

static gboolean look_at_strip(Look *look, guint32 index)
{
    const Field *offsets = find(look, TIFFTAG_STRIPOFFSETS), *counts = find(look, TIFFTAG_STRIPBYTECOUNTS);
    guint32 size = u32(counts->bytes + 4 * (gsize)index), per_strip = number(look, TIFFTAG_ROWSPERSTRIP);
    guint32 rows = MIN(per_strip, number(look, TIFFTAG_IMAGELENGTH) - index * per_strip);
    if (u32(offsets->bytes + 4 * (gsize)index) != look->at)
        return wrong(look, "place of a strip");
    const guint8 *strip = take(look, size);
    if (!strip || size == 0)
        return wrong(look, "strip beyond the end");
    switch (number(look, TIFFTAG_COMPRESSION)) {
    case COMPRESSION_ADOBE_DEFLATE:
        return look_at_deflate(look, strip, size, rows);
    case COMPRESSION_JPEG:
        return look_at_jpeg(look, strip, size);
    case COMPRESSION_CCITTFAX4:
        return number(look, TIFFTAG_BITSPERSAMPLE) == 1 && number(look, TIFFTAG_SAMPLESPERPIXEL) == 1
                   ? TRUE
                   : wrong(look, "Group 4");
    default:
        return wrong(look, "compression");
    }
}

static gboolean look_at_pages(Look *look)
{
    guint32 next = 8;
    const guint8 *head = take(look, 8);
    if (!head || memcmp(head, "II*\0\10\0\0\0", 8) != 0)
        return wrong(look, "signature");
    while (next) {
        if (next != look->at || look->pages++ >= look->job->policy->limits.image_frames)
            return wrong(look, "place of a page");
        if (!look_at_directory(look, &next) || !look_at_shape(look) || !look_at_choices(look))
            return FALSE;
        for (guint32 i = 0, n = find(look, TIFFTAG_STRIPOFFSETS)->count; i < n; i++) {
            if (!look_at_strip(look, i))
                return FALSE;
        }
        const guint8 *even = look->at % 2 ? take(look, 1) : NULL;
        if (look->at % 2 || (even && *even))
            return wrong(look, "padding");
    }
    return look->at == look->size ? TRUE : wrong(look, "data after the end");
}

/* ---- Group 4 strips, by libtiff; any complaint is a refusal ---- */

typedef struct Reading {
    Look *look;
    gsize at;
    guint complaints;
} Reading;

static tmsize_t on_read(thandle_t handle, void *out, tmsize_t size)
{
    Reading *reading = handle;
    gsize there = reading->at < reading->look->size ? reading->look->size - reading->at : 0;
    gsize n = MIN((gsize)size, there);
    memcpy(out, reading->look->data + (n ? reading->at : 0), n);
    reading->at += n;
    return (tmsize_t)n;
}

static tmsize_t on_write(thandle_t handle, void *data, tmsize_t size)
{
    (void)handle;
    (void)data;
    (void)size;
    return -1;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int whence)
{
    Reading *reading = handle;
    reading->at = (gsize)(whence == SEEK_CUR   ? reading->at + offset
                          : whence == SEEK_END ? reading->look->size
                                               : offset);
    return reading->at;
}

static int on_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t on_size(thandle_t handle)
{
    return ((Reading *)handle)->look->size;
}

static int on_complaint(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments)
{
    (void)tiff;
    (void)module;
    (void)format;
    (void)arguments;
    ((Reading *)user)->complaints++;
    return 1;
}

static gboolean decode_page(TIFF *tiff)
{
    guint16 compression = 0;
    tmsize_t size = TIFFStripSize(tiff);
    if (!TIFFGetField(tiff, TIFFTAG_COMPRESSION, &compression) || size <= 0)
        return FALSE;
    if (compression != COMPRESSION_CCITTFAX4)
        return TRUE; /* looked at already */
    g_autofree guint8 *rows = g_malloc((gsize)size);
    for (guint32 i = 0, n = TIFFNumberOfStrips(tiff); i < n; i++) {
        if (TIFFReadEncodedStrip(tiff, i, rows, size) < 0)
            return FALSE;
    }
    return TRUE;
}

static gboolean decodes(Look *look)
{
    Reading reading = {.look = look};
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_complaint, &reading);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_complaint, &reading);
    TIFF *tiff =
        TIFFClientOpenExt("output", "rm", &reading, on_read, on_write, on_seek, on_close, on_size, NULL, NULL, options);
    TIFFOpenOptionsFree(options);
    guint pages = 0;
    gboolean good = tiff != NULL;
    while (good && decode_page(tiff)) {
        pages++;
        if (!TIFFReadDirectory(tiff))
            break;
    }
    if (tiff)
        TIFFClose(tiff);
    return good && pages == look->pages && !reading.complaints ? TRUE : wrong(look, "does not decode cleanly");
}

gboolean mgk_check_tiff(MgkJob *job, GError **error)
{
    Look look = {.job = job, .data = job->data, .size = job->size};
    gboolean good = look_at_pages(&look) && decodes(&look);
    if (good && !mgk_check_foreign(look.data, look.size, MGK_FOREIGN_PICTURE, NULL))
        good = wrong(&look, "a foreign signature");
    if (!good)
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "TIFF output: %s", look.wrong);
    return good;
}
