#include "engines/heif_codec.h"

#include <dav1d/dav1d.h>
#include <libde265/de265.h>
#include <string.h>

#define HVCC_HEADER 23u

struct MgkHeifPicture {
    MgkPlanes planes;
    de265_decoder_context *hevc; /* owned; its next picture is in planes */
    Dav1dContext *av1;           /* owned */
    Dav1dPicture shown;          /* owned; av1 */
};

static gboolean malformed(const char *what, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "HEIF: %s", what);
    return FALSE;
}

static guint32 be(const guint8 *at, guint bytes)
{
    guint32 value = 0;
    for (guint i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

/* ---- HEVC ---- */

/* The parameter sets of hvcC (ISO/IEC 14496-15, 8.3.3.1). */
static gboolean push_sets(de265_decoder_context *hevc, const MgkHeifProperty *config)
{
    gsize at = HVCC_HEADER;
    guint arrays = config->data[HVCC_HEADER - 1];
    for (guint a = 0; a < arrays; a++) {
        if (config->size - at < 3)
            return FALSE;
        guint n = be(config->data + at + 1, 2);
        at += 3;
        for (guint i = 0; i < n; i++) {
            if (config->size - at < 2)
                return FALSE;
            gsize length = be(config->data + at, 2);
            if (length > config->size - at - 2)
                return FALSE;
            de265_push_NAL(hevc, config->data + at + 2, (int)length, 0, NULL);
            at += 2 + length;
        }
    }
    return TRUE;
}

static gboolean push_units(de265_decoder_context *hevc, const MgkHeifItem *item, guint length_bytes)
{
    gsize size = 0, at = 0;
    const guint8 *data = g_bytes_get_data(item->bytes, &size);
    while (size - at >= length_bytes) {
        gsize length = be(data + at, length_bytes);
        at += length_bytes;
        if (length > size - at || length > G_MAXINT32)
            return FALSE;
        de265_push_NAL(hevc, data + at, (int)length, 0, NULL);
        at += length;
    }
    return TRUE;
}

static void take_hevc(MgkPlanes *planes, const struct de265_image *image)
{
    static const guint halves[4][2] = {{0, 0}, {1, 1}, {1, 0}, {0, 0}};
    enum de265_chroma chroma = de265_get_chroma_format(image);
    planes->width = (guint32)de265_get_image_width(image, 0);
    planes->height = (guint32)de265_get_image_height(image, 0);
    planes->depth = (guint)de265_get_bits_per_pixel(image, 0);
    planes->gray = chroma == de265_chroma_mono;
    planes->halve_x = halves[chroma & 3][0];
    planes->halve_y = halves[chroma & 3][1];
    planes->matrix = (guint)de265_get_image_matrix_coefficients(image);
    planes->full = de265_get_image_full_range_flag(image) != 0;
    for (int i = 0; i < (planes->gray ? 1 : 3); i++) {
        int stride = 0;
        planes->plane[i] = de265_get_image_plane(image, i, &stride);
        planes->stride[i] = (gsize)stride;
    }
}

static gboolean decode_hevc(MgkHeifPicture *picture, const MgkHeif *heif, const MgkHeifItem *item, GError **error)
{
    const MgkHeifProperty *config = mgk_heif_property(heif, item, MGK_FOURCC('h', 'v', 'c', 'C'));
    picture->hevc = de265_new_decoder(); /* no worker threads are ever started: it decodes in this one */
    if (!config || config->size < HVCC_HEADER || !picture->hevc)
        return malformed("HEVC settings", error);
    if (!push_sets(picture->hevc, config) || !push_units(picture->hevc, item, (config->data[21] & 3u) + 1))
        return malformed("HEVC units", error);
    de265_flush_data(picture->hevc);
    int more = 1;
    const struct de265_image *image = NULL;
    while (more && !image) {
        de265_error status = de265_decode(picture->hevc, &more);
        image = de265_get_next_picture(picture->hevc);
        if (status != DE265_OK && !image)
            return malformed(de265_get_error_text(status), error);
    }
    if (!image)
        return malformed("no HEVC picture", error);
    take_hevc(&picture->planes, image);
    if (!picture->planes.gray && (de265_get_bits_per_pixel(image, 1) != (int)picture->planes.depth))
        return malformed("HEVC depths", error);
    return TRUE;
}

/* ---- AV1 ---- */

static void take_av1(MgkPlanes *planes, const Dav1dPicture *shown)
{
    planes->width = (guint32)shown->p.w;
    planes->height = (guint32)shown->p.h;
    planes->depth = (guint)shown->p.bpc;
    planes->gray = shown->p.layout == DAV1D_PIXEL_LAYOUT_I400;
    planes->halve_x = shown->p.layout == DAV1D_PIXEL_LAYOUT_I420 || shown->p.layout == DAV1D_PIXEL_LAYOUT_I422;
    planes->halve_y = shown->p.layout == DAV1D_PIXEL_LAYOUT_I420;
    planes->matrix = (guint)shown->seq_hdr->mtrx;
    planes->full = shown->seq_hdr->color_range != 0;
    for (guint i = 0; i < 3; i++) {
        planes->plane[i] = shown->data[i];
        planes->stride[i] = (gsize)shown->stride[i ? 1 : 0];
    }
}

static gboolean decode_av1(MgkHeifPicture *picture, const MgkHeifItem *item, guint64 max_pixels, GError **error)
{
    gsize size = 0;
    const guint8 *bytes = g_bytes_get_data(item->bytes, &size);
    Dav1dSettings settings;
    Dav1dData data = {0};
    dav1d_default_settings(&settings);
    settings.n_threads = 1;
    settings.max_frame_delay = 1;
    settings.all_layers = 0;
    settings.frame_size_limit = (unsigned)MIN(max_pixels, G_MAXUINT32);
    settings.logger.callback = NULL;
    if (size == 0 || dav1d_open(&picture->av1, &settings) < 0)
        return malformed("AV1 data", error);
    guint8 *copy = dav1d_data_create(&data, size);
    if (!copy)
        return malformed("AV1 data", error);
    memcpy(copy, bytes, size);
    int status = 0;
    do {
        status = data.sz ? dav1d_send_data(picture->av1, &data) : 0;
        if (status >= 0 || status == DAV1D_ERR(EAGAIN))
            status = dav1d_get_picture(picture->av1, &picture->shown);
    } while (status == DAV1D_ERR(EAGAIN) && data.sz);
    dav1d_data_unref(&data);
    if (status < 0)
        return malformed("no AV1 picture", error);
    take_av1(&picture->planes, &picture->shown);
    return TRUE;
}

/* ---- both ---- */

/* The file's own word on colours counts more than the stream's. */
static void take_colors(MgkPlanes *planes, const MgkHeif *heif, const MgkHeifItem *item)
{
    for (guint i = 0; i < item->properties->len; i++) {
        const MgkHeifProperty *property =
            &g_array_index(heif->properties, MgkHeifProperty, g_array_index(item->properties, guint, i));
        if (property->type == MGK_FOURCC('c', 'o', 'l', 'r') && property->size >= 11 &&
            memcmp(property->data, "nclx", 4) == 0) {
            planes->matrix = be(property->data + 8, 2);
            planes->full = property->data[10] >> 7;
        }
    }
}

MgkHeifPicture *mgk_heif_picture_new(const MgkHeif *heif, const MgkHeifItem *item, guint64 max_pixels, GError **error)
{
    g_autoptr(MgkHeifPicture) picture = g_new0(MgkHeifPicture, 1);
    gboolean hevc = item->type == MGK_FOURCC('h', 'v', 'c', '1');
    if (!hevc && item->type != MGK_FOURCC('a', 'v', '0', '1')) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "HEIF: a coding that is not known");
        return NULL;
    }
    if (!item->bytes) {
        malformed("a picture outside the file", error);
        return NULL;
    }
    if (!(hevc ? decode_hevc(picture, heif, item, error) : decode_av1(picture, item, max_pixels, error)))
        return NULL;
    take_colors(&picture->planes, heif, item);
    const MgkPlanes *planes = &picture->planes;
    gboolean matrix_known = planes->matrix != 0 || (!planes->halve_x && !planes->halve_y);
    if (!planes->width || !planes->height || planes->height > max_pixels / planes->width || planes->depth < 8 ||
        planes->depth > 16 || !matrix_known) {
        malformed("form of a picture", error);
        return NULL;
    }
    return g_steal_pointer(&picture);
}

void mgk_heif_picture_free(MgkHeifPicture *picture)
{
    if (!picture)
        return;
    if (picture->hevc)
        de265_free_decoder(picture->hevc);
    if (picture->shown.data[0])
        dav1d_picture_unref(&picture->shown);
    if (picture->av1)
        dav1d_close(&picture->av1);
    g_free(picture);
}

const MgkPlanes *mgk_heif_picture_planes(const MgkHeifPicture *picture)
{
    return &picture->planes;
}
