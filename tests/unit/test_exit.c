#include "exit.h"

#include <check.h>
#include <glib.h>

START_TEST(test_exit__the_worst_code_wins)
{
    static const MgkExit order[] = {MGK_EXIT_CROSSED,  MGK_EXIT_HELD,    MGK_EXIT_NOINPUT,    MGK_EXIT_CANTCREAT,
                                    MGK_EXIT_INTERNAL, MGK_EXIT_SANDBOX, MGK_EXIT_INTERRUPTED};
    for (guint a = 0; a < G_N_ELEMENTS(order); a++) {
        for (guint b = 0; b < G_N_ELEMENTS(order); b++)
            ck_assert_int_eq(mgk_exit_worse(order[a], order[b]), order[MAX(a, b)]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exit");
    TCase *tc = tcase_create("exit");
    tcase_add_test(tc, test_exit__the_worst_code_wins);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
