/* sevenzip_lock.h - 7z archives behind a password (AES-256 in CBC mode, the key by SHA-256; 7zAES.cpp of 7-Zip).
 *
 * The archive is turned into one without encryption, which libarchive then reads: packed streams are decrypted, the
 * coders for it taken out of the header, an encrypted header is written plain. */
#pragma once

#include "model/error.h"
#include "model/limits.h"

#define MGK_SEVENZIP_START 32 /* bytes of the signature header: where the real header is */

/* data: a whole archive, whose signature header has been looked at. password (UTF-8) may be NULL. *ret_plain is the
 * archive without encryption, owned by the caller; NULL when nothing is encrypted, when only files are and there is no
 * password, and when the header is none that this code reads: libarchive judges it as it is. Errors:
 * MGK_ERROR_ENCRYPTED ("password": the names, too, are behind one; "wrong password"; "unsupported"), MGK_ERROR_LIMIT
 * (more rounds of hashing than limits->kdf_rounds, all keys of the archive together). */
gboolean mgk_sevenzip_unlock(const guint8 *data, gsize size, const char *password, const MgkLimits *limits,
                             GBytes **ret_plain, GError **error);
