#include "people.h"

#include <check.h>
#include <glib/gstdio.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define DAY_US (24 * (gint64)3600 * G_USEC_PER_SEC)

typedef struct Setup {
    char *folder; /* owned */
    MgkHoldConfig *config;
    MgkDepartments *departments;
    GError *error;
} Setup;

static char *write_file(const char *folder, const char *name, const char *text)
{
    g_autoptr(GError) error = NULL;
    char *path = g_build_filename(folder, name, NULL);
    ck_assert_msg(g_file_set_contents(path, text, -1, &error), "%s", error ? error->message : "");
    return path;
}

static void setup_clear(Setup *setup)
{
    mgk_departments_free(setup->departments);
    mgk_hold_config_free(setup->config);
    g_clear_error(&setup->error);
    for (const char *const *name = (const char *const[]){"hold.ini", "r.csv", "p.csv", NULL}; *name; name++) {
        g_autofree char *path = g_build_filename(setup->folder, *name, NULL);
        g_unlink(path);
    }
    g_rmdir(setup->folder);
    g_free(setup->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Setup, setup_clear)

static Setup make(const char *ini, const char *recipients, const char *people)
{
    Setup setup = {.folder = g_dir_make_tmp("mugaika-people-XXXXXX", NULL)};
    g_autofree char *r = write_file(setup.folder, "r.csv", recipients), *p = write_file(setup.folder, "p.csv", people);
    g_autofree char *text = g_strdup_printf("[hold]\nrecipients = %s\npeople = %s\n%s", r, p, ini);
    g_autofree char *path = write_file(setup.folder, "hold.ini", text);
    setup.config = mgk_hold_config_load(path, &setup.error);
    setup.departments = setup.config ? mgk_departments_load(setup.config, &setup.error) : NULL;
    return setup;
}

static const char *words(const Setup *setup)
{
    return setup->error ? setup->error->message : "";
}

START_TEST(test_people__a_wrong_file_is_refused_with_its_place)
{
    static const struct {
        const char *ini, *recipients, *want;
    } rows[] = {
        {"request_day = 1\n", "", "request_day"},
        {"request_days = many\n", "", "request_days"},
        {"scan = perhaps\n", "", "scan"},
        {"[roles]\nboss = a\n", "", "boss"},
        {"[chain]\ndefault =\n", "", "default"},
        {"[chain]\ntax = clerk\n", "", "tax"},
        {"[delegates]\na = ciso 2026-04-01\n", "", "[delegates] a"},
        {"[delegates]\na = ciso 2026-04-31 2026-05-01\n", "", "[delegates] a"},
        {"[delegates]\na = ciso 2026-05-01 2026-04-01\n", "", "[delegates] a"},
        {"[extra]\na = b\n", "", "[extra] a"},
        {"", "a@b\n", "r.csv:1"},
        {"", "# first\na@b,tax,2026-13-01\n", "r.csv:2"},
        {"", "a@b,\"tax\"\n", "r.csv:1"},
        {"", "a@b,tax,,,,\n", "r.csv:1"},
        {"", "\xff,tax\n", "r.csv"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(Setup) setup = make(rows[i].ini, rows[i].recipients, "");
        ck_assert_msg(!setup.departments, "%s%s: was taken", rows[i].ini, rows[i].recipients);
        ck_assert_msg(strstr(words(&setup), rows[i].want) != NULL, "%s%s: says '%s'", rows[i].ini, rows[i].recipients,
                      words(&setup));
    }
}
END_TEST

START_TEST(test_people__a_mail_belongs_to_the_first_line_that_fits_on_that_day)
{
    g_auto(Setup) setup = make("",
                               "\xef\xbb\xbf"
                               "kato@city.example.jp,税務課,,2026-03-31\r\n"
                               "kato@city.example.jp,福祉課,2026-04-01,\r\n"
                               "*@city.example.jp,総務課,,\r\n",
                               "");
    ck_assert_msg(setup.departments != NULL, "%s", words(&setup));
    static const struct {
        const char *day, *recipients[3], *want;
    } rows[] = {
        {"2026-03-31", {"kato@city.example.jp"}, "税務課"},
        {"2026-04-01", {"<KATO@City.example.jp>"}, "福祉課"},
        {"2026-04-01", {"other@city.example.jp"}, "総務課"},
        {"2026-04-01", {"x@elsewhere.example", "kato@city.example.jp"}, "福祉課"},
        {"2026-04-01", {"x@elsewhere.example"}, ""},
        {"2026-04-01", {NULL}, ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        gint64 noon = mgk_hold_day(rows[i].day) + DAY_US / 2;
        const char *got = mgk_departments_of_mail(setup.departments, rows[i].recipients, noon);
        ck_assert_msg(strcmp(got, rows[i].want) == 0, "row %zu: got '%s', want '%s'", i, got, rows[i].want);
    }
}
END_TEST

START_TEST(test_people__roles_come_from_names_groups_and_dated_delegation)
{
    const struct passwd *me = getpwuid(getuid());
    if (!me)
        return;
    g_autofree char *ini = g_strdup_printf(
        "[roles]\nclerk = somebody %s\nauditor = nobody-here\n[delegates]\n%s = ciso 2026-04-01 2026-04-30\n",
        me->pw_name, me->pw_name);
    g_autofree char *people =
        g_strdup_printf("%s,税務課,,2026-03-31\n%s,福祉課,2026-04-01,\n", me->pw_name, me->pw_name);
    g_auto(Setup) setup = make(ini, "", people);
    ck_assert_msg(setup.departments != NULL, "%s", words(&setup));
    static const struct {
        const char *day, *department;
        gboolean ciso;
    } rows[] = {
        {"2026-03-31", "税務課", FALSE},
        {"2026-04-01", "福祉課", TRUE},
        {"2026-04-30", "福祉課", TRUE},
        {"2026-05-01", "福祉課", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(MgkCaller) caller = {0};
        gint64 late = mgk_hold_day(rows[i].day) + DAY_US - 1;
        ck_assert(mgk_caller_find(setup.config, setup.departments, getuid(), late, &caller));
        ck_assert(mgk_caller_has(&caller, MGK_ROLE_CLERK));
        ck_assert(!mgk_caller_has(&caller, MGK_ROLE_AUDITOR));
        ck_assert_msg(mgk_caller_has(&caller, MGK_ROLE_CISO) == rows[i].ciso, "%s", rows[i].day);
        ck_assert_msg(mgk_caller_sees(&caller, rows[i].department), "%s", rows[i].day);
        ck_assert(!mgk_caller_sees(&caller, "総務課") && !mgk_caller_sees(&caller, "") &&
                  !mgk_caller_sees(&caller, NULL));
    }
}
END_TEST

START_TEST(test_people__an_account_that_is_none_has_nothing)
{
    g_auto(Setup) setup = make("[roles]\nclerk = root\n", "", "");
    g_auto(MgkCaller) caller = {0};
    ck_assert(!mgk_caller_find(setup.config, setup.departments, 3999999999u, g_get_real_time(), &caller));
    ck_assert_uint_eq(caller.roles, 0);
}
END_TEST

START_TEST(test_people__there_is_always_a_chain)
{
    g_auto(Setup) setup = make("[chain]\n税務課 = approver ciso\n", "", "");
    ck_assert_msg(setup.config != NULL, "%s", words(&setup));
    ck_assert_str_eq(mgk_hold_config_chain(setup.config, "税務課"), "approver ciso");
    ck_assert_str_eq(mgk_hold_config_chain(setup.config, "福祉課"), "ciso");
    ck_assert_str_eq(mgk_hold_config_chain(setup.config, NULL), "ciso");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("people");
    TCase *tcase = tcase_create("all");
    tcase_add_test(tcase, test_people__a_wrong_file_is_refused_with_its_place);
    tcase_add_test(tcase, test_people__a_mail_belongs_to_the_first_line_that_fits_on_that_day);
    tcase_add_test(tcase, test_people__roles_come_from_names_groups_and_dated_delegation);
    tcase_add_test(tcase, test_people__an_account_that_is_none_has_nothing);
    tcase_add_test(tcase, test_people__there_is_always_a_chain);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
