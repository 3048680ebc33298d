#include "engines/signature.h"

#include <check.h>

START_TEST(test_signature__foreign_marks_anywhere)
{
    static const struct {
        const char *bytes;
        gsize size;
        const char *want;
    } table[] = {{"....", 4, NULL},
                 {"..<ScRiPt", 9, "script"},
                 {"<scrip", 6, NULL},
                 {"x%PDF-1", 7, "PDF"},
                 {"PK\5\6", 4, "ZIP directory"},
                 {"pk\5\6", 4, NULL},
                 {"PKPK\1\2", 6, "ZIP directory"},
                 {"<<?php", 6, "PHP"}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        const char *got = mgk_signature_foreign((const guint8 *)table[i].bytes, table[i].size);
        ck_assert_msg(g_strcmp0(got, table[i].want) == 0, "row %u: got %s", i, got ? got : "nothing");
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("signature");
    TCase *tc = tcase_create("signature");
    tcase_add_test(tc, test_signature__foreign_marks_anywhere);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
