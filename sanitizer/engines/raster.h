/* raster.h - pictures on their way from a decoder to an encoder in another worker.
 *
 * The stream of one picture is a HEADER record, ROWS records (the rows' bytes in order, top to bottom, each row
 * starting on a byte, cut anywhere, 1 MiB at most) and an END record; several pictures follow one another. Samples are
 * packed as PNG packs them (most significant bit first, 16 bits big-endian), so a PNG needs no repacking. The encoder
 * believes nothing: the decoder was fed by a stranger. */
#pragma once

#include "model/job.h"

#define MGK_RASTER_CHUNK (MGK_MIB)

typedef enum { MGK_RASTER_RECORD_HEADER = 0x101, MGK_RASTER_RECORD_ROWS, MGK_RASTER_RECORD_END } MgkRasterRecord;

typedef enum {
    MGK_RASTER_GRAY = 1,
    MGK_RASTER_GRAY_ALPHA = 2,
    MGK_RASTER_RGB = 3,
    MGK_RASTER_RGBA = 4,
    MGK_RASTER_PALETTE = 5,
    /* JPEG to JPEG only: brightness and colour planes as the source sampled them, depth 8, sample_h and sample_v 1
     * or 2. A "row" is then a band: 8 × sample_v lines of luma, 8 of each chroma plane, lines padded to whole blocks.
     */
    MGK_RASTER_YCC = 6,
} MgkRasterModel;

typedef struct MgkRaster {
    guint32 width, height; /* pixels, at least 1 */
    MgkRasterModel model;
    guint8 depth;                 /* bits a sample: 1 2 4 8 16 gray; 1 2 4 8 palette; 8 16 others */
    gboolean has_key;             /* GRAY and RGB: this colour is transparent */
    guint16 key[3];               /* below 1 << depth; gray uses key[0] */
    guint32 density_x, density_y; /* 0 unknown; pixels a metre, or a mere ratio when density_ratio */
    gboolean density_ratio;
    guint8 quality;            /* lossy source: IJG quality 1 to 100; 0 lossless or unknown */
    guint8 sample_h, sample_v; /* lossy source: luma samples for each chroma sample, 1 to 4; 0 unknown */
    gboolean compact;          /* the source's entropy coding was optimised for it */
    guint16 n_colors;          /* PALETTE: 1 to 1 << depth, else 0 */
    /* One of several pictures shown in turn: the picture lies at left, top in a canvas. */
    guint32 canvas_width, canvas_height; /* 0: the picture is all of the canvas */
    guint32 left, top;
    guint32 duration;       /* milliseconds that it stays; 0 as the viewer likes */
    guint16 loops;          /* how often all of them are shown; 0 without end */
    guint8 disposal;        /* as GIF89a: 0 and 1 it stays, 2 its place is wiped, 3 what was there before comes back */
    guint8 palette[256][4]; /* red green blue alpha */
} MgkRaster;

guint mgk_raster_channels(const MgkRaster *raster); /* 1 for PALETTE */
/* How many rows (of YCC: bands) make the picture. */
guint32 mgk_raster_rows(const MgkRaster *raster);
/* Bytes of one luma and one chroma line of a YCC band. */
gsize mgk_raster_luma_line(const MgkRaster *raster);
gsize mgk_raster_chroma_line(const MgkRaster *raster);
/* Bytes of one row. Only for a raster that passed mgk_raster_validate(). */
gsize mgk_raster_row_bytes(const MgkRaster *raster);
/* FALSE with MGK_ERROR_LIMIT (image_pixels) or MGK_ERROR_MALFORMED when a number is out of bounds. */
gboolean mgk_raster_validate(const MgkRaster *raster, const MgkLimits *limits, GError **error);

/* What all pictures of one file may cost together; starts as zeros. */
typedef struct MgkRasterBudget {
    guint64 pictures, pixels;
} MgkRasterBudget;
/* Counts one more picture. FALSE with MGK_ERROR_LIMIT (image_frames, image_total_pixels). */
gboolean mgk_raster_budget_take(MgkRasterBudget *budget, const MgkRaster *raster, const MgkLimits *limits,
                                GError **error);

/* Decoder side. One writer a picture; rows in order; finish after the last one. The raster is copied. */
typedef struct MgkRasterWriter MgkRasterWriter;
MgkRasterWriter *mgk_raster_writer_new(MgkJob *job, const MgkRaster *raster, GError **error);
gboolean mgk_raster_writer_row(MgkRasterWriter *writer, const guint8 *row, GError **error);
/* Ends the picture; rows not yet written become white, transparent, the first colour of a palette, or gray (YCC). */
gboolean mgk_raster_writer_finish(MgkRasterWriter *writer, GError **error);
void mgk_raster_writer_free(MgkRasterWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkRasterWriter, mgk_raster_writer_free)
/* Rows written so far. */
guint32 mgk_raster_writer_rows(const MgkRasterWriter *writer);

/* Encoder side. */
typedef struct MgkRasterReader MgkRasterReader;
MgkRasterReader *mgk_raster_reader_new(MgkJob *job);
void mgk_raster_reader_free(MgkRasterReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkRasterReader, mgk_raster_reader_free)
/* The next picture's header, validated, borrowed until the next call; *ret_raster NULL at the orderly end. */
gboolean mgk_raster_reader_next(MgkRasterReader *reader, const MgkRaster **ret_raster, GError **error);
/* One row of mgk_raster_row_bytes(). The last row also takes the END record. */
gboolean mgk_raster_reader_row(MgkRasterReader *reader, guint8 *row, GError **error);
