#include "edit.h"

#include "kept.h"

#include <check.h>
#include <string.h>

#define HEAD "From: a@example.jp\r\nX-Mugaika: own\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n"

static MgkEdit *parse(const char *text, gsize size, GError **error)
{
    g_autoptr(GBytes) bytes = g_bytes_new(text, size);
    return mgk_edit_parse(bytes, error);
}

START_TEST(test_edit__what_is_not_our_grammar_is_refused)
{
    static const char *const bad[] = {"",
                                      "\r\n",
                                      HEAD,
                                      HEAD "\r\nbare\nline\r\n",
                                      HEAD "\r\nbare\rreturn\r\n",
                                      HEAD "\r\nno end",
                                      HEAD "\r\n\xe6\x97\xa5\r\n",
                                      HEAD "X-A:no space\r\n\r\n",
                                      HEAD "X A: b\r\n\r\n",
                                      HEAD ": b\r\n\r\n",
                                      HEAD "no field\r\n\r\n",
                                      HEAD "X-A: b\x1b\r\n\r\n",
                                      HEAD "X-A: b\r\n \r\n\r\n",
                                      HEAD "X-A: b\r\n\tc\r\n\r\n",
                                      HEAD "From: b@example.jp\r\n\r\n",
                                      HEAD "Content-type: text/html\r\n\r\n",
                                      HEAD "Bcc: b@example.jp\r\n\r\n",
                                      HEAD "x-mugaika: b\r\n\r\n",
                                      HEAD "X-Mugaika-ID: b\r\n\r\n",
                                      " fold\r\n" HEAD "\r\n",
                                      "MIME-Version: 1.0\r\nX-Mugaika: own\r\n\r\nx\r\n",
                                      "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nx\r\n",
                                      "Content-Type: text/plain\r\nX-Mugaika: own\r\n\r\nx\r\n"};
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(MgkEdit) edit = parse(bad[i], strlen(bad[i]), &error);
        ck_assert_msg(!edit, "case %u: taken: %s", i, bad[i]);
        ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_MALFORMED));
    }
    static const char nul[] = HEAD "\r\na\0b\r\n";
    g_autoptr(GError) error = NULL;
    ck_assert_ptr_null(parse(nul, sizeof nul - 1, &error));
}
END_TEST

START_TEST(test_edit__lines_have_at_most_998_bytes)
{
    for (guint length = 997; length < 1001; length++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *line = g_strnfill(length, 'x');
        g_autofree char *text = g_strconcat(HEAD "\r\n", line, "\r\n", NULL);
        g_autoptr(MgkEdit) edit = parse(text, strlen(text), &error);
        ck_assert_msg((edit != NULL) == (length <= 998), "%u bytes", length);
    }
}
END_TEST

static gboolean note_progress(void *data)
{
    g_string_append(data, "p;");
    return TRUE;
}

static gboolean note_remove(void *data, const char *name, guint index)
{
    g_string_append_printf(data, "-%s%u;", name, index);
    return TRUE;
}

static gboolean note_add(void *data, const char *name, const char *value)
{
    g_string_append_printf(data, "+%s:%s;", name, value);
    return TRUE;
}

static gboolean note_body(void *data, const guint8 *bytes, gsize size)
{
    g_string_append_printf(data, "b%zu%c;", size, bytes[0]);
    return TRUE;
}

static char *apply(const char *text, const char *id)
{
    static char *const names[] = {"A", "b", "a", "Subject", "B", "A"};
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) old = g_ptr_array_new();
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        g_ptr_array_add(old, names[i]);
    GString *log = g_string_new(NULL);
    const MgkEditSink sink = {log, note_progress, note_remove, note_add, note_body};
    g_autoptr(MgkEdit) edit = parse(text, strlen(text), &error);
    ck_assert_msg(edit != NULL, "%s", error ? error->message : "");
    ck_assert(mgk_edit_apply(edit, old, id, &sink));
    return g_string_free(log, FALSE);
}

START_TEST(test_edit__edits_come_in_the_order_that_is_safe)
{
    g_autofree char *got = apply(HEAD "X-F: a\r\n b\r\n\r\nbody\r\n", "m");
    ck_assert_str_eq(got, "p;-A3;-B2;-Subject1;-a2;-b1;-A1;+From: a@example.jp;+X-Mugaika: own;+MIME-Version: 1.0;"
                          "+Content-Type: text/plain;+X-F: a\n b;+X-Mugaika-Id: m;b6b;");
}
END_TEST

START_TEST(test_edit__an_empty_body_is_replaced)
{
    g_autofree char *got = apply(HEAD "\r\n", "m");
    ck_assert(g_str_has_suffix(got, "+X-Mugaika-Id: m;b2\r;"));
}
END_TEST

START_TEST(test_edit__a_large_body_goes_in_chunks)
{
    g_autoptr(GString) text = g_string_new(HEAD "\r\n");
    for (guint i = 0; i < 20000; i++)
        g_string_append(text, "12345678\r\n");
    g_autofree char *got = apply(text->str, "m");
    guint chunks = 0;
    for (const char *at = got; (at = strstr(at, ";b65535")); at++)
        chunks++;
    ck_assert_uint_eq(chunks, 3);
    ck_assert_ptr_nonnull(strstr(got, ";b3395"));
}
END_TEST

START_TEST(test_kept__every_notice_has_our_grammar)
{
    static const char *const senders[] = {"<a@example.jp>", "<>", "<evil\r\nSubject: x\x1b[2J@\xff>", NULL};
    static const char *const hosts[] = {"gw.example.jp", "evil\r\nX: y", "", NULL};
    for (guint i = 0; i < MGK_N_REASONS; i++) {
        const MgkKeptMail kept = {.id = "20261120-120000.000000-ABC-1",
                                  .sender = senders[i % 4],
                                  .host = hosts[i / 4 % 4],
                                  .reason = (MgkReason)i,
                                  .time_us = 1795207245838517};
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) mail = mgk_kept_mail(&kept);
        g_autoptr(MgkEdit) edit = mgk_edit_parse(mail, &error);
        ck_assert_msg(edit != NULL, "reason %u: %s", i, error ? error->message : "");
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("edit");
    TCase *cases = tcase_create("edit");
    tcase_add_test(cases, test_edit__what_is_not_our_grammar_is_refused);
    tcase_add_test(cases, test_edit__lines_have_at_most_998_bytes);
    tcase_add_test(cases, test_edit__edits_come_in_the_order_that_is_safe);
    tcase_add_test(cases, test_edit__an_empty_body_is_replaced);
    tcase_add_test(cases, test_edit__a_large_body_goes_in_chunks);
    tcase_add_test(cases, test_kept__every_notice_has_our_grammar);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
