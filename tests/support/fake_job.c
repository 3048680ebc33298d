#include "fake_job.h"

#include "formats/formats.h"

#include <string.h>

typedef struct Record {
    guint32 type;
    GBytes *data;
} Record;

typedef struct Fake {
    FakeRun *run;
    MgkReport *report;
    GByteArray *output;
    GQueue records; /* of Record*: decoder to encoder */
    gboolean sent;
} Fake;

static gboolean run_object(FakeRun *run, MgkJob *job, Fake *fake, GError **error);

static void record_free(gpointer data)
{
    Record *record = data;
    g_bytes_unref(record->data);
    g_free(record);
}

static gboolean on_write(MgkJob *job, const void *data, gsize size, GError **error)
{
    Fake *fake = job->priv;
    if (size > job->policy->limits.output_bytes - fake->output->len) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "output_bytes: the result would be too large");
        return FALSE;
    }
    g_byte_array_append(fake->output, data, (guint)size);
    return TRUE;
}

static gboolean on_send(MgkJob *job, guint32 type, const void *data, gsize size, GError **error)
{
    Fake *fake = job->priv;
    (void)error;
    Record *record = g_new0(Record, 1);
    *record = (Record){.type = type & ~MGK_RECORD_TURN, .data = g_bytes_new(data, size)};
    g_queue_push_tail(&fake->records, record);
    fake->sent = TRUE;
    return TRUE;
}

static guint on_spread(MgkJob *job, guint pages)
{
    (void)job;
    (void)pages;
    return 1;
}

static gboolean on_receive(MgkJob *job, gsize max, guint32 *ret_type, guint8 **ret_data, gsize *ret_size,
                           GError **error)
{
    Fake *fake = job->priv;
    Record *record = g_queue_pop_head(&fake->records);
    *ret_type = record ? record->type : 0;
    *ret_size = record ? g_bytes_get_size(record->data) : 0;
    if (*ret_size > max) {
        record_free(record);
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "record of %" G_GSIZE_FORMAT " bytes", *ret_size);
        return FALSE;
    }
    *ret_data = *ret_size ? g_memdup2(g_bytes_get_data(record->data, NULL), *ret_size) : NULL;
    if (record)
        record_free(record);
    return TRUE;
}

static void on_find(MgkJob *job, MgkKind kind, MgkAction action, const char *where, const char *detail)
{
    Fake *fake = job->priv;
    MgkFinding finding = {
        .kind = kind, .action = action, .count = 1, .where = g_strdup(where), .detail = g_strdup(detail)};
    mgk_report_find(fake->report, &finding, 1000);
    g_free(finding.where);
    g_free(finding.detail);
}

static void name_answer(MgkAnswer *answer, const MgkAsk *ask, const MgkOutcome *outcome)
{
    g_autofree char *extension = mgk_format_extension(outcome->format, outcome->extension);
    const char *dot = strrchr(ask->name, '.');
    int stem = dot ? (int)(dot - ask->name) : (int)strlen(ask->name);
    if (mgk_verdict_crosses(outcome->verdict))
        g_snprintf(answer->name, sizeof answer->name, "%.*s.%s", stem, ask->name, extension ? extension : "bin");
    else
        g_snprintf(answer->name, sizeof answer->name, "%.200s.無害化保留.txt", ask->name);
}

static gboolean on_ask(MgkJob *job, const MgkAsk *ask, MgkAnswer *ret_answer, GError **error)
{
    Fake *parent = job->priv;
    (void)error;
    Fake child = {.run = parent->run, .report = mgk_report_new(ask->name), .output = g_byte_array_new()};
    g_ptr_array_add(parent->report->children, child.report);
    MgkFormatId format = fake_detect(ask->data, ask->size, ask->name);
    MgkJob sub = {.data = ask->data,
                  .size = ask->size,
                  .name = ask->name,
                  .depth = job->depth + 1,
                  .role = ask->role,
                  .want = ask->want,
                  .format = format};
    memset(ret_answer, 0, sizeof *ret_answer);
    ret_answer->verdict = MGK_VERDICT_HELD;
    ret_answer->reason = MGK_REASON_UNKNOWN_FORMAT;
    ret_answer->format = MGK_FORMAT_ID_NONE;
    g_autoptr(GError) local = NULL;
    if (ask->refuse != MGK_REASON_NONE) {
        ret_answer->reason = ask->refuse;
    } else if (format != MGK_FORMAT_ID_NONE && sub.depth <= parent->run->policy.limits.depth) {
        if (run_object(parent->run, &sub, &child, &local)) {
            ret_answer->verdict = sub.outcome.verdict;
            ret_answer->reason = sub.outcome.reason;
            ret_answer->format = sub.outcome.format;
        } else {
            ret_answer->reason = MGK_REASON_MALFORMED;
        }
    }
    child.report->verdict = ret_answer->verdict;
    child.report->reason = ret_answer->reason;
    if (mgk_verdict_crosses(ret_answer->verdict))
        ret_answer->output = g_bytes_new(child.output->data, child.output->len);
    else if (ask->role == MGK_ROLE_MEMBER)
        ret_answer->output = g_bytes_new("notice\r\n", 8);
    sub.outcome.verdict = ret_answer->verdict;
    name_answer(ret_answer, ask, &sub.outcome);
    g_byte_array_unref(child.output);
    g_queue_clear_full(&child.records, record_free);
    return TRUE;
}

static void connect_job(MgkJob *job, Fake *fake)
{
    job->policy = &fake->run->policy;
    job->stride = 1;
    job->write = on_write;
    job->send = on_send;
    job->spread = on_spread;
    job->receive = on_receive;
    job->find = on_find;
    job->ask_child = on_ask;
    job->priv = fake;
}

static gboolean encode_records(MgkJob *job, Fake *fake, GError **error)
{
    const MgkHandler *encoder = mgk_formats_handler(job->outcome.format);
    g_assert(encoder->encode);
    MgkJob encode = {.name = job->name, .format = job->outcome.format, .want = job->want, .outcome = job->outcome};
    connect_job(&encode, fake);
    return encoder->encode(&encode, error);
}

static gboolean run_object(FakeRun *run, MgkJob *job, Fake *fake, GError **error)
{
    const MgkHandler *handler = mgk_formats_handler(job->format);
    connect_job(job, fake);
    job->outcome = (MgkOutcome){.verdict = MGK_VERDICT_CLEANED, .format = job->format};
    if (!handler->clean) {
        gboolean never = mgk_format_info(job->format)->flags & MGK_FORMAT_NEVER;
        return never ? mgk_job_block(job, MGK_REASON_EXECUTABLE, "")
                     : mgk_job_hold(job, MGK_REASON_UNSUPPORTED_FORMAT, "");
    }
    if (handler->walk && !handler->walk(job, error))
        return FALSE;
    if (!mgk_verdict_crosses(job->outcome.verdict))
        return TRUE;
    if (!handler->clean(job, error) || (fake->sent && !encode_records(job, fake, error)))
        return FALSE;
    if (!mgk_verdict_crosses(job->outcome.verdict))
        return TRUE;
    return fake_run_check(run, fake->output->data, fake->output->len, job->outcome.format, error);
}

FakeRun *fake_run_new(void)
{
    FakeRun *run = g_new0(FakeRun, 1);
    run->want = MGK_FORMAT_ID_NONE;
    mgk_policy_init(&run->policy);
    run->output = g_byte_array_new();
    run->report = mgk_report_new("");
    return run;
}

void fake_run_free(FakeRun *run)
{
    if (!run)
        return;
    g_byte_array_unref(run->output);
    mgk_report_free(run->report);
    g_free(run);
}

MgkFormatId fake_detect(const guint8 *data, gsize size, const char *name)
{
    return mgk_detect(data, size, name, NULL);
}

gboolean fake_run_clean(FakeRun *run, const guint8 *data, gsize size, const char *name, MgkFormatId format,
                        GError **error)
{
    if (format == MGK_FORMAT_ID_NONE)
        format = fake_detect(data, size, name);
    if (format == MGK_FORMAT_ID_NONE) {
        run->outcome = (MgkOutcome){.verdict = MGK_VERDICT_HELD, .reason = MGK_REASON_UNKNOWN_FORMAT};
        return TRUE;
    }
    Fake fake = {.run = run, .report = run->report, .output = run->output};
    MgkJob job = {
        .data = data, .size = size, .name = name, .password = run->password, .format = format, .want = run->want};
    gboolean ok = run_object(run, &job, &fake, error);
    g_queue_clear_full(&fake.records, record_free);
    run->outcome = job.outcome;
    run->report->verdict = job.outcome.verdict;
    return ok;
}

gboolean fake_run_check(FakeRun *run, const guint8 *data, gsize size, MgkFormatId format, GError **error)
{
    const MgkHandler *handler = mgk_formats_handler(format);
    if (!handler->check) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_FAILED, "format %s has no check", mgk_format_info(format)->id);
        return FALSE;
    }
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    Fake fake = {.run = run, .report = run->report, .output = scratch};
    MgkJob job = {.data = data, .size = size, .name = "", .format = format, .want = MGK_FORMAT_ID_NONE};
    connect_job(&job, &fake);
    job.outcome = (MgkOutcome){.verdict = MGK_VERDICT_CLEANED, .format = format};
    return handler->check(&job, error);
}

gboolean fake_run_text(FakeRun *run, const guint8 *data, gsize size, MgkFormatId format, GError **error)
{
    g_byte_array_set_size(run->output, 0);
    Fake fake = {.run = run, .report = run->report, .output = run->output};
    MgkJob job = {.data = data, .size = size, .name = "", .format = format, .want = MGK_FORMAT_ID_NONE};
    connect_job(&job, &fake);
    job.outcome = (MgkOutcome){.verdict = MGK_VERDICT_CONVERTED, .format = MGK_FORMAT_ID_text};
    gboolean ok = mgk_formats_handler(format)->text(&job, error);
    run->outcome = job.outcome;
    return ok;
}

static gboolean found_below(const MgkReport *report, MgkKind kind)
{
    for (guint i = 0; i < report->findings->len; i++) {
        if (((MgkFinding *)g_ptr_array_index(report->findings, i))->kind == kind)
            return TRUE;
    }
    for (guint i = 0; i < report->children->len; i++) {
        if (found_below(g_ptr_array_index(report->children, i), kind))
            return TRUE;
    }
    return FALSE;
}

gboolean fake_run_found(const FakeRun *run, MgkKind kind)
{
    return found_below(run->report, kind);
}

gboolean fake_sink(gpointer user, const void *data, gsize size, GError **error)
{
    (void)error;
    g_byte_array_append(user, data, (guint)size);
    return TRUE;
}
