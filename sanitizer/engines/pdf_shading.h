/* pdf_shading.h - gradients as shadings of a PDF (ISO 32000-1, 8.7.4.5.3 and 8.7.4.5.4). */
#pragma once

#include "engines/draw_ops.h"
#include "engines/pdf_output.h"

/* Writes the gradient of a checked FILL, its stops in small, as object `number`; lengths are divided by unit. */
gboolean mgk_pdf_shading_write(MgkPdfOutput *output, guint number, const MgkDrawOp *op, const guint32 *small, gint unit,
                               GError **error);
