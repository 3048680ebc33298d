#include "engines/member_names.h"

#include <check.h>
#include <string.h>

START_TEST(test_member_names__folders)
{
    static const struct {
        const char *path, *want;
        guint flags;
    } table[] = {
        {"a.txt", "", 0},
        {"a/b/c.txt", "a/b/", 0},
        {"a\\b\\c.txt", "a/b/", 0},
        {"./a/./c.txt", "a/", 0},
        {"a//c.txt", "a/", 0},
        {"../c.txt", "", MGK_MEMBER_ESCAPES},
        {"a/../../c.txt", "a/", MGK_MEMBER_ESCAPES},
        {"/a/c.txt", "a/", MGK_MEMBER_ESCAPES},
        {"D:/a/c.txt", "a/", MGK_MEMBER_ESCAPES},
        {"\\\\?\\C:\\c.txt", "_/file/", MGK_MEMBER_ESCAPES | MGK_MEMBER_RENAMED},
        {"aux/c.txt", "_aux/", MGK_MEMBER_RENAMED},
        {"a:b/c.txt", "b/", MGK_MEMBER_RENAMED},
        {"", "", 0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(MgkMemberNames) names = mgk_member_names_new();
        guint flags = 0;
        const char *got = mgk_member_names_folder(names, table[i].path, FALSE, &flags);
        ck_assert_msg(strcmp(got, table[i].want) == 0 && flags == table[i].flags, "'%s': got '%s' %u want '%s' %u",
                      table[i].path, got, flags, table[i].want, table[i].flags);
    }
}
END_TEST

START_TEST(test_member_names__numbers_go_before_the_extension)
{
    static const char *const want[] = {"a.tar.gz", "a.tar (2).gz", "a.tar (3).gz"};
    g_autoptr(MgkMemberNames) names = mgk_member_names_new();
    for (guint i = 0; i < G_N_ELEMENTS(want); i++) {
        guint flags = 0;
        g_autofree char *got = mgk_member_names_take(names, "", "a.tar.gz", &flags);
        ck_assert_str_eq(got, want[i]);
        ck_assert_uint_eq(flags, i ? MGK_MEMBER_COLLIDES : 0);
    }
}
END_TEST

START_TEST(test_member_names__long_names_stay_creatable)
{
    g_autoptr(GString) name = g_string_new("");
    while (name->len < 240)
        g_string_append(name, "漢");
    g_string_append(name, ".txt");
    g_autoptr(MgkMemberNames) names = mgk_member_names_new();
    for (guint i = 0; i < 12; i++) {
        guint flags = 0;
        g_autofree char *got = mgk_member_names_take(names, "", name->str, &flags);
        ck_assert_uint_le(strlen(got), 255);
        ck_assert(g_utf8_validate(got, -1, NULL));
        ck_assert(g_str_has_suffix(got, ".txt"));
    }
}
END_TEST

START_TEST(test_member_names__a_hundred_thousand_alike_are_quick)
{
    g_autoptr(MgkMemberNames) names = mgk_member_names_new();
    gint64 begin = g_get_monotonic_time();
    for (guint i = 0; i < 100000; i++) {
        guint flags = 0;
        g_autofree char *got = mgk_member_names_take(names, "", "a.txt", &flags);
        ck_assert_ptr_nonnull(got);
    }
    ck_assert_msg(g_get_monotonic_time() - begin < 20 * G_USEC_PER_SEC, "numbering is not linear");
}
END_TEST

START_TEST(test_member_names__depth_is_bounded)
{
    g_autoptr(GString) path = g_string_new("");
    for (guint i = 0; i < 200; i++)
        g_string_append(path, "d/");
    g_autoptr(MgkMemberNames) names = mgk_member_names_new();
    guint flags = 0;
    ck_assert_uint_eq(strlen(mgk_member_names_folder(names, path->str, TRUE, &flags)), 64 * 2);
    ck_assert_uint_eq(flags, MGK_MEMBER_TOO_DEEP);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("member_names");
    TCase *tc = tcase_create("member_names");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_member_names__folders);
    tcase_add_test(tc, test_member_names__numbers_go_before_the_extension);
    tcase_add_test(tc, test_member_names__long_names_stay_creatable);
    tcase_add_test(tc, test_member_names__a_hundred_thousand_alike_are_quick);
    tcase_add_test(tc, test_member_names__depth_is_bounded);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
