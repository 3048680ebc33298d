/* fake_job.h - runs handlers in this process, without isolation: for unit tests, fuzzing and development. Never
 * shipped. */
#pragma once

#include "model/job.h"
#include "model/report.h"

typedef struct FakeRun {
    const char *password; /* borrowed; of the outermost file */
    MgkPolicy policy;     /* change before fake_run_clean() */
    MgkFormatId want;     /* what a container would ask for; NONE unless changed */
    MgkReport *report;
    GByteArray *output; /* what job->write got, or the encoder's */
    MgkOutcome outcome;
} FakeRun;

FakeRun *fake_run_new(void);
void fake_run_free(FakeRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FakeRun, fake_run_free)

/* Probes all formats; NONE when nobody recognises the bytes. */
MgkFormatId fake_detect(const guint8 *data, gsize size, const char *name);
/* walk (if any), clean, encode (if pixels were sent) with children cleaned in-process, then check. format may be NONE:
 * detected. FALSE with error = the job failed; TRUE = see run->outcome, run->output, run->report. */
gboolean fake_run_clean(FakeRun *run, const guint8 *data, gsize size, const char *name, MgkFormatId format,
                        GError **error);
/* Only the checker of a format over given bytes. */
gboolean fake_run_check(FakeRun *run, const guint8 *data, gsize size, MgkFormatId format, GError **error);
/* handler->text over given bytes, which are a cleaned file of that format; the text goes to run->output. */
gboolean fake_run_text(FakeRun *run, const guint8 *data, gsize size, MgkFormatId format, GError **error);
/* TRUE when a finding of this kind is anywhere in the tree. */
gboolean fake_run_found(const FakeRun *run, MgkKind kind);
/* A sink for writers: appends to user, a GByteArray. Never fails. */
gboolean fake_sink(gpointer user, const void *data, gsize size, GError **error);
