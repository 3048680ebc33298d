/* families.def speaks of every format that crosses, once. */
#include "model/family.h"

#include <check.h>
#include <string.h>

START_TEST(test_family__every_format_that_crosses_is_in_one_row)
{
    gsize n = 0;
    const MgkFamily *families = mgk_families(&n);
    for (guint i = 0; i < MGK_N_FORMATS; i++) {
        const MgkFormatInfo *format = mgk_format_info((MgkFormatId)i);
        guint rows = 0;
        for (gsize f = 0; f < n; f++) {
            g_auto(GStrv) ids = g_strsplit(families[f].formats, " ", -1);
            rows += g_strv_contains((const char *const *)ids, format->id);
        }
        gboolean crosses = !(format->flags & (MGK_FORMAT_NEVER | MGK_FORMAT_HELD));
        ck_assert_msg(rows == 1 || (rows == 0 && !crosses), "%s: in %u rows of families.def", format->id, rows);
        ck_assert_msg((rows == 1) == (mgk_family_of((MgkFormatId)i) != NULL), "%s", format->id);
    }
}
END_TEST

START_TEST(test_family__rows_name_formats)
{
    gsize n = 0;
    const MgkFamily *families = mgk_families(&n);
    for (gsize f = 0; f < n; f++) {
        g_auto(GStrv) ids = g_strsplit(families[f].formats, " ", -1);
        for (guint i = 0; ids[i]; i++) {
            MgkFormatId id;
            ck_assert_msg(mgk_format_from_name(ids[i], &id), "families.def: no format is called %s", ids[i]);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("family");
    TCase *tcase = tcase_create("family");
    tcase_add_test(tcase, test_family__every_format_that_crosses_is_in_one_row);
    tcase_add_test(tcase, test_family__rows_name_formats);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
