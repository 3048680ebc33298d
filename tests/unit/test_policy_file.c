#include "model/policy_file.h"
#include "model/words.h"

#include <check.h>
#include <string.h>

static gboolean parse(MgkPolicy *policy, const char *text, GError **error)
{
    mgk_policy_init(policy);
    return mgk_policy_file_parse(policy, "p.ini", text, strlen(text), error);
}

START_TEST(test_policy_file__values_are_taken)
{
    MgkPolicy policy;
    g_autoptr(GError) error = NULL;
    ck_assert(parse(&policy,
                    "# comment\n[general]\nprofile = confirm\nmember_held=hold\npdf_dpi_min = 200\nlandlock=optional\n"
                    "[pdf]\npages = outlines\n[actions]\nlink.external = remove\n[limits]\ninput_bytes = 64m\npages= "
                    "12 \nratio=2K\n",
                    &error));
    ck_assert_ptr_null(error);
    ck_assert_int_eq(policy.profile, MGK_PROFILE_CONFIRM);
    ck_assert(policy.hold_on_member && policy.landlock_optional);
    ck_assert_uint_eq(policy.pdf_dpi_min, 200);
    ck_assert(policy.pdf_outlines);
    ck_assert_int_eq(policy.actions[MGK_KIND_LINK_EXTERNAL], MGK_ACTION_REMOVE);
    ck_assert_uint_eq(policy.limits.input_bytes, 64 * MGK_MIB);
    ck_assert_uint_eq(policy.limits.pages, 12);
    ck_assert_uint_eq(policy.limits.ratio, 2048);
}
END_TEST

START_TEST(test_policy_file__nothing_said_means_defaults)
{
    static const char *const texts[] = {"", "\n# only a comment\n", "[actions]\n", "\xef\xbb\xbf[limits]\r\n"};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        MgkPolicy policy, defaults;
        g_autoptr(GError) error = NULL;
        mgk_policy_init(&defaults);
        ck_assert_msg(parse(&policy, texts[i], &error), "text %u: %s", i, error ? error->message : "");
        ck_assert_mem_eq(policy.actions, defaults.actions, sizeof defaults.actions);
        ck_assert_mem_eq(&policy.limits, &defaults.limits, sizeof defaults.limits);
    }
}
END_TEST

START_TEST(test_policy_file__every_mistake_is_an_error_with_its_line)
{
    static const struct {
        const char *text, *want;
    } table[] = {
        {"[general]\nprofil=standard\n", "p.ini:2: [general] profil: unknown key"},
        {"[general]\nprofile=fast\n", "p.ini:2: [general] profile: 'fast' is not one of: standard text image confirm"},
        {"[actions]\n\nmacro=keep\n", "p.ini:3: [actions] macro: unknown kind"},
        {"[actions]\nmetadata=keep\n",
         "p.ini:2: [actions] metadata: 'keep' is not allowed for this kind, only: remove"},
        {"[actions]\nmetadata=rm\n", "'rm' is not one of: remove"},
        {"[actions]\nmetadata=\n", "'' is not one of: remove"},
        {"[limits]\nfoo=1\n", "p.ini:2: [limits] foo: unknown limit"},
        {"[limits]\npages=0\n", "p.ini:2: [limits] pages: 0 is out of range (1 to 100000)"},
        {"[limits]\npages=1G\n", "1G is out of range"},
        {"[limits]\npages=-1\n", "'-1' is not a number"},
        {"[limits]\npages=1T\n", "'1T' is not a number"},
        {"[limits]\npages=1KB\n", "'1KB' is not a number"},
        {"[limits]\npages=99999999999999999999\n", "is not a number"},
        {"[limits]\npages=99999999999999999G\n", "is not a number"},
        {"[limits]\npages=5 # five\n", "'5 # five' is not a number"},
        {"[limits]\npages=5\npages=6\n", "p.ini:2: [limits] pages: given again in line 3"},
        {"[limits]\npages=5\n[general]\n[limits]\npages=6\n", "given again in line 5"},
        {"[mail]\nfoo=1\n", "p.ini:2: [mail] foo: unknown key"},
        {"[mail]\nprofile=text\n", "'text' is not one of: standard text-only"},
        {"[pdf]\npages=vectors\n", "'vectors' is not one of: pixels outlines"},
        {"[mail]\nwidth=10\n", "10 is out of range (40 to 200)"},
        {"[mail]\nsubject_tag=0123456789012345678901234567890123456789012345678901234567890123\n",
         "longer than 63 bytes"},
        {"[general]\nwidth=80\n", "[general] width: unknown key"},
        {"[action]\nmetadata=remove\n", "p.ini:1: [action]: unknown section"},
        {"pages=5\n", "p.ini: "},
        {"[limits\n", "p.ini: "},
        {"[general]\npdf_dpi_max=100\n", "p.ini: [general] pdf_dpi_min: larger than pdf_dpi_max"},
        {"[general]\npdf_dpi_min=20\n", "20 is out of range (72 to 1200)"},
        {"[general]\nprofile=\xff\n", "p.ini: not valid UTF-8"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        MgkPolicy policy, defaults;
        g_autoptr(GError) error = NULL;
        mgk_policy_init(&defaults);
        ck_assert_msg(!parse(&policy, table[i].text, &error), "row %u was accepted: %s", i, table[i].text);
        ck_assert_msg(g_error_matches(error, MGK_ERROR, MGK_ERROR_USAGE), "row %u: code %d", i, error->code);
        ck_assert_msg(strstr(error->message, table[i].want) != NULL, "row %u: got '%s' want '%s'", i, error->message,
                      table[i].want);
        ck_assert_mem_eq(policy.actions, defaults.actions, sizeof defaults.actions);
        ck_assert_uint_eq(policy.limits.pages, defaults.limits.pages);
    }
}
END_TEST

START_TEST(test_policy_file__mail_keys_are_read_and_written)
{
    MgkPolicy policy, again;
    g_autoptr(GError) error = NULL;
    ck_assert(parse(&policy,
                    "[mail]\nprofile=text-only\nlinks=defang\ndaily_word=\xe6\xa1\x9c\nown_domains=a.example "
                    "b.example\n",
                    &error));
    g_autofree char *text = mgk_policy_file_generate(&policy);
    ck_assert(parse(&again, text, &error));
    ck_assert_int_eq(again.mail.profile, MGK_MAIL_TEXT_ONLY);
    ck_assert_uint_eq(again.mail.links, 1);
    ck_assert_str_eq(again.mail.daily_word, "\xe6\xa1\x9c");
    ck_assert_str_eq(again.mail.own_domains, "a.example b.example");
    g_autofree char *id = mgk_policy_file_id(&policy);
    policy.mail.own_domains[0] = 'c';
    g_autofree char *other = mgk_policy_file_id(&policy);
    ck_assert_str_ne(id, other);
}
END_TEST

START_TEST(test_policy_file__all_mistakes_are_shown_at_once)
{
    MgkPolicy policy;
    g_autoptr(GError) error = NULL;
    ck_assert(!parse(&policy, "[general]\na=1\nb=2\n[limits]\nc=3\n", &error));
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
    ck_assert_uint_eq(g_strv_length(lines), 3);
}
END_TEST

/* Code-bearing kinds may never be kept: whatever the table allows, and nothing else, is accepted. */
START_TEST(test_policy_file__only_allowed_actions_pass)
{
    for (guint k = 0; k < MGK_N_KINDS; k++) {
        for (guint a = 0; a < MGK_N_ACTIONS; a++) {
            MgkPolicy policy;
            g_autoptr(GError) error = NULL;
            const MgkKindInfo *kind = mgk_kind_info((MgkKind)k);
            g_autofree char *text = g_strdup_printf("[actions]\n%s = %s\n", kind->name, mgk_action_name((MgkAction)a));
            gboolean got = parse(&policy, text, &error), want = (kind->allowed >> a) & 1u;
            ck_assert_msg(got == want, "%s: got %d want %d", text, got, want);
            ck_assert_int_eq(policy.actions[k], got ? a : (guint)kind->def);
        }
    }
}
END_TEST

START_TEST(test_policy_file__generated_text_reads_back_equal)
{
    MgkPolicy first, second;
    g_autoptr(GError) error = NULL;
    mgk_policy_init(&first);
    first.hold_on_member = TRUE;
    first.profile = MGK_PROFILE_IMAGE;
    first.limits.pages = 77;
    first.actions[MGK_KIND_LINK_EXTERNAL] = MGK_ACTION_REMOVE;
    g_autofree char *text = mgk_policy_file_generate(&first);
    ck_assert_msg(parse(&second, text, &error), "%s", error ? error->message : "");
    ck_assert_mem_eq(first.actions, second.actions, sizeof first.actions);
    ck_assert_mem_eq(&first.limits, &second.limits, sizeof first.limits);
    g_autofree char *id = mgk_policy_file_id(&first), *same = mgk_policy_file_id(&second);
    ck_assert_str_eq(id, same);
    second.limits.pages++;
    g_autofree char *other = mgk_policy_file_id(&second);
    ck_assert_str_ne(id, other);
    for (guint k = 0; k < MGK_N_KINDS; k++)
        ck_assert_msg(strstr(text, mgk_kind_info((MgkKind)k)->name) != NULL, "kind %u is missing", k);
}
END_TEST

START_TEST(test_policy_file__files_that_cannot_be_read_are_errors)
{
    MgkPolicy policy;
    mgk_policy_init(&policy);
    static const char *const paths[] = {"/nonexistent/policy.ini", "/proc"};
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert(!mgk_policy_file_load(&policy, paths[i], &error));
        ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_USAGE));
    }
}
END_TEST

int main(void)
{
    mgk_words_init("en");
    Suite *suite = suite_create("policy_file");
    TCase *tc = tcase_create("policy_file");
    tcase_add_test(tc, test_policy_file__values_are_taken);
    tcase_add_test(tc, test_policy_file__nothing_said_means_defaults);
    tcase_add_test(tc, test_policy_file__every_mistake_is_an_error_with_its_line);
    tcase_add_test(tc, test_policy_file__mail_keys_are_read_and_written);
    tcase_add_test(tc, test_policy_file__all_mistakes_are_shown_at_once);
    tcase_add_test(tc, test_policy_file__only_allowed_actions_pass);
    tcase_add_test(tc, test_policy_file__generated_text_reads_back_equal);
    tcase_add_test(tc, test_policy_file__files_that_cannot_be_read_are_errors);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
