#include "isolation/broker.h"

#include "io/clamd.h"
#include "isolation/converter.h"
#include "isolation/notice.h"
#include "isolation/session.h"
#include "model/names.h"

#include <poll.h>
#include <string.h>

#define SCAN_SECONDS 60

typedef struct ChildContext {
    MgkTask *task;
    const MgkObject *parent;
    MgkReport *parent_report;
} ChildContext;

static void set_reason(MgkReport *report, MgkVerdict verdict, MgkReason reason, const char *detail)
{
    report->verdict = verdict;
    report->reason = reason;
    g_free(report->reason_detail);
    report->reason_detail = g_strdup(detail);
}

static void fill_request(MgkRequest *request, const MgkTask *task, const MgkObject *object, const char *password)
{
    memset(request, 0, sizeof *request);
    request->format = MGK_FORMAT_ID_NONE;
    request->want = object->want;
    request->role = object->role;
    request->depth = object->depth;
    request->policy = *task->policy;
    g_strlcpy(request->name, object->name, sizeof request->name);
    if (!g_utf8_validate(request->name, -1, NULL)) {
        const char *end; /* cut in the middle of a character */
        g_utf8_validate(request->name, -1, &end);
        request->name[end - request->name] = '\0';
    }
    request->has_password = password != NULL && strlen(password) < sizeof request->password;
    if (request->has_password)
        g_strlcpy(request->password, password, sizeof request->password);
}

/* ---- children ---- */

static MgkReason over_budget(MgkTask *task, const MgkObject *parent, guint64 size)
{
    const MgkLimits *limits = &task->policy->limits;
    if (parent->depth + 1 > limits->depth)
        return MGK_REASON_TOO_DEEP;
    if (++task->children > limits->children)
        return MGK_REASON_TOO_MANY;
    if (size > limits->input_bytes)
        return MGK_REASON_TOO_LARGE;
    if (size > limits->total_bytes - MIN(task->bytes, limits->total_bytes))
        return MGK_REASON_BOMB;
    task->bytes += size;
    if (size > MGK_MIB && size / limits->ratio > MAX(parent->input->size, 1))
        return MGK_REASON_BOMB;
    return MGK_REASON_NONE;
}

static void put_notice(const MgkReport *report, MgkMessage *answer, MgkBlob *ret_output)
{
    g_autofree char *text = mgk_notice_text(report);
    g_autofree char *name = mgk_notice_name(report->name);
    mgk_wire_set_text(answer->text, name);
    (void)mgk_blob_from_bytes(text, strlen(text), ret_output, NULL); /* without it: an answer without output */
}

static gboolean clean_child(gpointer context, const MgkMessage *ask, MgkBlob *data, MgkMessage *ret_answer,
                            MgkBlob *ret_output)
{
    ChildContext *c = context;
    MgkReport *report = mgk_report_new(ask->text);
    g_ptr_array_add(c->parent_report->children, report);
    MgkObject object = {.input = data,
                        .name = ask->text,
                        .role = (MgkRole)ask->a,
                        .want = (MgkFormatId)ask->b,
                        .depth = c->parent->depth + 1};
    MgkReason refusal = over_budget(c->task, c->parent, data->size);
    if (refusal == MGK_REASON_NONE && ask->c != MGK_REASON_NONE) /* the container could not open it by itself */
        refusal = ask->c < MGK_N_REASONS ? (MgkReason)ask->c : MGK_REASON_INTERNAL;
    if (refusal == MGK_REASON_NONE) {
        mgk_broker_clean(c->task, &object, report, ret_output);
    } else {
        set_reason(report, MGK_VERDICT_HELD, refusal, "");
        report->size_in = data->size;
        g_strlcpy(report->sha256_in, data->sha256, sizeof report->sha256_in);
    }
    MgkFormatId format = MGK_FORMAT_ID_NONE;
    (void)mgk_format_from_name(report->format, &format);
    ret_answer->a = report->verdict;
    ret_answer->b = report->reason;
    ret_answer->c = format;
    if (mgk_verdict_crosses(report->verdict))
        mgk_wire_set_text(ret_answer->text, report->output_name);
    else if (object.role == MGK_ROLE_MEMBER)
        put_notice(report, ret_answer, ret_output);
    return report->reason != MGK_REASON_INTERRUPTED && !c->task->starved;
}

/* ---- one object ---- */

static MgkSessionHost host_for(MgkTask *task, ChildContext *context)
{
    return (MgkSessionHost){.launcher = task->launcher,
                            .policy = task->policy,
                            .interrupt_fd = task->interrupt_fd,
                            .deadline_us = task->deadline_us,
                            .try_slots = task->try_slots,
                            .give_slots = task->give_slots,
                            .slots = task->slots,
                            .ask = context ? clean_child : NULL,
                            .context = context};
}

/* Whether a checker that ended for this reason never came to judge: then that is what is told, for the same file may do
 * better next time. */
static gboolean never_judged(MgkReason reason)
{
    static const MgkReason reasons[] = {MGK_REASON_CRASH,    MGK_REASON_TIMEOUT,     MGK_REASON_MEMORY,
                                        MGK_REASON_INTERNAL, MGK_REASON_INTERRUPTED, MGK_REASON_SANDBOX};
    for (guint i = 0; i < G_N_ELEMENTS(reasons); i++) {
        if (reasons[i] == reason)
            return TRUE;
    }
    return FALSE;
}

/* The second look: a fresh worker, other code, over what would cross. */
static void check_output(MgkTask *task, const MgkObject *object, MgkConclusion *conclusion, MgkReport *report,
                         const MgkBlob *output)
{
    MgkRequest request;
    fill_request(&request, task, object, NULL);
    request.kind = MGK_JOB_CHECK;
    request.format = conclusion->format;
    MgkSessionHost host = host_for(task, NULL);
    g_auto(MgkBlob) none = MGK_BLOB_NONE;
    MgkConclusion checked;
    mgk_session_run(&host, &request, output, report, &checked, &none);
    if (checked.verdict == MGK_VERDICT_CLEANED)
        return;
    conclusion->verdict = MGK_VERDICT_HELD;
    conclusion->starved = checked.starved;
    conclusion->reason = never_judged(checked.reason) ? checked.reason : MGK_REASON_CHECK_FAILED;
    g_strlcpy(conclusion->detail, checked.detail, sizeof conclusion->detail);
}

/* ---- what a profile wants beyond the standard ---- */

static void refuse(MgkConclusion *conclusion, MgkReason reason)
{
    conclusion->verdict = MGK_VERDICT_HELD;
    conclusion->reason = reason;
    conclusion->detail[0] = '\0';
}

/* Puts its text in the place of a cleaned file. */
static void replace_by_text(MgkTask *task, const MgkObject *object, MgkConclusion *conclusion, MgkReport *report,
                            MgkBlob *output)
{
    MgkRequest request;
    fill_request(&request, task, object, NULL);
    request.kind = MGK_JOB_TEXT;
    request.format = conclusion->format;
    MgkSessionHost host = host_for(task, NULL);
    g_auto(MgkBlob) text = MGK_BLOB_NONE;
    mgk_session_run(&host, &request, output, report, conclusion, &text);
    if (conclusion->reason == MGK_REASON_NOTHING_LEFT)
        conclusion->reason = MGK_REASON_NO_TEXT;
    if (!mgk_verdict_crosses(conclusion->verdict))
        return;
    mgk_blob_clear(output);
    *output = text;
    text = MGK_BLOB_NONE;
    check_output(task, object, conclusion, report, output);
}

static gboolean is_plain(MgkFormatId format)
{
    return format == MGK_FORMAT_ID_text || format == MGK_FORMAT_ID_csv;
}

/* Profile text: the text of what was cleaned takes its place. Archives and mails were given it member by member. */
static void take_text(MgkTask *task, const MgkObject *object, MgkConclusion *conclusion, MgkReport *report,
                      MgkBlob *output)
{
    guint flags = mgk_format_info(conclusion->format)->flags;
    if (is_plain(conclusion->format) || (flags & MGK_FORMAT_MEMBERS))
        return;
    if (flags & MGK_FORMAT_TEXT)
        replace_by_text(task, object, conclusion, report, output);
    else
        refuse(conclusion, MGK_REASON_NO_TEXT);
}

/* Profile confirm: an input in which nothing was found, and whose every byte a strict reader accounts for, crosses as
 * it is. Everything else crosses rebuilt. */
static void confirm_input(MgkTask *task, const MgkObject *object, MgkConclusion *conclusion, MgkReport *report,
                          MgkBlob *output)
{
    MgkFormatId detected = MGK_FORMAT_ID_NONE;
    if (!mgk_format_from_name(report->format, &detected) || detected != conclusion->format ||
        !(mgk_format_info(detected)->flags & MGK_FORMAT_CONFIRM) || report->findings->len > 0)
        return;
    MgkRequest request;
    fill_request(&request, task, object, NULL);
    request.kind = MGK_JOB_CONFIRM;
    request.format = detected;
    MgkSessionHost host = host_for(task, NULL);
    g_auto(MgkBlob) none = MGK_BLOB_NONE, copy = MGK_BLOB_NONE;
    MgkConclusion confirmed;
    mgk_session_run(&host, &request, object->input, report, &confirmed, &none);
    if (confirmed.verdict != MGK_VERDICT_CLEANED || report->findings->len > 0 ||
        !mgk_blob_copy(object->input->fd, task->policy->limits.output_bytes, &copy, NULL) ||
        strcmp(copy.sha256, object->input->sha256) != 0)
        return;
    conclusion->verdict = MGK_VERDICT_CONFIRMED;
    mgk_blob_clear(output);
    *output = copy;
    copy = MGK_BLOB_NONE;
}

static MgkReason reason_of_conversion(const GError *error, int interrupt_fd)
{
    struct pollfd interrupted = {interrupt_fd, POLLIN, 0};
    if (poll(&interrupted, 1, 0) > 0)
        return MGK_REASON_INTERRUPTED;
    if (g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT))
        return g_str_has_prefix(error->message, "total_time") ? MGK_REASON_TIMEOUT : MGK_REASON_TOO_LARGE;
    if (g_error_matches(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED))
        return MGK_REASON_NO_PAGES;
    return g_error_matches(error, MGK_ERROR, MGK_ERROR_IO) ? MGK_REASON_OUTPUT_FAILED : MGK_REASON_INTERNAL;
}

/* The converter's PDF is a stranger's: it is cleaned and checked like any other, by the standard profile. What is found
 * in it is LibreOffice's work, not the sender's, and is not told. */
static void clean_pages(MgkTask *task, const MgkObject *object, const MgkBlob *pdf, MgkConclusion *conclusion,
                        MgkBlob *output)
{
    g_autofree MgkPolicy *policy = g_memdup2(task->policy, sizeof *task->policy);
    policy->profile = MGK_PROFILE_STANDARD;
    MgkTask pages_task = *task;
    pages_task.policy = policy;
    pages_task.passwords = NULL;
    MgkObject pages = {
        .input = pdf, .name = "pages.pdf", .role = MGK_ROLE_PART, .want = MGK_FORMAT_ID_pdf, .depth = object->depth};
    g_autoptr(MgkReport) report = mgk_report_new(pages.name);
    mgk_blob_clear(output);
    mgk_broker_clean(&pages_task, &pages, report, output);
    task->starved = pages_task.starved;
    *conclusion = (MgkConclusion){
        .verdict = report->verdict, .reason = report->reason, .format = MGK_FORMAT_ID_pdf, .extension = 0};
    g_strlcpy(conclusion->detail, report->reason_detail ? report->reason_detail : "", sizeof conclusion->detail);
}

/* Profile image: pages of pixels take the document's place. Pictures and PDFs are pixels already. */
static void take_pages(MgkTask *task, const MgkObject *object, MgkConclusion *conclusion, MgkReport *report,
                       MgkBlob *output)
{
    guint flags = mgk_format_info(conclusion->format)->flags;
    if (flags & (MGK_FORMAT_MEMBERS | MGK_FORMAT_PIXELS))
        return;
    if (!(flags & MGK_FORMAT_OFFICE)) {
        refuse(conclusion, MGK_REASON_NO_PAGES);
        return;
    }
    g_autofree char *extension = mgk_format_extension(conclusion->format, conclusion->extension);
    if (is_plain(conclusion->format)) /* LibreOffice does not know the encoding, we do */
        replace_by_text(task, object, conclusion, report, output);
    if (!mgk_verdict_crosses(conclusion->verdict))
        return;
    g_auto(MgkBlob) pdf = MGK_BLOB_NONE;
    g_autoptr(GError) error = NULL;
    if (mgk_converter_run(output, extension, task->deadline_us, task->interrupt_fd, task->policy->limits.output_bytes,
                          &pdf, &error)) {
        clean_pages(task, object, &pdf, conclusion, output);
        return;
    }
    refuse(conclusion, reason_of_conversion(error, task->interrupt_fd));
    g_strlcpy(conclusion->detail, error->message, sizeof conclusion->detail);
}

static gboolean is_web_page(const MgkReport *report)
{
    return g_strcmp0(report->format, "html") == 0 || g_strcmp0(report->format, "mhtml") == 0;
}

static void apply_profile(MgkTask *task, const MgkObject *object, MgkConclusion *conclusion, MgkReport *report,
                          MgkBlob *output)
{
    if (object->role == MGK_ROLE_PART || !mgk_verdict_crosses(conclusion->verdict))
        return;
    switch (task->policy->profile) {
    case MGK_PROFILE_TEXT:
        take_text(task, object, conclusion, report, output);
        break;
    case MGK_PROFILE_CONFIRM:
        confirm_input(task, object, conclusion, report, output);
        break;
    case MGK_PROFILE_IMAGE:
        take_pages(task, object, conclusion, report, output);
        break;
    case MGK_PROFILE_STANDARD:
        if (task->policy->html_image && is_web_page(report))
            take_pages(task, object, conclusion, report, output);
        break;
    case MGK_N_PROFILES:
        break;
    }
}

static gint compare_findings(gconstpointer a, gconstpointer b)
{
    const MgkFinding *x = *(MgkFinding *const *)a, *y = *(MgkFinding *const *)b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    int order = strcmp(x->where, y->where);
    return order ? order : strcmp(x->detail, y->detail);
}

static void finish_report(MgkReport *report, const MgkObject *object, const MgkConclusion *conclusion,
                          const MgkBlob *output)
{
    set_reason(report, conclusion->verdict, conclusion->reason, conclusion->detail);
    g_ptr_array_sort(report->findings, compare_findings);
    report->finished_us = g_get_real_time();
    if (!mgk_verdict_crosses(conclusion->verdict))
        return;
    report->reason = MGK_REASON_NONE;
    report->size_out = output->size;
    g_strlcpy(report->sha256_out, output->sha256, sizeof report->sha256_out);
    g_autofree char *extension = mgk_names_extension(object->name);
    g_autofree char *true_extension = mgk_format_extension(conclusion->format, conclusion->extension);
    /* .jpeg stays .jpeg, .log stays .log: any of the format's own, when the handler did not insist on another */
    if (conclusion->extension == 0 && mgk_format_has_extension(conclusion->format, extension))
        report->output_name = mgk_names_with_extension(object->name, extension);
    else
        report->output_name = mgk_names_with_extension(object->name, true_extension);
    if (conclusion->format < MGK_N_FORMATS) {
        g_free(report->format);
        report->format = g_strdup(mgk_format_info(conclusion->format)->id);
    }
}

/* Encrypted as a whole, or an archive with members that are. */
static gboolean wants_password(const MgkConclusion *conclusion, const MgkReport *report)
{
    gboolean wanted = conclusion->reason == MGK_REASON_ENCRYPTED || conclusion->reason == MGK_REASON_WRONG_PASSWORD;
    for (guint i = 0; i < report->findings->len && !wanted; i++)
        wanted = ((MgkFinding *)g_ptr_array_index(report->findings, i))->kind == MGK_KIND_ARCHIVE_ENCRYPTED;
    return wanted;
}

/* Tries without a password, then each candidate while the file says it is encrypted. */
static void clean_with_passwords(MgkTask *task, const MgkObject *object, MgkReport *report, MgkConclusion *conclusion,
                                 MgkBlob *output)
{
    ChildContext context = {task, object, report};
    MgkSessionHost host = host_for(task, &context);
    MgkRequest request;
    fill_request(&request, task, object, NULL);
    request.kind = MGK_JOB_CLEAN;
    mgk_session_run(&host, &request, object->input, report, conclusion, output);
    for (guint i = 0; task->passwords && task->passwords[i] && wants_password(conclusion, report); i++) {
        fill_request(&request, task, object, task->passwords[i]);
        g_ptr_array_set_size(report->children, 0);
        g_ptr_array_set_size(report->findings, 0);
        mgk_blob_clear(output); /* an archive may have crossed without its locked members */
        mgk_session_run(&host, &request, object->input, report, conclusion, output);
        if (conclusion->reason == MGK_REASON_ENCRYPTED && !task->passwords[i + 1])
            conclusion->reason = MGK_REASON_WRONG_PASSWORD;
    }
}

/* The virus scanner's turn, before any handler's. FALSE: it is over, ret_conclusion says how. */
static gboolean pass_scanner(MgkTask *task, const MgkObject *object, MgkConclusion *ret_conclusion)
{
    char words[MGK_CLAMD_NAME];
    const MgkPolicy *policy = task->policy;
    if (policy->scan == MGK_SCAN_OFF)
        return TRUE;
    MgkClamdAnswer answer = mgk_clamd_scan(policy->clamd, object->input->fd, SCAN_SECONDS, words);
    if (answer == MGK_CLAMD_CLEAN || (answer == MGK_CLAMD_FAILED && policy->scan == MGK_SCAN_WHEN_AVAILABLE))
        return TRUE;
    gboolean found = answer == MGK_CLAMD_FOUND;
    *ret_conclusion = (MgkConclusion){.verdict = found ? MGK_VERDICT_BLOCKED : MGK_VERDICT_HELD,
                                      .reason = found ? MGK_REASON_INFECTED : MGK_REASON_NOT_SCANNED,
                                      .format = MGK_FORMAT_ID_NONE,
                                      .starved = !found}; /* a scanner that is away says nothing about the object */
    g_strlcpy(ret_conclusion->detail, words, sizeof ret_conclusion->detail);
    return FALSE;
}

void mgk_broker_clean(MgkTask *task, const MgkObject *object, MgkReport *report, MgkBlob *ret_output)
{
    report->size_in = object->input->size;
    g_strlcpy(report->sha256_in, object->input->sha256, sizeof report->sha256_in);
    report->sandbox = "strict";
    MgkConclusion conclusion;
    g_auto(MgkBlob) output = MGK_BLOB_NONE;
    if (pass_scanner(task, object, &conclusion))
        clean_with_passwords(task, object, report, &conclusion, &output);
    if (mgk_verdict_crosses(conclusion.verdict) && object->want != MGK_FORMAT_ID_NONE &&
        conclusion.format != object->want) {
        conclusion.verdict = MGK_VERDICT_HELD;
        conclusion.reason = MGK_REASON_UNSUPPORTED_FORMAT;
    }
    if (mgk_verdict_crosses(conclusion.verdict))
        check_output(task, object, &conclusion, report, &output);
    apply_profile(task, object, &conclusion, report, &output);
    /* a part that failed for want of disk or descriptors would be lost to its reader for no fault of its own */
    task->starved = task->starved || conclusion.starved || conclusion.reason == MGK_REASON_OUTPUT_FAILED;
    finish_report(report, object, &conclusion, &output);
    if (!mgk_verdict_crosses(conclusion.verdict))
        return;
    *ret_output = output;
    output = MGK_BLOB_NONE;
}
