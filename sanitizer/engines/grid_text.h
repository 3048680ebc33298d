/* grid_text.h - the text of binary workbooks for the profile text: one line a row, tabs between cells, numbers as their
 * formats show them; hidden rows and columns are left out. As engines/sheet_text.c does for xlsx. */
#pragma once

#include "model/job.h"

typedef struct MgkGrid MgkGrid;

MgkGrid *mgk_grid_new(MgkJob *job); /* job is borrowed */
void mgk_grid_free(MgkGrid *grid);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkGrid, mgk_grid_free)

void mgk_grid_dates_from_1904(MgkGrid *grid);
void mgk_grid_format(MgkGrid *grid, guint id, char *code); /* takes code; NULL is ignored */
void mgk_grid_style(MgkGrid *grid, guint format);          /* the next cell style has this format */
void mgk_grid_string(MgkGrid *grid, char *text);           /* the next shared string; takes text; NULL: empty */

/* Begins a sheet. */
void mgk_grid_sheet(MgkGrid *grid, const char *name);
/* Columns and rows are counted from 0; both calls come before the cells they hide. */
void mgk_grid_hide_columns(MgkGrid *grid, guint first, guint last);
void mgk_grid_hide_row(MgkGrid *grid, guint row);

/* A cell; those of a row follow each other. */
typedef struct MgkGridCell {
    guint row, column, style;
} MgkGridCell;
void mgk_grid_number(MgkGrid *grid, MgkGridCell cell, double number);
void mgk_grid_text(MgkGrid *grid, MgkGridCell cell, const char *text);
void mgk_grid_shared(MgkGrid *grid, MgkGridCell cell, guint string);
void mgk_grid_truth(MgkGrid *grid, MgkGridCell cell, gboolean truth);
void mgk_grid_error(MgkGrid *grid, MgkGridCell cell, guint8 error); /* [MS-XLS] 2.5.10 BErr */
/* A comment, behind the cells. */
void mgk_grid_remark(MgkGrid *grid, guint row, guint column, const char *text);
/* Errors: those of job->write. */
gboolean mgk_grid_finish(MgkGrid *grid, GError **error);

/* 32 bits of a number without its lower ones ([MS-XLS] 2.5.122 RkNumber). */
double mgk_grid_rk(guint32 rk);
