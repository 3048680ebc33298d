#include "model/report_json.h"

#include <check.h>
#include <json-glib/json-glib.h>
#include <string.h>

static MgkReport *sample(void)
{
    MgkReport *report = mgk_report_new("報告.docm");
    report->verdict = MGK_VERDICT_CLEANED;
    report->reason = MGK_REASON_NONE;
    report->output_name = g_strdup("報告.docx");
    g_strlcpy(report->sha256_in, "ab", sizeof report->sha256_in);
    report->size_in = 12;
    report->started_us = G_GINT64_CONSTANT(1763664698000042);
    report->finished_us = report->started_us + 1500000;
    char where[] = "word/document.xml", detail[] = "javascript:\n\"x\"\\";
    const MgkFinding finding = {
        .kind = MGK_KIND_LINK_DANGEROUS, .action = MGK_ACTION_REMOVE, .count = 3, .where = where, .detail = detail};
    mgk_report_find(report, &finding, 10);
    MgkReport *child = mgk_report_new("x\xE2\x80\xAE.exe");
    child->verdict = MGK_VERDICT_BLOCKED;
    child->reason = MGK_REASON_EXECUTABLE;
    g_ptr_array_add(report->children, child);
    return report;
}

static JsonObject *parse(JsonParser *parser, const char *json)
{
    g_autoptr(GError) error = NULL;
    ck_assert_msg(json_parser_load_from_data(parser, json, -1, &error), "%s in %s", error ? error->message : "", json);
    return json_node_get_object(json_parser_get_root(parser));
}

START_TEST(test_report_json__every_field_is_there)
{
    static const char *const fields[] = {"schema",           "input",        "output",    "output_name",   "format",
                                         "media_type",       "verdict",      "reason",    "reason_detail", "level",
                                         "sha256_in",        "sha256_out",   "size_in",   "size_out",      "sandbox",
                                         "sandbox_level",    "rule_version", "policy_id", "profile",       "findings",
                                         "findings_omitted", "started",      "finished",  "children"};
    g_autoptr(MgkReport) report = sample();
    MgkPolicy policy;
    mgk_policy_init(&policy);
    const MgkReportContext context = {
        .input = "in/報告.docm", .output = "/out/報告.docx", .policy = &policy, .sandbox_level = "strict landlock=7"};
    g_autofree char *json = mgk_report_json(report, &context);
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *object = parse(parser, json);
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        ck_assert_msg(json_object_has_member(object, fields[i]), "no '%s' in %s", fields[i], json);
    ck_assert_uint_eq(json_object_get_size(object), G_N_ELEMENTS(fields));
    ck_assert_str_eq(json_object_get_string_member(object, "schema"), "mugaika-report/1");
    ck_assert_str_eq(json_object_get_string_member(object, "input"), "in/報告.docm");
    ck_assert_str_eq(json_object_get_string_member(object, "output"), "/out/報告.docx");
    ck_assert_str_eq(json_object_get_string_member(object, "level"), "attention");
    ck_assert(json_object_get_null_member(object, "reason"));
    ck_assert(json_object_get_null_member(object, "sha256_out"));
    ck_assert_str_eq(json_object_get_string_member(object, "started"), "2025-11-20T18:51:38.000042Z");
    ck_assert_str_eq(json_object_get_string_member(object, "finished"), "2025-11-20T18:51:39.500042Z");
    JsonObject *finding = json_array_get_object_element(json_object_get_array_member(object, "findings"), 0);
    ck_assert_str_eq(json_object_get_string_member(finding, "kind"), "link.dangerous");
    ck_assert_str_eq(json_object_get_string_member(finding, "detail"), "javascript:\n\"x\"\\");
    ck_assert_str_eq(json_object_get_string_member(finding, "policy"), "[actions] link.dangerous = remove");
    ck_assert_int_eq(json_object_get_int_member(finding, "count"), 3);
    JsonObject *child = json_array_get_object_element(json_object_get_array_member(object, "children"), 0);
    ck_assert_str_eq(json_object_get_string_member(child, "reason"), "executable");
    ck_assert_str_eq(json_object_get_string_member(child, "input"), "x\xE2\x80\xAE.exe");
    ck_assert(!json_object_has_member(child, "schema"));
}
END_TEST

/* All of ASCII, and what Unicode-aware readers take for the end of a line or terminals for a command. */
START_TEST(test_report_json__is_one_harmless_line)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (gunichar c = 1; c < 0x100; c++)
        g_string_append_unichar(text, c);
    g_string_append(text, "\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAE\xEF\xBB\xBF\xF3\xA0\x80\xA0漢\xF3\xA0\x84\x80");
    g_autoptr(MgkReport) report = mgk_report_new(text->str);
    g_autofree char *json = mgk_report_json(report, NULL);
    for (const char *p = json; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        ck_assert_msg(c >= 0x20 && (c < 0x7f || c >= 0xa0) && c != 0x2028 && c != 0x2029 && c != 0x202e && c != 0xfeff,
                      "U+%04X stands in the line", c);
    }
    g_autoptr(JsonParser) parser = json_parser_new();
    ck_assert_str_eq(json_object_get_string_member(parse(parser, json), "input"), text->str);
}
END_TEST

START_TEST(test_report_json__bytes_that_are_no_utf8_are_kept_exactly)
{
    g_autoptr(MgkReport) report = mgk_report_new("x");
    const MgkReportContext context = {.input = "d/\x83\x65.txt", .output = "/o/\x83\x65.txt"};
    g_autofree char *json = mgk_report_json(report, &context);
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *object = parse(parser, json);
    gsize length = 0;
    g_autofree guchar *exact = g_base64_decode(json_object_get_string_member(object, "input_b64"), &length);
    ck_assert_uint_eq(length, strlen(context.input));
    ck_assert_mem_eq(exact, context.input, length);
    ck_assert_str_eq(json_object_get_string_member(object, "input"), "d/\xEF\xBF\xBD"
                                                                     "e.txt");
    ck_assert(json_object_has_member(object, "output_b64"));
}
END_TEST

START_TEST(test_report_json__unfinished_report_says_so)
{
    g_autoptr(MgkReport) report = mgk_report_new("x");
    g_autofree char *json = mgk_report_json(report, NULL);
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *object = parse(parser, json);
    ck_assert_str_eq(json_object_get_string_member(object, "verdict"), "held");
    ck_assert_str_eq(json_object_get_string_member(object, "reason"), "internal");
    ck_assert(json_object_get_null_member(object, "finished"));
    ck_assert(json_object_get_null_member(object, "output"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report_json");
    TCase *tc = tcase_create("report_json");
    tcase_add_test(tc, test_report_json__every_field_is_there);
    tcase_add_test(tc, test_report_json__is_one_harmless_line);
    tcase_add_test(tc, test_report_json__bytes_that_are_no_utf8_are_kept_exactly);
    tcase_add_test(tc, test_report_json__unfinished_report_says_so);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
