#include "commit.h"

#include <errno.h>
#include <unistd.h>

struct MgkCommit {
    GMutex lock;
    GCond ended;
    int folder;
    gboolean running;
    guint64 begun, done; /* rounds */
    guint64 failed;      /* the latest round that did */
    int number;          /* and why */
};

MgkCommit *mgk_commit_new(int folder)
{
    MgkCommit *commit = g_new0(MgkCommit, 1);
    g_mutex_init(&commit->lock);
    g_cond_init(&commit->ended);
    commit->folder = folder;
    return commit;
}

void mgk_commit_free(MgkCommit *commit)
{
    if (!commit)
        return;
    g_mutex_clear(&commit->lock);
    g_cond_clear(&commit->ended);
    g_free(commit);
}

/* One round, by whoever has the lock; it is given up meanwhile. */
static void run(MgkCommit *commit)
{
    guint64 round = ++commit->begun;
    commit->running = TRUE;
    g_mutex_unlock(&commit->lock);
    int number = syncfs(commit->folder) == 0 ? 0 : errno;
    g_mutex_lock(&commit->lock);
    commit->running = FALSE;
    commit->done = round;
    if (number) {
        commit->failed = round;
        commit->number = number;
    }
    g_cond_broadcast(&commit->ended);
}

gboolean mgk_commit_wait(MgkCommit *commit)
{
    g_mutex_lock(&commit->lock);
    guint64 mine = commit->begun + 1; /* one that runs already may have passed our files */
    while (commit->done < mine) {
        if (commit->running)
            g_cond_wait(&commit->ended, &commit->lock);
        else
            run(commit);
    }
    gboolean good = commit->failed < mine; /* a later one that failed counts, too: rather once too often */
    int number = commit->number;
    g_mutex_unlock(&commit->lock);
    errno = number;
    return good;
}
