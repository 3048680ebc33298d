/* record.h - what the ledger knows of one mail, import or batch job: plain data.
 *
 * The same structs go in and come out. Going in, every string is borrowed from the caller; coming out, they live as
 * long as the MgkRecords they came with. Strings out of mails are untrusted: valid UTF-8 when they come out, bounded,
 * to be escaped by whoever shows them (model/names.h). NULL and "" are the same. Times are g_get_real_time(). */
#pragma once

#include "model/verdict.h"

#define MGK_RECORD_ID 24

typedef enum { MGK_ORIGIN_MAIL, MGK_ORIGIN_IMPORT, MGK_ORIGIN_BATCH, MGK_N_ORIGINS } MgkOrigin;

typedef enum {
#define MGK_STATE(id, name, live) MGK_STATE_##id,
#include "store/states.def"
#undef MGK_STATE
    MGK_N_STATES
} MgkState;

const char *mgk_origin_name(MgkOrigin origin); /* "mail"; static */
gboolean mgk_origin_from_name(const char *name, MgkOrigin *ret_origin);
const char *mgk_state_name(MgkState state); /* "held"; static */
gboolean mgk_state_from_name(const char *name, MgkState *ret_state);
/* Whether states.def has this step. */
gboolean mgk_state_may_become(MgkState from, MgkState to);

/* A file in the tree of a record; the outermost one (the mail itself, the imported file) is part 0. */
typedef struct MgkRecordPart {
    const char *name;   /* as declared */
    const char *format; /* "docx", "unknown" */
    char sha256[65];    /* of the bytes as they came, "" when unknown */
    guint64 size;
    MgkVerdict verdict;
    MgkReason reason;
    const char *findings; /* a JSON array, or NULL */
    guint parent;         /* index of the part it lies in; 0 for part 0 itself */
} MgkRecordPart;

typedef struct MgkRecord {
    char id[MGK_RECORD_ID]; /* "261121-0042": local day and a number, to be said on the telephone; made by the ledger */
    gint64 time_us;
    MgkOrigin origin;
    MgkState state;
    gboolean frozen;                  /* evidence: nothing of it expires */
    char sha256[65];                  /* of the original */
    guint64 size;                     /* of the original, bytes */
    const char *sender;               /* envelope sender; of an import the account's name */
    const char *const *recipients;    /* NULL-terminated; NULL: none */
    const char *client;               /* address of the sending host */
    const char *subject, *message_id; /* decoded, as claimed */
    const char *department;
    const char *queue_id; /* the delivery's own id, no two records have the same; "" for none */
    /* Known once concluded. */
    MgkVerdict verdict;
    MgkReason reason;
    const char *policy, *rules; /* versions */
    const char *clean_copy;     /* where it went: "mail", a path */
    const MgkRecordPart *parts; /* n_parts of them; lists leave them out */
    guint n_parts;
} MgkRecord;

/* Records as they came from the ledger; they own their strings. */
typedef struct MgkRecords {
    GArray *records;    /* of MgkRecord */
    GStringChunk *text; /* their strings */
    GPtrArray *memory;  /* their arrays */
    gboolean more;      /* there are further ones behind the last */
} MgkRecords;

void mgk_records_free(MgkRecords *records);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkRecords, mgk_records_free)
const MgkRecord *mgk_records_get(const MgkRecords *records, guint index); /* borrowed */
