#include "courier.h"

#include "courier_file.h"
#include "io/descriptor.h"
#include "spool_walk.h"
#include "store/hold_client.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_SECONDS 60
#define JSON_BYTES (64u << 20)

typedef struct Round {
    const char *path; /* borrowed; the hold's socket */
    int socket;       /* -1: not connected */
    MgkCourierRound *counts;
} Round;

/* A text file of ours; NULL when it is not there. Owned by the caller. */
static char *read_text(int folder, const char *stem, const char *suffix)
{
    struct stat status;
    g_autofree char *name = g_strconcat(stem, suffix, NULL), *text = NULL;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0 && status.st_size < JSON_BYTES) {
        text = g_malloc0((gsize)status.st_size + 1);
        if (!mgk_fd_read_all(fd, text, (gsize)status.st_size))
            g_clear_pointer(&text, g_free);
    }
    close(fd);
    return g_steal_pointer(&text);
}

static gboolean tell(int socket, int original, const char *stem, const MgkSpooledMail *mail, GError **error)
{
    char id[MGK_RECORD_ID];
    const MgkDeposit deposit = {.origin = MGK_ORIGIN_MAIL,
                                .sender = mail->sender,
                                .recipients = (const char *const *)mail->recipients,
                                .client = mail->client,
                                .subject = mail->subject,
                                .queue_id = stem,
                                .time_us = mail->received_us};
    const MgkConclusion conclusion = {.report = mail->report,
                                      .holds = mail->holds,
                                      .policy = mail->policy,
                                      .rules = mail->rules,
                                      .clean_copy = mail->delivered ? "mail" : "notice"};
    return mgk_hold_deposit(socket, original, &deposit, id, error) && mgk_hold_conclude(socket, id, &conclusion, error);
}

static gboolean hand_over(Round *round, int folder, const char *stem, GError **error)
{
    g_autofree char *envelope = read_text(folder, stem, ".json"), *result = read_text(folder, stem, MGK_SPOOL_DONE);
    if (!result)
        result = read_text(folder, stem, MGK_SPOOL_HELD);
    g_autofree char *name = g_strconcat(stem, ".eml", NULL);
    if (!envelope || !result)
        return TRUE; /* on its way, or its sender has it */
    g_autoptr(MgkSpooledMail) mail = mgk_spooled_mail_parse(envelope, result, error);
    int original = mail ? openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (mail && original < 0)
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "%s: %s", name, g_strerror(errno));
    if (original < 0)
        return FALSE;
    gboolean good =
        (round->socket >= 0 || (round->socket = mgk_hold_connect(round->path, PATIENCE_SECONDS, error)) >= 0) &&
        tell(round->socket, original, stem, mail, error);
    close(original);
    if (good) {
        mgk_spool_remove(folder, stem);
        round->counts->handed++;
    }
    return good;
}

/* What the hold refuses, or what nobody can read, stays here for the operator; the others go on. */
static gboolean may_go_on(Round *round, const char *stem, const GError *problem)
{
    if (g_error_matches(problem, MGK_ERROR, MGK_ERROR_IO))
        return FALSE;
    if (round->counts->left++ == 0)
        g_snprintf(round->counts->why, sizeof round->counts->why, "%s: %s", stem, problem->message);
    return TRUE;
}

static gboolean walk_day(Round *round, int folder, GError **error)
{
    g_autoptr(GPtrArray) stems = mgk_spool_stems(folder);
    for (guint i = 0; i < stems->len; i++) {
        const char *stem = g_ptr_array_index(stems, i);
        g_autoptr(GError) problem = NULL;
        if (!hand_over(round, folder, stem, &problem) && !may_go_on(round, stem, problem)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
    }
    return TRUE;
}

gboolean mgk_courier_round(MgkSpool *spool, const char *socket, MgkCourierRound *ret_round, GError **error)
{
    *ret_round = (MgkCourierRound){0};
    Round round = {.path = socket, .socket = -1, .counts = ret_round};
    int mail = mgk_spool_folder(spool, MGK_SPOOL_MAIL);
    g_autoptr(GPtrArray) days = mgk_spool_list(mail);
    gboolean good = TRUE;
    for (guint i = 0; good && i < days->len; i++) {
        int folder = openat(mail, g_ptr_array_index(days, i), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (folder < 0)
            continue;
        good = walk_day(&round, folder, error);
        close(folder);
    }
    if (round.socket >= 0)
        close(round.socket);
    return good;
}
