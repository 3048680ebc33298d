/* seal.h - signed roots of the log, by keys that do not live on.
 *
 * A seal says "record SEQ has hash H" and names the public key of the next seal; it is signed (Ed25519) by the key that
 * the seal before named. Then its secret is overwritten. Who steals the key file can sign what comes, but no seal of
 * the past: those keys do not exist any more. What came since the last seal is protected by roots outside alone, so
 * seal often (the daemon does every hour and with every daily root).
 *
 * The first public key, the anchor, belongs on paper. Order, so that no crash breaks the chain of keys: a new key
 * beside the old one in the key file → the seal in seals.jsonl → the new key alone in the key file, the old file
 * overwritten.
 */
#pragma once

#include "store/log.h"

typedef struct MgkSeal {
    guint64 number; /* from 1 */
    MgkLogRoot root;
    char key[65], next[65]; /* public keys, hex */
} MgkSeal;

/* Makes the first key at path (fails when it exists) and returns the anchor in hex. */
gboolean mgk_seal_create_key(const char *path, char ret_anchor[65], GError **error);
/* Seals the log as it stands; a seal over nothing new is not made, and the last one returned. key_path: the key file,
 * in a folder apart from the log's that the caller may write to. One caller at a time. */
gboolean mgk_seal(MgkLog *log, const char *folder, const char *key_path, MgkSeal *ret_seal, GError **error);
