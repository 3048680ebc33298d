/* unlock.c - the question "unlock": somebody knows the password. The original is cleaned once more, with it; what comes
 * out goes to its recipients as an answer in the same thread, or into the folder for clean files. Nothing unsanitized
 * leaves, so one person is enough. The password is nowhere afterwards: not in the log, not in the ledger, not on the
 * disk. */
#include "hold.h"

#include "model/names.h"
#include "model/words.h"
#include "publish.h"
#include "send.h"
#include "store/hold_wire.h"
#include "thread_mail.h"

#include <string.h>
#include <unistd.h>

#define CANDIDATES 20
#define PASSWORD_BYTES 250

/* Anything in the tree that no password opened. */
static gboolean is_locked(const MgkReport *report)
{
    gboolean locked = report->reason == MGK_REASON_ENCRYPTED || report->reason == MGK_REASON_WRONG_PASSWORD ||
                      report->reason == MGK_REASON_ENCRYPTED_UNSUPPORTED || report->reason == MGK_REASON_KDF_COST;
    for (guint i = 0; !locked && i < report->findings->len; i++)
        locked = ((const MgkFinding *)g_ptr_array_index(report->findings, i))->kind == MGK_KIND_ARCHIVE_ENCRYPTED;
    for (guint i = 0; !locked && i < report->children->len; i++)
        locked = is_locked(g_ptr_array_index(report->children, i));
    return locked;
}

/* Candidates are for people, by hand: tries by the thousand would be a machine's. */
static gboolean take_passwords(const MgkAsk *ask, const char ***ret_passwords, GError **error)
{
    *ret_passwords = mgk_hold_texts(ask->arguments, "passwords");
    guint n = 0;
    gboolean good = TRUE;
    for (; (*ret_passwords)[n]; n++)
        good = good && strlen((*ret_passwords)[n]) <= PASSWORD_BYTES;
    return (good && n > 0 && n <= CANDIDATES) || mgk_ask_refuse(error, N_("a password is needed, at most 20 of them"));
}

static gboolean deliver_mail(const MgkAsk *ask, const MgkRecord *record, int output, char **ret_where, GError **error)
{
    const MgkHoldConfig *config = ask->hold->config;
    if (!*config->relay || !*config->mail_from)
        return mgk_ask_refuse(error, N_("hold.ini names no relay and mail_from for released mails"));
    if (!record->recipients || !record->recipients[0])
        return mgk_ask_refuse(error, N_("this record has no recipients"));
    g_autoptr(GMappedFile) clean = g_mapped_file_new_from_fd(output, FALSE, error);
    if (!clean)
        return FALSE;
    g_autoptr(GBytes) mail =
        mgk_thread_mail(g_mapped_file_get_contents(clean), g_mapped_file_get_length(clean), record->id);
    *ret_where = g_strdup("mail, unlocked and made safe");
    return mgk_send_mail(config->relay, config->mail_from, record->recipients, mail, error);
}

static gboolean deliver_file(const MgkAsk *ask, const MgkReport *report, int output, char **ret_where, GError **error)
{
    const MgkHoldConfig *config = ask->hold->config;
    g_autofree char *name = mgk_names_safe_component(report->output_name ? report->output_name : "file");
    if (!*config->clean_folder)
        return mgk_ask_refuse(error, N_("hold.ini names no clean_folder"));
    *ret_where = mgk_hold_publish(config->clean_folder, output, name, error);
    return *ret_where != NULL;
}

/* What became of it, for everybody but the password. */
static gboolean refuse_locked(const MgkAsk *ask, const MgkRecord *record, GError **error)
{
    const char *const data[] = {"why", "no password opens all of it", NULL};
    return mgk_ask_note(ask, "unlock.failed", record, data, error) &&
           mgk_ask_refuse(error, N_("none of these passwords opens all of it"));
}

static gboolean unlock(MgkAsk *ask, const MgkRecord *record, const char *const *passwords, int original, GError **error)
{
    MgkHold *hold = ask->hold;
    gboolean mail = record->origin == MGK_ORIGIN_MAIL;
    int output = -1;
    const MgkEnvelope envelope = {.sender = record->sender,
                                  .recipients = record->recipients,
                                  .client_address = record->client,
                                  .id = record->queue_id};
    const char *name = record->n_parts && record->parts[0].name ? record->parts[0].name : "file";
    const MgkInput input = {
        .fd = original, .name = mail ? "mail.eml" : name, .passwords = passwords, .envelope = mail ? &envelope : NULL};
    g_autoptr(MgkReport) report = mgk_sanitizer_clean(hold->sanitizer, &input, &output);
    g_autofree char *where = NULL;
    gboolean good = output >= 0 && mgk_verdict_crosses(report->verdict) && !is_locked(report);
    const MgkPerson person = mgk_ask_person(ask, MGK_ROLE_CLERK);
    if (!good)
        refuse_locked(ask, record, error);
    else
        good = (mail ? deliver_mail(ask, record, output, &where, error)
                     : deliver_file(ask, report, output, &where, error)) &&
               mgk_ledger_step(hold->ledger, record->id, MGK_STATE_RELEASED, &person, where, error);
    if (output >= 0)
        close(output);
    if (good)
        g_variant_dict_insert(&ask->answer, "where", "s", where);
    return good;
}

static gboolean may_unlock(const MgkRecord *record, GError **error)
{
    if (mgk_state_may_become(record->state, MGK_STATE_RELEASED) && record->state != MGK_STATE_APPROVED)
        return TRUE;
    return mgk_ask_refuse(error, N_("there is nothing held of this record"));
}

gboolean mgk_answer_unlock(MgkAsk *ask, GError **error)
{
    g_autofree const char **passwords = NULL;
    g_autoptr(MgkRecords) records = mgk_ask_record(ask, error);
    if (!records || !take_passwords(ask, &passwords, error))
        return FALSE;
    const MgkRecord *record = mgk_records_get(records, 0);
    if (!may_unlock(record, error))
        return FALSE;
    int original = mgk_blobs_read(ask->hold->blobs, record->sha256, error);
    if (original < 0)
        return FALSE;
    g_mutex_lock(&ask->hold->releasing); /* one at a time: guesses never take more than one worker */
    gboolean good = unlock(ask, record, passwords, original, error);
    g_mutex_unlock(&ask->hold->releasing);
    close(original);
    return good;
}
