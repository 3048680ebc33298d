/* store_internal.h - shared by store.c and store_copy.c. */
#pragma once

#include "store/store.h"

#define MGK_STORE_LEDGER "ledger.sqlite"
#define MGK_STORE_LOG "log"

struct MgkStore {
    char *folder, *log_folder, *seal_path; /* owned */
    MgkKeys *keys;
    MgkBlobs *blobs;
    MgkLog *log;
    MgkLedger *ledger;
    GMutex expiring; /* one retention run at a time */
    GRWLock lock;    /* readers take in or copy, the writer deletes */
};
