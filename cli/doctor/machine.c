/* machine.c - what the work needs apart from Postfix: policy, locked workers, fonts, time. */
#include "doctor/exam.h"

#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timex.h>
#include <unistd.h>

#define JAPAN_SECONDS (9 * 3600)

void mgk_check_policy(MgkExam *exam)
{
    if (exam->policy_problem)
        mgk_exam_miss_lines(exam, exam->policy_problem->message);
}

void mgk_check_policy_sizes(MgkExam *exam)
{
    const struct {
        const char *name;
        guint64 bytes;
    } rows[] = {{"input_bytes", exam->policy->limits.input_bytes},
                {"output_bytes", exam->policy->limits.output_bytes},
                {"total_bytes", exam->policy->limits.total_bytes}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].bytes < exam->policy->milter.message_bytes)
            mgk_exam_miss(exam, "[limits] %s = %" G_GUINT64_FORMAT ", [milter] message_bytes = %u", rows[i].name,
                          rows[i].bytes, exam->policy->milter.message_bytes);
    }
}

void mgk_check_daily_word(MgkExam *exam)
{
    if (!*exam->policy->mail.daily_word)
        mgk_exam_miss(exam, "[mail] daily_word =");
}

void mgk_check_own_domains(MgkExam *exam)
{
    if (!*exam->policy->mail.own_domains)
        mgk_exam_miss(exam, "[mail] own_domains =");
}

void mgk_check_sandbox(MgkExam *exam)
{
    if (!exam->sanitizer)
        mgk_exam_miss(exam, "%s", exam->sandbox_problem->message);
}

void mgk_check_landlock(MgkExam *exam)
{
    const char *level = exam->sanitizer ? mgk_sanitizer_sandbox_level(exam->sanitizer) : NULL;
    if (!level)
        mgk_exam_unknown(exam, "mugaika-worker");
    else if (strstr(level, "landlock=0"))
        mgk_exam_miss(exam, "%s", level);
}

void mgk_check_libraries(MgkExam *exam)
{
    static const char *const needed[] = {"poppler", "qpdf", "libxml2", "libarchive", "libmagic", "GMime"};
    g_autofree char *list = exam->sanitizer ? mgk_sanitizer_libraries(exam->sanitizer) : g_strdup("");
    for (guint i = 0; i < G_N_ELEMENTS(needed); i++) {
        if (!strstr(list, needed[i]))
            mgk_exam_miss(exam, "%s", needed[i]);
    }
}

static const char test_mail[] = "From: <doctor@localhost>\r\nTo: <doctor@localhost>\r\nSubject: test\r\n"
                                "Message-ID: <doctor@localhost>\r\nDate: Thu, 01 Jan 1970 00:00:00 +0000\r\n"
                                "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
                                "<p>Alive?<script>no</script></p>\r\n";

void mgk_check_test_mail(MgkExam *exam)
{
    int output = -1, file = memfd_create("mail", MFD_CLOEXEC);
    if (!exam->sanitizer || file < 0 || write(file, test_mail, sizeof test_mail - 1) != (gssize)sizeof test_mail - 1 ||
        lseek(file, 0, SEEK_SET) != 0) {
        mgk_exam_unknown(exam, "mugaika-worker");
    } else {
        const MgkInput input = {.fd = file, .name = "mail.eml"};
        g_autoptr(MgkReport) report = mgk_sanitizer_clean(exam->sanitizer, &input, &output);
        if (report->verdict != MGK_VERDICT_CLEANED || strcmp(report->format, "eml") != 0)
            mgk_exam_miss(exam, "%s: %s", mgk_verdict_name(report->verdict), mgk_reason_name(report->reason));
    }
    if (output >= 0)
        close(output);
    if (file >= 0)
        close(file);
}

void mgk_check_fonts(MgkExam *exam)
{
    static const char *const wanted[][3] = {
        {"/usr/share/poppler/cMap/Adobe-Japan1*", NULL},
        {"/usr/share/fonts/*/*ipa*", "/usr/share/fonts/*/noto/*CJK*", NULL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
        gsize found = 0;
        for (guint k = 0; wanted[i][k]; k++) {
            glob_t paths;
            if (glob(wanted[i][k], 0, NULL, &paths) == 0) {
                found += paths.gl_pathc;
                globfree(&paths);
            }
        }
        if (found == 0)
            mgk_exam_miss(exam, "%s", wanted[i][0]);
    }
}

void mgk_check_time_zone(MgkExam *exam)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *zone = g_date_time_format(now, "%Z %z");
    if (g_date_time_get_utc_offset(now) / G_USEC_PER_SEC != JAPAN_SECONDS)
        mgk_exam_miss(exam, "%s", zone);
}

void mgk_check_clock(MgkExam *exam)
{
    struct timex clock = {.modes = 0};
    int state = ntp_adjtime(&clock);
    if (state < 0)
        mgk_exam_unknown(exam, "ntp_adjtime: %s", g_strerror(errno));
    else if (state == TIME_ERROR || (clock.status & STA_UNSYNC))
        mgk_exam_miss(exam, "STA_UNSYNC");
}
