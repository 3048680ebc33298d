/* biff.h - rebuilds the stream "Workbook" of a BIFF8 workbook ([MS-XLS]) record by record, by rules/biff.def.
 *
 * Formulas that may not stay become the values they show; macro and dialog sheets become empty sheets of the same name;
 * what names and sheets formulas count by their index stay in their places, emptied, so that all indices hold. */
#pragma once

#include "model/job.h"

/* Rebuilds; findings go to job. NULL with MGK_ERROR_MALFORMED, or MGK_ERROR_UNSUPPORTED (no BIFF8). */
GByteArray *mgk_biff_rebuild(MgkJob *job, const guint8 *data, gsize size, GError **error);
