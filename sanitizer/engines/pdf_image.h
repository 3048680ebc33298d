/* pdf_image.h - pixels as an image of a PDF: long runs deflated, photographs as JPEG. */
#pragma once

#include "engines/page_stream.h"
#include "engines/pdf_output.h"

typedef struct MgkPdfImage {
    const MgkPageBand *band; /* its size and coding; PALETTE, GRAY or RGB */
    const guint32 *colors;   /* of a palette: 0xRRGGBB */
    const guint8 *data;      /* mgk_page_stream_row_bytes() × height */
    guint32 millidpi;        /* about how fine it is seen: decides the quality of photographs */
    guint mask;              /* object number of its soft mask, or 0 */
} MgkPdfImage;

/* Compresses and writes it as object `number`. */
gboolean mgk_pdf_image_write(MgkPdfOutput *output, guint number, const MgkPdfImage *image, GError **error);
