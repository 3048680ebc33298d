#include "engines/zip_writer.h"

#include "engines/zip_reader.h"
#include "fake_job.h"

#include <check.h>
#include <string.h>

static gboolean full_disk(gpointer user, const void *data, gsize size, GError **error)
{
    gsize *room = user;
    (void)data;
    if (size > *room) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "full");
        return FALSE;
    }
    *room -= size;
    return TRUE;
}

static GBytes *read_back(GByteArray *bytes, const char *name, guint32 want_anomalies)
{
    MgkLimits limits;
    mgk_limits_init(&limits);
    limits.ratio = 100000;
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkZip) zip = mgk_zip_open(bytes->data, bytes->len, &limits, &error);
    ck_assert_msg(zip != NULL, "%s", error ? error->message : "");
    g_autofree char *text = mgk_zip_anomalies_text(mgk_zip_anomalies(zip));
    ck_assert_msg(mgk_zip_anomalies(zip) == want_anomalies, "%s", text);
    MgkZipEntry *entry = mgk_zip_find(zip, name);
    ck_assert_msg(entry != NULL, "%s is missing", name);
    GBytes *content = mgk_zip_entry_bytes(zip, entry, G_MAXSIZE, &error);
    ck_assert_msg(content != NULL, "%s: %s", name, error ? error->message : "");
    return content;
}

/* Text that packs, but not to nothing. */
static guint8 *sample(gsize size)
{
    guint8 *data = g_malloc(size);
    guint32 state = 1;
    for (gsize i = 0; i < size; i++) {
        state = state * 1664525u + 1013904223u;
        data[i] = (guint8)('a' + (state >> 29));
    }
    return data;
}

START_TEST(test_zip_writer__round_trip_of_sizes)
{
    static const gsize sizes[] = {
        0, 1, 63, 64, 65, 1000, 65535, 65536, 70000, MGK_ZIP_BUFFER, MGK_ZIP_BUFFER + 1, MGK_ZIP_BUFFER + (256u << 10)};
    g_autofree guint8 *data = sample(MGK_ZIP_BUFFER + 300000);
    for (guint i = 0; i < G_N_ELEMENTS(sizes) * 2; i++) {
        gsize size = sizes[i / 2];
        MgkZipMethod method = i % 2 ? MGK_ZIP_STORE : MGK_ZIP_PACK;
        g_autoptr(GByteArray) out = g_byte_array_new();
        g_autoptr(MgkZipWriter) writer = mgk_zip_writer_new(fake_sink, out);
        ck_assert(mgk_zip_writer_add(writer, "日本/a.txt", method, MGK_ZIP_EPOCH, data, size, NULL));
        ck_assert(mgk_zip_writer_finish(writer, NULL));
        ck_assert_uint_eq(mgk_zip_writer_offset(writer), out->len);
        g_autoptr(GBytes) back = read_back(out, "日本/a.txt", 0);
        ck_assert_msg(g_bytes_get_size(back) == size && memcmp(g_bytes_get_data(back, NULL), data, size) == 0,
                      "%" G_GSIZE_FORMAT " bytes by method %d came back changed", size, (int)method);
        if (method == MGK_ZIP_PACK && size >= 1000)
            ck_assert_msg(out->len < size * 3 / 4, "%" G_GSIZE_FORMAT " bytes became %u", size, out->len);
    }
}
END_TEST

START_TEST(test_zip_writer__pieces_do_not_change_the_bytes)
{
    static const gsize sizes[] = {100000, MGK_ZIP_BUFFER + 500000};
    static const gsize steps[] = {777, MGK_ZIP_BUFFER + 5};
    g_autofree guint8 *data = sample(MGK_ZIP_BUFFER + 500000);
    for (guint s = 0; s < G_N_ELEMENTS(sizes); s++) {
        g_autoptr(GByteArray) whole = g_byte_array_new();
        g_autoptr(MgkZipWriter) once = mgk_zip_writer_new(fake_sink, whole);
        ck_assert(mgk_zip_writer_add(once, "a", MGK_ZIP_PACK, MGK_ZIP_EPOCH, data, sizes[s], NULL));
        ck_assert(mgk_zip_writer_add(once, "b", MGK_ZIP_PACK, MGK_ZIP_EPOCH, data, sizes[s], NULL));
        ck_assert(mgk_zip_writer_finish(once, NULL));
        for (guint t = 0; t < G_N_ELEMENTS(steps); t++) {
            g_autoptr(GByteArray) pieces = g_byte_array_new();
            g_autoptr(MgkZipWriter) writer = mgk_zip_writer_new(fake_sink, pieces);
            for (const char *name = "a"; *name <= 'b'; name = *name == 'a' ? "b" : "c") {
                ck_assert(mgk_zip_writer_begin(writer, name, MGK_ZIP_PACK, MGK_ZIP_EPOCH, NULL));
                for (gsize at = 0; at < sizes[s]; at += steps[t])
                    ck_assert(mgk_zip_writer_append(writer, data + at, MIN(steps[t], sizes[s] - at), NULL));
                ck_assert(mgk_zip_writer_end(writer, NULL));
            }
            ck_assert(mgk_zip_writer_finish(writer, NULL));
            ck_assert_msg(pieces->len == whole->len && memcmp(pieces->data, whole->data, whole->len) == 0,
                          "%" G_GSIZE_FORMAT " bytes in steps of %" G_GSIZE_FORMAT, sizes[s], steps[t]);
        }
    }
}
END_TEST

START_TEST(test_zip_writer__folders_dates_flags)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autoptr(MgkZipWriter) writer = mgk_zip_writer_new(fake_sink, out);
    ck_assert(mgk_zip_writer_add(writer, "d/", MGK_ZIP_PACK, 0x12345678, NULL, 0, NULL));
    ck_assert(mgk_zip_writer_add(writer, "d/é", MGK_ZIP_PACK, MGK_ZIP_EPOCH, "x", 1, NULL));
    ck_assert(mgk_zip_writer_finish(writer, NULL));
    MgkLimits limits;
    mgk_limits_init(&limits);
    g_autoptr(MgkZip) zip = mgk_zip_open(out->data, out->len, &limits, NULL);
    ck_assert_ptr_nonnull(zip);
    ck_assert(mgk_zip_entry(zip, 0)->directory);
    ck_assert_uint_eq(mgk_zip_entry(zip, 0)->dos_time, 0x12345678);
    ck_assert_uint_eq(mgk_zip_entry(zip, 0)->flags, 0);
    ck_assert(!mgk_zip_entry(zip, 1)->directory);
    ck_assert_uint_eq(mgk_zip_entry(zip, 1)->flags, 0x800);
}
END_TEST

START_TEST(test_zip_writer__many_entries_need_zip64)
{
    const guint n = 70000;
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autoptr(MgkZipWriter) writer = mgk_zip_writer_new(fake_sink, out);
    for (guint i = 0; i < n; i++) {
        char name[16];
        g_snprintf(name, sizeof name, "%u", i);
        ck_assert(mgk_zip_writer_add(writer, name, MGK_ZIP_PACK, MGK_ZIP_EPOCH, name, strlen(name), NULL));
    }
    ck_assert(mgk_zip_writer_finish(writer, NULL));
    g_autoptr(GBytes) back = read_back(out, "69999", 0);
    ck_assert_mem_eq(g_bytes_get_data(back, NULL), "69999", 5);
}
END_TEST

START_TEST(test_zip_writer__misuse_is_refused)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autoptr(MgkZipWriter) writer = mgk_zip_writer_new(fake_sink, out);
    static const char *const bad[] = {"", "\xff", NULL};
    for (guint i = 0; bad[i]; i++) {
        g_autoptr(GError) error = NULL;
        ck_assert(!mgk_zip_writer_begin(writer, bad[i], MGK_ZIP_PACK, MGK_ZIP_EPOCH, &error));
        ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_FAILED));
    }
    ck_assert(!mgk_zip_writer_append(writer, "x", 1, NULL));
    ck_assert(!mgk_zip_writer_end(writer, NULL));
    ck_assert(mgk_zip_writer_begin(writer, "a", MGK_ZIP_PACK, MGK_ZIP_EPOCH, NULL));
    ck_assert(!mgk_zip_writer_begin(writer, "b", MGK_ZIP_PACK, MGK_ZIP_EPOCH, NULL));
    ck_assert(!mgk_zip_writer_finish(writer, NULL));
    ck_assert(mgk_zip_writer_end(writer, NULL));
    ck_assert(mgk_zip_writer_finish(writer, NULL));
    ck_assert(!mgk_zip_writer_begin(writer, "b", MGK_ZIP_PACK, MGK_ZIP_EPOCH, NULL));
}
END_TEST

START_TEST(test_zip_writer__a_full_disk_is_told)
{
    g_autofree guint8 *data = sample(MGK_ZIP_BUFFER + 300000);
    for (gsize room = 0; room < 1 << 20; room += 140000) {
        gsize left = room;
        g_autoptr(GError) error = NULL;
        g_autoptr(MgkZipWriter) writer = mgk_zip_writer_new(full_disk, &left);
        gboolean ok =
            mgk_zip_writer_add(writer, "s", MGK_ZIP_STORE, MGK_ZIP_EPOCH, data, 200000, &error) &&
            mgk_zip_writer_add(writer, "p", MGK_ZIP_PACK, MGK_ZIP_EPOCH, data, MGK_ZIP_BUFFER + 300000, &error) &&
            mgk_zip_writer_finish(writer, &error);
        ck_assert_msg(ok == (error == NULL), "room %" G_GSIZE_FORMAT, room);
        ck_assert(ok || g_error_matches(error, MGK_ERROR, MGK_ERROR_IO));
        if (room < 500000)
            ck_assert_msg(!ok, "room %" G_GSIZE_FORMAT " was enough", room);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("zip_writer");
    TCase *tc = tcase_create("zip_writer");
    tcase_set_timeout(tc, 100);
    tcase_add_test(tc, test_zip_writer__round_trip_of_sizes);
    tcase_add_test(tc, test_zip_writer__pieces_do_not_change_the_bytes);
    tcase_add_test(tc, test_zip_writer__folders_dates_flags);
    tcase_add_test(tc, test_zip_writer__many_entries_need_zip64);
    tcase_add_test(tc, test_zip_writer__misuse_is_refused);
    tcase_add_test(tc, test_zip_writer__a_full_disk_is_told);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
