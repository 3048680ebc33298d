#include "engines/pdf_shading.h"

#include <string.h>

#define MILLION 1000000
#define STEP 100 /* of a million: stops that lie closer become one edge */

static void append_color(GString *out, const char *key, guint32 color)
{
    g_string_append_printf(out, "/%s[", key);
    for (guint shift = 16; shift <= 16; shift -= 8) {
        mgk_pdf_append_number(out, (color >> shift & 255) / 255.0);
        g_string_append_c(out, ' ');
    }
    g_string_append_c(out, ']');
}

static void append_ramp(GString *out, guint32 from, guint32 to)
{
    g_string_append(out, "<</FunctionType 2/Domain[0 1]");
    append_color(out, "C0", from);
    append_color(out, "C1", to);
    g_string_append(out, "/N 1>>");
}

/* The stops as ramps one behind the other, from 0 to 1. */
static void append_function(GString *out, const guint32 *small, guint n)
{
    g_autoptr(GString) ramps = g_string_new(""), bounds = g_string_new(""), encode = g_string_new("");
    MgkDrawStop before;
    memcpy(&before, small, sizeof before);
    MgkDrawStop stop = before;
    guint32 first = before.color, last = 0;
    guint count = 0;
    before.at = 0;
    for (guint i = 0; i <= n; i++) {
        if (i < n)
            memcpy(&stop, small + (gsize)2 * i, sizeof stop);
        else
            stop.at = MILLION;
        gboolean ends = stop.at >= MILLION - STEP;
        if (ends)
            stop.at = MILLION;
        if (stop.at - last >= STEP) {
            if (count++) {
                mgk_pdf_append_number(bounds, last / (double)MILLION);
                g_string_append_c(bounds, ' ');
            }
            append_ramp(ramps, before.color, stop.color);
            g_string_append(encode, "0 1 ");
            last = stop.at;
        }
        before = stop;
        if (ends)
            break;
    }
    if (!count) {
        append_ramp(out, first, before.color);
        return;
    }
    g_string_append_printf(out, "<</FunctionType 3/Domain[0 1]/Functions[%s]/Bounds[%s]/Encode[%s]>>", ramps->str,
                           bounds->str, encode->str);
}

gboolean mgk_pdf_shading_write(MgkPdfOutput *output, guint number, const MgkDrawOp *op, const guint32 *small, gint unit,
                               GError **error)
{
    gboolean linear = op->paint == MGK_PAINT_LINEAR;
    g_autoptr(GString) body = g_string_new("");
    g_string_append_printf(body, "<</ShadingType %d/ColorSpace/DeviceRGB/Coords[", linear ? 2 : 3);
    for (guint i = 0; i < 6; i++) {
        if (linear && i % 3 == 2)
            continue;
        mgk_pdf_append_number(body, op->matrix[i] / (double)unit);
        g_string_append_c(body, ' ');
    }
    g_string_append_printf(body, "]/Extend[%s %s]/Function", op->extend & 1 ? "true" : "false",
                           op->extend & 2 ? "true" : "false");
    append_function(body, small, op->n_small);
    g_string_append(body, ">>");
    return mgk_pdf_output_object(output, number, body->str, error);
}
