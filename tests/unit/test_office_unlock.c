/* Workbooks and documents of Excel and Word 97 to 2003 behind a password: fixtures/compound/make.py knows every
 * password and writes every scheme of workbooks; documents are encrypted here, by the header of one of its workbooks.
 */
#include "doc_forge.h"
#include "engines/cfb_read.h"
#include "engines/office_rc4.h"
#include "fake_job.h"

#include <check.h>

#define JAPANESE "ひみつ𠮷1"

static GByteArray *load(const char *name)
{
    g_autofree char *path = g_build_filename(FIXTURES, "compound", name, NULL);
    g_autoptr(GError) error = NULL;
    char *data = NULL;
    gsize size = 0;
    ck_assert_msg(g_file_get_contents(path, &data, &size, &error), "%s", error ? error->message : "");
    return g_byte_array_new_take((guint8 *)data, size);
}

static FakeRun *clean(const GByteArray *file, const char *name, const char *password)
{
    FakeRun *run = fake_run_new();
    g_autoptr(GError) error = NULL;
    run->password = password;
    ck_assert_msg(fake_run_clean(run, file->data, file->len, name, MGK_FORMAT_ID_NONE, &error), "%s: %s", name,
                  error ? error->message : "");
    return run;
}

static guint8 *stream_of(const GByteArray *file, const char *name, gsize *ret_size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkCfb) cfb = mgk_cfb_open(file->data, file->len, &error);
    ck_assert_msg(cfb != NULL, "%s", error ? error->message : "");
    return mgk_cfb_read(cfb, (guint)mgk_cfb_find(cfb, name), ret_size);
}

static const struct {
    const char *file, *password; /* NULL: Excel's own */
} books[] = {{"whole-xor.xls", "himitsu"},
             {"whole-rc4.xls", JAPANESE},
             {"whole-capi40.xls", NULL},
             {"whole-capi40.xls", "VelvetSweatshop"},
             {"whole-capi128.xls", "himitsu"}};

START_TEST(test_office_unlock__workbooks_cross_without_their_password)
{
    static const char number[] = "\1\0\1\0\0\0\0\0\0\0\x80\x67\xb2\x40"; /* B2: 4711.5 */
    static const guint8 letters[] = {0xd8, 0x79, 0xc6, 0x5b, 0x6e, 0x30, 0x68, 0x88};
    for (guint i = 0; i < G_N_ELEMENTS(books); i++) {
        g_autoptr(GByteArray) file = load(books[i].file);
        g_autoptr(FakeRun) run = clean(file, books[i].file, books[i].password);
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CLEANED, "%s: %s", books[i].file, run->outcome.detail);
        ck_assert(fake_run_found(run, MGK_KIND_DOCUMENT_UNLOCKED));
        gsize size = 0;
        g_autofree guint8 *stream = stream_of(run->output, "Workbook", &size);
        ck_assert_msg(memmem(stream, size, letters, sizeof letters) != NULL, "%s: its text is lost", books[i].file);
        ck_assert_msg(memmem(stream, size, number, sizeof number - 1) != NULL, "%s: a number is lost", books[i].file);
        g_autoptr(FakeRun) again = clean(run->output, "a.xls", NULL);
        ck_assert_msg(again->output->len == run->output->len &&
                          memcmp(again->output->data, run->output->data, run->output->len) == 0,
                      "%s: cleaning again changes it", books[i].file);
        ck_assert(!fake_run_found(again, MGK_KIND_DOCUMENT_UNLOCKED));
    }
}
END_TEST

START_TEST(test_office_unlock__a_wrong_password_is_told_from_none)
{
    static const char *const wrong[] = {"",       "himits", "VelvetSweatshoq",
                                        "ひみつ", "\xff",   "himitsu-and-much-more-of-it"};
    for (guint i = 0; i < G_N_ELEMENTS(books); i++) {
        g_autoptr(GByteArray) file = load(books[i].file);
        for (guint w = 0; w < G_N_ELEMENTS(wrong); w++) {
            g_autoptr(FakeRun) run = clean(file, books[i].file, wrong[w]);
            ck_assert_msg(run->outcome.verdict == MGK_VERDICT_HELD && run->outcome.reason == MGK_REASON_WRONG_PASSWORD,
                          "%s with %s: %s", books[i].file, wrong[w], mgk_reason_name(run->outcome.reason));
            ck_assert_uint_eq(run->output->len, 0);
        }
        if (!books[i].password || strcmp(books[i].password, "VelvetSweatshop") == 0)
            continue;
        g_autoptr(FakeRun) run = clean(file, books[i].file, NULL);
        ck_assert_msg(run->outcome.reason == MGK_REASON_ENCRYPTED, "%s: %s", books[i].file,
                      mgk_reason_name(run->outcome.reason));
    }
}
END_TEST

START_TEST(test_office_unlock__the_policy_may_hold_them)
{
    g_autoptr(GByteArray) file = load("whole-capi40.xls");
    g_autoptr(FakeRun) run = fake_run_new();
    run->policy.actions[MGK_KIND_DOCUMENT_UNLOCKED] = MGK_ACTION_HOLD;
    ck_assert(fake_run_clean(run, file->data, file->len, "a.xls", MGK_FORMAT_ID_NONE, NULL));
    ck_assert_uint_eq(run->outcome.verdict, MGK_VERDICT_HELD);
    ck_assert_uint_eq(run->outcome.reason, MGK_REASON_POLICY);
    ck_assert_uint_eq(run->output->len, 0);
}
END_TEST

/* A document's policy, too: what was found is not forgotten when the document is written. */
START_TEST(test_office_unlock__the_policy_may_hold_a_document)
{
    const DocForge forge = {.text = "x", .stream = "Macros", .stream_data = "x"};
    g_autoptr(GByteArray) file = doc_forge(&forge);
    g_autoptr(FakeRun) run = fake_run_new();
    run->policy.actions[MGK_KIND_MACRO_VBA] = MGK_ACTION_HOLD;
    ck_assert(fake_run_clean(run, file->data, file->len, "a.doc", MGK_FORMAT_ID_doc, NULL));
    ck_assert_uint_eq(run->outcome.verdict, MGK_VERDICT_HELD);
    ck_assert_uint_eq(run->outcome.reason, MGK_REASON_POLICY);
}
END_TEST

typedef struct Locked {
    GByteArray *header; /* owned */
    MgkOfficeRc4 rc4;
} Locked;

/* The header of a workbook's FilePass, behind its first number: documents have the same. */
static Locked borrow_header(const char *name, const char *password)
{
    g_autoptr(GByteArray) file = load(name);
    gsize size = 0;
    g_autofree guint8 *stream = stream_of(file, "Workbook", &size);
    gsize length = stream[22] | (gsize)stream[23] << 8;
    Locked locked = {.header = g_byte_array_new()};
    g_byte_array_append(locked.header, stream + 26, (guint)length - 2);
    ck_assert(mgk_office_rc4_open(locked.header->data, locked.header->len, password, &locked.rc4, NULL));
    return locked;
}

START_TEST(test_office_unlock__documents_cross_without_their_password)
{
    static const char *const schemes[][2] = {{"rc4-other.xls", "himitsu"}, {"capi128-other.xls", "himitsu"}};
    for (guint i = 0; i < G_N_ELEMENTS(schemes); i++) {
        Locked locked = borrow_header(schemes[i][0], schemes[i][1]);
        const DocForge forge = {.text = "VISIBLE \x13 DDEAUTO CANARY \x14SHOWN\x15 お知らせ",
                                .flags = 0x0100,
                                .rc4 = &locked.rc4,
                                .header = locked.header->data,
                                .header_size = locked.header->len};
        g_autoptr(GByteArray) file = doc_forge(&forge);
        g_autoptr(FakeRun) run = clean(file, "a.doc", schemes[i][1]);
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CONVERTED, "%s: %s", schemes[i][0], run->outcome.detail);
        ck_assert(fake_run_found(run, MGK_KIND_DOCUMENT_UNLOCKED) && fake_run_found(run, MGK_KIND_FIELD_ACTIVE));
        g_autoptr(FakeRun) text = fake_run_new();
        ck_assert(fake_run_text(text, run->output->data, run->output->len, MGK_FORMAT_ID_docx, NULL));
        ck_assert_msg(memmem(text->output->data, text->output->len, "お知らせ", strlen("お知らせ")) != NULL,
                      "%s: text lost", schemes[i][0]);
        ck_assert(memmem(text->output->data, text->output->len, "CANARY", 6) == NULL);
        g_autoptr(FakeRun) wrong = clean(file, "a.doc", "himits"), none = clean(file, "a.doc", NULL);
        ck_assert_uint_eq(wrong->outcome.reason, MGK_REASON_WRONG_PASSWORD);
        ck_assert_uint_eq(none->outcome.reason, MGK_REASON_ENCRYPTED);
        g_byte_array_unref(locked.header);
    }
}
END_TEST

START_TEST(test_office_unlock__documents_that_lie_are_held)
{
    Locked locked = borrow_header("rc4-other.xls", "himitsu");
    static const struct {
        guint16 flags;
        gsize header_size;
        MgkReason reason;
    } rows[] = {{0x8100, 52, MGK_REASON_ENCRYPTED_UNSUPPORTED}, /* XOR */
                {0x0100, 0, MGK_REASON_MALFORMED},
                {0x0100, 30, MGK_REASON_MALFORMED}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const DocForge forge = {.text = "VISIBLE",
                                .flags = rows[i].flags,
                                .rc4 = &locked.rc4,
                                .header = locked.header->data,
                                .header_size = rows[i].header_size};
        g_autoptr(GByteArray) file = doc_forge(&forge);
        g_autoptr(FakeRun) run = clean(file, "a.doc", "himitsu");
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_HELD && run->outcome.reason == rows[i].reason, "row %u: %s",
                      i, mgk_reason_name(run->outcome.reason));
    }
    locked.header->data[0] = 9; /* a scheme that does not exist */
    const DocForge forge = {
        .text = "VISIBLE", .flags = 0x0100, .rc4 = &locked.rc4, .header = locked.header->data, .header_size = 52};
    g_autoptr(GByteArray) file = doc_forge(&forge);
    g_autoptr(FakeRun) run = clean(file, "a.doc", "himitsu");
    ck_assert_uint_eq(run->outcome.reason, MGK_REASON_ENCRYPTED_UNSUPPORTED);
    g_byte_array_unref(locked.header);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("office_unlock");
    TCase *tc = tcase_create("office_unlock");
    tcase_add_test(tc, test_office_unlock__workbooks_cross_without_their_password);
    tcase_add_test(tc, test_office_unlock__a_wrong_password_is_told_from_none);
    tcase_add_test(tc, test_office_unlock__the_policy_may_hold_them);
    tcase_add_test(tc, test_office_unlock__the_policy_may_hold_a_document);
    tcase_add_test(tc, test_office_unlock__documents_cross_without_their_password);
    tcase_add_test(tc, test_office_unlock__documents_that_lie_are_held);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
