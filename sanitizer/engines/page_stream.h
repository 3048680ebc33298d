/* page_stream.h - the records in which a page decoder hands pages to an encoder that never saw the file.
 *
 * DOCUMENT (OUTLINE)* [PAGE (BAND PIXELS*)* (TEXT | LINK)* PAGE_END]*, one PAGE for each page, in their order; in place
 * of bands a page may have drawings, (SHAPES | IMAGE PIXELS* | DRAW)*, see draw_ops.h.
 * Several decoders may take turns (MGK_RECORD_TURN on PAGE_END); the first of them sends DOCUMENT and OUTLINE.
 * All numbers are 32 bits in the machine's own order; lengths are thousandths of a point, x to the right and y down
 * from the upper left corner of the page as displayed. The receiving side takes the sender for hostile: a record that
 * leaves this order or these bounds ends the job. */
#pragma once

#include "model/job.h"

#define MGK_PAGE_RECORD_BYTES (1024 * 1024)   /* of one record */
#define MGK_PAGE_BAND_BYTES (8 * 1024 * 1024) /* of one band's pixels */
#define MGK_PAGE_MAX_LENGTH 200000000         /* of a page side, 1/1000 pt */
#define MGK_PAGE_NO_PAGE G_MAXUINT32
#define MGK_PAGE_NO_POSITION G_MININT32

typedef enum {
    MGK_PAGE_DOCUMENT = 0x50440001,
    MGK_PAGE_OUTLINE,
    MGK_PAGE_PAGE,
    MGK_PAGE_BAND,
    MGK_PAGE_PIXELS,
    MGK_PAGE_TEXT,
    MGK_PAGE_LINK,
    MGK_PAGE_SHAPES,
    MGK_PAGE_IMAGE,
    MGK_PAGE_DRAW,
    MGK_PAGE_PAGE_END,
    MGK_PAGE_DOCUMENT_END, /* never sent: what the reader hands out when all pages are there */
} MgkPageRecordType;

typedef struct MgkPageDocument {
    guint32 pages;
} MgkPageDocument; /* followed by the title, UTF-8 */

typedef struct MgkPageOutline {
    guint32 depth; /* 0 at the top; at most one deeper than the item before */
    guint32 page;  /* target or MGK_PAGE_NO_PAGE */
    gint32 x, y;   /* on the target page, or MGK_PAGE_NO_POSITION */
    guint32 open;  /* children shown */
} MgkPageOutline;  /* followed by the title */

typedef struct MgkPageHead {
    guint32 index;                  /* in the whole document, from 0 */
    gint32 width, height;           /* of the page */
    guint32 px_width, px_height;    /* of its pixel grid */
    guint32 millidpi_x, millidpi_y; /* the grid's resolution: 1/1000 dots per inch */
    gint32 left, top;               /* of the grid's corner, within a point of the page's */
} MgkPageHead;                      /* followed by the page's label */

typedef enum { MGK_CODING_FILL, MGK_CODING_PALETTE, MGK_CODING_GRAY, MGK_CODING_RGB } MgkCoding;

typedef struct MgkPageBand {
    guint32 x, y, width, height; /* pixels */
    guint32 coding;              /* MgkCoding */
    guint32 bits;                /* PALETTE: 1 2 4 8, rows start on a byte; GRAY 8, RGB 24, FILL 0 */
    guint32 n_colors;            /* PALETTE: 1 to 1 << bits; FILL: 1; else 0 */
    guint32 smooth;              /* GRAY, RGB: few hard edges, chroma may be halved */
} MgkPageBand;                   /* followed by n_colors of 0xRRGGBB; then PIXELS records hold its rows */

typedef struct MgkPageRun {
    gint32 x, y;     /* origin of the first glyph on the baseline */
    gint32 cos, sin; /* of the reading direction, 1/1000000, y down */
    gint32 size;     /* em */
    guint32 n;       /* glyphs */
} MgkPageRun;        /* followed by n MgkPageGlyph; a TEXT record holds whole runs */

typedef struct MgkPageGlyph {
    guint32 character; /* Unicode scalar */
    gint32 width;      /* of the glyph */
    gint32 advance;    /* to the next glyph's origin, along the reading direction */
} MgkPageGlyph;

typedef struct MgkPageLink {
    gint32 x1, y1, x2, y2;
    guint32 page; /* target, or MGK_PAGE_NO_PAGE: a URI */
    gint32 x, y;  /* on the target page */
} MgkPageLink;    /* followed by the URI */

#include "engines/page_stream_io.h" /* sending and receiving */
