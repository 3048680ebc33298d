#include "engines/jpeg_read.h"

#include "engines/icc.h"
#include "engines/jpeg_error.h"
#include "engines/jpeg_quality.h"
#include "engines/turn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Progressive files of cameras and web servers have about ten scans; thousands are an attack on processor time. */
#define MAX_SCANS 250
/* A picture of which less than this part can be read is not worth showing. */
#define HOPELESS_PART 8

typedef struct Reader {
    struct jpeg_decompress_struct info;
    struct jpeg_progress_mgr progress;
    MgkJpegError jpeg;
    MgkJob *job; /* borrowed */
    const MgkExif *exif;
    MgkRaster raster;
    MgkIcc *icc;     /* owned */
    JOCTET *profile; /* owned, malloc'ed by libjpeg */
    unsigned profile_size;
    guint8 *row;    /* owned; as decoded */
    guint8 *colors; /* owned; CMYK sources: the row in RGB */
    gboolean cmyk, inverted, planes;
    MgkTurn *turn;  /* owned */
    GError *failed; /* owned; an error of ours */
} Reader;

static void reader_clear(Reader *reader)
{
    jpeg_destroy_decompress(&reader->info);
    mgk_icc_free(reader->icc);
    mgk_turn_free(reader->turn);
    free(reader->profile);
    g_free(reader->row);
    g_free(reader->colors);
    g_clear_error(&reader->failed);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reader, reader_clear)

static void on_progress(j_common_ptr info)
{
    MgkJpegError *jpeg = (MgkJpegError *)info->err;
    if (((j_decompress_ptr)info)->input_scan_number <= MAX_SCANS)
        return;
    jpeg->abandoned = "JPEG: too many scans";
    longjmp(jpeg->home, 1);
}

static void take_density(Reader *reader)
{
    MgkRaster *raster = &reader->raster;
    const struct jpeg_decompress_struct *info = &reader->info;
    gboolean known = info->saw_JFIF_marker && info->X_density && info->Y_density;
    if (known && (info->density_unit == 1 || info->density_unit == 2)) {
        double scale = info->density_unit == 1 ? 1 / 0.0254 : 100;
        raster->density_x = (guint32)lround(info->X_density * scale);
        raster->density_y = (guint32)lround(info->Y_density * scale);
    } else if (reader->exif->density_x) {
        raster->density_x = reader->exif->density_x;
        raster->density_y = reader->exif->density_y;
    } else if (known && info->X_density != info->Y_density) {
        raster->density_ratio = TRUE;
        raster->density_x = info->X_density;
        raster->density_y = info->Y_density;
    }
}

/* The tables of ITU-T T.81 annex K, which encoders use unless told to optimise, have these code lengths. */
static gboolean standard_huffman(const struct jpeg_decompress_struct *info)
{
    static const guint8 bits[17] = {0, 0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d};
    const JHUFF_TBL *table = info->ac_huff_tbl_ptrs[0];
    return table && memcmp(table->bits + 1, bits + 1, 16) == 0;
}

static void take_compression(Reader *reader)
{
    MgkRaster *raster = &reader->raster;
    const struct jpeg_decompress_struct *info = &reader->info;
    const JQUANT_TBL *table = info->quant_tbl_ptrs[info->comp_info[0].quant_tbl_no & 3];
    if (table)
        raster->quality = (guint8)mgk_jpeg_quality_estimate(table->quantval);
    raster->compact = info->progressive_mode || info->arith_code || !standard_huffman(info);
    if (raster->model != MGK_RASTER_RGB || info->num_components != 3)
        return;
    const jpeg_component_info *luma = &info->comp_info[0], *chroma = &info->comp_info[1];
    gboolean whole =
        luma->h_samp_factor % chroma->h_samp_factor == 0 && luma->v_samp_factor % chroma->v_samp_factor == 0;
    raster->sample_h = (guint8)(whole ? luma->h_samp_factor / chroma->h_samp_factor : 1);
    raster->sample_v = (guint8)(whole ? luma->v_samp_factor / chroma->v_samp_factor : 1);
}

static gboolean choose_colors(Reader *reader)
{
    struct jpeg_decompress_struct *info = &reader->info;
    switch (info->num_components) {
    case 1:
        info->out_color_space = JCS_GRAYSCALE;
        reader->raster.model = MGK_RASTER_GRAY;
        return TRUE;
    case 3:
        info->out_color_space = JCS_RGB;
        reader->raster.model = MGK_RASTER_RGB;
        return TRUE;
    case 4:
        info->out_color_space = JCS_CMYK;
        reader->raster.model = MGK_RASTER_RGB;
        reader->cmyk = TRUE;
        reader->inverted = info->saw_Adobe_marker;
        return TRUE;
    default:
        g_set_error(&reader->failed, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "JPEG with %d channels", info->num_components);
        return FALSE;
    }
}

static void read_front(Reader *reader)
{
    struct jpeg_decompress_struct *info = &reader->info;
    jpeg_create_decompress(info);
    info->progress = &reader->progress;
    reader->progress.progress_monitor = on_progress;
    jpeg_mem_src(info, reader->job->data, reader->job->size);
    jpeg_save_markers(info, JPEG_APP0 + 2, 0xffff);
    jpeg_read_header(info, TRUE);
    if (!choose_colors(reader))
        return;
    reader->raster.width = info->image_width;
    reader->raster.height = info->image_height;
    reader->raster.depth = 8;
    take_density(reader);
    if (!mgk_raster_validate(&reader->raster, &reader->job->policy->limits, &reader->failed))
        return;
    jpeg_read_icc_profile(info, &reader->profile, &reader->profile_size);
}

static gboolean sampled_plainly(const struct jpeg_decompress_struct *info)
{
    for (int i = 0; i < 3; i++) {
        int most = i == 0 ? 2 : 1;
        if (info->comp_info[i].h_samp_factor > most || info->comp_info[i].v_samp_factor > most)
            return FALSE;
    }
    return TRUE;
}

/* From JPEG to JPEG upright and without a change of colours, the planes cross as they are: no resampling of chroma, so
 * less work and no loss beyond the coefficients' rounding. */
static void start(Reader *reader)
{
    struct jpeg_decompress_struct *info = &reader->info;
    reader->planes = reader->raster.model == MGK_RASTER_RGB && info->num_components == 3 &&
                     info->jpeg_color_space == JCS_YCbCr && sampled_plainly(info) && !reader->icc &&
                     reader->exif->orientation <= 1 && reader->job->outcome.format == MGK_FORMAT_ID_jpeg;
    info->raw_data_out = reader->planes;
    jpeg_start_decompress(info);
    take_compression(reader); /* progressive files may define tables late */
    if (reader->planes)
        reader->raster.model = MGK_RASTER_YCC;
}

static void plain_cmyk(const Reader *reader, const guint8 *in, guint8 *out)
{
    guint8 flip = reader->inverted ? 0 : 0xff;
    for (guint32 x = 0; x < reader->raster.width; x++, in += 4, out += 3) {
        guint white = in[3] ^ flip;
        for (guint c = 0; c < 3; c++)
            out[c] = (guint8)((guint)(in[c] ^ flip) * white / 255);
    }
}

static gboolean put_row(Reader *reader)
{
    guint8 *shown = reader->row;
    if (reader->cmyk) {
        shown = reader->colors;
        if (reader->icc)
            mgk_icc_apply(reader->icc, reader->row, shown, reader->raster.width);
        else
            plain_cmyk(reader, reader->row, shown);
    } else if (reader->icc) {
        mgk_icc_apply(reader->icc, shown, shown, reader->raster.width);
    }
    return mgk_turn_row(reader->turn, shown, &reader->failed);
}

/* Edge blocks beyond the last line are not written by libjpeg; they keep what the band before left there. */
static void read_bands(Reader *reader)
{
    const MgkRaster *raster = &reader->raster;
    JSAMPROW lines[3][16];
    JSAMPARRAY planes[3] = {lines[0], lines[1], lines[2]};
    guint8 *at = reader->row;
    for (guint plane = 0; plane < 3; plane++) {
        guint n = plane ? 8 : 8u * raster->sample_v;
        for (guint i = 0; i < n; i++) {
            lines[plane][i] = at;
            at += plane ? mgk_raster_chroma_line(raster) : mgk_raster_luma_line(raster);
        }
    }
    while (reader->info.output_scanline < reader->info.output_height) {
        jpeg_read_raw_data(&reader->info, planes, 8u * raster->sample_v);
        if (!mgk_turn_row(reader->turn, reader->row, &reader->failed))
            return;
    }
}

static void read_rows(Reader *reader)
{
    JSAMPROW rows[1] = {reader->row};
    while (reader->info.output_scanline < reader->info.output_height) {
        jpeg_read_scanlines(&reader->info, rows, 1);
        if (!put_row(reader))
            return;
    }
}

/* FALSE when libjpeg gave up or work() left an error of ours. Nothing in work() may own memory: libjpeg jumps. */
static gboolean guarded(Reader *reader, void (*work)(Reader *reader), GError **error)
{
    if (setjmp(reader->jpeg.home)) {
        mgk_jpeg_error_set(&reader->jpeg, (j_common_ptr)&reader->info, error);
        return FALSE;
    }
    work(reader);
    if (reader->failed)
        g_propagate_error(error, g_steal_pointer(&reader->failed));
    else
        return TRUE;
    return FALSE;
}

static void prepare_colors(Reader *reader)
{
    if (reader->cmyk)
        mgk_job_find(reader->job, MGK_KIND_IMAGE_CMYK, NULL, NULL);
    if (!reader->profile)
        return;
    mgk_job_find(reader->job, MGK_KIND_IMAGE_PROFILE, "ICC", NULL);
    MgkIccInk ink = reader->cmyk ? (reader->inverted ? MGK_ICC_CMYK_INVERTED : MGK_ICC_CMYK)
                    : reader->raster.model == MGK_RASTER_GRAY ? MGK_ICC_GRAY
                                                              : MGK_ICC_RGB;
    reader->icc = mgk_icc_new(reader->profile, reader->profile_size, ink, 8, FALSE);
}

static void reserve(Reader *reader)
{
    gsize width = reader->raster.width, decoded = width * (gsize)reader->info.output_components;
    reader->row = g_malloc0(reader->planes ? mgk_raster_row_bytes(&reader->raster) : decoded);
    reader->colors = reader->cmyk ? g_malloc(width * 3) : NULL;
}

/* Judges what was shown when the data ended too soon: in the first scan of any file, rows that were never reached are
 * gray invention. */
static gboolean judge_damage(const Reader *reader, GError **error)
{
    const MgkJpegError *jpeg = &reader->jpeg;
    if (jpeg->warnings == 0)
        return TRUE;
    gint64 rows = (gint64)reader->info.total_iMCU_rows;
    if (jpeg->early_end && jpeg->end_scan <= 1 && (gint64)jpeg->end_row * HOPELESS_PART < rows) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "JPEG: almost nothing of the picture is there");
        return FALSE;
    }
    g_autofree char *detail = g_strdup_printf("%u warnings%s", jpeg->warnings, jpeg->early_end ? ", cut short" : "");
    mgk_job_find(reader->job, MGK_KIND_IMAGE_DAMAGED, NULL, detail);
    return TRUE;
}

/* Rows decoded before libjpeg gave up still show; enough of them make a picture. */
static gboolean rescue(Reader *reader, GError **error)
{
    g_autoptr(GError) local = NULL;
    if (guarded(reader, reader->planes ? read_bands : read_rows, &local))
        return judge_damage(reader, error);
    guint32 rows = mgk_turn_rows(reader->turn);
    if (!g_error_matches(local, MGK_ERROR, MGK_ERROR_MALFORMED) || rows == 0 ||
        rows < mgk_raster_rows(&reader->raster) / HOPELESS_PART) {
        g_propagate_error(error, g_steal_pointer(&local));
        return FALSE;
    }
    mgk_job_find(reader->job, MGK_KIND_IMAGE_DAMAGED, NULL, local->message);
    return TRUE;
}

gboolean mgk_jpeg_read(MgkJob *job, const MgkJpegScan *scan, GError **error)
{
    g_auto(Reader) reader = {.job = job, .exif = &scan->exif};
    mgk_jpeg_error_init(&reader.jpeg);
    reader.info.err = &reader.jpeg.manager;
    if (!guarded(&reader, read_front, error))
        return FALSE;
    prepare_colors(&reader);
    if (!guarded(&reader, start, error))
        return FALSE;
    reserve(&reader);
    reader.turn = mgk_turn_new(job, &reader.raster, scan->exif.orientation, error);
    return reader.turn && rescue(&reader, error) && mgk_turn_finish(reader.turn, error);
}
