#include "engines/placeholder_image.h"

#include "engines/jpeg_write.h"
#include "engines/placeholder_drawing.h"

#include <string.h>

#define BACKGROUND 0xdd
#define INK 0x77

static gboolean collect(gpointer user, const void *data, gsize size, GError **error)
{
    (void)error;
    g_byte_array_append(user, data, (guint)size);
    return TRUE;
}

static void mark(guint8 *row, guint width, guint center, guint thickness)
{
    guint first = center > thickness ? center - thickness : 0;
    for (guint x = first; x < MIN(width, center + thickness + 1); x++)
        row[x] = INK;
}

static void draw_row(guint8 *row, guint width, guint height, guint y)
{
    guint thickness = MIN(width, height) / 100;
    gboolean border = y <= thickness || y + thickness + 1 >= height;
    memset(row, border ? INK : BACKGROUND, width);
    mark(row, width, 0, thickness);
    mark(row, width, width - 1, thickness);
    guint along = (guint)((guint64)y * (width - 1) / MAX(height - 1, 1));
    mark(row, width, along, thickness);
    mark(row, width, width - 1 - along, thickness);
}

static gboolean draw(MgkFormatId format, const MgkRaster *raster, GByteArray *out, GError **error)
{
    gboolean is_jpeg = format == MGK_FORMAT_ID_jpeg;
    g_autofree guint8 *row = g_malloc(raster->width);
    g_autoptr(MgkJpegWriter) jpeg = is_jpeg ? mgk_jpeg_writer_new(raster, error) : NULL;
    g_autoptr(MgkPngWriter) png = is_jpeg ? NULL : mgk_png_writer_new(raster, collect, out);
    if (is_jpeg && !jpeg)
        return FALSE;
    for (guint y = 0; y < raster->height; y++) {
        draw_row(row, raster->width, raster->height, y);
        if (!(jpeg ? mgk_jpeg_writer_row(jpeg, row, error) : mgk_png_writer_row(png, row, error)))
            return FALSE;
    }
    return jpeg ? mgk_jpeg_writer_finish(jpeg, collect, out, error) : mgk_png_writer_finish(png, error);
}

GBytes *mgk_placeholder_image(MgkFormatId format, guint width, guint height)
{
    if (format == MGK_FORMAT_ID_wmf || format == MGK_FORMAT_ID_emf)
        return mgk_placeholder_drawing(format, width, height);
    MgkRaster raster = {
        .width = CLAMP(width, 8, 4096), .height = CLAMP(height, 8, 4096), .model = MGK_RASTER_GRAY, .depth = 8};
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    if (!draw(format, &raster, out, &error))
        g_error("placeholder: %s", error->message); /* fixed pixels: cannot fail for any input */
    return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}
