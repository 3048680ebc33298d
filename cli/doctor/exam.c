#include "doctor/exam.h"

#include "model/names.h"
#include "model/words.h"

#define DETAIL_COLUMNS 400

static const MgkCheck table[] = {
#define MGK_CHECK(name, severity, where, sentence, remedy) \
    {.id = #name, \
     .level = MGK_CHECK_##severity, \
     .scope = MGK_CHECK_##where, \
     .run = mgk_check_##name, \
     .text = sentence, \
     .mend = remedy},
#include "doctor/checks.def"
#undef MGK_CHECK
};

const MgkCheck *mgk_exam_table(guint *ret_n)
{
    *ret_n = G_N_ELEMENTS(table);
    return table;
}

static void result_free(gpointer data)
{
    MgkResult *result = data;
    g_free(result->place);
    g_free(result->detail);
    g_free(result);
}

GPtrArray *mgk_exam_results_new(void)
{
    return g_ptr_array_new_with_free_func(result_free);
}

static void add_result(MgkExam *exam, MgkFound found, const char *detail)
{
    MgkResult *result = g_new0(MgkResult, 1);
    result->check = exam->check;
    result->found = found;
    result->place = g_strdup(exam->postconf ? exam->postconf->folder : "");
    result->detail = mgk_names_display(detail, -1, DETAIL_COLUMNS);
    exam->counts[found]++;
    g_ptr_array_add(exam->results, result);
}

void mgk_exam_miss(MgkExam *exam, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *detail = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    add_result(exam, table[exam->check].level == MGK_CHECK_FAIL ? MGK_FOUND_FAILURE : MGK_FOUND_WARNING, detail);
}

void mgk_exam_miss_lines(MgkExam *exam, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        if (*lines[i])
            mgk_exam_miss(exam, "%s", lines[i]);
    }
}

void mgk_exam_unknown(MgkExam *exam, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *detail = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    add_result(exam, MGK_FOUND_UNKNOWN, detail);
}

void mgk_exam_run(MgkExam *exam, MgkCheckScope scope)
{
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (!(table[i].scope & scope))
            continue;
        guint before = exam->results->len;
        exam->check = i;
        table[i].run(exam);
        if (exam->results->len == before)
            add_result(exam, MGK_FOUND_GOOD, "");
    }
}

void mgk_exam_each(MgkExam *exam, const char *name,
                   void (*visit)(MgkExam *exam, const char *place, const char *name, const char *value))
{
    const MgkPostconf *postconf = exam->postconf;
    visit(exam, "main.cf", name, mgk_postconf_get(postconf, NULL, name));
    for (guint i = 0; i < postconf->services->len; i++) {
        const MgkService *service = g_ptr_array_index(postconf->services, i);
        const char *value = g_hash_table_lookup(service->overrides, name);
        g_autofree char *place = g_strdup_printf("%s/%s", service->name, service->type);
        if (value)
            visit(exam, place, name, value);
    }
}

void mgk_exam_want_empty(MgkExam *exam, const char *place, const char *name, const char *value)
{
    if (*value)
        mgk_exam_miss(exam, "%s: %s = %s", place, name, value);
}
