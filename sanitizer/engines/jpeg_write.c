#include "engines/jpeg_write.h"

#include "engines/jpeg_error.h"
#include "engines/signature.h"

#include <math.h>

#define QUALITY_FROM_LOSSLESS 92
/* Below these bounds a second generation would show; above, the file only grows. */
#define QUALITY_MIN 40
#define QUALITY_MAX 98
/* Optimised Huffman tables save some three per cent and cost a third of the work: only for small pictures, where they
 * save more, and up to a larger size where the source had them. */
#define OPTIMIZE_PIXELS (512 * 1024)
#define OPTIMIZE_COMPACT_PIXELS (1024 * 1024)

/* Where libjpeg puts its bytes. (Its own memory destination frees a grown buffer behind its user's back when a picture
 * is abandoned.) */
typedef struct Destination {
    struct jpeg_destination_mgr manager; /* first: libjpeg sees this */
    GByteArray *bytes;                   /* owned */
    guint8 block[64 * 1024];
} Destination;

struct MgkJpegWriter {
    struct jpeg_compress_struct info;
    struct jpeg_decompress_struct source; /* of a second coding */
    MgkJpegError jpeg;
    MgkRaster raster;
    Destination out;
};

static void on_start(j_compress_ptr info)
{
    Destination *out = (Destination *)info->dest;
    out->manager.next_output_byte = out->block;
    out->manager.free_in_buffer = sizeof out->block;
}

static boolean on_full(j_compress_ptr info)
{
    Destination *out = (Destination *)info->dest;
    g_byte_array_append(out->bytes, out->block, sizeof out->block);
    on_start(info);
    return TRUE;
}

static void on_end(j_compress_ptr info)
{
    Destination *out = (Destination *)info->dest;
    g_byte_array_append(out->bytes, out->block, (guint)(sizeof out->block - out->manager.free_in_buffer));
}

static void aim(MgkJpegWriter *writer)
{
    writer->out.manager.init_destination = on_start;
    writer->out.manager.empty_output_buffer = on_full;
    writer->out.manager.term_destination = on_end;
    writer->info.dest = &writer->out.manager;
}

static void set_density(struct jpeg_compress_struct *info, const MgkRaster *raster)
{
    if (!raster->density_x)
        return;
    double scale = raster->density_ratio ? 1.0 : 0.0254, x = raster->density_x * scale, y = raster->density_y * scale;
    while (raster->density_ratio && (x > 65535 || y > 65535)) {
        x /= 2;
        y /= 2;
    }
    if (x < 0.5 || y < 0.5 || x > 65535 || y > 65535)
        return;
    info->density_unit = raster->density_ratio ? 0 : 1;
    info->X_density = (UINT16)lround(x);
    info->Y_density = (UINT16)lround(y);
}

/* Chroma as sparse as the source's, in the steps every reader knows. */
static void set_sampling(struct jpeg_compress_struct *info, const MgkRaster *raster)
{
    if (info->num_components != 3)
        return;
    guint h = raster->sample_h, v = raster->sample_v;
    gboolean known = (h == 1 || h == 2) && (v == 1 || v == 2);
    info->comp_info[0].h_samp_factor = known ? (int)h : h == 4 ? 2 : 1;
    info->comp_info[0].v_samp_factor = known ? (int)v : 1;
}

static gboolean wants_optimizing(const MgkRaster *raster)
{
    guint64 pixels = (guint64)raster->width * raster->height;
    return pixels <= (raster->compact ? OPTIMIZE_COMPACT_PIXELS : OPTIMIZE_PIXELS);
}

static void start(MgkJpegWriter *writer)
{
    struct jpeg_compress_struct *info = &writer->info;
    const MgkRaster *raster = &writer->raster;
    aim(writer);
    info->image_width = raster->width;
    info->image_height = raster->height;
    info->input_components = raster->model == MGK_RASTER_GRAY ? 1 : 3;
    info->in_color_space = raster->model == MGK_RASTER_GRAY  ? JCS_GRAYSCALE
                           : raster->model == MGK_RASTER_RGB ? JCS_RGB
                                                             : JCS_YCbCr;
    jpeg_set_defaults(info);
    int quality = raster->quality ? CLAMP(raster->quality, QUALITY_MIN, QUALITY_MAX) : QUALITY_FROM_LOSSLESS;
    jpeg_set_quality(info, quality, TRUE);
    set_density(info, raster);
    set_sampling(info, raster);
    info->raw_data_in = raster->model == MGK_RASTER_YCC;
    info->optimize_coding = wants_optimizing(raster);
    jpeg_start_compress(info, TRUE);
}

MgkJpegWriter *mgk_jpeg_writer_new(const MgkRaster *raster, GError **error)
{
    if (raster->width > JPEG_MAX_DIMENSION || raster->height > JPEG_MAX_DIMENSION) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "JPEG: at most %d pixels a side", (int)JPEG_MAX_DIMENSION);
        return NULL;
    }
    g_return_val_if_fail(raster->depth == 8 && raster->model != MGK_RASTER_PALETTE, NULL);
    g_return_val_if_fail(raster->model != MGK_RASTER_GRAY_ALPHA && raster->model != MGK_RASTER_RGBA, NULL);
    MgkJpegWriter *writer = g_new0(MgkJpegWriter, 1);
    writer->raster = *raster;
    writer->out.bytes = g_byte_array_new();
    mgk_jpeg_error_init(&writer->jpeg);
    writer->source.err = &writer->jpeg.manager;
    writer->info.err = &writer->jpeg.manager;
    if (setjmp(writer->jpeg.home)) {
        mgk_jpeg_error_set(&writer->jpeg, (j_common_ptr)&writer->info, error);
        mgk_jpeg_writer_free(writer);
        return NULL;
    }
    jpeg_create_compress(&writer->info);
    start(writer);
    return writer;
}

void mgk_jpeg_writer_free(MgkJpegWriter *writer)
{
    if (!writer)
        return;
    jpeg_destroy_compress(&writer->info);
    jpeg_destroy_decompress(&writer->source);
    g_byte_array_unref(writer->out.bytes);
    g_free(writer);
}

static void write_band(MgkJpegWriter *writer, const guint8 *band)
{
    JSAMPROW lines[3][16];
    JSAMPARRAY planes[3] = {lines[0], lines[1], lines[2]};
    guint8 *at = (guint8 *)(gsize)band; /* libjpeg's interface has no const */
    for (guint plane = 0; plane < 3; plane++) {
        guint n = plane ? 8 : 8u * writer->raster.sample_v;
        for (guint i = 0; i < n; i++) {
            lines[plane][i] = at;
            at += plane ? mgk_raster_chroma_line(&writer->raster) : mgk_raster_luma_line(&writer->raster);
        }
    }
    jpeg_write_raw_data(&writer->info, planes, 8u * writer->raster.sample_v);
}

gboolean mgk_jpeg_writer_row(MgkJpegWriter *writer, const guint8 *row, GError **error)
{
    if (setjmp(writer->jpeg.home)) {
        mgk_jpeg_error_set(&writer->jpeg, (j_common_ptr)&writer->info, error);
        return FALSE;
    }
    if (writer->raster.model == MGK_RASTER_YCC) {
        write_band(writer, row);
    } else {
        JSAMPROW rows[1] = {(JSAMPROW)(gsize)row}; /* libjpeg's interface has no const */
        jpeg_write_scanlines(&writer->info, rows, 1);
    }
    return TRUE;
}

/* Codes the same coefficients once more with the other choice of Huffman tables: the pixels stay, the bytes change. */
static void recode(MgkJpegWriter *writer, const GByteArray *before)
{
    boolean optimized = writer->info.optimize_coding;
    jpeg_create_decompress(&writer->source);
    jpeg_mem_src(&writer->source, before->data, before->len);
    jpeg_read_header(&writer->source, TRUE);
    jvirt_barray_ptr *coefficients = jpeg_read_coefficients(&writer->source);
    jpeg_destroy_compress(&writer->info);
    jpeg_create_compress(&writer->info);
    aim(writer);
    jpeg_copy_critical_parameters(&writer->source, &writer->info);
    set_density(&writer->info, &writer->raster);
    writer->info.optimize_coding = !optimized;
    jpeg_write_coefficients(&writer->info, coefficients);
    jpeg_finish_compress(&writer->info);
}

static gboolean recode_safely(MgkJpegWriter *writer, GError **error)
{
    GByteArray *volatile before = writer->out.bytes;
    writer->out.bytes = g_byte_array_new();
    if (setjmp(writer->jpeg.home)) {
        mgk_jpeg_error_set(&writer->jpeg, (j_common_ptr)&writer->info, error);
        g_byte_array_unref(before);
        return FALSE;
    }
    recode(writer, before);
    g_byte_array_unref(before);
    return TRUE;
}

static gboolean end_picture(MgkJpegWriter *writer, GError **error)
{
    if (setjmp(writer->jpeg.home)) {
        mgk_jpeg_error_set(&writer->jpeg, (j_common_ptr)&writer->info, error);
        return FALSE;
    }
    jpeg_finish_compress(&writer->info);
    return TRUE;
}

gboolean mgk_jpeg_writer_finish(MgkJpegWriter *writer, MgkSink sink, gpointer user, GError **error)
{
    if (!end_picture(writer, error))
        return FALSE;
    if (mgk_signature_foreign(writer->out.bytes->data, writer->out.bytes->len)) {
        if (!recode_safely(writer, error))
            return FALSE;
        if (mgk_signature_foreign(writer->out.bytes->data, writer->out.bytes->len)) {
            g_set_error_literal(error, MGK_ERROR, MGK_ERROR_FAILED, "pixels keep spelling a foreign signature");
            return FALSE;
        }
    }
    return sink(user, writer->out.bytes->data, writer->out.bytes->len, error);
}
