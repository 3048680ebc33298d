/* pdf_streams.h - what may be inside the streams of a PDF of ours. */
#pragma once

#include "checks/pdf_syntax.h"
#include "model/job.h"

/* All return NULL when the stream is one that our writer emits, else what is wrong with it (static). */

/* An image XObject: width, height, colour space and filter from its dictionary. */
const char *mgk_pdf_check_image(MgkJob *job, const MgkPdfValue *dict, const guint8 *data, gsize size);
/* A page's content: fills and images, or a drawing where the policy wants them (pdf_drawing.c), and one text object in
 * render mode 3. */
const char *mgk_pdf_check_content(MgkJob *job, const MgkPdfValue *page, const guint8 *data, gsize size);
/* A ToUnicode CMap: code by code from 1, each to one character. */
const char *mgk_pdf_check_unicode(const guint8 *data, gsize size);
/* A CIDToGIDMap: every code to glyph 0. */
const char *mgk_pdf_check_map(const guint8 *data, gsize size);
/* The one font program we have. */
const char *mgk_pdf_check_program(const guint8 *data, gsize size, guint64 length1);
/* How much of an image shows: gray, 1 or 8 bits. */
const char *mgk_pdf_check_mask(MgkJob *job, const MgkPdfValue *dict, const guint8 *data, gsize size);
/* A glyph of a font of outlines: d1 and one filled path. */
const char *mgk_pdf_check_procedure(const guint8 *data, gsize size);
/* The ToUnicode CMap by which each of its codes is a space. */
const char *mgk_pdf_check_spaces(const guint8 *data, gsize size);

/* For pdf_streams.c and pdf_drawing.c alone. */
GBytes *mgk_pdf_unpack(const guint8 *data, gsize size); /* NULL when it is not whole or too large */
/* A drawing from its q to its Q, which are the cursor's next; height: of the page in points. */
gboolean mgk_pdf_drawing_ok(const MgkPdfValue *resources, double height, MgkPdfCursor *cursor);
