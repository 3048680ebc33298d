#include "doctor/print.h"

#include "model/words.h"

#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

static const char *const found_names[MGK_N_FOUND] = {"good", "warning", "failure", "unknown"};
static const char *const found_words[MGK_N_FOUND] = {N_("[ good  ]"), N_("[ think ]"), N_("[ WRONG ]"),
                                                     N_("[unknown]")};

/* The first of several results of a check has the heading, the last one the remedy. */
static void add_result(GString *out, const MgkResult *result, gboolean first, gboolean last)
{
    guint n = 0;
    const MgkCheck *check = &mgk_exam_table(&n)[result->check];
    if (first)
        g_string_append_printf(out, "%s %s: %s\n", mgk_words(found_words[result->found]), check->id,
                               mgk_words(check->text));
    if (result->found == MGK_FOUND_GOOD)
        return;
    g_string_append_printf(out, "    %s\n", result->detail);
    if (!last)
        return;
    if (result->found == MGK_FOUND_UNKNOWN && geteuid() != 0)
        g_string_append_printf(out, "    %s\n", mgk_words(N_("This could not be looked at. Run the doctor as root.")));
    g_string_append_printf(out, "    → %s\n", mgk_words(check->mend));
}

static gboolean same_heading(const MgkResult *a, const MgkResult *b)
{
    return a->check == b->check && a->found == b->found && strcmp(a->place, b->place) == 0;
}

static void add_sum(GString *out, const MgkExam *exam)
{
    guint bad = exam->counts[MGK_FOUND_FAILURE] + exam->counts[MGK_FOUND_UNKNOWN];
    g_string_append_c(out, '\n');
    g_string_append_printf(out, mgk_words(N_("%u good, %u to think about, %u wrong, %u could not be looked at\n")),
                           exam->counts[MGK_FOUND_GOOD], exam->counts[MGK_FOUND_WARNING],
                           exam->counts[MGK_FOUND_FAILURE], exam->counts[MGK_FOUND_UNKNOWN]);
    g_string_append_printf(out, "%s\n",
                           bad ? mgk_words(N_("Not safe yet: mend what is wrong and run the doctor again."))
                               : mgk_words(N_("No way around the filter was found.")));
}

char *mgk_print_text(const MgkExam *exam)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const MgkResult *const *results = (const MgkResult *const *)exam->results->pdata;
    for (guint i = 0; i < exam->results->len; i++) {
        if (i == 0 || strcmp(results[i - 1]->place, results[i]->place) != 0)
            g_string_append_printf(out, "== %s\n", *results[i]->place ? results[i]->place : g_get_host_name());
        add_result(out, results[i], i == 0 || !same_heading(results[i - 1], results[i]),
                   i + 1 == exam->results->len || !same_heading(results[i], results[i + 1]));
    }
    add_sum(out, exam);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void add_string(JsonBuilder *builder, const char *name, const char *value)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_string_value(builder, value);
}

static void add_object(JsonBuilder *builder, const MgkResult *result)
{
    guint n = 0;
    const MgkCheck *check = &mgk_exam_table(&n)[result->check];
    json_builder_begin_object(builder);
    add_string(builder, "check", check->id);
    add_string(builder, "found", found_names[result->found]);
    add_string(builder, "place", result->place);
    add_string(builder, "detail", result->detail);
    add_string(builder, "text", mgk_words(check->text));
    add_string(builder, "mend", mgk_words(check->mend));
    json_builder_end_object(builder);
}

char *mgk_print_json(const MgkExam *exam)
{
    g_autoptr(JsonBuilder) builder = json_builder_new_immutable();
    json_builder_begin_object(builder);
    add_string(builder, "schema", "mugaika-doctor/1");
    for (guint i = 0; i < MGK_N_FOUND; i++) {
        json_builder_set_member_name(builder, found_names[i]);
        json_builder_add_int_value(builder, exam->counts[i]);
    }
    json_builder_set_member_name(builder, "results");
    json_builder_begin_array(builder);
    for (guint i = 0; i < exam->results->len; i++)
        add_object(builder, g_ptr_array_index(exam->results, i));
    json_builder_end_array(builder);
    json_builder_end_object(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    g_autofree char *json = json_to_string(root, FALSE);
    return g_strconcat(json, "\n", NULL);
}
