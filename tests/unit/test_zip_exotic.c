#include "engines/zip_exotic.h"

#include <archive.h>
#include <archive_entry.h>
#include <check.h>
#include <string.h>

#define PASSWORD "秘密 secret"
#define TEXT "protected text protected text protected text protected text"

/* An archive of one entry, encrypted by libarchive's writer. */
static GByteArray *encrypted(const char *cipher, const char *method)
{
    GByteArray *out = g_byte_array_new();
    g_byte_array_set_size(out, 4096);
    size_t used = 0;
    struct archive *writer = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    g_autofree char *options = g_strdup_printf("zip:encryption=%s,zip:compression=%s", cipher, method);
    archive_write_set_format_zip(writer);
    ck_assert_int_eq(archive_write_set_options(writer, options), ARCHIVE_OK);
    archive_write_set_passphrase(writer, PASSWORD);
    archive_write_set_bytes_in_last_block(writer, 1);
    archive_write_open_memory(writer, out->data, out->len, &used);
    archive_entry_set_pathname(entry, "a.txt");
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)strlen(TEXT));
    ck_assert_int_eq(archive_write_header(writer, entry), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_data(writer, TEXT, strlen(TEXT)), (la_ssize_t)strlen(TEXT));
    archive_entry_free(entry);
    archive_write_close(writer);
    archive_write_free(writer);
    g_byte_array_set_size(out, (guint)used);
    return out;
}

static GBytes *read_first(const guint8 *data, gsize size, const char *password, gsize max, GError **error)
{
    MgkLimits limits;
    mgk_limits_init(&limits);
    g_autoptr(MgkZip) zip = mgk_zip_open(data, size, &limits, NULL);
    ck_assert_ptr_nonnull(zip);
    g_autofree char *text = mgk_zip_anomalies_text(mgk_zip_anomalies(zip));
    ck_assert_msg(!(mgk_zip_anomalies(zip) & MGK_ZIP_MISLEADING), "%s", text);
    return mgk_zip_exotic_bytes(zip, mgk_zip_entry(zip, 0), password, max, error);
}

START_TEST(test_zip_exotic__passwords)
{
    static const char *const ciphers[] = {"zipcrypt", "aes128", "aes256"}, *const methods[] = {"store", "deflate"};
    static const struct {
        const char *password, *message; /* NULL: opens */
    } tries[] = {{PASSWORD, NULL}, {"wrong", "wrong password"}, {NULL, "no password"}, {"", "no password"}};
    for (guint i = 0; i < G_N_ELEMENTS(ciphers) * G_N_ELEMENTS(methods) * G_N_ELEMENTS(tries); i++) {
        const char *cipher = ciphers[i % 3], *method = methods[i / 3 % 2];
        g_autoptr(GByteArray) archive = encrypted(cipher, method);
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) bytes = read_first(archive->data, archive->len, tries[i / 6].password, 1 << 20, &error);
        if (tries[i / 6].message) {
            ck_assert_msg(bytes == NULL, "%s %s opens by '%s'", cipher, method, tries[i / 6].password);
            ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_ENCRYPTED));
            ck_assert_str_eq(error->message, tries[i / 6].message);
        } else {
            ck_assert_msg(bytes != NULL, "%s %s: %s", cipher, method, error ? error->message : "");
            ck_assert_uint_eq(g_bytes_get_size(bytes), strlen(TEXT));
            ck_assert_mem_eq(g_bytes_get_data(bytes, NULL), TEXT, strlen(TEXT));
        }
    }
}
END_TEST

START_TEST(test_zip_exotic__changed_bytes_are_noticed)
{
    g_autoptr(GByteArray) archive = encrypted("aes256", "deflate");
    MgkLimits limits;
    mgk_limits_init(&limits);
    g_autoptr(MgkZip) zip = mgk_zip_open(archive->data, archive->len, &limits, NULL);
    const MgkZipEntry *entry = mgk_zip_entry(zip, 0);
    for (gsize at = entry->offset; at < entry->offset + entry->packed_size; at++) {
        archive->data[at] ^= 1;
        g_autoptr(GBytes) bytes = read_first(archive->data, archive->len, PASSWORD, 1 << 20, NULL);
        ck_assert_msg(bytes == NULL, "byte %" G_GSIZE_FORMAT " does not matter", at);
        archive->data[at] ^= 1;
    }
}
END_TEST

START_TEST(test_zip_exotic__methods)
{
    g_autofree char *data = NULL;
    gsize size = 0;
    ck_assert(g_file_get_contents(FIXTURES "/zip/methods.zip", &data, &size, NULL));
    MgkLimits limits;
    mgk_limits_init(&limits);
    g_autoptr(MgkZip) zip = mgk_zip_open((const guint8 *)data, size, &limits, NULL);
    ck_assert_ptr_nonnull(zip);
    ck_assert_uint_eq(mgk_zip_count(zip), 2);
    for (guint i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;
        MgkZipEntry *entry = mgk_zip_entry(zip, i);
        ck_assert(entry->anomalies & MGK_ZIP_METHOD);
        g_autoptr(GBytes) bytes = mgk_zip_exotic_bytes(zip, entry, NULL, 1 << 20, &error);
        ck_assert_msg(bytes != NULL, "%s: %s", entry->name, error ? error->message : "");
        ck_assert_uint_eq(g_bytes_get_size(bytes), 40 * strlen("packed by another method, "));
        g_autoptr(GBytes) bounded = mgk_zip_exotic_bytes(zip, entry, NULL, 100, &error);
        ck_assert_ptr_null(bounded);
        ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("zip_exotic");
    TCase *tc = tcase_create("zip_exotic");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_zip_exotic__passwords);
    tcase_add_test(tc, test_zip_exotic__changed_bytes_are_noticed);
    tcase_add_test(tc, test_zip_exotic__methods);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
