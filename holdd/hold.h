/* hold.h - what the daemon works with, and what one question to it is. */
#pragma once

#include "people.h"
#include "sanitizer.h"
#include "store/store.h"

/* Lives as long as the daemon. */
typedef struct MgkHold {
    char *config_path;           /* owned */
    GRWLock lock;                /* over the next two: questions read, a reload writes */
    MgkHoldConfig *config;       /* owned */
    MgkDepartments *departments; /* owned */
    MgkStore *store;             /* owned; the next four are its */
    MgkBlobs *blobs;
    MgkLog *log;
    MgkLedger *ledger;
    const char *log_folder;
    MgkSanitizer *sanitizer; /* owned; for what leaves, and for previews */
    GMutex sealing;          /* over next_seal_us and the seal's key */
    gint64 next_seal_us;     /* g_get_monotonic_time() */
    gint64 next_sweep_us;    /* likewise; upkeep's alone */
    GMutex releasing;        /* one release at a time: what is checked is what goes out */
} MgkHold;

/* Opens everything below the configured store. Logs "hold.start". Errors: MGK_ERROR_IO, MGK_ERROR_USAGE,
 * MGK_ERROR_MALFORMED. */
gboolean mgk_hold_open(MgkHold *hold, const char *config_path, GError **error);
/* Logs "hold.stop" and closes. */
void mgk_hold_close(MgkHold *hold);
/* Reads hold.ini and the departments again; the old ones stay when the new ones are wrong. Logged either way. */
gboolean mgk_hold_reload(MgkHold *hold, GError **error);

/* A question while it is answered. */
typedef struct MgkAsk {
    MgkHold *hold;
    const MgkCaller *caller;
    GVariant *arguments; /* borrowed; "a{sv}" */
    int fd;              /* borrowed; came with it, or -1 */
    GVariantDict answer; /* to be filled */
    int answer_fd;       /* goes with the answer and is closed after it; -1 */
} MgkAsk;

/* Fills the answer. FALSE with error is a refusal; its message is shown to the person. */
typedef gboolean (*MgkAnswer)(MgkAsk *ask, GError **error);

#define MGK_HOLD_COMMAND(word, roles, answer) gboolean answer(MgkAsk *ask, GError **error);
#include "commands.def"
#undef MGK_HOLD_COMMAND

/* The caller in the role that is used; borrows the caller's name. */
MgkPerson mgk_ask_person(const MgkAsk *ask, MgkRole role);
/* The first of the caller's roles out of the mask, lowest first. */
MgkRole mgk_ask_role(const MgkAsk *ask, guint roles);
/* The record `id` of the arguments, if it is for the caller's eyes; NULL with error: no such record, the same for both
 * reasons. */
MgkRecords *mgk_ask_record(const MgkAsk *ask, GError **error);
/* Notes in the log that somebody did this; record, sha256, department may be NULL; data: pairs, NULL-terminated, may be
 * NULL. */
gboolean mgk_ask_note(const MgkAsk *ask, const char *event, const MgkRecord *record, const char *const *data,
                      GError **error);
/* Sets MGK_ERROR_USAGE with words (N_); returns FALSE. */
gboolean mgk_ask_refuse(GError **error, const char *words);
