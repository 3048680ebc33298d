/* sanitizer.h - the facade of libmugaika: open with a policy, clean one input, get a report and an output.
 *
 * Nothing hostile is parsed in the caller's process: every byte of an input is read by a fresh, locked worker process
 * (docs/ARCHITECTURE.md). All functions may be called from several threads on one MgkSanitizer. */
#pragma once

#include "model/error.h"
#include "model/mail_rules.h"
#include "model/policy.h"
#include "model/report.h"

typedef struct MgkSanitizer MgkSanitizer;

typedef struct MgkSanitizerOptions {
    guint jobs;              /* top-level inputs worked on at the same time; 0 = number of processors */
    const char *worker_path; /* borrowed; NULL = libexec, or beside the executable in a build tree */
    gboolean full_self_test; /* all forbidden acts instead of the quick eight */
    const char *first_name; /* borrowed; of the first input, any bytes, NULL when not known: a hint which worker factory
                             * to start now; the other one is started, and proved, when a job needs it */
} MgkSanitizerOptions;

/* What this machine lacks for a policy ("soffice" for the profile image); NULL when nothing; static. */
const char *mgk_sanitizer_missing(const MgkPolicy *policy);
/* Starts the worker factory and proves the sandbox. Copies the policy. options may be NULL.
 * Errors: MGK_ERROR_SANDBOX when isolation cannot be had (do not go on), MGK_ERROR_USAGE. */
MgkSanitizer *mgk_sanitizer_new(const MgkPolicy *policy, const MgkSanitizerOptions *options, GError **error);
void mgk_sanitizer_free(MgkSanitizer *sanitizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkSanitizer, mgk_sanitizer_free)

typedef struct MgkInput {
    int fd;                       /* borrowed; readable from offset 0, regular file or memfd; read to its end once */
    const char *name;             /* borrowed; base name as found, any bytes; decides nothing but is compared */
    const char *const *passwords; /* borrowed, NULL-terminated candidates, or NULL */
    gboolean inspect_only;        /* find and judge, produce no output */
    const MgkEnvelope *envelope;  /* borrowed; how a mail came; NULL: not known, and no field of it is trusted */
} MgkInput;

/* Cleans one input. Always returns a report (owned by the caller): every failure inside ends as held with a reason.
 * *ret_output becomes a descriptor (owned by the caller, at offset 0, read it to its end) of the checked output when
 * the verdict crosses and inspect_only is off, else -1. Blocks; at most options.jobs callers run at once. */
MgkReport *mgk_sanitizer_clean(MgkSanitizer *sanitizer, const MgkInput *input, int *ret_output);

/* Asks running calls to end soon: their reports come back held/interrupted. Async-signal-safe. */
void mgk_sanitizer_interrupt(MgkSanitizer *sanitizer);

/* What the worker is made of, for --version: newline-separated "name version" lines; owned by the caller. */
char *mgk_sanitizer_libraries(MgkSanitizer *sanitizer);
/* How locked the workers are: "strict landlock=7 seccomp namespaces=no"; borrowed. */
const char *mgk_sanitizer_sandbox_level(const MgkSanitizer *sanitizer);
