/* office_lock.h - opens an OOXML file behind a password: a compound file with EncryptionInfo and EncryptedPackage
 * ([MS-OFFCRYPTO] 2.3.4). */
#pragma once

#include "model/error.h"

typedef struct MgkOfficeLock MgkOfficeLock;

/* data is borrowed and must outlive the lock. Errors: MALFORMED, UNSUPPORTED, and LIMIT ("kdf_rounds …") when one
 * password would cost more rounds of hashing than most_rounds. */
MgkOfficeLock *mgk_office_lock_open(const guint8 *data, gsize size, guint64 most_rounds, GError **error);
void mgk_office_lock_free(MgkOfficeLock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkOfficeLock, mgk_office_lock_free)

/* TRUE when the password (UTF-8) is the right one, judged by the verifier alone; costs the rounds. */
gboolean mgk_office_lock_try(MgkOfficeLock *lock, const char *password);
/* The package, after mgk_office_lock_try() was TRUE, once. The seal of agile files is verified over all of it first.
 * Errors: MALFORMED (seal broken, cut short, sizes that lie). */
GBytes *mgk_office_lock_take(MgkOfficeLock *lock, GError **error);
