/* spool.h - where originals are kept: nothing is answered 250 before the original and its envelope are on the disk.
 *
 *   FOLDER/mail/2026-11-20/20261120-120102.123456-QUEUEID-1.eml           the mail as it came
 *   FOLDER/mail/2026-11-20/20261120-120102.123456-QUEUEID-1.json          its envelope
 *   FOLDER/mail/2026-11-20/20261120-120102.123456-QUEUEID-1.done.json     what became of it: all of it was delivered,
 * or FOLDER/mail/2026-11-20/20261120-120102.123456-QUEUEID-1.held.json     something of it is here only
 *   FOLDER/hashes/SHA256                                         the same original once more: equal ones are stored
 * once FOLDER/attempts/SHA256                                       one byte a try that has not ended well (tries.h)
 *
 * Files appear under their names whole, or not at all; on the disk they are, all three and for sure, when
 * mgk_mail_record() returns. Errors are MGK_ERROR_IO. */
#pragma once

#include "model/error.h"

#define MGK_SPOOL_DONE ".done.json"
#define MGK_SPOOL_HELD ".held.json"

typedef struct MgkSpool MgkSpool;

typedef enum { MGK_SPOOL_MAIL, MGK_SPOOL_HASHES, MGK_SPOOL_ATTEMPTS, MGK_N_SPOOL_FOLDERS } MgkSpoolFolder;

/* Creates what is missing of folder (mode 0700). */
MgkSpool *mgk_spool_new(const char *folder, GError **error);
void mgk_spool_free(MgkSpool *spool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkSpool, mgk_spool_free)
/* Descriptor of a folder; borrowed. */
int mgk_spool_folder(const MgkSpool *spool, MgkSpoolFolder which);
/* Removes the name of a hash that no kept mail shares; TRUE when it did. */
gboolean mgk_spool_forget_hash(MgkSpool *spool, const char *sha256);

/* A mail on its way in; one thread at a time. */
typedef struct MgkMail MgkMail;

/* Fails when fewer than free_bytes are free. More than max_bytes of mail is an error at the end, MGK_ERROR_LIMIT.
 * spool outlives the mail. */
MgkMail *mgk_mail_new(MgkSpool *spool, guint64 max_bytes, guint64 free_bytes, GError **error);
/* Whatever was not kept vanishes. */
void mgk_mail_free(MgkMail *mail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkMail, mgk_mail_free)

/* Appends bytes; a failure is remembered and told by mgk_mail_end(). */
void mgk_mail_add(MgkMail *mail, const void *bytes, gsize size);
/* The mail is not to be taken, for this reason: MGK_ERROR_LIMIT at the end. */
void mgk_mail_refuse(MgkMail *mail, const char *why);
/* All bytes are here. queue_id becomes part of the mail's id. */
gboolean mgk_mail_end(MgkMail *mail, const char *queue_id, GError **error);
/* After mgk_mail_end(): the id ("20261120-120102.123456-QUEUEID-1", at most 63 characters), the SHA-256 in hex, the
 * size in bytes, and a descriptor at offset 0; all borrowed. */
const char *mgk_mail_id(const MgkMail *mail);
const char *mgk_mail_sha256(const MgkMail *mail);
guint64 mgk_mail_size(const MgkMail *mail);
int mgk_mail_file(MgkMail *mail);
/* Original and envelope (JSON text) under their names, on their way to the disk. */
gboolean mgk_mail_keep(MgkMail *mail, const char *envelope, GError **error);
/* The result (JSON text) beside them, and waits until all three are on the disk, together with other mails that wait
 * (commit.h). holds: something of the mail is not delivered. */
gboolean mgk_mail_record(MgkMail *mail, const char *result, gboolean holds, GError **error);
/* The sender keeps the mail (451): what was kept of it goes, unless a result says that it was accepted. */
void mgk_mail_drop(MgkMail *mail);
