/* job.h - what a format handler sees of the world: the bytes, the bounds, and five things it may do.
 *
 * isolation/ fills the struct in a locked worker; unit tests fill it with fakes (tests/unit/fake_job.h). A handler
 * never sees files, processes or the wire. All functions return FALSE with an error set when the job must end; a
 * handler then returns FALSE too, and the file ends as held. */
#pragma once

#include "model/error.h"
#include "model/format.h"
#include "model/policy.h"
#include "model/verdict.h"

typedef struct MgkJob MgkJob;

/* Where in its container a file sits; decides what its cleaning may turn it into. */
typedef enum {
    MGK_ROLE_TOP,    /* given by the caller */
    MGK_ROLE_MEMBER, /* a named file in an archive: any output format, may be replaced by a notice */
    MGK_ROLE_PART,   /* a part of a document: the output format is fixed by `want`, or the part is refused */
} MgkRole;

typedef struct MgkAsk {
    const char *name;     /* as the container names it, UTF-8, untrusted */
    const char *declared; /* media type the container claims, or "" */
    MgkRole role;         /* MEMBER or PART */
    MgkFormatId
        want; /* PART: the only output format of use (a PNG part asks for png whatever its bytes are), or NONE */
    const guint8 *data; /* borrowed; the child's bytes */
    gsize size;
    MgkReason refuse; /* NONE, or why the container itself cannot open this member (ENCRYPTED, BOMB …; data may then be
                         what there is of it): nothing is cleaned, the child is recorded as held for this reason, and a
                         MEMBER's answer carries the notice as ever */
} MgkAsk;

typedef struct MgkAnswer {
    MgkVerdict verdict;
    MgkReason reason;
    MgkFormatId format; /* of the output */
    char name[256];     /* the output's name: the asked name with its true extension, or the notice's name; UTF-8 */
    GBytes *output; /* owned; cleaned bytes; for a MEMBER that did not cross the notice text; NULL when there is none */
} MgkAnswer;

void mgk_answer_clear(MgkAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgkAnswer, mgk_answer_clear)

/* Or'ed into a record's type by send(): the encoder's next record comes from the next decoder. Never seen by receive().
 */
#define MGK_RECORD_TURN 0x80000000u

/* What the job concluded; handlers set the fields before returning TRUE. */
typedef struct MgkOutcome {
    MgkVerdict verdict; /* CLEANED unless set otherwise */
    MgkReason reason;   /* for held and blocked */
    char detail[160];   /* engineer's words, English, no untrusted text without mgk_names escaping */
    MgkFormatId format; /* output format; starts as the detected one */
    guint extension;    /* index into the output format's extensions */
} MgkOutcome;

struct MgkJob {
    const guint8 *data; /* borrowed; the sealed input, NULL in an encoder */
    gsize size;
    const char *name;     /* declared file name, UTF-8, untrusted, may be "" */
    const char *password; /* one candidate, UTF-8, or NULL */
    const MgkPolicy *policy;
    guint depth;
    MgkRole role;
    MgkFormatId format;  /* detected format (in a check or encode: the output format) */
    MgkFormatId want;    /* as asked by the container, or NONE */
    guint first, stride; /* pages to work on: first, first + stride, …; all of them until spread() says otherwise */
    MgkOutcome outcome;

    /* Appends output bytes. Bounded by limits.output_bytes. */
    gboolean (*write)(MgkJob *job, const void *data, gsize size, GError **error);
    /* Has a contained file cleaned in another worker; blocks. FALSE only when the whole job must end; a child that does
     * not cross is an ordinary answer. */
    gboolean (*ask_child)(MgkJob *job, const MgkAsk *ask, MgkAnswer *ret_answer, GError **error);
    /* Decoders: sends one record to the encoder (started at the first call with job->outcome.format's handler). */
    gboolean (*send)(MgkJob *job, guint32 type, const void *data, gsize size, GError **error);
    /* Decoders of many independent pages, before the first send(): asks for more workers on the same input and returns
     * the stride to use (1: nobody to spare). The others are the same handler's clean with first = 1, 2, …; they send
     * nothing but their pages, and every page's last record carries MGK_RECORD_TURN. */
    guint (*spread)(MgkJob *job, guint pages);
    /* Encoders: receives one record, at most max bytes, as a newly allocated block (owned by the caller, free with
     * g_free; NULL when empty). *ret_type is 0 at the end of the stream. */
    gboolean (*receive)(MgkJob *job, gsize max, guint32 *ret_type, guint8 **ret_data, gsize *ret_size, GError **error);
    /* Records a finding; use mgk_job_find(). */
    void (*find)(MgkJob *job, MgkKind kind, MgkAction action, const char *where, const char *detail);
    gpointer priv; /* isolation's own */
};

/* Records that something of this kind is there and returns what the policy wants done with it. HOLD and BLOCK also
 * latch the outcome, so a handler may treat them like REMOVE and go on. where and detail may be NULL; both are cut to
 * 200 bytes on a character boundary. */
MgkAction mgk_job_find(MgkJob *job, MgkKind kind, const char *where, const char *detail);
/* The same with the action dictated by the handler: what cannot be kept is reported as what was really done. */
void mgk_job_report(MgkJob *job, MgkKind kind, MgkAction action, const char *where, const char *detail);
/* Ends a job orderly as held or blocked: sets the outcome and returns TRUE, so `return mgk_job_hold(job, …)`. */
gboolean mgk_job_hold(MgkJob *job, MgkReason reason, const char *detail);
gboolean mgk_job_block(MgkJob *job, MgkReason reason, const char *detail);

/* A file's first look: all a probe may use. */
typedef struct MgkProbe {
    const guint8 *data;
    gsize size;
    const char *extension;  /* lower case, without dot, "" when none; a hint only */
    const char *media_type; /* libmagic's opinion */
    const char *head;       /* mgk_recognise_head() of the bytes, made once for all probes; NULL: not made */
} MgkProbe;

typedef struct MgkHandler {
    /* How sure (0 no, 100 certain) that the bytes are this format. Must be cheap: no full parse. */
    guint (*probe)(const MgkProbe *probe);
    /* What probe() says at most, when it reads so much that a surer one had better spare it; 0: ask it always. */
    guint probe_most;
    /* Reads job->data, writes the rebuilt file (or sends pixels). NULL: format is recognised only (NEVER, HELD). */
    gboolean (*clean)(MgkJob *job, GError **error);
    /* Optional: reports what is there without rebuilding (formats with HAS_WALK). Runs before clean. */
    gboolean (*walk)(MgkJob *job, GError **error);
    /* Optional: turns records of a decoder into the output file; never sees the input. */
    gboolean (*encode)(MgkJob *job, GError **error);
    /* The second look, over the output: strict, shares no code with clean (checks/). FALSE = must not cross. */
    gboolean (*check)(MgkJob *job, GError **error);
    /* Formats with TEXT: reads what this format's own clean wrote, and writes its text in reading order
     * (engines/text_out.h), for the profile text. */
    gboolean (*text)(MgkJob *job, GError **error);
    /* Formats with CONFIRM: TRUE when the input holds nothing but what it shows, every byte accounted for, so that it
     * may cross unchanged (profile confirm). FALSE = it crosses rebuilt. Shares no code with clean (checks/). */
    gboolean (*confirm)(MgkJob *job, GError **error);
} MgkHandler;
