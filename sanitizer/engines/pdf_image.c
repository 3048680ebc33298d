#include "engines/pdf_image.h"

#include "engines/jpeg_write.h"

/* The finer the pixels, the less of each is seen: a scan keeps its own 200 to 300 dots an inch, not its own quality. */
static const struct {
    guint32 millidpi; /* from this resolution on */
    guint8 quality;
} photo_qualities[] = {{280000, 66}, {180000, 70}, {0, 82}};

static char *color_space(const guint32 *colors, guint n)
{
    gboolean gray = TRUE;
    for (guint i = 0; i < n; i++)
        gray = gray && (colors[i] >> 16) == (colors[i] & 255) && ((colors[i] >> 8) & 255) == (colors[i] & 255);
    g_autoptr(GString) out = g_string_new("");
    g_string_append_printf(out, "[/Indexed/Device%s %u<", gray ? "Gray" : "RGB", n - 1);
    for (guint i = 0; i < n; i++)
        g_string_append_printf(out, gray ? "%02X" : "%06X", gray ? colors[i] & 255 : colors[i]);
    g_string_append(out, ">]");
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static gboolean keep_bytes(gpointer user, const void *data, gsize size, GError **error)
{
    (void)error;
    g_byte_array_append(user, data, (guint)size);
    return TRUE;
}

static gboolean compress_photo(const MgkPdfImage *image, GByteArray *out, GError **error)
{
    const MgkPageBand *band = image->band;
    guint fineness = 0;
    while (photo_qualities[fineness].millidpi > image->millidpi)
        fineness++;
    guint8 halved = band->smooth ? 2 : 1;
    MgkRaster raster = {.width = band->width,
                        .height = band->height,
                        .model = band->coding == MGK_CODING_GRAY ? MGK_RASTER_GRAY : MGK_RASTER_RGB,
                        .depth = 8,
                        .quality = photo_qualities[fineness].quality,
                        .sample_h = halved,
                        .sample_v = halved};
    g_autoptr(MgkJpegWriter) jpeg = mgk_jpeg_writer_new(&raster, error);
    if (!jpeg)
        return FALSE;
    gsize stride = mgk_page_stream_row_bytes(band);
    for (guint y = 0; y < band->height; y++) {
        if (!mgk_jpeg_writer_row(jpeg, image->data + y * stride, error))
            return FALSE;
    }
    return mgk_jpeg_writer_finish(jpeg, keep_bytes, out, error);
}

gboolean mgk_pdf_image_write(MgkPdfOutput *output, guint number, const MgkPdfImage *image, GError **error)
{
    const MgkPageBand *band = image->band;
    gboolean photo = band->coding == MGK_CODING_GRAY || band->coding == MGK_CODING_RGB;
    g_autofree char *space = photo ? g_strdup(band->coding == MGK_CODING_GRAY ? "/DeviceGray" : "/DeviceRGB")
                                   : color_space(image->colors, band->n_colors);
    g_autofree char *mask = image->mask ? g_strdup_printf("/SMask %u 0 R", image->mask) : g_strdup("");
    g_autofree char *entries =
        g_strdup_printf("/Type/XObject/Subtype/Image/Width %u/Height %u/ColorSpace%s/BitsPerComponent %u%s",
                        band->width, band->height, space, photo ? 8 : band->bits, mask);
    if (!photo)
        return mgk_pdf_output_deflated(output, number, entries, image->data,
                                       mgk_page_stream_row_bytes(band) * band->height, error);
    g_autoptr(GByteArray) jpeg = g_byte_array_new();
    return compress_photo(image, jpeg, error) &&
           mgk_pdf_output_jpeg(output, number, entries, jpeg->data, jpeg->len, error);
}
