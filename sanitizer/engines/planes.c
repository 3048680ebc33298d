#include "engines/planes.h"

#include <string.h>

#define SHIFT 14
#define ONE (1 << SHIFT)

/* Factors from differences to colours, and how samples become 0 to 255, in units of ONE. */
typedef struct Factors {
    gint64 luma, chroma;    /* of one step */
    gint64 luma_zero, half; /* the samples that mean black and no colour */
    gint64 red, blue, green_red, green_blue;
} Factors;

static guint sample(const MgkPlanes *planes, guint which, guint32 x, guint32 y)
{
    const guint8 *row = planes->plane[which] + y * planes->stride[which];
    if (planes->depth == 8)
        return row[x];
    guint16 value;
    memcpy(&value, row + 2 * (gsize)x, 2);
    return value;
}

/* Kr and Kb of H.273, table 4; what is unspecified is taken as BT.601, which JPEG uses. */
static void weights(guint matrix, double *kr, double *kb)
{
    *kr = 0.299;
    *kb = 0.114;
    if (matrix == 1) {
        *kr = 0.2126;
        *kb = 0.0722;
    } else if (matrix == 9 || matrix == 10) {
        *kr = 0.2627;
        *kb = 0.0593;
    }
}

static Factors factors(const MgkPlanes *planes)
{
    double kr, kb, most = (double)((1u << planes->depth) - 1), unit = (double)(1u << (planes->depth - 8));
    weights(planes->matrix, &kr, &kb);
    double luma = planes->full ? 255 / most : 255 / (219 * unit), chroma = planes->full ? luma : 255 / (224 * unit);
    return (Factors){.luma = (gint64)(luma * ONE + 0.5),
                     .chroma = (gint64)(chroma * ONE + 0.5),
                     .luma_zero = planes->full ? 0 : 16 << (planes->depth - 8),
                     .half = 1 << (planes->depth - 1),
                     .red = (gint64)(2 * (1 - kr) * ONE + 0.5),
                     .blue = (gint64)(2 * (1 - kb) * ONE + 0.5),
                     .green_red = (gint64)(2 * kr * (1 - kr) / (1 - kr - kb) * ONE + 0.5),
                     .green_blue = (gint64)(2 * kb * (1 - kb) / (1 - kr - kb) * ONE + 0.5)};
}

static guint8 to_byte(gint64 value)
{
    return (guint8)CLAMP((value + ONE / 2) >> SHIFT, 0, 255);
}

void mgk_planes_row(const MgkPlanes *planes, guint32 y, guint32 n, guint8 *out)
{
    const Factors f = factors(planes);
    for (guint32 x = 0; x < n; x++, out += 3) {
        gint64 luma = ((gint64)sample(planes, 0, x, y) - f.luma_zero) * f.luma;
        if (planes->gray) {
            memset(out, to_byte(luma), 3);
            continue;
        }
        guint32 cx = x >> planes->halve_x, cy = y >> planes->halve_y;
        gint64 first = sample(planes, 1, cx, cy), second = sample(planes, 2, cx, cy);
        if (planes->matrix == 0) { /* the planes are green, blue and red */
            out[0] = to_byte((second - f.luma_zero) * f.luma);
            out[1] = to_byte(luma);
            out[2] = to_byte((first - f.luma_zero) * f.luma);
            continue;
        }
        gint64 blue = (first - f.half) * f.chroma, red = (second - f.half) * f.chroma;
        out[0] = to_byte(luma + ((red * f.red) >> SHIFT));
        out[1] = to_byte(luma - ((red * f.green_red + blue * f.green_blue) >> SHIFT));
        out[2] = to_byte(luma + ((blue * f.blue) >> SHIFT));
    }
}

void mgk_planes_luma(const MgkPlanes *planes, guint32 y, guint32 n, guint8 *out, guint step)
{
    const Factors f = factors(planes);
    for (guint32 x = 0; x < n; x++)
        out[(gsize)x * step] = to_byte(((gint64)sample(planes, 0, x, y) - f.luma_zero) * f.luma);
}
