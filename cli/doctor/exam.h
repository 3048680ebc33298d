/* exam.h - what `mugaika doctor` looks at (checks.def) and what it finds. */
#pragma once

#include "doctor/filter.h"
#include "doctor/postconf.h"
#include "sanitizer.h"

/* Of a miss: a way around the filter or a mail lost; or something to think about. */
typedef enum { MGK_CHECK_FAIL, MGK_CHECK_WARN } MgkCheckLevel;
/* What a check looks at. */
typedef enum {
    MGK_CHECK_POSTFIX = 1, /* an instance with the filter */
    MGK_CHECK_OUTER = 2,   /* one in front of it */
    MGK_CHECK_EITHER = MGK_CHECK_POSTFIX | MGK_CHECK_OUTER,
    MGK_CHECK_FILTER = 4,
    MGK_CHECK_MACHINE = 8
} MgkCheckScope;
/* UNKNOWN: could not be looked at, which counts as a failure. */
typedef enum { MGK_FOUND_GOOD, MGK_FOUND_WARNING, MGK_FOUND_FAILURE, MGK_FOUND_UNKNOWN, MGK_N_FOUND } MgkFound;

typedef struct MgkResult {
    guint check; /* row of the table */
    MgkFound found;
    char *place;  /* owned; folder of the Postfix instance, or "" */
    char *detail; /* owned; what stands there instead, "" when good; escaped for terminals */
} MgkResult;

typedef struct MgkExam {
    const MgkPostconf *postconf; /* borrowed, as all here; NULL outside of scopes POSTFIX and OUTER */
    const MgkPostconf *inner;    /* scope OUTER: the first instance with the filter */
    const MgkPolicy *policy;
    const GError *policy_problem; /* or NULL */
    const MgkFilter *filter;      /* NULL: it does not answer */
    const char *socket;           /* as Postfix names it: "unix:/path" or "inet:host:port" */
    const char *state;            /* folder of the originals */
    MgkSanitizer *sanitizer;      /* NULL: see sandbox_problem */
    const GError *sandbox_problem;
    guint check;        /* being carried out */
    GPtrArray *results; /* of MgkResult */
    guint counts[MGK_N_FOUND];
} MgkExam;

typedef struct MgkCheck {
    const char *id;
    MgkCheckLevel level;
    MgkCheckScope scope;
    void (*run)(MgkExam *exam);
    const char *text, *mend; /* msgids: what should be so; what to do when it is not */
} MgkCheck;

/* The table; *ret_n is its length. Static. */
const MgkCheck *mgk_exam_table(guint *ret_n);
/* An empty list of MgkResult, for MgkExam; owned by the caller. */
GPtrArray *mgk_exam_results_new(void);
/* Carries out every check that takes in the scope, in order; each leaves at least one result. */
void mgk_exam_run(MgkExam *exam, MgkCheckScope scope);

/* For checks. It is not as it should be; format tells what stands there: names and values, no sentences. */
void mgk_exam_miss(MgkExam *exam, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The same for each line of text. */
void mgk_exam_miss_lines(MgkExam *exam, const char *text);
/* It cannot be looked at. */
void mgk_exam_unknown(MgkExam *exam, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Calls visit with a setting as it is in main.cf, and as each line of master.cf overrides it; place tells where. */
void mgk_exam_each(MgkExam *exam, const char *name,
                   void (*visit)(MgkExam *exam, const char *place, const char *name, const char *value));
/* A visitor: anything but an empty value is a miss. */
void mgk_exam_want_empty(MgkExam *exam, const char *place, const char *name, const char *value);

#define MGK_CHECK(id, level, scope, text, mend) void mgk_check_##id(MgkExam *exam);
#include "doctor/checks.def"
#undef MGK_CHECK
