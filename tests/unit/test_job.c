#include "model/job.h"

#include <check.h>
#include <string.h>

typedef struct Seen {
    guint n;
    MgkAction action;
    char detail[512];
} Seen;

static void on_find(MgkJob *job, MgkKind kind, MgkAction action, const char *where, const char *detail)
{
    Seen *seen = job->priv;
    (void)kind;
    (void)where;
    seen->n++;
    seen->action = action;
    g_strlcpy(seen->detail, detail, sizeof seen->detail);
}

START_TEST(test_job__find_latches_hold_and_block)
{
    static const struct {
        MgkAction action;
        MgkVerdict want;
    } table[] = {{MGK_ACTION_KEEP, MGK_VERDICT_CLEANED},
                 {MGK_ACTION_REMOVE, MGK_VERDICT_CLEANED},
                 {MGK_ACTION_HOLD, MGK_VERDICT_HELD},
                 {MGK_ACTION_BLOCK, MGK_VERDICT_BLOCKED}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        MgkPolicy policy;
        mgk_policy_init(&policy);
        policy.actions[MGK_KIND_METADATA] = (guint8)table[i].action;
        Seen seen = {0};
        MgkJob job = {.policy = &policy, .find = on_find, .priv = &seen, .outcome.verdict = MGK_VERDICT_CLEANED};
        MgkAction got = mgk_job_find(&job, MGK_KIND_METADATA, "a", "b");
        ck_assert_msg(got == table[i].action && job.outcome.verdict == table[i].want,
                      "row %u: got action %d verdict %d", i, (int)got, (int)job.outcome.verdict);
        ck_assert_uint_eq(seen.n, 1);
    }
}
END_TEST

START_TEST(test_job__excerpts_are_cut_on_a_character)
{
    MgkPolicy policy;
    mgk_policy_init(&policy);
    Seen seen = {0};
    MgkJob job = {.policy = &policy, .find = on_find, .priv = &seen};
    g_autoptr(GString) text = g_string_new("");
    for (guint i = 0; i < 300; i++)
        g_string_append(text, "漢");
    mgk_job_find(&job, MGK_KIND_METADATA, NULL, text->str);
    ck_assert_uint_le(strlen(seen.detail), 200);
    ck_assert(g_utf8_validate(seen.detail, -1, NULL));
    ck_assert_uint_eq(strlen(seen.detail) % 3, 0);
    mgk_job_find(&job, MGK_KIND_METADATA, NULL, "a\xff\xfe");
    ck_assert(g_utf8_validate(seen.detail, -1, NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("job");
    TCase *tc = tcase_create("job");
    tcase_add_test(tc, test_job__find_latches_hold_and_block);
    tcase_add_test(tc, test_job__excerpts_are_cut_on_a_character);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
