#include "tries.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const one[] = {"aa", NULL}, *const two[] = {"aa", "bb", NULL}, *const other[] = {"cc", "bb", NULL};

static int make_folder(void)
{
    g_autofree char *name = g_dir_make_tmp("mugaika-tries-XXXXXX", NULL);
    int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static guint begin(MgkTries *tries, const char *const *keys)
{
    guint failed = 99;
    ck_assert(mgk_tries_begin(tries, keys, &failed, NULL));
    return failed;
}

START_TEST(test_tries__failures_are_counted_over_restarts)
{
    int folder = make_folder();
    for (guint i = 0; i < 4; i++) {
        g_autoptr(MgkTries) tries = mgk_tries_new(folder);
        ck_assert_uint_eq(begin(tries, one), i);
        if (i % 2) /* else the process dies in the middle */
            mgk_tries_end(tries, one, MGK_TRY_BAD);
    }
    g_autoptr(MgkTries) tries = mgk_tries_new(folder);
    ck_assert_uint_eq(begin(tries, one), 4);
    mgk_tries_end(tries, one, MGK_TRY_NOBODY);
    ck_assert_uint_eq(begin(tries, one), 4);
    mgk_tries_end(tries, one, MGK_TRY_GOOD);
    ck_assert_uint_eq(begin(tries, one), 0);
    close(folder);
}
END_TEST

START_TEST(test_tries__a_mail_is_known_by_any_key)
{
    int folder = make_folder();
    g_autoptr(MgkTries) tries = mgk_tries_new(folder);
    for (guint i = 0; i < 3; i++) {
        ck_assert_uint_eq(begin(tries, two), i);
        mgk_tries_end(tries, two, MGK_TRY_BAD);
    }
    ck_assert_uint_eq(begin(tries, other), 3);
    mgk_tries_end(tries, other, MGK_TRY_GOOD);
    ck_assert_uint_eq(begin(tries, other), 0);
    mgk_tries_end(tries, other, MGK_TRY_NOBODY);
    ck_assert_uint_eq(begin(tries, one), 3);
    close(folder);
}
END_TEST

START_TEST(test_tries__tries_under_way_are_no_failures)
{
    int folder = make_folder();
    g_autoptr(MgkTries) tries = mgk_tries_new(folder);
    for (guint i = 0; i < 20; i++)
        ck_assert_uint_eq(begin(tries, two), 0);
    for (guint i = 0; i < 5; i++)
        mgk_tries_end(tries, two, MGK_TRY_BAD);
    ck_assert_uint_eq(begin(tries, two), 5);
    mgk_tries_end(tries, two, MGK_TRY_NOBODY);
    for (guint i = 0; i < 15; i++)
        mgk_tries_end(tries, two, MGK_TRY_GOOD);
    ck_assert_uint_eq(begin(tries, two), 0);
    close(folder);
}
END_TEST

START_TEST(test_tries__two_processes_do_not_count_each_other)
{
    int folder = make_folder();
    g_autoptr(MgkTries) old = mgk_tries_new(folder);
    ck_assert_uint_eq(begin(old, one), 0);
    g_autoptr(MgkTries) fresh = mgk_tries_new(folder); /* while the old one still works */
    ck_assert_uint_eq(begin(fresh, one), 0);
    mgk_tries_end(fresh, one, MGK_TRY_GOOD);
    g_clear_pointer(&old, mgk_tries_free); /* and now it has died, with a try of "aa" under way */
    g_autoptr(MgkTries) next = mgk_tries_new(folder);
    ck_assert_uint_eq(begin(next, one), 1);
    close(folder);
}
END_TEST

START_TEST(test_tries__slots_hold_nothing_but_keys)
{
    static const char strange[64] = "../../x", upper[64] = "AA";
    int folder = make_folder();
    int fd = openat(folder, ".under-way-3", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert(write(fd, strange, 64) == 64 && write(fd, upper, 64) == 64 && write(fd, "aa", 2) == 2);
    close(fd);
    g_autoptr(MgkTries) tries = mgk_tries_new(folder);
    ck_assert_uint_eq(begin(tries, one), 0);
    ck_assert_int_ne(faccessat(folder, "AA", F_OK, 0), 0);
    close(folder);
}
END_TEST

START_TEST(test_tries__a_folder_that_is_gone_is_an_error)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkTries) tries = mgk_tries_new(-1);
    guint failed = 0;
    ck_assert(!mgk_tries_begin(tries, two, &failed, &error));
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_IO));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tries");
    TCase *cases = tcase_create("tries");
    tcase_add_test(cases, test_tries__failures_are_counted_over_restarts);
    tcase_add_test(cases, test_tries__a_mail_is_known_by_any_key);
    tcase_add_test(cases, test_tries__tries_under_way_are_no_failures);
    tcase_add_test(cases, test_tries__two_processes_do_not_count_each_other);
    tcase_add_test(cases, test_tries__slots_hold_nothing_but_keys);
    tcase_add_test(cases, test_tries__a_folder_that_is_gone_is_an_error);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
