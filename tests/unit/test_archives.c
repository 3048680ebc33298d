/* All archive formats but ZIP: made here by libarchive's own writers, cleaned, and the resulting ZIP read back. */
#include "engines/archive_out.h"
#include "engines/zip_reader.h"
#include "fake_job.h"
#include "zip_forge.h"

#include <archive.h>
#include <archive_entry.h>
#include <check.h>
#include <locale.h>

#define CANARY "CANARY-5e2a"
#define NONE MGK_N_KINDS
#define NO_REASON MGK_REASON_NONE

typedef int (*Setter)(struct archive *archive);

/* Every writer that libarchive has for what we read. */
static const struct {
    const char *name;
    Setter format, filter;
} writers[] = {{"a.7z", archive_write_set_format_7zip, NULL},
               {"a.tar", archive_write_set_format_ustar, NULL},
               {"a.tar", archive_write_set_format_gnutar, NULL},
               {"a.tar", archive_write_set_format_pax, NULL},
               {"a.tar", archive_write_set_format_v7tar, NULL},
               {"a.tar.gz", archive_write_set_format_pax, archive_write_add_filter_gzip},
               {"a.tgz", archive_write_set_format_ustar, archive_write_add_filter_gzip},
               {"a.tar.bz2", archive_write_set_format_pax, archive_write_add_filter_bzip2},
               {"a.tar.xz", archive_write_set_format_pax, archive_write_add_filter_xz},
               {"a.tar.lzma", archive_write_set_format_pax, archive_write_add_filter_lzma},
               {"a.tar.zst", archive_write_set_format_pax, archive_write_add_filter_zstd},
               {"a.tar.Z", archive_write_set_format_pax, archive_write_add_filter_compress},
               {"a.tar.lz", archive_write_set_format_pax, archive_write_add_filter_lzip},
               {"a.tar.lz4", archive_write_set_format_pax, archive_write_add_filter_lz4},
               {"a.cpio", archive_write_set_format_cpio, NULL},
               {"a.cpio", archive_write_set_format_cpio_newc, NULL},
               {"a.cpio", archive_write_set_format_cpio_bin, NULL}};

typedef struct Entry {
    const char *name, *text;
    gsize zeros; /* text is this many zero bytes instead */
    const char *symlink, *hardlink;
    mode_t type; /* 0: a file */
} Entry;

#define F(n, t) \
    { \
        .name = n, .text = t \
    }

static void write_entry(struct archive *archive, const Entry *e)
{
    struct archive_entry *entry = archive_entry_new();
    gsize size = e->zeros ? e->zeros : e->text ? strlen(e->text) : 0;
    g_autofree char *zeros = e->zeros ? g_malloc0(e->zeros) : NULL;
    archive_entry_set_pathname(entry, e->name);
    archive_entry_set_filetype(entry, e->symlink ? AE_IFLNK : e->type ? e->type : AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 1700000000, 0); /* 2023-11-15 07:13:20 in Japan */
    archive_entry_set_size(entry, (la_int64_t)size);
    if (e->symlink)
        archive_entry_set_symlink(entry, e->symlink);
    if (e->hardlink)
        archive_entry_set_hardlink(entry, e->hardlink);
    ck_assert_int_ge(archive_write_header(archive, entry), ARCHIVE_WARN);
    if (size && !e->hardlink)
        archive_write_data(archive, zeros ? zeros : e->text, size);
    archive_entry_free(entry);
}

static GByteArray *pack(Setter format, Setter filter, const Entry *entries, guint n)
{
    gsize room = 4u << 20, used = 0;
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_set_size(bytes, (guint)room);
    struct archive *archive = archive_write_new();
    format(archive);
    if (filter)
        filter(archive);
    ck_assert_int_eq(archive_write_open_memory(archive, bytes->data, room, &used), ARCHIVE_OK);
    for (guint i = 0; i < n && entries[i].name; i++)
        write_entry(archive, &entries[i]);
    ck_assert_int_eq(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    g_byte_array_set_size(bytes, (guint)used);
    return bytes;
}

static FakeRun *clean(const GByteArray *bytes, const char *name)
{
    FakeRun *run = fake_run_new();
    g_autoptr(GError) error = NULL;
    gboolean ok = fake_run_clean(run, bytes->data, bytes->len, name, MGK_FORMAT_ID_NONE, &error);
    ck_assert_msg(ok, "%s: %s", name, ok ? "" : error->message);
    return run;
}

/* "name=content;" of all members; ends the test when CANARY is anywhere. */
static char *told(const FakeRun *run)
{
    ck_assert_ptr_null(memmem(run->output->data, run->output->len, CANARY, strlen(CANARY)));
    GString *text = g_string_new(NULL);
    g_autoptr(MgkZip) zip = mgk_zip_open(run->output->data, run->output->len, &run->policy.limits, NULL);
    ck_assert_ptr_nonnull(zip);
    for (guint i = 0; i < mgk_zip_count(zip); i++) {
        MgkZipEntry *entry = mgk_zip_entry(zip, i);
        g_autoptr(GBytes) bytes = entry->directory ? NULL : mgk_zip_entry_bytes(zip, entry, 1 << 20, NULL);
        gsize size = 0;
        const char *data = bytes ? g_bytes_get_data(bytes, &size) : "";
        g_string_append_printf(text, "%s=%.*s;", entry->name, (int)size, data);
    }
    ck_assert_ptr_null(strstr(text->str, CANARY));
    return g_string_free(text, FALSE);
}

START_TEST(test_archives__every_format_becomes_zip)
{
    static const Entry entries[] = {
        {"d/", NULL, .type = AE_IFDIR}, F("d/a.txt", "hello"), F("表/ソ.txt", "日本語"), {.name = NULL}};
    g_autoptr(GByteArray) bytes = pack(writers[_i].format, writers[_i].filter, entries, G_N_ELEMENTS(entries));
    g_autoptr(FakeRun) run = clean(bytes, writers[_i].name);
    ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CONVERTED, "%s: %s", writers[_i].name, run->outcome.detail);
    ck_assert_int_eq(run->outcome.format, MGK_FORMAT_ID_zip);
    g_autofree char *text = told(run);
    ck_assert_msg(strstr(text, "d/a.txt=hello") != NULL, "%s: %s", writers[_i].name, text);
    ck_assert_msg(strstr(text, "表/ソ.txt=日本語") != NULL, "%s: %s", writers[_i].name, text);
    g_autoptr(MgkZip) zip = mgk_zip_open(run->output->data, run->output->len, &run->policy.limits, NULL);
    guint32 want = (43u << 9 | 11 << 5 | 15) << 16 | (7 << 11 | 13 << 5 | 10);
    ck_assert_uint_eq(mgk_zip_find(zip, "表/ソ.txt")->dos_time, want);
    g_autoptr(FakeRun) again = clean(run->output, "a.zip");
    ck_assert_uint_eq(again->output->len, run->output->len);
    ck_assert_mem_eq(again->output->data, run->output->data, run->output->len);
}
END_TEST

typedef struct Row {
    const char *what;
    Setter format;
    Entry entries[4];
    MgkVerdict verdict;
    MgkReason reason;
    MgkKind kind; /* that must be found, or NONE */
    const char *want;
} Row;

#define TAR archive_write_set_format_gnutar
#define CPIO archive_write_set_format_cpio_newc
#define SEVENZIP archive_write_set_format_7zip
#define OK MGK_VERDICT_CONVERTED, NO_REASON

static const Row rows[] = {
    {"traversal",
     TAR,
     {F("../../"
        "a.txt",
        "x")},
     OK,
     MGK_KIND_ARCHIVE_PATH,
     "a.txt=x;"},
    {"traversal in 7z", SEVENZIP, {F("../a.txt", "x")}, OK, MGK_KIND_ARCHIVE_PATH, "a.txt=x;"},
    {"traversal in cpio", CPIO, {F("d/../../a.txt", "x")}, OK, MGK_KIND_ARCHIVE_PATH, "d/a.txt=x;"},
    {"absolute", TAR, {F("/etc/a.txt", "x")}, OK, MGK_KIND_ARCHIVE_PATH, "etc/a.txt=x;"},
    {"drive", TAR, {F("C:\\w\\a.txt", "x")}, OK, MGK_KIND_ARCHIVE_PATH, "w/a.txt=x;"},
    {"network path", CPIO, {F("\\\\srv\\s\\a.txt", "x")}, OK, MGK_KIND_ARCHIVE_PATH, "srv/s/a.txt=x;"},
    {"reserved", TAR, {F("con/a.txt", "x")}, OK, MGK_KIND_ARCHIVE_NAME, "_con/a.txt=x;"},
    {"bidi", TAR, {F("d\xe2\x80\xaeg/a.txt", "x")}, OK, MGK_KIND_ARCHIVE_NAME, "dg/a.txt=x;"},
    {"symbolic link", TAR, {{"l", .symlink = "/etc/" CANARY}, F("a.txt", "x")}, OK, MGK_KIND_ARCHIVE_LINK, "a.txt=x;"},
    {"symbolic link in 7z",
     SEVENZIP,
     {{"l", .symlink = "/" CANARY}, F("a.txt", "x")},
     OK,
     MGK_KIND_ARCHIVE_LINK,
     "a.txt=x;"},
    {"symbolic link in cpio",
     CPIO,
     {{"l", .symlink = "/" CANARY}, F("a.txt", "x")},
     OK,
     MGK_KIND_ARCHIVE_LINK,
     "a.txt=x;"},
    {"through a link", TAR, {{"l", .symlink = "/etc"}, F("l/a.txt", "x")}, OK, MGK_KIND_ARCHIVE_LINK, "l/a.txt=x;"},
    {"hard link", TAR, {F("a.txt", "x"), {"b.txt", .hardlink = "/etc/" CANARY}}, OK, MGK_KIND_ARCHIVE_LINK, "a.txt=x;"},
    {"character device", TAR, {{"n.txt", .type = AE_IFCHR}, F("a.txt", "x")}, OK, MGK_KIND_ARCHIVE_LINK, "a.txt=x;"},
    {"block device", CPIO, {{"n.txt", .type = AE_IFBLK}, F("a.txt", "x")}, OK, MGK_KIND_ARCHIVE_LINK, "a.txt=x;"},
    {"pipe", TAR, {{"n.txt", .type = AE_IFIFO}, F("a.txt", "x")}, OK, MGK_KIND_ARCHIVE_LINK, "a.txt=x;"},
    {"only links",
     TAR,
     {{"l", .symlink = "/etc/" CANARY}},
     MGK_VERDICT_HELD,
     MGK_REASON_NOTHING_LEFT,
     MGK_KIND_ARCHIVE_LINK,
     NULL},
    {"duplicates",
     TAR,
     {F("a.txt", "x"), F("a.txt", "y"), F("A.TXT", "z")},
     OK,
     MGK_KIND_ARCHIVE_DUPLICATE,
     "a.txt=x;a (2).txt=y;A (3).txt=z;"},
    {"a script",
     SEVENZIP,
     {F("b.txt", "#!/bin/sh\necho " CANARY "\n"), F("a.txt", "x")},
     OK,
     MGK_KIND_MEMBER_NOT_CROSSED,
     NULL},
    {"CP932", TAR, {F("\x95\x5c/\x83\x5c.txt", "x")}, OK, NONE, "表/ソ.txt=x;"},
    {"CP932 and backslashes", CPIO, {F("\x95\x5c\\\x83\x5c.txt", "x")}, OK, NONE, "表/ソ.txt=x;"},
    {"EUC-JP", TAR, {F("\xb4\xc1\xbb\xfa\xa4\xce\xcc\xbe\xc1\xb0.txt", "x")}, OK, NONE, "漢字の名前.txt=x;"},
    {"UTF-8", TAR, {F("\xe8\xa1\xa8.txt", "x")}, OK, NONE, "表.txt=x;"},
    {"personal kanji", SEVENZIP, {F("\xef\xa8\x99.txt", "x")}, OK, NONE, "\xef\xa8\x99.txt=x;"},
    {"split kana", TAR, {F("\xe3\x81\x8b\xe3\x82\x99.txt", "x")}, OK, NONE, "が.txt=x;"},
    {"bomb", SEVENZIP, {{"a.txt", .zeros = 3u << 20}}, MGK_VERDICT_HELD, MGK_REASON_BOMB, MGK_KIND_ARCHIVE_BOMB, NULL},
};

START_TEST(test_archives__planted)
{
    const Row *row = &rows[_i];
    g_autoptr(GByteArray) bytes = pack(row->format, NULL, row->entries, G_N_ELEMENTS(row->entries));
    g_autoptr(FakeRun) run = clean(bytes, row->format == SEVENZIP ? "a.7z" : row->format == TAR ? "a.tar" : "a.cpio");
    ck_assert_msg(run->outcome.verdict == row->verdict, "%s: %s", row->what, run->outcome.detail);
    ck_assert_msg(run->outcome.reason == row->reason, "%s: %s", row->what, mgk_reason_name(run->outcome.reason));
    if (row->kind != NONE)
        ck_assert_msg(fake_run_found(run, row->kind), "%s: no finding", row->what);
    if (row->verdict != MGK_VERDICT_CONVERTED)
        return;
    g_autofree char *text = told(run);
    if (row->want)
        ck_assert_msg(strcmp(text, row->want) == 0, "%s: got %s, want %s", row->what, text, row->want);
}
END_TEST

/* A header whose checksum is right, and nothing else: libarchive's reader does not take it for a tar. */
START_TEST(test_archives__checksum_alone_is_held)
{
    guint sum = 0;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_set_size(bytes, 512);
    for (guint i = 0; i < 512; i++)
        bytes->data[i] = (guint8)(i * 7 + 1);
    memset(bytes->data + 148, ' ', 8);
    for (guint i = 0; i < 512; i++)
        sum += bytes->data[i];
    g_snprintf((char *)bytes->data + 148, 7, "%06o", sum);
    g_autoptr(FakeRun) run = clean(bytes, "a.tar");
    ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_HELD);
    ck_assert_int_eq(run->outcome.reason, MGK_REASON_MALFORMED);
}
END_TEST

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8"); /* libarchive's writers turn names into UTF-16 by it */
    Suite *suite = suite_create("archives");
    TCase *tc = tcase_create("archives");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_archives__every_format_becomes_zip, 0, G_N_ELEMENTS(writers));
    tcase_add_loop_test(tc, test_archives__planted, 0, G_N_ELEMENTS(rows));
    tcase_add_test(tc, test_archives__checksum_alone_is_held);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
