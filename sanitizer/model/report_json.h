/* report_json.h - a report as JSON: schema "mugaika-report/1", described in docs/REPORT.md. */
#pragma once

#include "model/policy.h"
#include "model/report.h"

#define MGK_REPORT_SCHEMA "mugaika-report/1"

/* What a report does not know about itself; all borrowed, any may be NULL. */
typedef struct MgkReportContext {
    const char *input;         /* path as the user gave it, any bytes; NULL: the report's name */
    const char *output;        /* absolute path of what was published, any bytes; NULL: nothing was */
    const char *sandbox_level; /* mgk_sanitizer_sandbox_level() */
    const MgkPolicy *policy;   /* in force: names the line that decided about each finding */
} MgkReportContext;

/* One object on one line, without the newline: ASCII controls, invisible and line-breaking characters are escaped, so
 * that no reader sees two lines and no terminal is steered. context may be NULL. Owned by the caller. */
char *mgk_report_json(const MgkReport *report, const MgkReportContext *context);
/* Version of program and tables ("0.1.0+1a2b3c4d5e6f"): changes whenever a kind, reason, limit or format does. Owned
 * by the caller. */
char *mgk_report_rule_version(void);
