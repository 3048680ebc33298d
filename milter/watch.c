#include "watch.h"

#include "control.h"
#include "io/notify.h"
#include "outbox.h"
#include "sweep.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define METRICS_MS 15000
#define SWEEP_MS (60 * 60 * 1000)

struct MgkWatch {
    const MgkService *service;                 /* borrowed */
    const MgkMilterOptions *options;           /* borrowed */
    int control, signals, stop;                /* stop: eventfd, readable for good when it is time to go */
    GThread *events, *sweep, *canary, *outbox; /* canary and outbox may be NULL */
};

static void write_metrics(MgkWatch *watch)
{
    if (!watch->options->metrics)
        return;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = mgk_stats_prometheus(watch->service->stats);
    if (!g_file_set_contents_full(watch->options->metrics, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, &error))
        mgk_log(MGK_LOG_ERROR, "metrics: %s", error->message);
}

static void reload(MgkWatch *watch)
{
    const MgkService *service = watch->service;
    g_autoptr(GError) error = NULL;
    struct signalfd_siginfo info;
    if (read(watch->signals, &info, sizeof info) != (gssize)sizeof info)
        return;
    mgk_notify("RELOADING=1");
    mgk_mail_log_reopen(service->mail_log);
    gboolean good = mgk_engines_reload(service->engines, &error);
    mgk_stats_add(service->stats, good ? MGK_STAT_RELOADS : MGK_STAT_RELOAD_FAILURES, 1);
    if (good) {
        g_autoptr(MgkEngine) engine = mgk_engines_ref(service->engines);
        mgk_log(MGK_LOG_NOTICE, "policy %s is in force", engine->policy_id);
    } else {
        mgk_log(MGK_LOG_ERROR, "the old policy stays in force: %s", error->message);
    }
    mgk_notify("READY=1");
}

static gpointer run_events(gpointer data)
{
    MgkWatch *watch = data;
    struct pollfd files[] = {{.fd = watch->stop, .events = POLLIN},
                             {.fd = watch->signals, .events = POLLIN},
                             {.fd = watch->control, .events = POLLIN}};
    gint64 next = g_get_monotonic_time();
    for (;;) {
        gint64 now = g_get_monotonic_time();
        if (now >= next) {
            write_metrics(watch);
            next = now + (gint64)METRICS_MS * 1000;
        }
        if (poll(files, G_N_ELEMENTS(files), (int)((next - now) / 1000) + 1) <= 0)
            continue;
        if (files[0].revents)
            return NULL;
        if (files[1].revents)
            reload(watch);
        if (files[2].revents)
            mgk_control_answer(watch->control, watch->service->stats);
    }
}

/* A small mail of our own through a worker, past the queue: when that ends well, so would a real one. */
static gboolean canary_lives(const MgkService *service)
{
    static const char mail[] =
        "From: <canary@localhost>\r\nTo: <canary@localhost>\r\nSubject: canary\r\n"
        "Message-ID: <canary@localhost>\r\nDate: Thu, 01 Jan 1970 00:00:00 +0000\r\n\r\nAlive?\r\n";
    g_autoptr(MgkEngine) engine = mgk_engines_ref(service->engines);
    int output = -1, fd = memfd_create("canary", MFD_CLOEXEC);
    if (fd < 0 || write(fd, mail, sizeof mail - 1) != (gssize)sizeof mail - 1 || lseek(fd, 0, SEEK_SET) != 0) {
        if (fd >= 0)
            close(fd);
        return FALSE;
    }
    const MgkInput input = {.fd = fd, .name = "mail.eml"};
    g_autoptr(MgkReport) report = mgk_sanitizer_clean(engine->sanitizer, &input, &output);
    close(fd);
    if (output >= 0)
        close(output);
    return mgk_verdict_crosses(report->verdict);
}

static void beat(const MgkService *service, gint64 *done)
{
    gint64 now = mgk_stats_get(service->stats, MGK_STAT_CLEANED) + mgk_stats_get(service->stats, MGK_STAT_NOTICES);
    gboolean busy = now != *done; /* real mails came through: as good as a canary, which would only wait behind them */
    *done = now;
    if (busy || canary_lives(service)) {
        mgk_stats_add(service->stats, MGK_STAT_CANARIES, busy ? 0 : 1);
        mgk_notify("WATCHDOG=1");
    } else {
        mgk_stats_add(service->stats, MGK_STAT_CANARY_FAILURES, 1);
        mgk_log(MGK_LOG_ERROR, "the canary mail did not come through the workers");
    }
}

static gpointer run_canary(gpointer data)
{
    MgkWatch *watch = data;
    struct pollfd stop = {.fd = watch->stop, .events = POLLIN};
    int period = (int)mgk_notify_watchdog_seconds() * 1000;
    gint64 done = 0;
    do
        beat(watch->service, &done);
    while (poll(&stop, 1, period) == 0);
    return NULL;
}

static gpointer run_sweep(gpointer data)
{
    MgkWatch *watch = data;
    const MgkService *service = watch->service;
    struct pollfd stop = {.fd = watch->stop, .events = POLLIN};
    do {
        g_autoptr(MgkEngine) engine = mgk_engines_ref(service->engines);
        const MgkSweepAges ages = {.done_days = engine->policy.milter.keep_days,
                                   .held_days = engine->policy.milter.held_days};
        guint removed = mgk_sweep(service->spool, &ages, g_get_real_time());
        mgk_stats_add(service->stats, MGK_STAT_SWEPT, removed);
        if (removed > 0)
            mgk_log(MGK_LOG_NOTICE, "%u kept mails removed because of their age", removed);
    } while (poll(&stop, 1, SWEEP_MS) == 0);
    return NULL;
}

static gpointer run_outbox(gpointer data)
{
    const MgkWatch *watch = data;
    mgk_outbox_run(watch->service, watch->stop);
    return NULL;
}

MgkWatch *mgk_watch_new(const MgkService *service, const MgkMilterOptions *options, int control, GError **error)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    MgkWatch *watch = g_new0(MgkWatch, 1);
    *watch = (MgkWatch){.service = service, .options = options, .control = control};
    watch->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    watch->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (watch->signals < 0 || watch->stop < 0) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "signalfd, eventfd: %s", g_strerror(errno));
        g_free(watch);
        return NULL;
    }
    watch->events = g_thread_new("events", run_events, watch);
    watch->sweep = g_thread_new("sweep", run_sweep, watch);
    if (service->hold)
        watch->outbox = g_thread_new("outbox", run_outbox, watch);
    if (mgk_notify_watchdog_seconds() > 0)
        watch->canary = g_thread_new("canary", run_canary, watch);
    return watch;
}

void mgk_watch_free(MgkWatch *watch)
{
    if (!watch)
        return;
    if (eventfd_write(watch->stop, 1) != 0)
        mgk_log(MGK_LOG_ERROR, "eventfd: %s", g_strerror(errno));
    g_thread_join(watch->events);
    g_thread_join(watch->sweep);
    if (watch->outbox)
        g_thread_join(watch->outbox);
    if (watch->canary)
        g_thread_join(watch->canary);
    write_metrics(watch);
    close(watch->signals);
    close(watch->stop);
    g_free(watch);
}
