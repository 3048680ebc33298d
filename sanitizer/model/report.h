/* report.h - what was found in one file, what was done, and what became of it: a tree, a node per file.
 *
 * Plain data. Nodes own their children and strings; strings out of files are kept as they came (valid UTF-8, bounded)
 * and must be escaped by whoever prints them (names.h). */
#pragma once

#include "model/kind.h"
#include "model/verdict.h"

typedef struct MgkFinding {
    MgkKind kind;
    MgkAction action; /* what was done, not what was configured */
    guint count;      /* how many times, at least 1 */
    char *where;      /* owned; part path inside the file ("word/document.xml"), may be "" */
    char *detail;     /* owned; bounded excerpt, untrusted, may be "" */
} MgkFinding;

typedef struct MgkReport MgkReport;
struct MgkReport {
    char *name;       /* owned; display name, UTF-8, untrusted */
    char *format;     /* owned; format id ("docx") or "unknown" */
    char *media_type; /* owned; what libmagic says, or "" */
    MgkVerdict verdict;
    MgkReason reason;    /* NONE when it crosses */
    char *reason_detail; /* owned; engineer's words (English, bounded), may be "" */
    char *output_name;   /* owned; name with its true extension when it crosses, else NULL */
    guint64 size_in, size_out;
    char sha256_in[65], sha256_out[65]; /* lower-case hex, "" when unknown */
    const char *sandbox;                /* profile of the job that did the work ("strict"); static */
    GPtrArray *findings;                /* owned; of MgkFinding* */
    guint findings_omitted;             /* beyond the limit */
    GPtrArray *children;                /* owned; of MgkReport* */
    gint64 started_us, finished_us;     /* g_get_real_time */
};

MgkReport *mgk_report_new(const char *name);
void mgk_report_free(MgkReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkReport, mgk_report_free)

/* Merges with an equal finding (kind, action, where, detail), else appends; past max only counts. Copies the strings.
 */
void mgk_report_find(MgkReport *report, const MgkFinding *finding, gsize max);
/* Highest level of the node and everything below it; held and blocked are ATTENTION. */
MgkLevel mgk_report_level(const MgkReport *report);
void mgk_finding_free(MgkFinding *finding);
