/* Office documents behind a password: fixtures/compound/make.py knows every password and writes every scheme. */
#include "engines/office_lock.h"
#include "fake_job.h"
#include "model/report_json.h"
#include "model/report_text.h"

#include <check.h>
#include <string.h>

#define PASSWORD "himitsu"
#define JAPANESE "ひみつ𠮷1"

static GByteArray *load(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(FIXTURES, folder, name, NULL);
    g_autoptr(GError) error = NULL;
    char *data = NULL;
    gsize size = 0;
    ck_assert_msg(g_file_get_contents(path, &data, &size, &error), "%s", error ? error->message : "");
    return g_byte_array_new_take((guint8 *)data, size);
}

static FakeRun *clean(const GByteArray *file, const char *name, const char *password)
{
    FakeRun *run = fake_run_new();
    run->password = password;
    g_autoptr(GError) error = NULL;
    ck_assert_msg(fake_run_clean(run, file->data, file->len, name, MGK_FORMAT_ID_NONE, &error), "%s: %s", name,
                  error ? error->message : "");
    return run;
}

static void demand(const FakeRun *run, const char *label, MgkReason reason)
{
    ck_assert_msg(run->outcome.verdict == MGK_VERDICT_HELD && run->outcome.reason == reason && run->output->len == 0,
                  "%s: got %s %s (%s)", label, mgk_verdict_name(run->outcome.verdict),
                  mgk_reason_name(run->outcome.reason), run->outcome.detail);
}

static const struct {
    const char *file, *password, *folder, *plain;
    MgkFormatId format;
} openable[] = {
    {"agile-default.xlsx", NULL, "samples", "予算書.xlsx", MGK_FORMAT_ID_xlsx},
    {"agile-sha1-default.xlsx", NULL, "samples", "予算書.xlsx", MGK_FORMAT_ID_xlsx},
    {"agile-sha256.docm", PASSWORD, "samples", "説明会案内.docm", MGK_FORMAT_ID_docx},
    {"agile-sha384.pptx", PASSWORD, "fuzz/pptx", "one-slide.pptx", MGK_FORMAT_ID_pptx},
    {"agile-japanese.xlsx", JAPANESE, "samples", "予算書.xlsx", MGK_FORMAT_ID_xlsx},
    {"agile-other.xlsx", PASSWORD, "samples", "予算書.xlsx", MGK_FORMAT_ID_xlsx},
    {"standard-default.xlsx", NULL, "samples", "予算書.xlsx", MGK_FORMAT_ID_xlsx},
    {"standard-192.docm", PASSWORD, "samples", "説明会案内.docm", MGK_FORMAT_ID_docx},
    {"standard-256.pptx", PASSWORD, "fuzz/pptx", "one-slide.pptx", MGK_FORMAT_ID_pptx},
    {"standard-other.xlsx", PASSWORD, "samples", "予算書.xlsx", MGK_FORMAT_ID_xlsx},
};

START_TEST(test_office_lock__what_comes_out_is_the_document_cleaned)
{
    for (guint i = 0; i < G_N_ELEMENTS(openable); i++) {
        g_autoptr(GByteArray) locked = load("compound", openable[i].file),
                              plain = load(openable[i].folder, openable[i].plain);
        g_autoptr(FakeRun) want = clean(plain, openable[i].plain, NULL);
        g_autoptr(FakeRun) got = clean(locked, openable[i].file, openable[i].password);
        ck_assert_msg(got->outcome.verdict == MGK_VERDICT_CLEANED && got->outcome.format == openable[i].format,
                      "%s: got %s %s (%s)", openable[i].file, mgk_verdict_name(got->outcome.verdict),
                      mgk_reason_name(got->outcome.reason), got->outcome.detail);
        ck_assert_msg(fake_run_found(got, MGK_KIND_DOCUMENT_UNLOCKED), "%s: not told", openable[i].file);
        ck_assert_msg(want->output->len > 0 && got->output->len == want->output->len &&
                          memcmp(got->output->data, want->output->data, want->output->len) == 0,
                      "%s: not the document", openable[i].file);
        ck_assert_msg(got->report->children->len == 1, "%s: no child", openable[i].file);
        ck_assert_msg(fake_run_found(got, MGK_KIND_MACRO_VBA) == (openable[i].format == MGK_FORMAT_ID_docx),
                      "%s: macros", openable[i].file);
    }
}
END_TEST

START_TEST(test_office_lock__passwords_that_do_not_fit_are_told_apart)
{
    static const char *const wrong[] = {"", "himits", "himitsu ", "Himitsu", "VelvetSweatshop", "ひみつ", "\xff\xfe"};
    static const char *const files[] = {"agile-other.xlsx", "standard-other.xlsx"};
    for (guint f = 0; f < G_N_ELEMENTS(files); f++) {
        g_autoptr(GByteArray) file = load("compound", files[f]);
        g_autoptr(FakeRun) none = clean(file, "a.xlsx", NULL);
        demand(none, files[f], MGK_REASON_ENCRYPTED);
        for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
            g_autoptr(FakeRun) run = clean(file, "a.xlsx", wrong[i]);
            demand(run, wrong[i], MGK_REASON_WRONG_PASSWORD);
        }
    }
}
END_TEST

static guint8 *find(GByteArray *file, const char *text, gboolean last)
{
    guint8 *found = NULL;
    gsize size = strlen(text);
    for (gsize i = 0; i + size <= file->len; i++) {
        if (memcmp(file->data + i, text, size) == 0) {
            found = file->data + i;
            if (!last)
                break;
        }
    }
    ck_assert_msg(found != NULL, "no %s", text);
    return found;
}

/* Texts of the same length: the fixture's EncryptionInfo lies in one piece. */
static const struct {
    const char *from, *to;
    gboolean last; /* of encryptedKey; else of keyData */
    MgkReason reason;
} lies[] = {
    {"saltSize=\"16\"", "saltSize=\"99\"", FALSE, MGK_REASON_MALFORMED},
    {"saltSize=\"16\"", "saltSize=\"00\"", TRUE, MGK_REASON_MALFORMED},
    {"saltSize=\"16\"", "saltSize=\"-1\"", TRUE, MGK_REASON_MALFORMED},
    {"blockSize=\"16\"", "blockSize=\"32\"", FALSE, MGK_REASON_MALFORMED},
    {"blockSize=\"16\"", "blockSize=\"00\"", TRUE, MGK_REASON_MALFORMED},
    {"keyBits=\"256\"", "keyBits=\"128\"", FALSE, MGK_REASON_MALFORMED},
    {"keyBits=\"256\"", "keyBits=\"128\"", TRUE, MGK_REASON_WRONG_PASSWORD},
    {"keyBits=\"256\"", "keyBits=\"999\"", FALSE, MGK_REASON_MALFORMED},
    {"keyBits=\"256\"", "keyBits=\"000\"", TRUE, MGK_REASON_MALFORMED},
    {"hashSize=\"64\"", "hashSize=\"20\"", FALSE, MGK_REASON_MALFORMED},
    {"hashSize=\"64\"", "hashSize=\"99\"", TRUE, MGK_REASON_MALFORMED},
    {"hashAlgorithm=\"SHA512\"", "hashAlgorithm=\"SHA384\"", TRUE, MGK_REASON_MALFORMED},
    {"hashAlgorithm=\"SHA512\"", "hashAlgorithm=\"WHIRLP\"", TRUE, MGK_REASON_UNSUPPORTED_FEATURE},
    {"hashAlgorithm=\"SHA512\"", "hashAlgorithm=\"MD5   \"", FALSE, MGK_REASON_UNSUPPORTED_FEATURE},
    {"cipherAlgorithm=\"AES\"", "cipherAlgorithm=\"RC2\"", FALSE, MGK_REASON_UNSUPPORTED_FEATURE},
    {"cipherAlgorithm=\"AES\"", "cipherAlgorithm=\"DES\"", TRUE, MGK_REASON_UNSUPPORTED_FEATURE},
    {"ChainingModeCBC", "ChainingModeCFB", TRUE, MGK_REASON_UNSUPPORTED_FEATURE},
    {"spinCount=\"1000\"", "spinCount=\"-100\"", TRUE, MGK_REASON_MALFORMED},
    {"spinCount=\"1000\"", "spinCount=\"1e99\"", TRUE, MGK_REASON_MALFORMED},
    {"spinCount=\"1000\"", "spinCount=\"1001\"", TRUE, MGK_REASON_WRONG_PASSWORD},
    {"spinCount=", "spinCounu=", TRUE, MGK_REASON_MALFORMED},
    {"encryptedKeyValue=\"", "encryptedKeyValuf=\"", TRUE, MGK_REASON_MALFORMED},
    {"encryptedHmacKey=\"", "encryptedHmacKeY=\"", FALSE, MGK_REASON_MALFORMED},
    {"<dataIntegrity ", "<dataIntegrita ", FALSE, MGK_REASON_MALFORMED},
    {"<p:encryptedKey ", "<p:encryptedKez ", FALSE, MGK_REASON_UNSUPPORTED_FEATURE},
    {"keyEncryptor/password\">", "keyEncryptor/passwort\">", FALSE, MGK_REASON_UNSUPPORTED_FEATURE},
    {"<dataIntegrity ", "<keyData ke=\"\" ", FALSE, MGK_REASON_MALFORMED},
    {"<?xml version=\"1.0\" encoding=\"UTF-8\"", "<!DOCTYPE encryption [] ><encryption/>", FALSE, MGK_REASON_MALFORMED},
    {"</encryption>", "</encryptiom>", FALSE, MGK_REASON_MALFORMED},
};

START_TEST(test_office_lock__lies_hold_the_file)
{
    for (guint i = 0; i < G_N_ELEMENTS(lies); i++) {
        g_autoptr(GByteArray) file = load("compound", "agile-other.xlsx");
        memcpy(find(file, lies[i].from, lies[i].last), lies[i].to, MIN(strlen(lies[i].to), strlen(lies[i].from)));
        g_autoptr(FakeRun) run = clean(file, "a.xlsx", PASSWORD);
        demand(run, lies[i].to, lies[i].reason);
    }
}
END_TEST

/* The generator puts big streams first: EncryptedPackage starts behind the header of the file. */
#define PACKAGE 512

START_TEST(test_office_lock__a_broken_seal_holds_the_file)
{
    static const guint at[] = {PACKAGE, PACKAGE + 8, PACKAGE + 500, PACKAGE + 4104, PACKAGE + 8000};
    for (guint i = 0; i < G_N_ELEMENTS(at); i++) {
        g_autoptr(GByteArray) file = load("compound", "agile-sha384.pptx");
        file->data[at[i]] ^= 1;
        g_autoptr(FakeRun) run = clean(file, "a.pptx", PASSWORD);
        demand(run, "flipped bit", MGK_REASON_MALFORMED);
        ck_assert_msg(strstr(run->outcome.detail, "seal") != NULL, "%u: %s", at[i], run->outcome.detail);
    }
    static const char *const seals[] = {"encryptedHmacKey=\"", "encryptedHmacValue=\""};
    for (guint i = 0; i < G_N_ELEMENTS(seals); i++) {
        g_autoptr(GByteArray) file = load("compound", "agile-other.xlsx");
        guint8 *first = find(file, seals[i], FALSE) + strlen(seals[i]);
        *first = *first == 'A' ? 'B' : 'A';
        g_autoptr(FakeRun) run = clean(file, "a.xlsx", PASSWORD);
        demand(run, seals[i], MGK_REASON_MALFORMED);
    }
}
END_TEST

START_TEST(test_office_lock__a_size_beyond_the_package_holds_the_file)
{
    static const struct {
        const char *file;
        guint64 size;
    } table[] = {
        {"agile-sha384.pptx", 0},        {"agile-sha384.pptx", 8369},       {"agile-sha384.pptx", G_MAXUINT64},
        {"standard-256.pptx", 0},        {"standard-256.pptx", 8353},       {"standard-256.pptx", G_MAXUINT64},
        {"standard-256.pptx", 1u << 31}, {"standard-256.pptx", 1ull << 32},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) file = load("compound", table[i].file);
        for (guint b = 0; b < 8; b++)
            file->data[PACKAGE + b] = (guint8)(table[i].size >> (8 * b));
        g_autoptr(FakeRun) run = clean(file, "a.pptx", PASSWORD);
        demand(run, table[i].file, MGK_REASON_MALFORMED);
    }
}
END_TEST

START_TEST(test_office_lock__cut_files_never_cross_changed)
{
    static const char *const files[] = {"agile-other.xlsx", "standard-256.pptx"};
    for (guint f = 0; f < G_N_ELEMENTS(files); f++) {
        g_autoptr(GByteArray) file = load("compound", files[f]);
        g_autoptr(FakeRun) want = clean(file, files[f], PASSWORD);
        for (guint size = 0; size < file->len; size += 97) {
            g_autoptr(GByteArray) cut = g_byte_array_new_take(g_memdup2(file->data, MAX(size, 1)), size);
            g_autoptr(FakeRun) run = fake_run_new();
            run->password = PASSWORD;
            if (!fake_run_clean(run, cut->data, cut->len, files[f], MGK_FORMAT_ID_NONE, NULL))
                continue;
            ck_assert_msg(!mgk_verdict_crosses(run->outcome.verdict) ||
                              (run->output->len == want->output->len &&
                               memcmp(run->output->data, want->output->data, want->output->len) == 0),
                          "%s cut to %u crosses changed", files[f], size);
        }
    }
}
END_TEST

START_TEST(test_office_lock__cost_is_bounded_before_anything_is_hashed)
{
    static const struct {
        const char *file;
        guint64 most;
        gboolean opens;
    } table[] = {{"agile-default.xlsx", 999, FALSE},         {"agile-default.xlsx", 1000, TRUE},
                 {"agile-spins.xlsx", 10000000, FALSE},      {"standard-default.xlsx", 49999, FALSE},
                 {"standard-default.xlsx", 50000, TRUE},     {"agile-spins.xlsx", G_MAXUINT32 - 1, TRUE},
                 {"agile-spins.xlsx", 4000000000 - 1, FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) file = load("compound", table[i].file);
        g_autoptr(GError) error = NULL;
        g_autoptr(MgkOfficeLock) lock = mgk_office_lock_open(file->data, file->len, table[i].most, &error);
        ck_assert_msg((lock != NULL) == table[i].opens, "%s with %" G_GUINT64_FORMAT, table[i].file, table[i].most);
        ck_assert(lock || g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT));
    }
    g_autoptr(GByteArray) dear = load("compound", "agile-spins.xlsx");
    g_autoptr(FakeRun) run = clean(dear, "a.xlsx", "VelvetSweatshop");
    demand(run, "four thousand million rounds", MGK_REASON_KDF_COST);
}
END_TEST

START_TEST(test_office_lock__only_documents_come_out)
{
    g_autoptr(GByteArray) program = load("compound", "agile-program.docx"), rights = load("compound", "rights.docx");
    g_autoptr(FakeRun) run = clean(program, "a.docx", PASSWORD);
    demand(run, "a program", MGK_REASON_MALFORMED);
    g_autoptr(FakeRun) other = clean(rights, "a.docx", PASSWORD);
    demand(other, "rights management", MGK_REASON_UNSUPPORTED_FEATURE);
}
END_TEST

START_TEST(test_office_lock__the_policy_may_hold_what_was_opened)
{
    g_autoptr(GByteArray) file = load("compound", "agile-default.xlsx");
    g_autoptr(FakeRun) run = fake_run_new();
    run->policy.actions[MGK_KIND_DOCUMENT_UNLOCKED] = MGK_ACTION_HOLD;
    ck_assert(fake_run_clean(run, file->data, file->len, "a.xlsx", MGK_FORMAT_ID_NONE, NULL));
    demand(run, "policy", MGK_REASON_POLICY);
}
END_TEST

START_TEST(test_office_lock__no_report_tells_the_password)
{
    static const char *const passwords[] = {PASSWORD, "wrong-CANARY-password"};
    static const char *const files[] = {"agile-other.xlsx", "standard-192.docm", "agile-program.docx"};
    const MgkReportContext context = {0};
    for (guint i = 0; i < G_N_ELEMENTS(passwords) * G_N_ELEMENTS(files); i++) {
        const char *password = passwords[i % G_N_ELEMENTS(passwords)];
        g_autoptr(GByteArray) file = load("compound", files[i / G_N_ELEMENTS(passwords)]);
        g_autoptr(FakeRun) run = clean(file, "a.docx", password);
        g_autofree char *json = mgk_report_json(run->report, &context), *text = mgk_report_text(run->report, &context);
        ck_assert_msg(!strstr(json, password) && !strstr(text, password) && !strstr(run->outcome.detail, password),
                      "%s told: %s", password, json);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("office_lock");
    TCase *tc = tcase_create("office_lock");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_office_lock__what_comes_out_is_the_document_cleaned);
    tcase_add_test(tc, test_office_lock__passwords_that_do_not_fit_are_told_apart);
    tcase_add_test(tc, test_office_lock__lies_hold_the_file);
    tcase_add_test(tc, test_office_lock__a_broken_seal_holds_the_file);
    tcase_add_test(tc, test_office_lock__a_size_beyond_the_package_holds_the_file);
    tcase_add_test(tc, test_office_lock__cut_files_never_cross_changed);
    tcase_add_test(tc, test_office_lock__cost_is_bounded_before_anything_is_hashed);
    tcase_add_test(tc, test_office_lock__only_documents_come_out);
    tcase_add_test(tc, test_office_lock__the_policy_may_hold_what_was_opened);
    tcase_add_test(tc, test_office_lock__no_report_tells_the_password);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
