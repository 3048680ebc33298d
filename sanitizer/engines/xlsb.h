/* xlsb.h - rebuilds the parts of a binary workbook ([MS-XLSB]) record by record, by rules/xlsb.def.
 *
 * Formulas that may not stay become the values they show; names and references to sheets that may not stay keep their
 * places, emptied, since formulas count them. What the shape of a record does not account for does not cross. */
#pragma once

#include "model/job.h"
#include "rules/opc_rules.h"

typedef struct MgkXlsbBook MgkXlsbBook;

/* What the book asks of the package; user is the part's owner's own. */
typedef struct MgkXlsbPackage {
    /* The id under which a relationship crosses; NULL when it does not. */
    const char *(*resolve)(gpointer user, const char *id);
    gboolean (*sink)(gpointer user, const void *data, gsize size, GError **error);
    gpointer user;
} MgkXlsbPackage;

MgkXlsbBook *mgk_xlsb_book_new(MgkJob *job); /* job is borrowed */
void mgk_xlsb_book_free(MgkXlsbBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkXlsbBook, mgk_xlsb_book_free)

/* Where a relationship of a sheet leads: nowhere; to a sheet whose cells do not cross, or has none; to one of cells. */
typedef enum { MGK_XLSB_NO_SHEET, MGK_XLSB_OTHER_SHEET, MGK_XLSB_CELL_SHEET } MgkXlsbSheet;

/* Reads xl/workbook.bin: sheets, names, references. FALSE with MGK_ERROR_MALFORMED. */
gboolean mgk_xlsb_survey(MgkXlsbBook *book, GBytes *workbook, MgkXlsbSheet (*sheet)(gpointer user, const char *id),
                         gpointer user, GError **error);
/* Calls back with the text of each name that may not be used. */
void mgk_xlsb_lost_names(const MgkXlsbBook *book, GFunc lost, gpointer user);
/* Rebuilds one part; findings go to the job. FALSE with MGK_ERROR_MALFORMED, or an error of the sink. */
gboolean mgk_xlsb_rebuild(MgkXlsbBook *book, MgkBinaryPart part, GBytes *data, const MgkXlsbPackage *package,
                          GError **error);
/* A worksheet without cells: what becomes of macro and dialog sheets. */
GByteArray *mgk_xlsb_empty_sheet(void);
