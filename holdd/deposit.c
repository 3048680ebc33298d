/* deposit.c - originals come in: from the mail filter's spool, from clean and batch.
 *
 * deposit: the original (a descriptor) and its envelope → on the disk, encrypted, with a record. The same delivery
 * again (its origin's own id) gives the same record: whoever died before it had our answer just asks again. conclude:
 * what became of it. withdraw: it was never accepted, the sender keeps it. */
#include "hold.h"

#include "model/words.h"
#include "store/hold_wire.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define ROLE(id) (1u << MGK_ROLE_##id)

/* Its bytes must not change while they are read: a regular file whose writers are gone, or a sealed memory file. */
static gboolean is_readable_file(int fd)
{
    struct stat status;
    int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != O_WRONLY && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/* 452 to the source that brings too much, and to nobody else. */
static gboolean within_quota(const MgkAsk *ask, guint64 bytes, GError **error)
{
    const MgkHoldConfig *config = ask->hold->config;
    MgkUsage usage;
    if (!mgk_ledger_usage(ask->hold->ledger, mgk_hold_text(ask->arguments, "sender"),
                          mgk_hold_text(ask->arguments, "client"), g_get_real_time(), &usage, error))
        return FALSE;
    guint64 most = MAX(usage.domain_bytes, usage.client_bytes);
    gboolean bytes_good = !config->day_bytes || (bytes <= config->day_bytes && most <= config->day_bytes - bytes);
    gboolean holds_good = !config->open_holds || MAX(usage.domain_holds, usage.client_holds) < config->open_holds;
    if (bytes_good && holds_good)
        return TRUE;
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT,
                        bytes_good ? N_("this source has too much on hold") : N_("this source sent too much today"));
    return FALSE;
}

/* Asked before a mail is taken: is there room, and may this source send so much? */
gboolean mgk_answer_admit(MgkAsk *ask, GError **error)
{
    guint64 bytes = mgk_hold_number(ask->arguments, "bytes");
    return mgk_blobs_space(ask->hold->blobs, bytes, error) && within_quota(ask, bytes, error);
}

static gboolean take_in(MgkAsk *ask, GError **error)
{
    GVariant *a = ask->arguments;
    gboolean program = mgk_caller_has(ask->caller, MGK_ROLE_DEPOSITOR);
    g_autofree const char **recipients = mgk_hold_texts(a, "recipients");
    char id[MGK_RECORD_ID];
    MgkRecord record = {.sender = program ? mgk_hold_text(a, "sender") : ask->caller->name,
                        .recipients = recipients,
                        .client = mgk_hold_text(a, "client"),
                        .subject = mgk_hold_text(a, "subject"),
                        .message_id = mgk_hold_text(a, "message-id"),
                        .queue_id = program ? mgk_hold_text(a, "queue-id") : "",
                        .time_us = program ? (gint64)mgk_hold_number(a, "time") : 0};
    if (!mgk_origin_from_name(mgk_hold_text(a, "origin"), &record.origin))
        return mgk_ask_refuse(error, N_("the daemon does not know this question"));
    if (!program && record.origin != MGK_ORIGIN_IMPORT)
        return mgk_ask_refuse(error, N_("your account has no role that may do this"));
    if (record.origin == MGK_ORIGIN_MAIL)
        record.department = mgk_departments_of_mail(ask->hold->departments, recipients, g_get_real_time());
    else /* a person's own first department; a program says which folder it serves */
        record.department = program ? mgk_hold_text(a, "department") : ask->caller->departments[0];
    if (!program && !record.department)
        return mgk_ask_refuse(error, N_("your account belongs to no department"));
    if (!mgk_store_put(ask->hold->store, ask->fd, ask->hold->config->original_bytes, &record, id, NULL, error))
        return FALSE;
    g_variant_dict_insert(&ask->answer, "id", "s", id);
    return TRUE;
}

gboolean mgk_answer_deposit(MgkAsk *ask, GError **error)
{
    MgkHold *hold = ask->hold;
    char known[MGK_RECORD_ID];
    if (!is_readable_file(ask->fd))
        return mgk_ask_refuse(error, N_("the original did not come with the question"));
    /* A person's word about a delivery could make a program believe that its original is here. */
    gboolean program = mgk_caller_has(ask->caller, MGK_ROLE_DEPOSITOR);
    const char *queue_id = program ? mgk_hold_text(ask->arguments, "queue-id") : "";
    if (!mgk_ledger_find_delivery(hold->ledger, queue_id, known, error))
        return FALSE;
    if (*known) {
        g_variant_dict_insert(&ask->answer, "id", "s", known);
        return TRUE;
    }
    return take_in(ask, error);
}

/* "a(sssttssu)" would be shorter and worse: parts by name, so that versions of both sides may differ. */
static GArray *take_parts(GVariant *arguments)
{
    GArray *parts = g_array_new(FALSE, TRUE, sizeof(MgkRecordPart));
    g_autoptr(GVariant) list = g_variant_lookup_value(arguments, "parts", G_VARIANT_TYPE("aa{sv}"));
    gsize n = list ? MIN(g_variant_n_children(list), 10000) : 0;
    for (gsize i = 0; i < n; i++) {
        g_autoptr(GVariant) one = g_variant_get_child_value(list, i);
        MgkRecordPart part = {.name = mgk_hold_text(one, "name"),
                              .format = mgk_hold_text(one, "format"),
                              .size = mgk_hold_number(one, "size"),
                              .verdict = (MgkVerdict)MIN(mgk_hold_number(one, "verdict"), MGK_N_VERDICTS - 1),
                              .reason = (MgkReason)MIN(mgk_hold_number(one, "reason"), MGK_N_REASONS - 1),
                              .findings = mgk_hold_text(one, "findings"),
                              .parent = (guint)MIN(mgk_hold_number(one, "parent"), i)};
        g_strlcpy(part.sha256, mgk_hold_text(one, "sha256"), sizeof part.sha256);
        g_array_append_val(parts, part);
    }
    return parts;
}

static GArray *take_tallies(GVariant *arguments)
{
    GArray *tallies = g_array_new(FALSE, TRUE, sizeof(MgkTally));
    g_autofree const char **kinds = mgk_hold_texts(arguments, "kinds");
    for (guint i = 0; kinds[i] && i < 1000; i++) {
        const MgkTally tally = {.what = kinds[i], .count = 1};
        g_array_append_val(tallies, tally);
    }
    return tallies;
}

gboolean mgk_answer_conclude(MgkAsk *ask, GError **error)
{
    GVariant *a = ask->arguments;
    const char *id = mgk_hold_text(a, "id");
    g_autoptr(GArray) parts = take_parts(a), tallies = take_tallies(a);
    gboolean program = mgk_caller_has(ask->caller, MGK_ROLE_DEPOSITOR);
    g_autoptr(MgkRecords) records = program ? mgk_ledger_get(ask->hold->ledger, id, error) : mgk_ask_record(ask, error);
    if (!records)
        return FALSE;
    const MgkRecord *record = mgk_records_get(records, 0);
    if (!program && strcmp(record->sender, ask->caller->name) != 0)
        return mgk_ask_refuse(error, N_("there is no record of this number for you"));
    if (record->state != MGK_STATE_RECEIVED)
        return TRUE; /* told before: the record has gone its way */
    const MgkRecord result = {.state = mgk_hold_flag(a, "holds") ? MGK_STATE_HELD : MGK_STATE_KEPT,
                              .verdict = (MgkVerdict)MIN(mgk_hold_number(a, "verdict"), MGK_N_VERDICTS - 1),
                              .reason = (MgkReason)MIN(mgk_hold_number(a, "reason"), MGK_N_REASONS - 1),
                              .policy = mgk_hold_text(a, "policy"),
                              .rules = mgk_hold_text(a, "rules"),
                              .clean_copy = mgk_hold_text(a, "clean-copy"),
                              .subject = mgk_hold_text(a, "subject"),
                              .message_id = mgk_hold_text(a, "message-id"),
                              .parts = (const MgkRecordPart *)(void *)parts->data,
                              .n_parts = parts->len};
    return mgk_ledger_conclude(ask->hold->ledger, id, &result, (const MgkTally *)(void *)tallies->data, tallies->len,
                               error);
}

gboolean mgk_answer_withdraw(MgkAsk *ask, GError **error)
{
    const MgkPerson person = mgk_ask_person(ask, MGK_ROLE_DEPOSITOR);
    return mgk_ledger_step(ask->hold->ledger, mgk_hold_text(ask->arguments, "id"), MGK_STATE_WITHDRAWN, &person, NULL,
                           error);
}
