#include "subject.h"

#include <check.h>
#include <string.h>

START_TEST(test_subject__is_read_as_our_writer_writes_it)
{
    static const struct {
        const char *message, *want;
    } rows[] = {
        {"X: y\r\nSubject: plain words\r\n\r\nSubject: body", "plain words"},
        {"X: y\r\nSubject: =?UTF-8?B?5Lya6K2w?=\r\n =?UTF-8?B?44Gu5qGI5YaF?= 2\r\n\r\n", "会議の案内 2"},
        {"X: y\r\nSubject: =?ISO-2022-JP?B?GyRCMnE1RBsoQg==?=\r\n\r\n", "会議"},
        {"X: y\r\n\r\nSubject: body", ""},
        {"X: y\r\nSubject:\r\n\r\n", ""},
        {"X: y\r\nSubject: =?UTF-8?B?gICA?=\r\n\r\n", "=?UTF-8?B?gICA?="},
        {"X: y\r\nSubject: a", "a"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GBytes) message = g_bytes_new_static(rows[i].message, strlen(rows[i].message));
        g_autofree char *got = mgk_subject_of(message);
        ck_assert_msg(strcmp(got, rows[i].want) == 0, "row %zu: got '%s', want '%s'", i, got, rows[i].want);
    }
}
END_TEST

/* A captured worker's message must not choose what iconv loads here: such a word stays as it stands. */
START_TEST(test_subject__no_other_character_set_is_looked_for)
{
    static const char message[] = "X: y\r\nSubject: =?UTF-16LE?B?aABpAA==?= =?EUC-JP?B?sqE=?=\r\n\r\n";
    g_autoptr(GBytes) bytes = g_bytes_new_static(message, sizeof message - 1);
    g_autofree char *got = mgk_subject_of(bytes), *none = mgk_subject_of(NULL);
    ck_assert_str_eq(got, "=?UTF-16LE?B?aABpAA==?= =?EUC-JP?B?sqE=?=");
    ck_assert_str_eq(none, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("subject");
    TCase *tcase = tcase_create("all");
    tcase_add_test(tcase, test_subject__is_read_as_our_writer_writes_it);
    tcase_add_test(tcase, test_subject__no_other_character_set_is_looked_for);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
