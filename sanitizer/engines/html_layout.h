/* html_layout.h - paragraphs into lines, cells into columns. Paragraphs end either in the text or in a table's cell. */
#pragma once

#include "engines/html_style.h"
#include "engines/line_break.h"

#define MGK_HTML_COLUMNS 40 /* a table with more is set one cell after the other */

typedef enum { MGK_PARA_FLOW, MGK_PARA_FIXED, MGK_PARA_RULE } MgkParaKind;

typedef struct MgkPara {
    MgkParaKind kind; /* FIXED: lines stay as they are; RULE: a line across, no text */
    gboolean table;   /* FIXED because it is a table */
    char *text;       /* owned: UTF-8; LF breaks, U+00A0 holds */
    gsize length;
    char *first, *rest; /* owned: what its lines begin with: "1. ", "> " */
    guint gap;          /* blank lines before */
} MgkPara;

MgkPara *mgk_para_new(MgkParaKind kind, const char *text, gsize length);
void mgk_para_free(MgkPara *para);

typedef struct MgkHtmlOut {
    GString *text; /* owned */
    char *last;    /* owned: rest of the paragraph before */
    guint width;
    gboolean japanese;
    gboolean full; /* MGK_HTML_TEXT_BYTES passed: nothing more is written */
    guint64 steps;
} MgkHtmlOut;

#define MGK_HTML_TEXT_BYTES (64 * 1024 * 1024)

/* Writes a paragraph, wrapped to out->width; owns nothing of it. */
void mgk_out_para(MgkHtmlOut *out, const MgkPara *para);

typedef struct MgkCell {
    guint row;
    guint8 column, span;
    guint8 align; /* MgkCssAlign */
    gboolean header;
    guint gap;        /* blank lines after it */
    GPtrArray *paras; /* owned MgkPara; NULL: empty */
} MgkCell;

typedef struct MgkTable {
    GArray *cells; /* owned MgkCell */
    guint row, column, columns;
    guint16 left[MGK_HTML_COLUMNS]; /* rows that a cell from above still takes, with this one */
    gboolean data;                  /* has borders or header cells: surely meant as a table */
    gboolean linear;                /* too wide or too deep for columns */
    gsize paras;                    /* kept in its cells */
} MgkTable;

MgkTable *mgk_table_new(void);
void mgk_table_free(MgkTable *table);
void mgk_table_row(MgkTable *table);
/* The new cell, valid until the next call. */
MgkCell *mgk_table_cell(MgkTable *table, guint column_span, guint row_span);
void mgk_cell_take(MgkTable *table, MgkCell *cell, MgkPara *para);

typedef void (*MgkParaFunc)(gpointer data, MgkPara *para);
/* Lays out the cells for lines of width columns, hands the paragraphs that result to func, which owns them, and
 * forgets the cells. TRUE when they stand in columns. */
gboolean mgk_table_flush(MgkTable *table, MgkHtmlOut *out, guint width, MgkParaFunc func, gpointer data);

/* html_records.c: rewrites the cells of a table that is too wide as records, one row after the other: each cell one
 * paragraph that begins with the head of its column. Does nothing when the table has no head row. */
void mgk_table_records(MgkTable *table, MgkHtmlOut *out, MgkParaFunc func, gpointer data);

/* html_columns.c: widths[] of table's columns so that all fit into width; FALSE when they cannot. */
typedef struct MgkColumns {
    guint natural[MGK_HTML_COLUMNS], least[MGK_HTML_COLUMNS], widths[MGK_HTML_COLUMNS];
    guint paras;    /* of the fullest cell */
    guint longest;  /* columns of text in the fullest cell */
    guint used;     /* columns that hold anything */
    guint rows;     /* rows that hold anything */
    gboolean mixed; /* a cell holds a table */
} MgkColumns;
void mgk_columns_measure(MgkColumns *columns, const MgkTable *table, MgkHtmlOut *out);
gboolean mgk_columns_fit(MgkColumns *columns, guint count, guint separator, guint width);
