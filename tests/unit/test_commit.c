#include "commit.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define THREADS 16
#define WAITS 20

static gpointer wait_often(gpointer data)
{
    guint good = 0;
    for (guint i = 0; i < WAITS; i++)
        good += mgk_commit_wait(data) ? 1 : 0;
    return GUINT_TO_POINTER(good);
}

START_TEST(test_commit__everybody_comes_back)
{
    int folder = open(g_get_tmp_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(folder, 0);
    g_autoptr(MgkCommit) commit = mgk_commit_new(folder);
    GThread *threads[THREADS];
    for (guint i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("waits", wait_often, commit);
    for (guint i = 0; i < THREADS; i++) {
        guint good = GPOINTER_TO_UINT(g_thread_join(threads[i]));
        ck_assert_msg(good == WAITS, "thread %u: got %u want %u", i, good, WAITS);
    }
    close(folder);
}
END_TEST

START_TEST(test_commit__a_failure_is_told_to_everybody_who_waited)
{
    g_autoptr(MgkCommit) commit = mgk_commit_new(-1);
    GThread *threads[THREADS];
    for (guint i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("waits", wait_often, commit);
    for (guint i = 0; i < THREADS; i++)
        ck_assert_uint_eq(GPOINTER_TO_UINT(g_thread_join(threads[i])), 0);
    errno = 0;
    ck_assert(!mgk_commit_wait(commit));
    ck_assert_int_eq(errno, EBADF);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("commit");
    TCase *cases = tcase_create("commit");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, test_commit__everybody_comes_back);
    tcase_add_test(cases, test_commit__a_failure_is_told_to_everybody_who_waited);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
