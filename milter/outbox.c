#include "outbox.h"

#include "courier.h"
#include "store/hold_wire.h"

#include <poll.h>
#include <unistd.h>

#define PASS_MS 3000
#define TROUBLE_MS 30000
#define PATIENCE_SECONDS 5

gboolean mgk_outbox_admits(const MgkService *service, const char *sender, const char *client)
{
    GVariantDict question;
    g_autoptr(GError) error = NULL;
    int socket = service->hold ? mgk_hold_connect(service->hold, PATIENCE_SECONDS, NULL) : -1;
    if (socket < 0)
        return TRUE;
    g_autofree char *from = g_utf8_make_valid(sender ? sender : "", -1);
    g_variant_dict_init(&question, NULL);
    g_variant_dict_insert(&question, "sender", "s", from);
    g_variant_dict_insert(&question, "client", "s", client ? client : "");
    g_variant_dict_insert(&question, "bytes", "t", (guint64)0);
    g_autoptr(GVariant) answer = mgk_hold_ask(socket, "admit", g_variant_dict_end(&question), -1, NULL, &error);
    close(socket);
    return answer || !g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT);
}

void mgk_outbox_run(const MgkService *service, int stop)
{
    struct pollfd file = {.fd = stop, .events = POLLIN};
    gboolean good = TRUE;
    int wait_ms = PASS_MS;
    do {
        MgkCourierRound round;
        g_autoptr(GError) error = NULL;
        gboolean before = good;
        gint64 left = mgk_stats_get(service->stats, MGK_STAT_OUTBOX);
        good = mgk_courier_round(service->spool, service->hold, &round, &error);
        mgk_stats_add(service->stats, MGK_STAT_HANDED, round.handed);
        mgk_stats_add(service->stats, MGK_STAT_OUTBOX, (gint64)round.left - left);
        mgk_stats_add(service->stats, MGK_STAT_HOLD_FAILURES, good ? 0 : 1);
        if (!good && before)
            mgk_log(MGK_LOG_ERROR, "the hold does not answer, originals stay in the spool: %s", error->message);
        if (good && !before)
            mgk_log(MGK_LOG_NOTICE, "the hold answers again");
        wait_ms = good && !round.left ? PASS_MS : TROUBLE_MS;
        if (good && round.left != left && round.left > 0)
            mgk_log(MGK_LOG_ERROR, "the hold refuses %u originals, they stay in the spool; the first: %s", round.left,
                    round.why);
    } while (poll(&file, 1, wait_ms) == 0);
}
