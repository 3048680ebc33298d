/* paths.c - every way of a mail into Postfix leads through the filter, or the doctor says which does not. */
#include "doctor/ours.h"

#include <string.h>

static gboolean is_program(const MgkService *service, const char *program)
{
    return strcmp(service->program, program) == 0;
}

static gboolean has_ours(const MgkExam *exam, const MgkService *service)
{
    g_autoptr(GPtrArray) milters = mgk_milters_parse(mgk_ours_list(exam, service));
    return mgk_ours_find(exam, service, milters) >= 0;
}

void mgk_check_filter_everywhere(MgkExam *exam)
{
    guint seen = 0;
    for (guint i = 0; i < exam->postconf->services->len; i++) {
        const MgkService *service = g_ptr_array_index(exam->postconf->services, i);
        if (!is_program(service, "smtpd"))
            continue;
        seen++;
        if (!has_ours(exam, service))
            mgk_exam_miss(exam, "%s/%s: smtpd_milters = %s", service->name, service->type,
                          mgk_ours_list(exam, service));
    }
    if (seen == 0)
        mgk_exam_miss(exam, "master.cf: no smtpd");
}

void mgk_check_filter_last(MgkExam *exam)
{
    for (guint i = 0; i < exam->postconf->services->len; i++) {
        const MgkService *service = g_ptr_array_index(exam->postconf->services, i);
        const char *list = mgk_ours_list(exam, service);
        g_autoptr(GPtrArray) milters = mgk_milters_parse(list);
        int at = mgk_ours_find(exam, service, milters);
        if (at >= 0 && at + 1 < (int)milters->len)
            mgk_exam_miss(exam, "%s/%s: %s", service->name, service->type, list);
    }
}

static void want_tempfail(MgkExam *exam, const char *place, const char *name, const char *value)
{
    if (strcmp(value, "tempfail") != 0)
        mgk_exam_miss(exam, "%s: %s = %s", place, name, value);
}

/* Whose marks are believed must not be missing: it also takes away those that strangers wrote in its name. */
static void want_others_tempfail(MgkExam *exam, const MgkService *service)
{
    g_autoptr(GPtrArray) milters = mgk_milters_parse(mgk_ours_list(exam, service));
    int at = mgk_ours_find(exam, service, milters);
    for (int i = 0; i < at; i++) {
        const MgkMilter *milter = g_ptr_array_index(milters, (guint)i);
        const char *action = g_hash_table_lookup(milter->options, "default_action");
        if (action && strcmp(action, "tempfail") != 0)
            mgk_exam_miss(exam, "%s/%s: %s default_action=%s, authserv_ids = %s", service->name, service->type,
                          milter->endpoint, action, exam->policy->mail.authserv_ids);
    }
}

void mgk_check_default_action(MgkExam *exam)
{
    mgk_ours_each(exam, "default_action", want_tempfail);
    for (guint i = 0; *exam->policy->mail.authserv_ids && i < exam->postconf->services->len; i++)
        want_others_tempfail(exam, g_ptr_array_index(exam->postconf->services, i));
}

static gboolean trusts_everybody(const MgkMailPolicy *mail)
{
    g_autoptr(GPtrArray) peers = mgk_postconf_words(mail->trusted_peers);
    for (guint i = 0; i < peers->len; i++) {
        if (g_str_has_suffix(g_ptr_array_index(peers, i), "/0"))
            return TRUE;
    }
    return FALSE;
}

/* Everybody's marks are nobody's, but where a filter in front takes away what strangers wrote; none does so for X-
 * fields.
 */
void mgk_check_marks(MgkExam *exam)
{
    const MgkMailPolicy *mail = &exam->policy->mail;
    if (!trusts_everybody(mail))
        return;
    if (*mail->trusted_headers)
        mgk_exam_miss(exam, "trusted_peers = %s, trusted_headers = %s", mail->trusted_peers, mail->trusted_headers);
    for (guint i = 0; *mail->authserv_ids && i < exam->postconf->services->len; i++) {
        const MgkService *service = g_ptr_array_index(exam->postconf->services, i);
        g_autoptr(GPtrArray) milters = mgk_milters_parse(mgk_ours_list(exam, service));
        if (mgk_ours_find(exam, service, milters) == 0)
            mgk_exam_miss(exam, "%s/%s: trusted_peers = %s, authserv_ids = %s", service->name, service->type,
                          mail->trusted_peers, mail->authserv_ids);
    }
}

static void refuse_no_milters(MgkExam *exam, const char *place, const char *name, const char *value)
{
    g_autoptr(GPtrArray) words = mgk_postconf_words(value);
    for (guint i = 0; i < words->len; i++) {
        if (g_ascii_strcasecmp(g_ptr_array_index(words, i), "no_milters") == 0)
            mgk_exam_miss(exam, "%s: %s = %s", place, name, value);
    }
}

void mgk_check_no_milters(MgkExam *exam)
{
    mgk_exam_each(exam, "receive_override_options", refuse_no_milters);
}

void mgk_check_milter_maps(MgkExam *exam)
{
    mgk_exam_each(exam, "smtpd_milter_maps", mgk_exam_want_empty);
}

void mgk_check_proxy_filter(MgkExam *exam)
{
    mgk_exam_each(exam, "smtpd_proxy_filter", mgk_exam_want_empty);
}

/* A list of names, not of tables: "root, postfix". The default is static:anyone. */
static gboolean names_users_only(const char *list)
{
    g_autoptr(GPtrArray) words = mgk_postconf_words(list);
    for (guint i = 0; i < words->len; i++) {
        if (strpbrk(g_ptr_array_index(words, i), ":/!"))
            return FALSE;
    }
    return TRUE;
}

void mgk_check_local_submission(MgkExam *exam)
{
    const char *users = mgk_postconf_get(exam->postconf, NULL, "authorized_submit_users");
    gboolean picks_up = FALSE;
    for (guint i = 0; i < exam->postconf->services->len; i++)
        picks_up = picks_up || is_program(g_ptr_array_index(exam->postconf->services, i), "pickup");
    if (!picks_up || names_users_only(users))
        return;
    for (guint i = 0; i < exam->postconf->services->len; i++) {
        const MgkService *service = g_ptr_array_index(exam->postconf->services, i);
        if (is_program(service, "cleanup") && !has_ours(exam, service))
            mgk_exam_miss(exam, "%s/%s: non_smtpd_milters = %s; authorized_submit_users = %s", service->name,
                          service->type, mgk_ours_list(exam, service), users);
    }
}

void mgk_check_qmqpd(MgkExam *exam)
{
    for (guint i = 0; i < exam->postconf->services->len; i++) {
        const MgkService *service = g_ptr_array_index(exam->postconf->services, i);
        if (is_program(service, "qmqpd"))
            mgk_exam_miss(exam, "%s/%s", service->name, service->type);
    }
}
