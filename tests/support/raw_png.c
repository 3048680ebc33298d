#include "raw_png.h"

#include <png.h>
#include <string.h>

typedef struct Source {
    const guint8 *data;
    gsize size, used;
} Source;

static void on_read(png_structp png, png_bytep out, png_size_t size)
{
    Source *source = png_get_io_ptr(png);
    if (size > source->size - source->used)
        png_error(png, "end of data");
    memcpy(out, source->data + source->used, size);
    source->used += size;
}

static void read_all(png_structp png, png_infop info, RawPng *raw)
{
    png_read_info(png, info);
    raw->width = png_get_image_width(png, info);
    raw->height = png_get_image_height(png, info);
    raw->color_type = png_get_color_type(png, info);
    raw->depth = png_get_bit_depth(png, info);
    raw->row_bytes = png_get_rowbytes(png, info);
    raw->density_x = png_get_x_pixels_per_meter(png, info);
    raw->density_y = png_get_y_pixels_per_meter(png, info);
    png_colorp colors = NULL;
    png_get_PLTE(png, info, &colors, &raw->n_colors);
    png_get_tRNS(png, info, NULL, &raw->n_alpha, NULL);
    raw->rows = g_malloc0(raw->row_bytes * raw->height);
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++) {
        for (guint32 y = 0; y < raw->height; y++)
            png_read_row(png, raw->rows + y * raw->row_bytes, NULL);
    }
    png_read_end(png, NULL);
}

RawPng *raw_png_read(const guint8 *data, gsize size)
{
    Source source = {.data = data, .size = size};
    RawPng *raw = g_new0(RawPng, 1);
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_read_struct(&png, &info, NULL);
        raw_png_free(raw);
        return NULL;
    }
    png_set_read_fn(png, &source, on_read);
    read_all(png, info, raw);
    png_destroy_read_struct(&png, &info, NULL);
    return raw;
}

void raw_png_free(RawPng *png)
{
    if (!png)
        return;
    g_free(png->rows);
    g_free(png);
}
