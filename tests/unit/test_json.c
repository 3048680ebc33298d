#include "fake_job.h"

#include <check.h>
#include <string.h>

static FakeRun *cleaned(const char *data, gsize size)
{
    FakeRun *run = fake_run_new();
    g_autoptr(GError) error = NULL;
    gboolean ok = fake_run_clean(run, (const guint8 *)data, size, "資料.json", MGK_FORMAT_ID_json, &error);
    ck_assert_msg(ok, "%s: %s", data, error ? error->message : "");
    g_byte_array_append(run->output, (const guint8 *)"", 1);
    return run;
}

START_TEST(test_json__what_is_sound_stays_byte_for_byte)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "null",
        " true ",
        "\"漢字\"",
        "[1, -2, 0, 0.5, 1e9, -1.25E-3, 12345678901234567890]",
        "{\r\n\t\"名\": \"神\", \"外字\": \"\xee\x80\x80\", \"家族\": \"👨‍👩‍👧\"\r\n}\r\n",
        "{\"a\": {\"a\": 1}, \"b\": [{\"a\": 1}, {\"a\": 2}]}",
        "\"\\\" \\\\ \\/ \\b\\f\\n\\r\\t \\u3042 \\ud83d\\ude00 \\u202e\"",
        "{\"\": 1, \" \": 2}",
        "[[[[[[]]]]], \"<script>\"]",
    };
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(FakeRun) run = cleaned(texts[i], strlen(texts[i]));
        ck_assert_msg(strcmp((char *)run->output->data, texts[i]) == 0, "%s became %s (%s)", texts[i],
                      run->output->data, run->outcome.detail);
        ck_assert_uint_eq(run->report->findings->len, 0);
    }
}
END_TEST

static const char *const refused[] = {
    "",
    "{",
    "[1,]",
    "{\"a\":1,}",
    "{a:1}",
    "{'a':1}",
    "[1 2]",
    "[01]",
    "[+1]",
    "[.5]",
    "[1.]",
    "[1e]",
    "[-]",
    "[NaN]",
    "[Infinity]",
    "[0x10]",
    "tru",
    "nulll",
    "[1]]",
    "[1] CANARY",
    "{}{}",
    "// CANARY\n{}",
    "/* CANARY */{}",
    "{\"a\":1,\"a\":2}",
    "{\"a\":1,\"\\u0061\":2}",
    "{\"a\":{\"b\":1,\"b\":\"CANARY\"}}",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\udc00\"",
    "\"\\ud800\\u0041\"",
    "\"\\x41\"",
    "\"\n\"",
    "\"\\",
    "\"\\u12\"",
    "{\"a\"}",
    "{\"a\":}",
    "{,}",
    "[,]",
    "{\"a\":1 \"b\":2}",
    "[1}",
    "{\"a\":1]",
    "callback({\"a\":1})",
    "# CANARY\n[]",
};

START_TEST(test_json__what_programs_read_differently_is_held)
{
    g_autoptr(FakeRun) run = cleaned(refused[_i], strlen(refused[_i]));
    ck_assert_msg(run->outcome.verdict == MGK_VERDICT_HELD, "%s crosses", refused[_i]);
    g_autoptr(FakeRun) look = fake_run_new();
    ck_assert_msg(!fake_run_check(look, (const guint8 *)refused[_i], strlen(refused[_i]), MGK_FORMAT_ID_json, NULL),
                  "%s passes the second look", refused[_i]);
}
END_TEST

START_TEST(test_json__becomes_plain_utf8)
{
    static const struct {
        const char *bytes;
        gsize size;
    } rows[] = {
#define BYTES(b) {b, sizeof(b) - 1}
        BYTES("\xef\xbb\xbf[\"\xe6\xbc\xa2\xe5\xad\x97\"]"),
        BYTES("\xff\xfe[\0\"\0\x22\x6f\x57\x5b\"\0]\0"),
        BYTES("\xfe\xff\0[\0\"\x6f\x22\x5b\x57\0\"\0]"),
        BYTES("[\"\x8a\xbf\x8e\x9a\"]"),
        BYTES("[\"\xe6\xbc\xa2\xe2\x80\x8b\xe5\xad\x97\xe2\x80\xae\"]"),
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(FakeRun) run = cleaned(rows[i].bytes, rows[i].size);
        ck_assert_msg(strcmp((char *)run->output->data, "[\"漢字\"]") == 0, "row %u: %s (%s)", i, run->output->data,
                      run->outcome.detail);
    }
}
END_TEST

START_TEST(test_json__names_that_differ_only_in_hidden_characters_are_the_same)
{
    static const char text[] = "{\"a\":1,\"a\xe2\x80\x8b\":2}";
    g_autoptr(FakeRun) run = cleaned(text, strlen(text));
    ck_assert_uint_eq(run->outcome.verdict, MGK_VERDICT_HELD);
}
END_TEST

START_TEST(test_json__depth_is_bounded)
{
    static const struct {
        guint levels;
        gboolean crosses;
    } rows[] = {{500, TRUE}, {501, FALSE}, {100000, FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        for (guint k = 0; k < rows[i].levels; k++)
            g_string_append_c(text, '[');
        for (guint k = 0; k < rows[i].levels; k++)
            g_string_append_c(text, ']');
        g_autoptr(FakeRun) run = cleaned(text->str, text->len);
        ck_assert_msg(mgk_verdict_crosses(run->outcome.verdict) == rows[i].crosses, "%u levels: %s", rows[i].levels,
                      run->outcome.detail);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json");
    TCase *tc = tcase_create("json");
    tcase_add_test(tc, test_json__what_is_sound_stays_byte_for_byte);
    tcase_add_loop_test(tc, test_json__what_programs_read_differently_is_held, 0, (int)G_N_ELEMENTS(refused));
    tcase_add_test(tc, test_json__becomes_plain_utf8);
    tcase_add_test(tc, test_json__names_that_differ_only_in_hidden_characters_are_the_same);
    tcase_add_test(tc, test_json__depth_is_bounded);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
