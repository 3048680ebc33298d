/* figures.c - times, sizes and habits of Postfix fit to those of the filter. */
#include "doctor/ours.h"

#include <string.h>

#define PROTOCOL 6
#define SLACK_SECONDS 30 /* for storing the original and for handing over the result */
#define COMMAND_SECONDS 30
#define CONNECT_SECONDS 10
#define GROWTH_BYTES 4096 /* header fields that an instance adds */
#define LIFETIME_SECONDS (3 * 86400)

static void want_protocol(MgkExam *exam, const char *place, const char *name, const char *value)
{
    guint64 number = 0;
    if (!mgk_postconf_number(value, &number) || number < PROTOCOL)
        mgk_exam_miss(exam, "%s: %s = %s", place, name, value);
}

void mgk_check_protocol(MgkExam *exam)
{
    mgk_ours_each(exam, "protocol", want_protocol);
}

static void want_seconds(MgkExam *exam, const char *place, const char *name, const char *value, guint64 least)
{
    guint64 seconds = 0;
    if (!mgk_postconf_seconds(value, &seconds) || seconds < least)
        mgk_exam_miss(exam, "%s: %s = %s (< %" G_GUINT64_FORMAT "s)", place, name, value, least);
}

static void want_content_time(MgkExam *exam, const char *place, const char *name, const char *value)
{
    const MgkMilterPolicy *policy = &exam->policy->milter;
    want_seconds(exam, place, name, value, (guint64)policy->queue_seconds + policy->clean_seconds + SLACK_SECONDS);
}

void mgk_check_content_timeout(MgkExam *exam)
{
    mgk_ours_each(exam, "content_timeout", want_content_time);
}

static void want_command_time(MgkExam *exam, const char *place, const char *name, const char *value)
{
    want_seconds(exam, place, name, value, COMMAND_SECONDS);
}

static void want_connect_time(MgkExam *exam, const char *place, const char *name, const char *value)
{
    want_seconds(exam, place, name, value, CONNECT_SECONDS);
}

void mgk_check_command_timeout(MgkExam *exam)
{
    mgk_ours_each(exam, "command_timeout", want_command_time);
    mgk_ours_each(exam, "connect_timeout", want_connect_time);
}

static void want_message_bytes(MgkExam *exam, const char *place, const char *name, const char *value)
{
    guint64 bytes = 0;
    if (!mgk_postconf_number(value, &bytes) || bytes != exam->policy->milter.message_bytes)
        mgk_exam_miss(exam, "%s: %s = %s, message_bytes = %u", place, name, value, exam->policy->milter.message_bytes);
}

void mgk_check_message_size(MgkExam *exam)
{
    mgk_exam_each(exam, "message_size_limit", want_message_bytes);
}

static guint64 message_size(const MgkPostconf *postconf)
{
    guint64 bytes = 0;
    mgk_postconf_number(mgk_postconf_get(postconf, NULL, "message_size_limit"), &bytes);
    return bytes;
}

static void want_room(MgkExam *exam, const char *place, const char *name, const char *value)
{
    guint64 bytes = 0;
    if (!mgk_postconf_number(value, &bytes) || (bytes > 0 && bytes < message_size(exam->postconf)))
        mgk_exam_miss(exam, "%s: %s = %s", place, name, value);
}

void mgk_check_mailbox_size(MgkExam *exam)
{
    mgk_exam_each(exam, "mailbox_size_limit", want_room);
    mgk_exam_each(exam, "virtual_mailbox_limit", want_room);
}

void mgk_check_queue_minfree(MgkExam *exam)
{
    const char *value = mgk_postconf_get(exam->postconf, NULL, "queue_minfree");
    guint64 bytes = 0;
    if (!mgk_postconf_number(value, &bytes) || bytes < message_size(exam->postconf) / 2 * 3)
        mgk_exam_miss(exam, "main.cf: queue_minfree = %s", value);
}

/* "yes", and since 3.7.10 "normalize" and "reject"; a Postfix that does not know the setting takes bare newlines. */
static void want_refusal(MgkExam *exam, const char *place, const char *name, const char *value)
{
    if (!*value || g_ascii_strcasecmp(value, "no") == 0)
        mgk_exam_miss(exam, "%s: %s = %s", place, name, value);
}

void mgk_check_bare_newline(MgkExam *exam)
{
    mgk_exam_each(exam, "smtpd_forbid_bare_newline", want_refusal);
}

static void want_loopback(MgkExam *exam, const char *place, const char *name, const char *value)
{
    static const char *const loopback[] = {"127.", "[::1]", "[::ffff:127."};
    g_autoptr(GPtrArray) words = mgk_postconf_words(value);
    for (guint i = 0; i < words->len; i++) {
        gboolean local = FALSE;
        for (guint k = 0; k < G_N_ELEMENTS(loopback); k++)
            local = local || g_str_has_prefix(g_ptr_array_index(words, i), loopback[k]);
        if (!local) {
            mgk_exam_miss(exam, "%s: %s = %s", place, name, value);
            return;
        }
    }
}

void mgk_check_bare_newline_exclusions(MgkExam *exam)
{
    mgk_exam_each(exam, "smtpd_forbid_bare_newline_exclusions", want_loopback);
}

static void want_no(MgkExam *exam, const char *place, const char *name, const char *value)
{
    if (mgk_postconf_is_yes(value))
        mgk_exam_miss(exam, "%s: %s = %s", place, name, value);
}

void mgk_check_smtputf8(MgkExam *exam)
{
    mgk_exam_each(exam, "smtputf8_enable", want_no);
}

static void want_yes(MgkExam *exam, const char *place, const char *name, const char *value)
{
    if (!mgk_postconf_is_yes(value))
        mgk_exam_miss(exam, "%s: %s = %s", place, name, value);
}

void mgk_check_long_queue_ids(MgkExam *exam)
{
    mgk_exam_each(exam, "enable_long_queue_ids", want_yes);
}

static void want_all_empty(MgkExam *exam, const char *const *names)
{
    for (; *names; names++)
        mgk_exam_each(exam, *names, mgk_exam_want_empty);
}

void mgk_check_copies(MgkExam *exam)
{
    static const char *const names[] = {"always_bcc", "sender_bcc_maps", "recipient_bcc_maps", NULL};
    want_all_empty(exam, names);
}

void mgk_check_rewrites(MgkExam *exam)
{
    static const char *const names[] = {"content_filter",
                                        "milter_header_checks",
                                        "smtp_header_checks",
                                        "smtp_mime_header_checks",
                                        "smtp_nested_header_checks",
                                        "smtp_body_checks",
                                        NULL};
    want_all_empty(exam, names);
}

static void want_macro(MgkExam *exam, const char *parameter, const char *macro)
{
    const char *value = mgk_postconf_get(exam->postconf, NULL, parameter);
    g_autoptr(GPtrArray) words = mgk_postconf_words(value);
    for (guint i = 0; i < words->len; i++) {
        if (strcmp(g_ptr_array_index(words, i), macro) == 0)
            return;
    }
    mgk_exam_miss(exam, "main.cf: %s = %s", parameter, value);
}

void mgk_check_macros(MgkExam *exam)
{
    want_macro(exam, "milter_connect_macros", "j");
    want_macro(exam, "milter_end_of_data_macros", "i");
}

void mgk_check_unused(MgkExam *exam)
{
    mgk_exam_miss_lines(exam, exam->postconf->warnings);
}

void mgk_check_outer_size(MgkExam *exam)
{
    guint64 outer = message_size(exam->postconf), inner = exam->inner ? message_size(exam->inner) : 0;
    if (outer == 0 || inner < GROWTH_BYTES || outer > inner - GROWTH_BYTES)
        mgk_exam_miss(exam, "message_size_limit = %" G_GUINT64_FORMAT " → %" G_GUINT64_FORMAT, outer, inner);
}

void mgk_check_outer_patience(MgkExam *exam)
{
    const char *patience = mgk_postconf_get(exam->postconf, NULL, "smtp_data_done_timeout");
    const char *work = exam->inner ? mgk_postconf_get(exam->inner, NULL, "milter_content_timeout") : "";
    guint64 outer = 0, inner = 0;
    if (!mgk_postconf_seconds(patience, &outer) || !mgk_postconf_seconds(work, &inner) || outer <= inner)
        mgk_exam_miss(exam, "smtp_data_done_timeout = %s, milter_content_timeout = %s", patience, work);
}

void mgk_check_outer_lifetime(MgkExam *exam)
{
    /* Postfix counts this one in days unless a unit says otherwise; postconf always writes the unit of a default. */
    const char *value = mgk_postconf_get(exam->postconf, NULL, "maximal_queue_lifetime");
    gboolean bare = *value && g_ascii_isdigit(value[strlen(value) - 1]);
    g_autofree char *text = g_strconcat(value, bare ? "d" : "", NULL);
    guint64 seconds = 0;
    if (!mgk_postconf_seconds(text, &seconds) || seconds < LIFETIME_SECONDS)
        mgk_exam_miss(exam, "maximal_queue_lifetime = %s", value);
}
