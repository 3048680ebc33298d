/* text_out.h - writes the text of a document for the profile text: UTF-8 with a byte order mark, CRLF.
 *
 * Lines are collected, tidied and passed to job->write: characters that nobody sees but programs obey are left out
 * (engines/text_filter.h), blanks at line ends go, and no two empty lines follow each other. A document without any
 * visible character writes nothing at all. */
#pragma once

#include "model/job.h"

typedef struct MgkTextOut MgkTextOut;

MgkTextOut *mgk_text_out_new(MgkJob *job); /* job is borrowed */
void mgk_text_out_free(MgkTextOut *out);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkTextOut, mgk_text_out_free)

/* Adds to the present line; valid UTF-8. '\n' ends lines, '\t' stays, '\f' and '\v' end lines too. size -1: up to NUL.
 */
void mgk_text_out_add(MgkTextOut *out, const char *text, gssize size);
void mgk_text_out_newline(MgkTextOut *out);
/* Ends the present line, if anything stands in it. */
void mgk_text_out_break(MgkTextOut *out);
/* The same, and an empty line before what follows. */
void mgk_text_out_gap(MgkTextOut *out);
/* TRUE while nothing stands in the present line. */
gboolean mgk_text_out_at_start(const MgkTextOut *out);
/* Writes what is left. Errors: those of job->write, also of earlier calls. */
gboolean mgk_text_out_finish(MgkTextOut *out, GError **error);
