/* report_text.h - a report in the words of a clerk, in the language of words.h: at most three lines a file. */
#pragma once

#include "model/report_json.h"

/* One to three lines, each ended by a newline: what became of the file, what was taken out or why it stays behind, and
 * what to look at. Names stand in 「」, escaped, on one line. Uses context's input and output. Owned by the caller. */
char *mgk_report_text(const MgkReport *report, const MgkReportContext *context);
/* "一部変更": the words for a level and for a verdict; static. */
const char *mgk_report_level_words(MgkLevel level);
const char *mgk_report_verdict_words(MgkVerdict verdict);
