#include "engines/heif_read.h"

#include "engines/exif.h"
#include "engines/heif_codec.h"
#include "engines/icc.h"
#include "engines/target.h"
#include "engines/turn.h"

#include <string.h>

#define MAX_TILES 4096u
/* Neither coding tells a quality that means anything to JPEG; this one loses nothing that is seen. */
#define QUALITY 90

typedef struct Grid {
    guint32 rows, columns, width, height;
} Grid;

typedef struct Reader {
    MgkJob *job; /* borrowed */
    MgkHeif *heif;
    const MgkHeifItem *primary;
    MgkRaster raster;
    guint8 *pixels;  /* owned; RGB or RGBA */
    guint64 decoded; /* pixels of all tiles: one may be named thousands of times */
} Reader;

static void reader_clear(Reader *reader)
{
    mgk_heif_free(reader->heif);
    g_free(reader->pixels);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reader, reader_clear)

static gboolean malformed(const char *what, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "HEIF: %s", what);
    return FALSE;
}

static gboolean unsupported(const char *what, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "HEIF: %s", what);
    return FALSE;
}

static guint32 be(const guint8 *at, guint bytes)
{
    guint32 value = 0;
    for (guint i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

/* ---- what is no picture ---- */

static void see_exif(Reader *reader, const MgkHeifItem *item)
{
    MgkExif exif = {.orientation = 1};
    gsize size = 0;
    const guint8 *data = item->bytes ? g_bytes_get_data(item->bytes, &size) : NULL;
    gsize untrusted_skip = size >= 4 ? be(data, 4) : G_MAXUINT32;
    mgk_job_find(reader->job, MGK_KIND_METADATA, "EXIF", NULL);
    if (size < 4 || untrusted_skip > size - 4)
        return;
    mgk_exif_read(data + 4 + untrusted_skip, size - 4 - untrusted_skip, &exif);
    reader->raster.density_x = exif.density_x; /* its orientation does not count: irot and imir say it */
    reader->raster.density_y = exif.density_y;
    if (exif.has_gps)
        mgk_job_find(reader->job, MGK_KIND_IMAGE_GPS, "EXIF", NULL);
}

static void see_items(Reader *reader)
{
    for (guint i = 0; i < reader->heif->items->len; i++) {
        const MgkHeifItem *item = g_ptr_array_index(reader->heif->items, i);
        if (item->type == MGK_FOURCC('E', 'x', 'i', 'f'))
            see_exif(reader, item);
        else if (item->type == MGK_FOURCC('m', 'i', 'm', 'e'))
            mgk_job_find(reader->job, MGK_KIND_METADATA, "XMP", NULL);
    }
    for (guint i = 0; i < reader->heif->references->len; i++) {
        if (g_array_index(reader->heif->references, MgkHeifReference, i).type == MGK_FOURCC('t', 'h', 'm', 'b'))
            mgk_job_find(reader->job, MGK_KIND_IMAGE_THUMBNAIL, "HEIF", NULL);
    }
}

/* ---- pixels ---- */

static gboolean read_grid(const MgkHeifItem *item, Grid *grid, GError **error)
{
    gsize size = 0;
    const guint8 *data = item->bytes ? g_bytes_get_data(item->bytes, &size) : NULL;
    guint wide = size >= 8 && (data[1] & 1) ? 4 : 2;
    if (size < 4 + 2 * (gsize)wide || data[0] != 0)
        return malformed("grid", error);
    *grid = (Grid){data[2] + 1u, data[3] + 1u, be(data + 4, wide), be(data + 4 + wide, wide)};
    return grid->rows * grid->columns <= MAX_TILES ? TRUE : malformed("grid", error);
}

/* Paints one decoded picture at left, top; what reaches beyond the edge is cut. */
static void paint(Reader *reader, const MgkPlanes *planes, guint64 left, guint64 top)
{
    const MgkRaster *raster = &reader->raster;
    guint channels = mgk_raster_channels(raster);
    if (left >= raster->width || top >= raster->height)
        return;
    guint32 n = (guint32)MIN(planes->width, raster->width - left),
            rows = (guint32)MIN(planes->height, raster->height - top);
    g_autofree guint8 *line = g_malloc((gsize)n * 3);
    for (guint32 y = 0; y < rows; y++) {
        guint8 *out = reader->pixels + ((gsize)(top + y) * raster->width + (gsize)left) * channels;
        mgk_planes_row(planes, y, n, channels == 3 ? out : line);
        for (guint32 x = 0; channels == 4 && x < n; x++) {
            memcpy(out + 4 * (gsize)x, line + 3 * (gsize)x, 3);
            out[4 * (gsize)x + 3] = 255;
        }
    }
}

static void paint_alpha(Reader *reader, const MgkPlanes *planes, guint64 left, guint64 top)
{
    const MgkRaster *raster = &reader->raster;
    if (left >= raster->width || top >= raster->height)
        return;
    guint32 n = (guint32)MIN(planes->width, raster->width - left),
            rows = (guint32)MIN(planes->height, raster->height - top);
    for (guint32 y = 0; y < rows; y++)
        mgk_planes_luma(planes, y, n, reader->pixels + ((gsize)(top + y) * raster->width + (gsize)left) * 4 + 3, 4);
}

typedef void (*Painter)(Reader *reader, const MgkPlanes *planes, guint64 left, guint64 top);

static gboolean count(Reader *reader, const MgkPlanes *planes, GError **error)
{
    reader->decoded += (guint64)planes->width * planes->height;
    if (reader->decoded <= reader->job->policy->limits.image_total_pixels)
        return TRUE;
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "image_total_pixels: tiles of one picture");
    return FALSE;
}

/* Everything starts from the picture's stated size, which was validated; tiles only fill it. */
static gboolean paint_grid(Reader *reader, const MgkHeifItem *item, Painter painter, GError **error)
{
    Grid grid;
    guint tile = 0;
    if (!read_grid(item, &grid, error))
        return FALSE;
    for (guint i = 0; i < reader->heif->references->len && tile < grid.rows * grid.columns; i++) {
        const MgkHeifReference *reference = &g_array_index(reader->heif->references, MgkHeifReference, i);
        if (reference->type != MGK_FOURCC('d', 'i', 'm', 'g') || reference->from != item->id)
            continue;
        const MgkHeifItem *part = mgk_heif_item(reader->heif, reference->to);
        g_autoptr(MgkHeifPicture) picture =
            part ? mgk_heif_picture_new(reader->heif, part, reader->job->policy->limits.image_pixels, error) : NULL;
        if (!picture)
            return part ? FALSE : malformed("a tile is missing", error);
        const MgkPlanes *planes = mgk_heif_picture_planes(picture);
        if (!count(reader, planes, error))
            return FALSE;
        painter(reader, planes, (guint64)(tile % grid.columns) * planes->width,
                (guint64)(tile / grid.columns) * planes->height);
        tile++;
    }
    return tile == grid.rows * grid.columns ? TRUE : malformed("a tile is missing", error);
}

static gboolean paint_item(Reader *reader, const MgkHeifItem *item, Painter painter, GError **error)
{
    if (item->type == MGK_FOURCC('g', 'r', 'i', 'd'))
        return paint_grid(reader, item, painter, error);
    g_autoptr(MgkHeifPicture) picture =
        mgk_heif_picture_new(reader->heif, item, reader->job->policy->limits.image_pixels, error);
    if (picture)
        painter(reader, mgk_heif_picture_planes(picture), 0, 0);
    return picture != NULL;
}

/* The auxiliary picture that says how transparent the primary one is, or NULL. */
static const MgkHeifItem *alpha_item(const Reader *reader)
{
    for (guint i = 0; i < reader->heif->references->len; i++) {
        const MgkHeifReference *reference = &g_array_index(reader->heif->references, MgkHeifReference, i);
        const MgkHeifItem *item =
            reference->type == MGK_FOURCC('a', 'u', 'x', 'l') && reference->to == reader->primary->id
                ? mgk_heif_item(reader->heif, reference->from)
                : NULL;
        const MgkHeifProperty *kind =
            item ? mgk_heif_property(reader->heif, item, MGK_FOURCC('a', 'u', 'x', 'C')) : NULL;
        if (kind && (memmem(kind->data, kind->size, ":alpha", 6) || memmem(kind->data, kind->size, ":auxid:1", 8)))
            return item;
    }
    return NULL;
}

/* ---- the picture as a whole ---- */

static gboolean describe(Reader *reader, gboolean alpha, GError **error)
{
    const MgkHeifProperty *size = mgk_heif_property(reader->heif, reader->primary, MGK_FOURCC('i', 's', 'p', 'e'));
    if (!size || size->size < 12)
        return malformed("no size", error);
    reader->raster.width = be(size->data + 4, 4);
    reader->raster.height = be(size->data + 8, 4);
    reader->raster.model = alpha ? MGK_RASTER_RGBA : MGK_RASTER_RGB;
    reader->raster.depth = 8;
    reader->raster.quality = QUALITY;
    reader->raster.sample_h = reader->raster.sample_v = 2;
    return mgk_raster_validate(&reader->raster, &reader->job->policy->limits, error);
}

static gboolean find_turn(const Reader *reader, guint *ret_orientation, GError **error)
{
    static const guint turns[4] = {1, 8, 3, 6}; /* quarters anticlockwise, as EXIF's orientation */
    const MgkHeifProperty *turn = mgk_heif_property(reader->heif, reader->primary, MGK_FOURCC('i', 'r', 'o', 't'));
    if (mgk_heif_property(reader->heif, reader->primary, MGK_FOURCC('i', 'm', 'i', 'r')) ||
        mgk_heif_property(reader->heif, reader->primary, MGK_FOURCC('c', 'l', 'a', 'p')))
        return unsupported("mirrored or cropped", error);
    *ret_orientation = turn && turn->size ? turns[turn->data[0] & 3] : 1;
    return TRUE;
}

static MgkIcc *open_profile(const Reader *reader)
{
    for (guint i = 0; i < reader->primary->properties->len; i++) {
        const MgkHeifProperty *property = &g_array_index(reader->heif->properties, MgkHeifProperty,
                                                         g_array_index(reader->primary->properties, guint, i));
        if (property->type != MGK_FOURCC('c', 'o', 'l', 'r') || property->size < 4 ||
            (memcmp(property->data, "prof", 4) != 0 && memcmp(property->data, "rICC", 4) != 0))
            continue;
        mgk_job_find(reader->job, MGK_KIND_IMAGE_PROFILE, "ICC", NULL);
        return mgk_icc_new(property->data + 4, property->size - 4, MGK_ICC_RGB, 8,
                           reader->raster.model == MGK_RASTER_RGBA);
    }
    return NULL;
}

static gboolean send(Reader *reader, guint orientation, GError **error)
{
    gsize row = mgk_raster_row_bytes(&reader->raster);
    g_autoptr(MgkIcc) icc = open_profile(reader);
    g_autoptr(MgkTurn) turn = mgk_turn_new(reader->job, &reader->raster, orientation, error);
    for (guint32 y = 0; turn && y < reader->raster.height; y++) {
        guint8 *at = reader->pixels + y * row;
        if (icc)
            mgk_icc_apply(icc, at, at, reader->raster.width);
        if (!mgk_turn_row(turn, at, error))
            return FALSE;
    }
    return turn && mgk_turn_finish(turn, error);
}

gboolean mgk_heif_read(MgkJob *job, GError **error)
{
    g_auto(Reader) reader = {.job = job, .heif = mgk_heif_new(job->data, job->size, error)};
    guint orientation = 1;
    if (!reader.heif)
        return FALSE;
    reader.primary = mgk_heif_item(reader.heif, reader.heif->primary);
    const MgkHeifItem *alpha = alpha_item(&reader);
    see_items(&reader);
    if (!describe(&reader, alpha != NULL, error) || !find_turn(&reader, &orientation, error))
        return FALSE;
    mgk_target_choose(job, alpha ? MGK_FORMAT_ID_png : MGK_FORMAT_ID_jpeg);
    reader.pixels = g_malloc0(mgk_raster_row_bytes(&reader.raster) * reader.raster.height);
    return paint_item(&reader, reader.primary, paint, error) &&
           (!alpha || paint_item(&reader, alpha, paint_alpha, error)) && send(&reader, orientation, error);
}
