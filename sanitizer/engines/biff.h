/* biff.h - rebuilds the stream "Workbook" of a BIFF8 workbook ([MS-XLS]) record by record, by rules/biff.def.
 *
 * Formulas that may not stay become the values they show; macro and dialog sheets become empty sheets of the same name;
 * what names and sheets formulas count by their index stay in their places, emptied, so that all indices hold. */
#pragma once

#include "model/job.h"

/* Rebuilds; findings go to job. The stream is in clear: FilePass, which says otherwise, is dropped when it was
 * unlocked. NULL with MGK_ERROR_MALFORMED, MGK_ERROR_ENCRYPTED, or MGK_ERROR_UNSUPPORTED (no BIFF8). */
GByteArray *mgk_biff_rebuild(MgkJob *job, const guint8 *data, gsize size, gboolean unlocked, GError **error);
