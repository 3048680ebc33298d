/* pdf_output.h - the objects of a PDF file on their way out: numbering, streams, cross-reference table, strings. */
#pragma once

#include "model/job.h"

typedef struct MgkPdfOutput MgkPdfOutput;
/* reserved: objects 1 .. reserved are numbered beforehand and written later. */
MgkPdfOutput *mgk_pdf_output_new(MgkJob *job, guint reserved, GError **error);
void mgk_pdf_output_free(MgkPdfOutput *output);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkPdfOutput, mgk_pdf_output_free)

guint mgk_pdf_output_number(MgkPdfOutput *output); /* a new object's number */
/* Writes object `number` with this body. */
gboolean mgk_pdf_output_object(MgkPdfOutput *output, guint number, const char *body, GError **error);
/* Writes a stream whose dictionary begins with these entries; data is compressed here (deflate), or written as it is
 * when it is a JPEG. Bytes that spell a foreign file's signature are compressed differently. */
gboolean mgk_pdf_output_deflated(MgkPdfOutput *output, guint number, const char *entries, const guint8 *data,
                                 gsize size, GError **error);
gboolean mgk_pdf_output_jpeg(MgkPdfOutput *output, guint number, const char *entries, const guint8 *data, gsize size,
                             GError **error);
/* Cross-reference table and trailer. info may be 0. */
gboolean mgk_pdf_output_finish(MgkPdfOutput *output, guint catalog, guint info, GError **error);

/* A number with at most four decimals, without exponent, whatever the locale. */
void mgk_pdf_append_number(GString *out, double value);
/* A text string: UTF-16BE in hexadecimal. */
void mgk_pdf_append_text(GString *out, const char *utf8);
