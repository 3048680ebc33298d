/* Mail folders: where messages begin, what becomes of each, and the names they get. */
#include "engines/zip_reader.h"
#include "engines/zip_writer.h"
#include "mail_forge.h"

#define CANARY "CANARY-91b7"
#define FROM "From a@example.com Fri Nov 20 10:00:00 2026\n"
#define HEAD "From: a@example.com\nSubject: one\nDate: Fri, 20 Nov 2026 10:00:00 +0900\n\n"
#define MAIL FROM HEAD

static FakeRun *clean(const char *text, gsize size)
{
    FakeRun *run = fake_run_new();
    g_autoptr(GError) error = NULL;
    gboolean ok = fake_run_clean(run, (const guint8 *)text, size, "mail.mbox", MGK_FORMAT_ID_mbox, &error);
    ck_assert_msg(ok, "%s", ok ? "" : error->message);
    return run;
}

/* "name=content;" of all members, of mails their text once more. */
static char *told(const FakeRun *run)
{
    GString *text = g_string_new(NULL);
    g_autoptr(MgkZip) zip = mgk_zip_open(run->output->data, run->output->len, &run->policy.limits, NULL);
    ck_assert_ptr_nonnull(zip);
    for (guint i = 0; i < mgk_zip_count(zip); i++) {
        MgkZipEntry *entry = mgk_zip_entry(zip, i);
        g_autoptr(GBytes) bytes = mgk_zip_entry_bytes(zip, entry, 1 << 20, NULL);
        gsize size = 0;
        const char *data = g_bytes_get_data(bytes, &size);
        g_autoptr(MgkMimeTree) tree = mgk_mime_parse((const guint8 *)data, size, NULL);
        g_autofree char *words = g_str_has_suffix(entry->name, ".eml") ? part_text(part_at(tree, 0)) : NULL;
        g_string_append_printf(text, "%s=%.*s%s;", entry->name, (int)size, data, words ? words : "");
    }
    return g_string_free(text, FALSE);
}

static const struct {
    const char *what, *mailbox;
    guint mails;
    const char *wanted[3]; /* in what comes out */
    const char *unwanted;
} rows[] = {
    {"two", MAIL "first\n\n" MAIL "second\n", 2, {"0001 one.eml=", "0002 one.eml=", "second"}, FROM},
    {"CRLF",
     "From a Fri Nov 20 10:00:00 2026\r\nFrom: a@b.example\r\n\r\nfirst\r\n\r\nFrom a Fri Nov 20 10:00:00 "
     "2026\r\nFrom: a@b.example\r\n\r\nsecond\r\n",
     2,
     {"0001.eml=", "0002.eml=", "second"},
     NULL},
    {"no end of the last line", MAIL "words", 1, {"words"}, NULL},
    {"a header only",
     FROM "From: a@example.com\nSubject: one\nDate: Fri, 20 Nov 2026 10:00:00 +0900",
     1,
     {"0001 one.eml="},
     NULL},
    {"blank lines in front", "\n\r\n" MAIL "words\n", 1, {"words"}, NULL},
    {"prose after a blank line", MAIL "a\n\nFrom here on\nall is text\n", 1, {"From here on"}, NULL},
    {"prose with a time, no header", MAIL "a\n\nFrom 10:00 to 11:00 in 2026\nwe talk\n", 1, {"we talk"}, NULL},
    {"prose with a header but no time", MAIL "a\n\nFrom me\nSubject: words\n", 1, {"Subject: words"}, NULL},
    {"no blank line before", MAIL "a\n" FROM "Subject: b\n\nc\n", 1, {"Subject: b"}, NULL},
    {"quoted", MAIL ">From the start\n", 1, {"From the start"}, ">From"},
    {"quoted twice", MAIL ">>From the start\n", 1, {">From the start"}, ">>From"},
    {"quoted by a person", MAIL "> From the start\n", 1, {"> From the start"}, NULL},
    {"a false length", FROM "Content-Length: 100000\n" HEAD "a\n\n" MAIL "second\n", 2, {"second"}, NULL},
    {"no time zone", "From - Fri Nov 20 10:00:00 2026\n" HEAD "words\n", 1, {"words"}, NULL},
    {"an RFC 5322 date", "From a Fri, 20 Nov 2026 10:00:00 +0900\n" HEAD "words\n", 1, {"words"}, NULL},
    {"a mailbox in a mailbox", FROM ">From b Fri Nov 20 09:00:00 2026\n" HEAD "words\n", 1, {"words"}, NULL},
    {"traversal", FROM "From: a@b\nSubject: ../../" CANARY "/x\n\nwords\n", 1, {"0001 ______" CANARY "_x.eml="}, NULL},
    {"a drive", FROM "From: a@b\nSubject: C:\\w\n\nwords\n", 1, {"0001 C__w.eml="}, NULL},
    {"a program's name", FROM "From: a@b\nSubject: setup.exe\n\nwords\n", 1, {"0001 setup_exe.eml=", "words"}, NULL},
    {"spaces that hide an ending",
     FROM "From: a@b\nSubject: a.pdf             .exe\n\nwords\n",
     1,
     {"0001 a_pdf _exe.eml="},
     NULL},
    {"a reserved name", FROM "From: a@b\nSubject: con\n\nwords\n", 1, {"0001 con.eml="}, NULL},
    {"a subject in code",
     FROM "From: a@b\nSubject: =?ISO-2022-JP?B?GyRCOHgwV0p4OHMbKEI=?=\n\nwords\n",
     1,
     {"words"},
     "ISO-2022-JP"},
    {"a folded subject", FROM "From: a@b\nSubject: one\n two\n\nwords\n", 1, {"0001 one two.eml="}, NULL},
    {"a script",
     FROM HEAD ""
               "\n\n" FROM "From: a@b\nMIME-Version: 1.0\nContent-Type: text/html\n\n<p>seen<script>" CANARY
               "</script>\n",
     2,
     {"seen"},
     CANARY},
    {"a program attached",
     FROM "From: a@b\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nwords\n--x\n"
          "Content-Disposition: attachment; filename=a.exe\n\nMZ" CANARY "\n--x--\n",
     1,
     {"words"},
     CANARY},
    {"a header that is gone", FROM "X-Secret: " CANARY "\n" HEAD "words\n", 1, {"words"}, CANARY},
    {"the line between", "From " CANARY " Fri Nov 20 10:00:00 2026\n" HEAD "words\n", 1, {"words"}, CANARY},
};

START_TEST(test_mbox__messages_become_mails_of_their_own)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(FakeRun) run = clean(rows[i].mailbox, strlen(rows[i].mailbox));
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CONVERTED, "%s: %s", rows[i].what, run->outcome.detail);
        ck_assert_int_eq(run->outcome.format, MGK_FORMAT_ID_zip);
        g_autofree char *text = told(run);
        ck_assert_msg(run->report->children->len == rows[i].mails, "%s: got %u mails", rows[i].what,
                      run->report->children->len);
        for (guint k = 0; k < 3 && rows[i].wanted[k]; k++)
            ck_assert_msg(strstr(text, rows[i].wanted[k]), "%s: no '%s' in %s", rows[i].what, rows[i].wanted[k], text);
        ck_assert_msg(!rows[i].unwanted || !strstr(text, rows[i].unwanted), "%s: got %s", rows[i].what, text);
    }
}
END_TEST

START_TEST(test_mbox__dates_are_japans)
{
    static const struct {
        const char *date;
        guint32 want;
    } dates[] = {{"Fri, 20 Nov 2026 10:00:00 +0900", (46u << 9 | 11 << 5 | 20) << 16 | 10 << 11},
                 {"Fri, 20 Nov 2026 01:00:02 GMT", (46u << 9 | 11 << 5 | 20) << 16 | 10 << 11 | 1},
                 {"Thu, 19 Nov 2026 20:30:00 -0430", (46u << 9 | 11 << 5 | 20) << 16 | 10 << 11},
                 {"Fri, 31 Feb 2026 10:00:00 +0900", MGK_ZIP_EPOCH},
                 {"never", MGK_ZIP_EPOCH}};
    for (gsize i = 0; i < G_N_ELEMENTS(dates); i++) {
        g_autofree char *mail = g_strdup_printf(FROM "From: a@b\nDate: %s\n\nwords\n", dates[i].date);
        g_autoptr(FakeRun) run = clean(mail, strlen(mail));
        g_autoptr(MgkZip) zip = mgk_zip_open(run->output->data, run->output->len, &run->policy.limits, NULL);
        ck_assert_msg(mgk_zip_entry(zip, 0)->dos_time == dates[i].want, "%s: got %x, want %x", dates[i].date,
                      mgk_zip_entry(zip, 0)->dos_time, dates[i].want);
    }
}
END_TEST

START_TEST(test_mbox__what_is_no_mailbox_is_held)
{
    static const char *const texts[] = {
        "",      "\n\n", "words\n\n" MAIL "a\n",           "From here on\nall is text\n",
        "From ", FROM,   "From a Fri Nov 20 10:00:00 2026"};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(FakeRun) run = clean(texts[i], strlen(texts[i]));
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_HELD, "'%s' crosses", texts[i]);
    }
}
END_TEST

START_TEST(test_mbox__a_message_that_does_not_cross_leaves_a_notice)
{
    static const char mailbox[] =
        MAIL "first\n\n" FROM "From: a@b\nMIME-Version: 1.0\nContent-Type: "
             "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=x\n\n"
             "--x\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--x\n\n" CANARY "\n--x--\n";
    g_autoptr(FakeRun) run = clean(mailbox, sizeof mailbox - 1);
    ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_CONVERTED);
    ck_assert(fake_run_found(run, MGK_KIND_MEMBER_NOT_CROSSED));
    g_autofree char *text = told(run);
    ck_assert_ptr_nonnull(strstr(text, "first"));
    ck_assert_ptr_null(strstr(text, CANARY));
    g_autoptr(FakeRun) strict = fake_run_new();
    strict->policy.hold_on_member = TRUE;
    ck_assert(fake_run_clean(strict, (const guint8 *)mailbox, sizeof mailbox - 1, "a.mbox", MGK_FORMAT_ID_mbox, NULL));
    ck_assert_int_eq(strict->outcome.verdict, MGK_VERDICT_HELD);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mbox");
    TCase *tests = tcase_create("mbox");
    tcase_add_test(tests, test_mbox__messages_become_mails_of_their_own);
    tcase_add_test(tests, test_mbox__dates_are_japans);
    tcase_add_test(tests, test_mbox__what_is_no_mailbox_is_held);
    tcase_add_test(tests, test_mbox__a_message_that_does_not_cross_leaves_a_notice);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
