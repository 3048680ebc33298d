/* pdf_streams.h - what may be inside the streams of a PDF of ours. */
#pragma once

#include "checks/pdf_syntax.h"
#include "model/job.h"

/* All return NULL when the stream is one that our writer emits, else what is wrong with it (static). */

/* An image XObject: width, height, colour space and filter from its dictionary. */
const char *mgk_pdf_check_image(MgkJob *job, const MgkPdfValue *dict, const guint8 *data, gsize size);
/* A page's content: fills, images, one text object in render mode 3. resources is the page's. */
const char *mgk_pdf_check_content(const MgkPdfValue *resources, const guint8 *data, gsize size);
/* A ToUnicode CMap: code by code from 1, each to one character. */
const char *mgk_pdf_check_unicode(const guint8 *data, gsize size);
/* A CIDToGIDMap: every code to glyph 0. */
const char *mgk_pdf_check_map(const guint8 *data, gsize size);
/* The one font program we have. */
const char *mgk_pdf_check_program(const guint8 *data, gsize size, guint64 length1);
