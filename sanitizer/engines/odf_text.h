/* odf_text.h - the text of OpenDocument files of our own writing, in reading order. */
#pragma once

#include "model/job.h"

/* handler->text of odt, ods, odp, odg and the flat format: the body in document order, tables as lines with tabs,
 * sheets and slides under 【name】; then notes, comments, titles of charts, headers and footers. What is not shown
 * (hidden text, sheets, rows, columns, slides; deleted text) has no text. */
gboolean mgk_odf_text(MgkJob *job, GError **error);
