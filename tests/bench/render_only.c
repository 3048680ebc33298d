/* render_only FILE.pdf DPI - draws every page with poppler and cairo and throws it away: the floor of any PDF rebuild
 * by pixels. A yardstick for the benchmark, without isolation; never installed. */
#include <math.h>
#include <poppler.h>
#include <stdio.h>
#include <stdlib.h>

static void draw(PopplerPage *page, double dpi)
{
    double width, height;
    poppler_page_get_size(page, &width, &height);
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(width * dpi / 72), (int)ceil(height * dpi / 72));
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_scale(cr, dpi / 72, dpi / 72);
    poppler_page_render(page, cr);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
}

int main(int argc, char **argv)
{
    g_autofree char *data = NULL;
    gsize size = 0;
    if (argc != 3 || !g_file_get_contents(argv[1], &data, &size, NULL)) {
        fputs("usage: render_only FILE.pdf DPI\n", stderr);
        return 2;
    }
    g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
    PopplerDocument *document = poppler_document_new_from_bytes(bytes, NULL, NULL);
    if (!document)
        return 1;
    for (int i = 0; i < poppler_document_get_n_pages(document); i++) {
        PopplerPage *page = poppler_document_get_page(document, i);
        if (page)
            draw(page, atof(argv[2]));
        g_clear_object(&page);
    }
    g_object_unref(document);
    return 0;
}
