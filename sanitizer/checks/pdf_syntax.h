/* pdf_syntax.h - a strict reader of the few shapes of PDF syntax that our own writer emits (ISO 32000-1, 7.3).
 *
 * No comments, no octal escapes, no #xx in names, no white space but where the writer puts it is demanded by nobody,
 * but only space, line feed and carriage-return-free text is accepted. */
#pragma once

#include <glib.h>

typedef enum {
    MGK_PDF_NULL,
    MGK_PDF_BOOLEAN,
    MGK_PDF_NUMBER,
    MGK_PDF_NAME,
    MGK_PDF_STRING, /* literal */
    MGK_PDF_HEX,
    MGK_PDF_ARRAY,
    MGK_PDF_DICT, /* items: key, value, key, value … */
    MGK_PDF_REFERENCE,
    MGK_PDF_OPERATOR, /* in content streams */
} MgkPdfType;

typedef struct MgkPdfValue {
    MgkPdfType type;
    gboolean integer;   /* NUMBER without a decimal point */
    double number;      /* NUMBER; BOOLEAN 0 or 1; REFERENCE: object number */
    const guint8 *text; /* borrowed: NAME without slash, STRING and HEX without their brackets, OPERATOR */
    gsize length;
    GArray *items; /* owned: of MgkPdfValue */
} MgkPdfValue;

typedef struct MgkPdfCursor {
    const guint8 *at, *end; /* borrowed */
} MgkPdfCursor;

/* Reads one value; references are recognised when allow_references, operators else. FALSE: not our syntax. */
gboolean mgk_pdf_value_read(MgkPdfCursor *cursor, gboolean allow_references, MgkPdfValue *ret_value);
void mgk_pdf_value_clear(MgkPdfValue *value);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgkPdfValue, mgk_pdf_value_clear)
void mgk_pdf_skip_space(MgkPdfCursor *cursor);
/* Consumes exactly these bytes. */
gboolean mgk_pdf_expect(MgkPdfCursor *cursor, const char *text);
/* An unsigned integer of at most ten digits without leading zeros. */
gboolean mgk_pdf_unsigned(MgkPdfCursor *cursor, guint64 *ret_number);

gboolean mgk_pdf_is(const MgkPdfValue *value, MgkPdfType type, const char *text);
gboolean mgk_pdf_is_integer(const MgkPdfValue *value, double minimum, double maximum);
guint mgk_pdf_count(const MgkPdfValue *value); /* items of an ARRAY, pairs of a DICT */
const MgkPdfValue *mgk_pdf_item(const MgkPdfValue *value, guint index);
/* The value of a key, NULL when absent. */
const MgkPdfValue *mgk_pdf_get(const MgkPdfValue *dict, const char *key);
