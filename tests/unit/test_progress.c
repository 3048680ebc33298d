#include "model/words.h"
#include "progress.h"

#include <check.h>

START_TEST(test_progress__says_how_far_and_how_long)
{
    MgkProgress progress = {.files = 4, .files_done = 1, .bytes = 100, .bytes_done = 25, .started_us = 0};
    g_autofree char *soon = mgk_progress_text(&progress, 8, G_USEC_PER_SEC);
    ck_assert_str_eq(soon, "[##......] 1/4");
    g_autofree char *later = mgk_progress_text(&progress, 8, 10 * G_USEC_PER_SEC);
    ck_assert_str_eq(later, "[##......] 1/4  about 31 s left");
    progress.files_done = 4;
    progress.bytes_done = 100;
    g_autofree char *end = mgk_progress_text(&progress, 8, 10 * G_USEC_PER_SEC);
    ck_assert_str_eq(end, "[########] 4/4");
}
END_TEST

int main(void)
{
    mgk_words_init("en");
    Suite *suite = suite_create("progress");
    TCase *tc = tcase_create("progress");
    tcase_add_test(tc, test_progress__says_how_far_and_how_long);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
