/* chart_text.h - the words and values of a chart (ISO/IEC 29500-1, 21.2), for taking text. */
#pragma once

#include "engines/text_out.h"
#include "engines/xml_events.h"

/* Titles as lines; then the categories as one line and a line for each series, cells behind tabs, as cached in the
 * chart. Errors: those of the reader. */
gboolean mgk_chart_text(MgkZip *zip, const char *member, MgkTextOut *out, GError **error);
