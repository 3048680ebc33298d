/* signature.h - byte sequences that make other programs take a file for something else. */
#pragma once

#include "model/job.h"

/* The name of the first foreign signature ("PDF", "ZIP directory", "script" …) in the bytes, or NULL. Encoders use it
 * on their own output, since pixels can be chosen so that compressed bytes spell one: on a hit they encode
 * differently. */
const char *mgk_signature_foreign(const guint8 *data, gsize size);
/* The same, and the offset of its first byte, for formats that can part their bytes there. *ret_at is untouched when
 * there is none. */
const char *mgk_signature_foreign_at(const guint8 *data, gsize size, gsize *ret_at);
/* What a block of bytes starts with, for telling what was hidden behind a file's end: "ZIP", "PDF", "program" …, NULL
 * when nothing known. */
const char *mgk_signature_head(const guint8 *data, gsize size);
/* Records what lies in the job's bytes from end, where the picture is over: another file, mere bytes, or nothing when
 * all of it is zeros. */
void mgk_signature_report_tail(MgkJob *job, gsize end);
