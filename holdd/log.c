/* log.c - the chained log and the counts of a month, for people: one's own departments', everything for auditors. */
#include "hold.h"

#include "io/descriptor.h"
#include "model/words.h"
#include "store/hold_wire.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LOG_BYTES (256u << 20) /* of one answer */

typedef struct Output {
    int fd;
    gboolean csv, full, failed;
    guint64 size;
} Output;

static gboolean put(Output *output, const char *bytes, gsize size)
{
    output->size += size;
    output->full = output->size > LOG_BYTES;
    output->failed = output->failed || (!output->full && !mgk_fd_write_all(output->fd, bytes, size));
    return !output->full && !output->failed;
}

static gboolean take_line(gpointer user, const char *line, gsize size)
{
    Output *output = user;
    if (!output->csv)
        return put(output, line, size) && put(output, "\n", 1);
    g_autofree char *row = mgk_log_csv(line, size);
    return !row || put(output, row, strlen(row));
}

static const char *or_null(const char *text)
{
    return *text ? text : NULL;
}

/* Departments one after the other: each is its own list, in order. */
static gboolean search(const MgkAsk *ask, Output *output, GError **error)
{
    GVariant *a = ask->arguments;
    MgkLogFilter filter = {.from = or_null(mgk_hold_text(a, "from")),
                           .to = or_null(mgk_hold_text(a, "to")),
                           .event = or_null(mgk_hold_text(a, "event")),
                           .actor = or_null(mgk_hold_text(a, "actor")),
                           .record = or_null(mgk_hold_text(a, "record")),
                           .sha256 = or_null(mgk_hold_text(a, "sha256")),
                           .department = or_null(mgk_hold_text(a, "department")),
                           .limit = mgk_hold_number(a, "limit")};
    const char *const own[] = {filter.department, NULL};
    const char *const *departments = (const char *const *)ask->caller->departments;
    const char *folder = ask->hold->log_folder;
    if (ask->caller->all)
        return mgk_log_search(folder, &filter, take_line, output, error);
    if (filter.department && !mgk_caller_sees(ask->caller, filter.department))
        return mgk_ask_refuse(error, N_("one of these departments is not yours"));
    for (departments = filter.department ? own : departments; *departments; departments++) {
        filter.department = *departments;
        if (!mgk_log_search(folder, &filter, take_line, output, error))
            return FALSE;
    }
    return TRUE;
}

gboolean mgk_answer_log(MgkAsk *ask, GError **error)
{
    Output output = {.fd = memfd_create("log", MFD_CLOEXEC), .csv = mgk_hold_flag(ask->arguments, "csv")};
    const char *const data[] = {"what", "log", NULL};
    ask->answer_fd = output.fd; /* closed by the server */
    if (mgk_caller_has(ask->caller, MGK_ROLE_AUDITOR) && !mgk_ask_note(ask, "audit.read", NULL, data, error))
        return FALSE;
    if (output.csv)
        put(&output, mgk_log_csv_heading(), strlen(mgk_log_csv_heading()));
    if (!search(ask, &output, error))
        return FALSE;
    if (output.fd >= 0 && !output.failed && lseek(output.fd, 0, SEEK_SET) == 0) {
        g_variant_dict_insert(&ask->answer, "cut", "b", output.full);
        return TRUE;
    }
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_IO, "log: no memory");
    return FALSE;
}

static void answer_root(MgkAsk *ask, const MgkLogRoot *root)
{
    g_variant_dict_insert(&ask->answer, "seq", "t", root->seq);
    g_variant_dict_insert(&ask->answer, "hash", "s", root->hash);
    g_variant_dict_insert(&ask->answer, "time", "s", root->time);
}

gboolean mgk_answer_log_root(MgkAsk *ask, GError **error)
{
    MgkLogRoot root;
    (void)error;
    mgk_log_root(ask->hold->log, &root);
    answer_root(ask, &root);
    return TRUE;
}

gboolean mgk_answer_log_seal(MgkAsk *ask, GError **error)
{
    MgkSeal seal;
    g_mutex_lock(&ask->hold->sealing);
    gboolean good = mgk_seal(ask->hold->log, ask->hold->log_folder, ask->hold->config->seal_key, &seal, error);
    g_mutex_unlock(&ask->hold->sealing);
    if (!good)
        return FALSE;
    answer_root(ask, &seal.root);
    g_variant_dict_insert(&ask->answer, "seal", "t", seal.number);
    return TRUE;
}

/* What is wrong is an answer, not a refusal: the person asked for just that. */
gboolean mgk_answer_log_verify(MgkAsk *ask, GError **error)
{
    GVariant *a = ask->arguments;
    MgkLogRoot root = {.seq = mgk_hold_number(a, "seq")};
    MgkLogVerdict verdict;
    g_autoptr(GError) problem = NULL;
    g_strlcpy(root.hash, mgk_hold_text(a, "hash"), sizeof root.hash);
    gboolean good = mgk_log_verify(ask->hold->log_folder, or_null(mgk_hold_text(a, "anchor")), root.seq ? &root : NULL,
                                   &verdict, &problem);
    if (!good && !g_error_matches(problem, MGK_ERROR, MGK_ERROR_MALFORMED)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    g_variant_dict_insert(&ask->answer, "good", "b", good);
    g_variant_dict_insert(&ask->answer, "records", "t", verdict.records);
    g_variant_dict_insert(&ask->answer, "seals", "t", verdict.seals);
    g_variant_dict_insert(&ask->answer, "sealed", "t", verdict.sealed);
    g_variant_dict_insert(&ask->answer, "anchor", "s", verdict.anchor);
    g_variant_dict_insert(&ask->answer, "where", "s", verdict.where);
    g_variant_dict_insert(&ask->answer, "why", "s", problem ? problem->message : "");
    answer_root(ask, &verdict.root);
    return TRUE;
}

gboolean mgk_answer_report(MgkAsk *ask, GError **error)
{
    GVariant *a = ask->arguments;
    const char *const *own = ask->caller->all ? NULL : (const char *const *)ask->caller->departments;
    g_autoptr(GArray) counts = mgk_ledger_counts(ask->hold->ledger, (gint64)mgk_hold_number(a, "from"),
                                                 (gint64)mgk_hold_number(a, "to"), own, error);
    if (!counts)
        return FALSE;
    GVariantBuilder rows;
    g_variant_builder_init(&rows, G_VARIANT_TYPE("a(sst)"));
    for (guint i = 0; i < counts->len; i++) {
        const MgkReportRow *row = &g_array_index(counts, MgkReportRow, i);
        g_variant_builder_add(&rows, "(sst)", row->department ? row->department : "", row->what, row->count);
    }
    g_variant_dict_insert_value(&ask->answer, "counts", g_variant_builder_end(&rows));
    return TRUE;
}
