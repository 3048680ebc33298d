#include "engines/zip_reader.h"

#include "zip_forge.h"

#include <check.h>

#define X(s) (s), .extra_size = sizeof(s) - 1
#define LX(s) (s), .local_extra_size = sizeof(s) - 1

static MgkZip *open_forged(const ForgeEntry *entries, guint n, const ForgeOptions *options, GByteArray **ret_bytes,
                           GError **error)
{
    MgkLimits limits;
    mgk_limits_init(&limits);
    *ret_bytes = forge_zip(entries, n, options);
    return mgk_zip_open((*ret_bytes)->data, (*ret_bytes)->len, &limits, error);
}

typedef struct Row {
    const char *what;
    ForgeEntry entries[3];
    ForgeOptions options;
    guint32 want; /* exact anomalies of the archive */
} Row;

static const Row rows[] = {
    {"honest", {{.name = "a.txt", .text = "hello"}, {.name = "b/", .text = ""}}, {0}, 0},
    {"deflated", {{.name = "a.txt", .text = "hello hello hello", .method = 8}}, {0}, 0},
    {"descriptor",
     {{.name = "a.txt", .text = "hello", .method = 8, .descriptor = TRUE}, {.name = "b", .text = "x"}},
     {0},
     0},
    {"prefix", {{.name = "a", .text = "x"}}, {.prefix = "junk"}, MGK_ZIP_PREFIX},
    {"uncounted prefix",
     {{.name = "a", .text = "x"}},
     {.prefix = "junk", .offsets_without_prefix = TRUE},
     MGK_ZIP_PREFIX},
    {"trailing", {{.name = "a", .text = "x"}}, {.trailer = "junk"}, MGK_ZIP_TRAILING},
    {"comment", {{.name = "a", .text = "x"}}, {.comment = "hi"}, MGK_ZIP_COMMENT},
    {"gap", {{.name = "a", .text = "x"}, {.name = "b", .text = "y", .gap = "gap"}}, {0}, MGK_ZIP_GAP},
    {"gap before directory", {{.name = "a", .text = "x"}}, {.before_directory = "gap"}, MGK_ZIP_GAP},
    {"gap before end", {{.name = "a", .text = "x"}}, {.before_end = "gap"}, MGK_ZIP_GAP},
    {"hidden entry",
     {{.name = "a", .text = "x"}, {.name = "b", .text = "y", .gap = "PK\3\4gap"}},
     {0},
     MGK_ZIP_GAP | MGK_ZIP_HIDDEN_ENTRY},
    {"count too high", {{.name = "a", .text = "x"}}, {.count_lie = 1}, MGK_ZIP_END_MISMATCH},
    {"count too low",
     {{.name = "a", .text = "x"}, {.name = "b", .text = "x"}},
     {.count_lie = -1},
     MGK_ZIP_END_MISMATCH},
    {"local name", {{.name = "a", .text = "x", .local_name = "b"}}, {0}, MGK_ZIP_LOCAL_MISMATCH},
    {"local size", {{.name = "a", .text = "x", .local_size = 9}}, {0}, MGK_ZIP_LOCAL_MISMATCH},
    {"local crc", {{.name = "a", .text = "x", .local_crc = 9}}, {0}, MGK_ZIP_LOCAL_MISMATCH},
    {"method",
     {{.name = "a", .text = "x", .method = 8, .central_method = 12}},
     {0},
     MGK_ZIP_LOCAL_MISMATCH | MGK_ZIP_METHOD},
    {"bit 3 central size",
     {{.name = "a", .text = "xyz", .descriptor = TRUE, .central_size = 2}},
     {0},
     MGK_ZIP_DESCRIPTOR | MGK_ZIP_GAP},
    {"no descriptor", {{.name = "a", .text = "xyz", .no_descriptor = TRUE}}, {0}, MGK_ZIP_DESCRIPTOR},
    {"overlap",
     {{.name = "a", .text = "x"}, {.name = "a2", .text = "x", .lie_offset = TRUE}},
     {0},
     MGK_ZIP_LOCAL_MISMATCH | MGK_ZIP_OVERLAP | MGK_ZIP_GAP | MGK_ZIP_HIDDEN_ENTRY},
    {"duplicate", {{.name = "a", .text = "x"}, {.name = "a", .text = "y"}}, {0}, MGK_ZIP_DUPLICATE},
    {"case duplicate", {{.name = "a", .text = "x"}, {.name = "A", .text = "y"}}, {0}, MGK_ZIP_CASE_DUPLICATE},
    {"composition duplicate",
     {{.name = "\xc3\xa9", .text = "x", .flags = 0x800}, {.name = "e\xcc\x81", .text = "y", .flags = 0x800}},
     {0},
     MGK_ZIP_CASE_DUPLICATE},
    {"file and folder", {{.name = "a", .text = "x"}, {.name = "a/", .text = ""}}, {0}, MGK_ZIP_CASE_DUPLICATE},
    {"bit 11 without UTF-8",
     {{.name = "\x95\x5c.txt", .text = "x", .flags = 0x800}},
     {0},
     MGK_ZIP_NAME_ENCODING | MGK_ZIP_NAME_BACKSLASH},
    {"CP932 with backslash byte", {{.name = "\x95\x5c.txt", .text = "x"}}, {0}, MGK_ZIP_NAME_LEGACY},
    {"NUL", {{.name = "a.txt\0.exe", .name_size = 10, .text = "x"}}, {0}, MGK_ZIP_NAME_NUL},
    {"backslash", {{.name = "a\\b", .text = "x"}}, {0}, MGK_ZIP_NAME_BACKSLASH},
    {"percent", {{.name = "a%2fb", .text = "x"}}, {0}, MGK_ZIP_NAME_PERCENT},
    {"lone percent", {{.name = "100%.txt", .text = "x"}}, {0}, 0},
    {"bit 0", {{.name = "a", .text = "x", .flags = 1}}, {0}, MGK_ZIP_ENCRYPTED},
    {"bit 13", {{.name = "a", .text = "x", .flags = 0x2000}}, {0}, MGK_ZIP_ENCRYPTED},
    {"AES extra",
     {{.name = "a",
       .text = "x",
       .local_extra = LX("\x01\x99\x07\0\x02\0AE\3\0\0"),
       .extra = X("\x01\x99\x07\0\x02\0AE\3\0\0")}},
     {0},
     MGK_ZIP_ENCRYPTED},
    {"stale 0x7075", {{.name = "a", .text = "x", .extra = X("\x75\x70\x06\0\1\0\0\0\0b")}}, {0}, MGK_ZIP_NAME_CONFLICT},
    {"zip64 unasked",
     {{.name = "a", .text = "x", .extra = X("\1\0\x10\0\7\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0")}},
     {0},
     MGK_ZIP_ZIP64_ODD},
    {"zip64 same", {{.name = "a", .text = "x", .extra = X("\1\0\x10\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0")}}, {0}, 0},
    {"extra overrun", {{.name = "a", .text = "x", .extra = X("\1\0\x10\0\7\0")}}, {0}, MGK_ZIP_EXTRA},
    {"extra padding", {{.name = "a", .text = "x", .local_extra = LX("\0\0\0")}}, {0}, 0},
    {"zip64 reserved and zero",
     {{.name = "a", .text = "x", .local_extra = LX("\1\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")}},
     {0},
     0},
    {"bit 11 of an ASCII name", {{.name = "a", .text = "x", .flags = 0x2, .central_flags = 0x802}}, {0}, 0},
    {"bit 11 in one header",
     {{.name = "\xe8\xa1\xa8", .text = "x", .flags = 0x2, .central_flags = 0x802}},
     {0},
     MGK_ZIP_LOCAL_MISMATCH},
    {"piped file", {{.name = "-", .text = "x", .made_by = 3, .external = 0010600u << 16}}, {0}, 0},
    {"pipe", {{.name = "p", .made_by = 3, .external = 0010600u << 16}}, {0}, MGK_ZIP_LINK},
    {"symlink", {{.name = "a", .text = "/etc/passwd", .made_by = 3, .external = 0120777u << 16}}, {0}, MGK_ZIP_LINK},
    {"device", {{.name = "a", .text = "", .made_by = 3, .external = 0020666u << 16}}, {0}, MGK_ZIP_LINK},
};

START_TEST(test_zip_reader__anomalies)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Row *row = &rows[i];
        guint n = 0;
        while (n < G_N_ELEMENTS(row->entries) && row->entries[n].name)
            n++;
        g_autoptr(GByteArray) bytes = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(MgkZip) zip = open_forged(row->entries, n, &row->options, &bytes, &error);
        ck_assert_msg(zip != NULL, "%s: %s", row->what, error ? error->message : "");
        g_autofree char *got = mgk_zip_anomalies_text(mgk_zip_anomalies(zip));
        g_autofree char *want = mgk_zip_anomalies_text(row->want);
        ck_assert_msg(mgk_zip_anomalies(zip) == row->want, "%s: got %s want %s", row->what, got, want);
    }
}
END_TEST

START_TEST(test_zip_reader__names_are_decoded)
{
    static const struct {
        ForgeEntry entry;
        const char *want;
    } table[] = {
        {{.name = "\x95\x5c.txt"}, "表.txt"},
        {{.name = "\xe8\xa1\xa8.txt"}, "表.txt"},
        {{.name = "\xe8\xa1\xa8.txt", .flags = 0x800}, "表.txt"},
        {{.name = "\x81.txt"}, "ü.txt"},
        {{.name = "\xfa\x40.txt"}, "ⅰ.txt"},
        {{.name = "?.txt", .extra = X("\x75\x70\x0c\0\1\x10\x86\xc8\x46\xe8\xa1\xa8.txt")}, "表.txt"},
        {{.name = "dir", .external = 0x10}, "dir/"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) bytes = NULL;
        g_autoptr(MgkZip) zip = open_forged(&table[i].entry, 1, NULL, &bytes, NULL);
        ck_assert_ptr_nonnull(zip);
        ck_assert_str_eq(mgk_zip_entry(zip, 0)->name, table[i].want);
        ck_assert(!(mgk_zip_anomalies(zip) & MGK_ZIP_MISLEADING));
        ck_assert_ptr_eq(mgk_zip_find(zip, table[i].want), mgk_zip_entry(zip, 0));
    }
}
END_TEST

START_TEST(test_zip_reader__contents_are_verified)
{
    static const struct {
        const char *what;
        ForgeEntry entry;
        gboolean want;
    } table[] = {
        {"stored", {.name = "a", .text = "hello"}, TRUE},
        {"deflated", {.name = "a", .text = "hello hello hello hello", .method = 8}, TRUE},
        {"empty", {.name = "a", .text = ""}, TRUE},
        {"wrong crc", {.name = "a", .text = "hello", .central_crc = 1}, FALSE},
        {"wrong crc deflated", {.name = "a", .text = "hello", .method = 8, .central_crc = 1}, FALSE},
        {"too short", {.name = "a", .text = "hello hello", .method = 8, .central_size = 2}, FALSE},
        {"too long", {.name = "a", .text = "hello hello", .method = 8, .central_size = 99}, FALSE},
        {"impossible size", {.name = "a", .text = "hello hello", .method = 8, .central_size = 999999999}, FALSE},
        {"stored size", {.name = "a", .text = "hello hello", .central_size = 99}, FALSE},
        {"bytes after the stream", {.name = "a", .text = "hello hello", .method = 8, .after = "hidden"}, FALSE},
        {"cut off", {.name = "a", .text = "hello hello", .method = 8, .central_packed = 4, .local_packed = 4}, FALSE},
        {"encrypted", {.name = "a", .text = "hello hello", .flags = 1}, FALSE},
        {"method", {.name = "a", .text = "hello hello", .method = 12}, FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) bytes = NULL;
        g_autoptr(MgkZip) zip = open_forged(&table[i].entry, 1, NULL, &bytes, NULL);
        ck_assert_ptr_nonnull(zip);
        g_autoptr(GError) error = NULL, stream_error = NULL;
        g_autoptr(GBytes) whole = mgk_zip_entry_bytes(zip, mgk_zip_entry(zip, 0), 1 << 20, &error);
        ck_assert_msg((whole != NULL) == table[i].want && (error != NULL) == !table[i].want, "%s: whole %p (%s)",
                      table[i].what, (void *)whole, error ? error->message : "");
        g_autoptr(MgkZipStream) stream = mgk_zip_stream_new(zip, mgk_zip_entry(zip, 0), &stream_error);
        g_autoptr(GByteArray) pieces = g_byte_array_new();
        guint8 buffer[3];
        gsize n = 1;
        gboolean ok = stream != NULL;
        while (ok && n) {
            ok = mgk_zip_stream_read(stream, buffer, sizeof buffer, &n, &stream_error);
            if (ok)
                g_byte_array_append(pieces, buffer, (guint)n);
        }
        ck_assert_msg(ok == table[i].want, "%s: stream %d", table[i].what, ok);
        if (ok && pieces->len)
            ck_assert_mem_eq(pieces->data, g_bytes_get_data(whole, NULL), pieces->len);
    }
}
END_TEST

START_TEST(test_zip_reader__growth_is_bounded)
{
    const ForgeEntry bomb = {.name = "bomb", .repeat = 20 << 20, .method = 8};
    g_autoptr(GByteArray) bytes = forge_zip(&bomb, 1, NULL);
    static const struct {
        guint64 ratio, total;
        gsize max;
        const char *want;
    } table[] = {{1000, 100 << 20, 8 << 20, "size"},
                 {100, 100 << 20, 64 << 20, "ratio"},
                 {2000, 8 << 20, 64 << 20, "total_bytes"}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        MgkLimits limits;
        mgk_limits_init(&limits);
        limits.ratio = table[i].ratio;
        limits.total_bytes = table[i].total;
        g_autoptr(MgkZip) zip = mgk_zip_open(bytes->data, bytes->len, &limits, NULL);
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) whole = mgk_zip_entry_bytes(zip, mgk_zip_entry(zip, 0), table[i].max, &error);
        ck_assert_ptr_null(whole);
        ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT));
        ck_assert_msg(g_str_has_prefix(error->message, table[i].want), "got %s want %s", error->message, table[i].want);
    }
}
END_TEST

START_TEST(test_zip_reader__every_truncation_is_refused)
{
    const ForgeEntry entries[] = {{.name = "a", .text = "hello"},
                                  {.name = "b", .text = "world", .method = 8, .descriptor = TRUE}};
    g_autoptr(GByteArray) bytes = forge_zip(entries, 2, NULL);
    MgkLimits limits;
    mgk_limits_init(&limits);
    for (guint n = 0; n < bytes->len; n++) {
        g_autofree guint8 *exact = g_memdup2(bytes->data, n); /* so that a sanitizer sees one byte too far */
        g_autoptr(GError) error = NULL;
        g_autoptr(MgkZip) zip = mgk_zip_open(exact, n, &limits, &error);
        ck_assert_msg(zip == NULL && error != NULL, "%u bytes were taken for an archive", n);
    }
}
END_TEST

START_TEST(test_zip_reader__any_changed_byte_is_survived)
{
    const ForgeEntry entries[] = {{.name = "a", .text = "hello", .extra = X("\1\0\x08\0\7\0\0\0\0\0\0\0")},
                                  {.name = "b", .text = "world", .method = 8, .descriptor = TRUE}};
    g_autoptr(GByteArray) bytes = forge_zip(entries, 2, NULL);
    MgkLimits limits;
    mgk_limits_init(&limits);
    static const guint8 values[] = {0, 1, 0x7f, 0x80, 0xff};
    for (guint at = 0; at < bytes->len; at++) {
        for (guint v = 0; v < G_N_ELEMENTS(values); v++) {
            g_autofree guint8 *exact = g_memdup2(bytes->data, bytes->len);
            exact[at] = values[v];
            g_autoptr(MgkZip) zip = mgk_zip_open(exact, bytes->len, &limits, NULL);
            for (guint i = 0; zip && i < mgk_zip_count(zip); i++) {
                g_autoptr(GBytes) whole = mgk_zip_entry_bytes(zip, mgk_zip_entry(zip, i), 1 << 20, NULL);
                if (whole)
                    ck_assert_uint_eq(g_bytes_get_size(whole), 5);
            }
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("zip_reader");
    TCase *tc = tcase_create("zip_reader");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_zip_reader__anomalies);
    tcase_add_test(tc, test_zip_reader__names_are_decoded);
    tcase_add_test(tc, test_zip_reader__contents_are_verified);
    tcase_add_test(tc, test_zip_reader__growth_is_bounded);
    tcase_add_test(tc, test_zip_reader__every_truncation_is_refused);
    tcase_add_test(tc, test_zip_reader__any_changed_byte_is_survived);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
