#include "model/error.h"
#include "model/words.h"
#include "options.h"

#include <check.h>
#include <string.h>
#include <unistd.h>

/* arguments: space separated; "clean" is put before them. */
static gboolean parse(MgkOptions *options, const char *arguments, GError **error)
{
    g_autofree char *line = g_strconcat("clean ", arguments, NULL);
    g_auto(GStrv) words = g_strsplit(g_strstrip(line), " ", -1);
    g_autofree char **borrowed = g_memdup2(words, sizeof *words * (g_strv_length(words) + 1)); /* parsing reorders */
    return mgk_options_parse(options, (int)g_strv_length(words), borrowed, FALSE, error);
}

START_TEST(test_options__values_are_taken)
{
    g_auto(MgkOptions) options = {.jobs = 0};
    g_autoptr(GError) error = NULL;
    ck_assert_msg(parse(&options, "--profile standard a.txt -j 3 --report=jsonl -o /out b.txt -- -c.txt", &error), "%s",
                  error ? error->message : "");
    ck_assert_int_eq(options.policy.profile, MGK_PROFILE_STANDARD);
    ck_assert_int_eq(options.style, MGK_REPORT_JSONL);
    ck_assert_uint_eq(options.jobs, 3);
    ck_assert_str_eq(options.output, "/out");
    ck_assert(!options.stream);
    ck_assert_uint_eq(g_strv_length(options.files), 3);
    ck_assert_str_eq(options.files[2], "-c.txt");
}
END_TEST

START_TEST(test_options__mistakes_are_usage_errors)
{
    static const char *const lines[] = {"",
                                        "--report=xml a",
                                        "--profile=fast a",

                                        "--jobs=-1 a",
                                        "--jobs=x a",
                                        "--jobs=1000 a",
                                        "--lang=fr a",
                                        "--unknown a",
                                        "-o - a b",
                                        "-o - --report=jsonl a",
                                        "--policy /nonexistent a",
                                        "--policy /dev/null/x a",
                                        "--policy /etc a",
                                        "--password-file /nonexistent a",
                                        "--password-file /dev/null a"};
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_auto(MgkOptions) options = {.jobs = 0};
        g_autoptr(GError) error = NULL;
        ck_assert_msg(!parse(&options, lines[i], &error), "'%s' was accepted", lines[i]);
        ck_assert_msg(g_error_matches(error, MGK_ERROR, MGK_ERROR_USAGE), "'%s'", lines[i]);
        ck_assert_msg(*error->message, "'%s' has no message", lines[i]);
    }
}
END_TEST

START_TEST(test_options__stream_and_passwords)
{
    g_autofree char *path = NULL;
    int file = g_file_open_tmp("mgk-options-XXXXXX", &path, NULL);
    ck_assert_int_ge(file, 0);
    close(file);
    ck_assert(g_file_set_contents(path, "one\r\n\n 二 \nthree", -1, NULL));
    g_autofree char *line = g_strconcat("-o - a --password-file=", path, NULL);
    g_auto(MgkOptions) options = {.jobs = 0};
    ck_assert(parse(&options, line, NULL));
    ck_assert(options.stream && !options.output);
    ck_assert_uint_eq(g_strv_length(options.passwords), 3);
    ck_assert_str_eq(options.passwords[0], "one");
    ck_assert_str_eq(options.passwords[1], " 二 "); /* spaces may belong to a password */
    unlink(path);
}
END_TEST

START_TEST(test_options__language_is_found_anywhere_before_the_end_of_options)
{
    char *one[] = {"m", "clean", "--lang", "en", "a"}, *two[] = {"m", "clean", "--lang=ja"};
    char *none[] = {"m", "clean", "--", "--lang=en"};
    ck_assert_str_eq(mgk_options_language(G_N_ELEMENTS(one), one), "en");
    ck_assert_str_eq(mgk_options_language(G_N_ELEMENTS(two), two), "ja");
    ck_assert_ptr_null(mgk_options_language(G_N_ELEMENTS(none), none));
}
END_TEST

int main(void)
{
    mgk_words_init("en");
    Suite *suite = suite_create("options");
    TCase *tc = tcase_create("options");
    tcase_add_test(tc, test_options__values_are_taken);
    tcase_add_test(tc, test_options__mistakes_are_usage_errors);
    tcase_add_test(tc, test_options__stream_and_passwords);
    tcase_add_test(tc, test_options__language_is_found_anywhere_before_the_end_of_options);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
