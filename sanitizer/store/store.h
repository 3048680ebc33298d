/* store.h - originals, ledger and log together, in the order in which nothing is lost. docs/HOLD.md tells why.
 *
 *   FOLDER/blobs FOLDER/dying      blobs.h
 *   FOLDER/ledger.sqlite           ledger.h
 *   FOLDER/log                     log.h
 *
 *   taking in   room? → original on the disk → record and its log record committed → log → the id is returned
 *   deleting    state EXPIRED, committed and logged → no other record has the original? its key overwritten, the file
 *               removed → state DELETED, committed and logged
 *
 * A crash between two steps leaves an original without a record (mgk_store_sweep() removes it: nobody was told that it
 * was taken) or a record in EXPIRED (the next mgk_store_expire() goes on). Thread-safe. Errors as in the parts. */
#pragma once

#include "store/blobs.h"
#include "store/decisions.h"
#include "store/log_read.h"
#include "store/seal.h"
#include "store/upkeep.h"

typedef struct MgkStore MgkStore;

typedef struct MgkStoreOptions {
    const char *folder;    /* borrowed; made when it is missing, mode 0700 */
    const char *key_path;  /* borrowed; master keys, keys.h; must exist */
    const char *seal_path; /* borrowed; key of seals, seal.h; NULL: nothing is sealed */
    guint64 free_bytes;    /* less free space than this: nothing is taken in */
    guint64 log_bytes;     /* of one file of the log; 0: its default */
} MgkStoreOptions;

/* Opens everything and repairs what an interruption left. The strings are copied. */
MgkStore *mgk_store_open(const MgkStoreOptions *options, GError **error);
void mgk_store_free(MgkStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkStore, mgk_store_free)
MgkBlobs *mgk_store_blobs(MgkStore *store); /* borrowed, like the others */
MgkKeys *mgk_store_keys(MgkStore *store);
MgkLedger *mgk_store_ledger(MgkStore *store);
MgkLog *mgk_store_log(MgkStore *store);
const char *mgk_store_log_folder(MgkStore *store);

/* Takes in an original and its record: record->sha256 and size are filled from the bytes. */
gboolean mgk_store_put(MgkStore *store, int fd, guint64 max_bytes, const MgkRecord *record, char ret_id[MGK_RECORD_ID],
                       MgkBlobId *ret_blob, GError **error);
/* Finishes deletions that were begun, then deletes at most max records whose time is over. Returns how many records
 * lost their original, -1 with error. */
gint mgk_store_expire(MgkStore *store, const MgkRetention *retention, gint64 now_us, guint max, GError **error);
/* Deletes one record's original now, if nothing is against it (states.def, freeze). */
gboolean mgk_store_delete(MgkStore *store, const char *id, const MgkPerson *person, const char *reason, GError **error);
/* Deletes originals that no record has, and logs each. Returns how many, -1 with error. */
gint mgk_store_sweep(MgkStore *store, GError **error);
/* Seals the log. MGK_ERROR_USAGE without a seal key. */
gboolean mgk_store_seal(MgkStore *store, MgkSeal *ret_seal, GError **error);

typedef struct MgkStoreCopy {
    guint64 originals, copied, removed; /* in the copy; new in it; gone from it */
    MgkLogVerdict log;                  /* of the copy's log, which was verified */
} MgkStoreCopy;

/* Makes folder a copy of the store, or brings an older copy up to date, while the store is in use: ledger, then log,
 * then the originals, each read through and held against its hash. No key is copied; the copy is opened by the same key
 * file. Deletions wait meanwhile. The copy is a store: to restore, copy it back (mgk_store_restore) or open it. */
gboolean mgk_store_backup(MgkStore *store, const char *folder, MgkStoreCopy *ret_copy, GError **error);
/* Fills options->folder, which has no ledger yet, from a copy. */
gboolean mgk_store_restore(const char *backup, const MgkStoreOptions *options, MgkStoreCopy *ret_copy, GError **error);
/* Reads all of it: the ledger's pages, the log's chain and seals (anchor, root: as mgk_log_verify), every original that
 * a record needs. The first bad thing is the error. */
gboolean mgk_store_verify(MgkStore *store, const char *anchor, const MgkLogRoot *root, guint64 *ret_originals,
                          GError **error);
