/* page_stream_io.h - sending and receiving the records of page_stream.h. */
#pragma once

#include "engines/draw_ops.h"
#include "engines/page_stream.h"

/* Sends one record: head (a struct of page_stream.h) and what follows it. */
gboolean mgk_page_stream_send(MgkJob *job, MgkPageRecordType type, gconstpointer head, gsize head_size,
                              gconstpointer tail, gsize tail_size, GError **error);

typedef struct MgkPageRecord {
    MgkPageRecordType type;
    union {
        guint8 head[64]; /* as received */
        MgkPageDocument document;
        MgkPageOutline outline;
        MgkPageHead page;
        MgkPageBand band;
        MgkPageLink link;
        MgkPageImage image;
    };
    const char *text;      /* title, label or URI: valid UTF-8 without controls, NUL-terminated; "" when none */
    const guint32 *colors; /* BAND, IMAGE: n_colors of 0xRRGGBB */
    const guint8 *data; /* BAND, IMAGE: all pixels, a mask behind them; TEXT: runs, for mgk_page_stream_run(); SHAPES,
                           DRAW: for mgk_draw_next_shape() and mgk_draw_next() */
    gsize size;
} MgkPageRecord; /* everything borrowed from the reader until the next call */

/* Receives and validates; hands out a BAND or IMAGE together with its pixels, so PIXELS never comes out. */
typedef struct MgkPageReader MgkPageReader;
MgkPageReader *mgk_page_reader_new(MgkJob *job);
void mgk_page_reader_free(MgkPageReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkPageReader, mgk_page_reader_free)
/* The next record. Errors: MGK_ERROR_MALFORMED or MGK_ERROR_LIMIT; a stream that ends early is malformed. */
gboolean mgk_page_reader_next(MgkPageReader *reader, MgkPageRecord *ret_record, GError **error);
/* The run at *offset of a TEXT record's data, and moves *offset behind it; FALSE at the end. Validated before. */
gboolean mgk_page_stream_run(const MgkPageRecord *record, gsize *offset, MgkPageRun *ret_run,
                             const MgkPageGlyph **ret_glyphs);

/* Bytes of one row of a band; an image as the band that its pixels would be. */
MgkPageBand mgk_page_stream_image_band(const MgkPageImage *image);
gsize mgk_page_stream_row_bytes(const MgkPageBand *band);
/* http, https or mailto with nothing but the characters of RFC 3986. */
gboolean mgk_page_stream_uri_ok(const char *uri);
/* A Unicode scalar that may stand in a text layer: no control, surrogate, noncharacter, bidi control or tag. */
gboolean mgk_page_stream_character_ok(guint32 character);
