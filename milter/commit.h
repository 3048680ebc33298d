/* commit.h - one wait for the disk, shared by all mails that wait at the same time.
 *
 * A file system writes its log once for however much is in it. So nobody calls fsync() for his own three files: the
 * first who waits writes the file system out (syncfs), and whoever comes meanwhile waits for the next time. */
#pragma once

#include "model/error.h"

typedef struct MgkCommit MgkCommit;

/* folder: a descriptor on the file system; borrowed, outlives the commit. */
MgkCommit *mgk_commit_new(int folder);
void mgk_commit_free(MgkCommit *commit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkCommit, mgk_commit_free)
/* Returns when everything that any thread wrote or named on the file system before this call is on the disk. FALSE with
 * errno: it may not be; not to be tried again for the same files. Any thread. */
gboolean mgk_commit_wait(MgkCommit *commit);
