/* csv.h - the second look at tables as text; shares nothing with the cleaning. */
#pragma once

#include "model/job.h"

/* Accepts what mgk_check_text() accepts and in which, for each of comma, tab, semicolon and pipe, no cell starts with
 * = + - @ (or their full-width forms) and then, behind numbers and operators, a function call, a DDE link or another
 * sheet's name. MGK_ERROR_MALFORMED otherwise. */
gboolean mgk_check_csv(MgkJob *job, GError **error);
