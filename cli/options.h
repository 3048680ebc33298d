/* options.h - the options of `clean` and `inspect`, read and checked. */
#pragma once

#include "model/policy.h"

typedef enum { MGK_REPORT_TEXT, MGK_REPORT_JSON, MGK_REPORT_JSONL, MGK_N_REPORTS } MgkReportStyle;

typedef struct MgkOptions {
    MgkPolicy policy; /* in force: built in, or file, with the profile asked for */
    MgkReportStyle style;
    guint jobs;      /* 0: one a processor */
    char *output;    /* owned; absolute path of the result folder, NULL: beside the input */
    gboolean stream; /* -o -: the only result goes to standard output */
    gboolean inspect;
    char **passwords; /* owned; candidates in order, or NULL */
    char **files;     /* owned; at least one */
} MgkOptions;

void mgk_options_clear(MgkOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgkOptions, mgk_options_clear)

/* Reads the arguments after the command's name. options must be zeroed. inspect: the command is `inspect`.
 * Prints help and exits on --help. Errors: MGK_ERROR_USAGE. */
gboolean mgk_options_parse(MgkOptions *options, int argc, char **argv, gboolean inspect, GError **error);
/* The policy in force: path, else the system's file, else built in. Errors: MGK_ERROR_USAGE: a file that is there but
 * cannot be read or understood never means the defaults. */
gboolean mgk_options_load_policy(MgkPolicy *policy, const char *path, GError **error);
/* What the policy needs and this computer lacks, in a sentence; NULL when nothing. Owned by the caller. */
char *mgk_options_lacks(const MgkPolicy *policy);
/* "ja" or "en" from --lang among the arguments, before anything is printed; NULL when it is not given. */
const char *mgk_options_language(int argc, char **argv);
/* Takes --lang out of argv, for commands without options of their own; main() has dealt with it. Returns the new argc.
 */
int mgk_options_drop_language(int argc, char **argv);
