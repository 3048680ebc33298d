#include "engines/exif.h"

#include <math.h>
#include <string.h>

enum {
    TAG_ORIENTATION = 0x112,
    TAG_X_RESOLUTION = 0x11a,
    TAG_Y_RESOLUTION = 0x11b,
    TAG_RESOLUTION_UNIT = 0x128,
    TAG_GPS = 0x8825
};

enum { TYPE_SHORT = 3, TYPE_LONG = 4, TYPE_RATIONAL = 5 };

#define ENTRY_BYTES 12
#define MAX_ENTRIES 512

typedef struct Tiff {
    const guint8 *data; /* borrowed */
    gsize size;
    gboolean big;
} Tiff;

typedef struct Resolution {
    double x, y;
    guint unit; /* 2 inch, 3 centimetre */
} Resolution;

/* Both readers give 0 beyond the end: a zero offset or count means "nothing there". */
static guint read16(const Tiff *tiff, gsize at)
{
    if (at > tiff->size || tiff->size - at < 2)
        return 0;
    const guint8 *p = tiff->data + at;
    return tiff->big ? (guint)(p[0] << 8 | p[1]) : (guint)(p[1] << 8 | p[0]);
}

static guint32 read32(const Tiff *tiff, gsize at)
{
    if (at > tiff->size || tiff->size - at < 4)
        return 0;
    guint32 first = read16(tiff, at), second = read16(tiff, at + 2);
    return tiff->big ? first << 16 | second : second << 16 | first;
}

static double read_rational(const Tiff *tiff, gsize entry)
{
    if (read16(tiff, entry + 2) != TYPE_RATIONAL)
        return 0;
    gsize untrusted_at = read32(tiff, entry + 8);
    guint32 numerator = read32(tiff, untrusted_at), denominator = read32(tiff, untrusted_at + 4);
    return denominator ? (double)numerator / denominator : 0;
}

static void read_entry(const Tiff *tiff, gsize entry, MgkExif *exif, Resolution *resolution)
{
    guint type = read16(tiff, entry + 2);
    guint value = type == TYPE_SHORT ? read16(tiff, entry + 8) : type == TYPE_LONG ? read32(tiff, entry + 8) : 0;
    switch (read16(tiff, entry)) {
    case TAG_ORIENTATION:
        exif->orientation = value >= 1 && value <= 8 ? value : 1;
        break;
    case TAG_X_RESOLUTION:
        resolution->x = read_rational(tiff, entry);
        break;
    case TAG_Y_RESOLUTION:
        resolution->y = read_rational(tiff, entry);
        break;
    case TAG_RESOLUTION_UNIT:
        resolution->unit = value;
        break;
    case TAG_GPS:
        exif->has_gps = TRUE;
        break;
    default:
        break;
    }
}

static void settle_density(const Resolution *resolution, MgkExif *exif)
{
    double per_metre = resolution->unit == 3 ? 100 : 1 / 0.0254;
    double x = resolution->x * per_metre, y = resolution->y * per_metre;
    if (x < 1 || y < 1 || x > 1e7 || y > 1e7)
        return;
    exif->density_x = (guint32)lround(x);
    exif->density_y = (guint32)lround(y);
}

void mgk_exif_read(const guint8 *data, gsize size, MgkExif *ret_exif)
{
    *ret_exif = (MgkExif){.orientation = 1};
    Tiff tiff = {.data = data, .size = size};
    if (size < 8 || (memcmp(data, "II*\0", 4) != 0 && memcmp(data, "MM\0*", 4) != 0))
        return;
    tiff.big = data[0] == 'M';
    gsize untrusted_ifd = read32(&tiff, 4);
    guint n = MIN(read16(&tiff, untrusted_ifd), MAX_ENTRIES);
    Resolution resolution = {.unit = 2};
    for (guint i = 0; i < n; i++)
        read_entry(&tiff, untrusted_ifd + 2 + (gsize)i * ENTRY_BYTES, ret_exif, &resolution);
    settle_density(&resolution, ret_exif);
    ret_exif->has_thumbnail = n > 0 && read32(&tiff, untrusted_ifd + 2 + (gsize)n * ENTRY_BYTES) != 0;
}
