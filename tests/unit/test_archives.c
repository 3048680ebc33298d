/* All archive formats but ZIP: made here by libarchive's own writers, cleaned, and the resulting ZIP read back. */
#include "engines/detect.h"
#include "engines/zip_reader.h"
#include "fake_job.h"
#include "lzh_forge.h"

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

static void ignore_finding(MgkJob *job, MgkKind kind, MgkAction action, const char *where, const char *detail)
{
    (void)job, (void)kind, (void)action, (void)where, (void)detail;
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

static FakeRun *judge(const GByteArray *bytes, const char *name, const char *what, MgkVerdict verdict, MgkReason reason,
                      MgkKind kind)
{
    FakeRun *run = clean(bytes, name);
    ck_assert_msg(run->outcome.verdict == verdict, "%s: %s", what, run->outcome.detail);
    ck_assert_msg(run->outcome.reason == reason, "%s: %s", what, mgk_reason_name(run->outcome.reason));
    ck_assert_msg(kind == NONE || fake_run_found(run, kind), "%s: no finding", what);
    return run;
}

static void demand(const FakeRun *run, const char *what, const char *want)
{
    if (!want)
        return;
    g_autofree char *text = told(run);
    ck_assert_msg(strcmp(text, want) == 0, "%s: got %s, want %s", what, text, want);
}

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
    const char *name = row->format == SEVENZIP ? "a.7z" : row->format == TAR ? "a.tar" : "a.cpio";
    g_autoptr(FakeRun) run = judge(bytes, name, row->what, row->verdict, row->reason, row->kind);
    demand(run, row->what, row->want);
}
END_TEST

#define HELD(why) MGK_VERDICT_HELD, MGK_REASON_##why
/* "AAAA" by -lh5-: one block of four symbols, each of whose trees has one leaf */
#define LH5_AAAA "\0\4\0\0\4\x10\0\0\0"

static const struct {
    const char *what;
    ForgeLzh entries[3];
    MgkVerdict verdict;
    MgkReason reason;
    MgkKind kind;
    const char *want;
} lzh_rows[] = {
    {"level 0", {{.name = "a.txt", .packed = "x"}}, OK, NONE, "a.txt=x;"},
    {"level 1", {{.level = 1, .name = "a.txt", .folder = "d\xff", .packed = "x"}}, OK, NONE, "d/a.txt=x;"},
    {"level 2", {{.level = 2, .name = "a.txt", .folder = "d\xff", .packed = "x"}}, OK, NONE, "d/a.txt=x;"},
    {"level 3", {{.level = 3, .name = "a.txt", .folder = "d\xff", .packed = "x"}}, OK, NONE, "d/a.txt=x;"},
    {"levels mixed",
     {{.name = "a.txt", .packed = "x"}, {.level = 2, .name = "b.txt", .packed = "y"}},
     OK,
     NONE,
     "a.txt=x;b.txt=y;"},
    {"-lh5-",
     {{.name = "a.txt", .method = "-lh5-", .packed = LH5_AAAA, .packed_size = 9, .size = 4, .crc = 0x48b4}},
     OK,
     NONE,
     "a.txt=AAAA;"},
    {"folder",
     {{.level = 2, .method = "-lhd-", .folder = "d\xff"}, {.level = 2, .name = "a.txt", .packed = "x"}},
     OK,
     NONE,
     "d/=;a.txt=x;"},
    {"folder without a name",
     {{.level = 0, .method = "-lhd-", .name = ""}, {.name = "a.txt", .packed = "x"}},
     OK,
     NONE,
     "a.txt=x;"},
    {"CP932, second byte a backslash", {{.name = "\x95\x5c\\\x83\x5c.txt", .packed = "x"}}, OK, NONE, "表/ソ.txt=x;"},
    {"CP932 folder",
     {{.level = 2, .name = "\x83\x5c.txt", .folder = "\x95\x5c\xff", .packed = "x"}},
     OK,
     NONE,
     "表/ソ.txt=x;"},
    {"UTF-16 name", {{.level = 2, .name = "_.txt", .wide = "髙﨑.txt", .packed = "x"}}, OK, NONE, "髙﨑.txt=x;"},
    {"traversal", {{.name = "..\\..\\a.txt", .packed = "x"}}, OK, MGK_KIND_ARCHIVE_PATH, "a.txt=x;"},
    {"traversal by folder",
     {{.level = 2, .name = "a.txt", .folder = "..\xff..\xff", .packed = "x"}},
     OK,
     MGK_KIND_ARCHIVE_PATH,
     "a.txt=x;"},
    {"drive", {{.name = "C:\\w\\a.txt", .packed = "x"}}, OK, MGK_KIND_ARCHIVE_PATH, "w/a.txt=x;"},
    {"link",
     {{.level = 2, .method = "-lhd-", .name = "l|/etc/" CANARY, .mode = 0120777},
      {.level = 2, .name = "a.txt", .packed = "x"}},
     OK,
     MGK_KIND_ARCHIVE_LINK,
     "a.txt=x;"},
    {"device",
     {{.level = 1, .name = "n.txt", .mode = 0020666}, {.name = "a.txt", .packed = "x"}},
     OK,
     MGK_KIND_ARCHIVE_LINK,
     "a.txt=x;"},
    {"duplicate",
     {{.name = "a.txt", .packed = "x"}, {.name = "a.txt", .packed = "y"}},
     OK,
     MGK_KIND_ARCHIVE_DUPLICATE,
     "a.txt=x;a (2).txt=y;"},
    {"two names", {{.level = 2, .name = "a.txt", .twice = "b.exe", .packed = "x"}}, HELD(MALFORMED), NONE, NULL},
    {"two names, level 1",
     {{.level = 1, .name = "a.txt", .twice = "b.exe", .packed = "x"}},
     HELD(MALFORMED),
     NONE,
     NULL},
    {"wrong sum", {{.name = "a.txt", .packed = "x", .bad_sum = TRUE}}, HELD(MALFORMED), NONE, NULL},
    {"wrong CRC",
     {{.name = "a.txt", .packed = CANARY, .crc = 1}, {.name = "b.txt", .packed = "y"}},
     OK,
     MGK_KIND_ARCHIVE_DAMAGED,
     NULL},
    {"unknown method",
     {{.name = "a.txt", .method = "-lh9-", .packed = CANARY}, {.name = "b.txt", .packed = "y"}},
     OK,
     MGK_KIND_ARCHIVE_DAMAGED,
     NULL},
    {"declares more",
     {{.name = "a.txt", .packed = CANARY, .size = 1 << 30}, {.name = "b.txt", .packed = "y"}},
     OK,
     MGK_KIND_ARCHIVE_DAMAGED,
     NULL},
};

START_TEST(test_archives__lzh)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (guint i = 0; i < G_N_ELEMENTS(lzh_rows[_i].entries); i++) {
        const ForgeLzh *e = &lzh_rows[_i].entries[i];
        if (e->name || e->folder)
            forge_lzh(bytes, e);
    }
    forge_u8(bytes, 0);
    const char *what = lzh_rows[_i].what;
    g_autoptr(FakeRun) run = judge(bytes, "a.lzh", what, lzh_rows[_i].verdict, lzh_rows[_i].reason, lzh_rows[_i].kind);
    if (run->outcome.verdict == MGK_VERDICT_CONVERTED) {
        g_autofree char *text = told(run);
        ck_assert_ptr_null(strstr(text, CANARY));
        demand(run, what, lzh_rows[_i].want);
    }
    for (guint cut = 1; cut + 1 < bytes->len; cut++) { /* whatever is cut off, nothing is read behind the end */
        g_autoptr(GByteArray) part = g_byte_array_new();
        g_byte_array_append(part, bytes->data, cut);
        g_autoptr(FakeRun) ignored = fake_run_new();
        fake_run_clean(ignored, part->data, part->len, "a.lzh", MGK_FORMAT_ID_lzh, NULL);
    }
}
END_TEST

static const ForgeRar plain[] = {{"d\\a.txt", "x", 0}, {"\x95\x5c.txt", "y", 0}};
static const ForgeRar wide[] = {{"d/a.txt", "x", 0}, {"表.txt", "y", 0}};
static const ForgeRar hidden[] = {{"a.txt", CANARY, 4}};
static const ForgeRar half[] = {{"a.txt", CANARY, 4}, {"b.txt", "y", 0}};
static const ForgeRar climbing[] = {{"..\\a.txt", "x", 0}, {"C:\\b.txt", "y", 0}};
static const ForgeRar climbing_5[] = {{"../a.txt", "x", 0}, {"/b.txt", "y", 0}};
static const ForgeRar marked[] = {{"\xe8\xa1\xa8.txt", "x", 0xa0}};

enum { RAR4, RAR5, CAB };

static const struct {
    const char *what;
    guint maker;
    const ForgeRar *files;
    guint n, flags;
    const char *trailer;
    MgkVerdict verdict;
    MgkReason reason;
    MgkKind kind;
    const char *want;
} rar_rows[] = {
    {"RAR 4", RAR4, plain, 2, 0, NULL, OK, NONE, "d/a.txt=x;表.txt=y;"},
    {"RAR 5", RAR5, wide, 2, 0, NULL, OK, NONE, "d/a.txt=x;表.txt=y;"},
    {"cabinet", CAB, plain, 2, 0, NULL, OK, NONE, "d/a.txt=x;表.txt=y;"},
    {"cabinet, UTF-8", CAB, marked, 1, 0, NULL, OK, NONE, "表.txt=x;"},
    {"RAR 4, traversal", RAR4, climbing, 2, 0, NULL, OK, MGK_KIND_ARCHIVE_PATH, "a.txt=x;b.txt=y;"},
    {"RAR 5, traversal", RAR5, climbing_5, 2, 0, NULL, OK, MGK_KIND_ARCHIVE_PATH, "a.txt=x;b.txt=y;"},
    {"cabinet, traversal", CAB, climbing, 2, 0, NULL, OK, MGK_KIND_ARCHIVE_PATH, "a.txt=x;b.txt=y;"},
    {"RAR 4, volume", RAR4, plain, 2, 1, NULL, HELD(UNSUPPORTED_FEATURE), NONE, NULL},
    {"RAR 5, volume", RAR5, wide, 2, 1, NULL, HELD(UNSUPPORTED_FEATURE), NONE, NULL},
    {"cabinet goes on", CAB, plain, 2, 2, NULL, HELD(UNSUPPORTED_FEATURE), NONE, NULL},
    {"cabinet, a block that lies", CAB, plain, 2, 0x100, NULL, HELD(MALFORMED), NONE, NULL},
    {"RAR 4, hidden headers", RAR4, plain, 2, 0x80, NULL, HELD(ENCRYPTED_UNSUPPORTED), MGK_KIND_ARCHIVE_ENCRYPTED,
     NULL},
    {"RAR 5, hidden headers", RAR5, wide, 2, 0x400, NULL, HELD(ENCRYPTED_UNSUPPORTED), MGK_KIND_ARCHIVE_ENCRYPTED,
     NULL},
    {"RAR 4, encrypted", RAR4, hidden, 1, 0, NULL, HELD(ENCRYPTED_UNSUPPORTED), MGK_KIND_ARCHIVE_ENCRYPTED, NULL},
    {"RAR 4, half encrypted", RAR4, half, 2, 0, NULL, OK, MGK_KIND_ARCHIVE_ENCRYPTED,
     "a.txt.無害化保留.txt=notice\r\n;b.txt=y;"},
    {"RAR 4 and ZIP", RAR4, plain, 2, 0, "PK\5\6", HELD(AMBIGUOUS), MGK_KIND_ARCHIVE_AMBIGUOUS, NULL},
    {"cabinet, trailer", CAB, plain, 2, 0, CANARY, OK, MGK_KIND_TRAILING_DATA, "d/a.txt=x;表.txt=y;"},
};

START_TEST(test_archives__rar_and_cabinets)
{
    guint maker = rar_rows[_i].maker, n = rar_rows[_i].n, flags = rar_rows[_i].flags;
    const ForgeRar *files = rar_rows[_i].files;
    g_autoptr(GByteArray) bytes = maker == RAR4   ? forge_rar4(files, n, flags)
                                  : maker == RAR5 ? forge_rar5(files, n, flags == 0x400 ? 4 : 1, flags & 0xff)
                                                  : forge_cab(files, n, flags);
    forge_text(bytes, rar_rows[_i].trailer);
    if (rar_rows[_i].reason == MGK_REASON_AMBIGUOUS)
        forge_bytes(bytes, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18);
    g_autoptr(FakeRun) run = judge(bytes, maker == CAB ? "a.cab" : "a.rar", rar_rows[_i].what, rar_rows[_i].verdict,
                                   rar_rows[_i].reason, rar_rows[_i].kind);
    demand(run, rar_rows[_i].what, rar_rows[_i].want);
}
END_TEST

/* By policy only; then Joliet's names, and no link. */
START_TEST(test_archives__images_of_disks)
{
    static const Entry entries[] = {F("資料/ソ.txt", "x"), {.name = "l", .symlink = "/etc/" CANARY}, {.name = NULL}};
    g_autoptr(GByteArray) bytes = pack(archive_write_set_format_iso9660, NULL, entries, G_N_ELEMENTS(entries));
    g_autoptr(FakeRun) blocked = clean(bytes, "a.iso");
    ck_assert_int_eq(blocked->outcome.verdict, MGK_VERDICT_BLOCKED);
    ck_assert_int_eq(blocked->outcome.reason, MGK_REASON_DANGEROUS_FORMAT);
    g_autoptr(FakeRun) run = fake_run_new();
    run->policy.actions[MGK_KIND_ARCHIVE_IMAGE] = MGK_ACTION_REPLACE;
    ck_assert(fake_run_clean(run, bytes->data, bytes->len, "a.iso", MGK_FORMAT_ID_NONE, NULL));
    ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CONVERTED, "%s", run->outcome.detail);
    ck_assert(fake_run_found(run, MGK_KIND_ARCHIVE_LINK));
    g_autofree char *text = told(run);
    ck_assert_ptr_nonnull(strstr(text, "資料/ソ.txt=x;"));
    memcpy(bytes->data + 0x8000 + 10 * 2048 + 1, "NSR02", 5);
    g_autoptr(FakeRun) twin = fake_run_new();
    twin->policy.actions[MGK_KIND_ARCHIVE_IMAGE] = MGK_ACTION_REPLACE;
    ck_assert(fake_run_clean(twin, bytes->data, bytes->len, "a.iso", MGK_FORMAT_ID_NONE, NULL));
    ck_assert_int_eq(twin->outcome.reason, MGK_REASON_AMBIGUOUS);
}
END_TEST

/* A name that a double click obeys is let through for an image alone, and only when the policy opens images. */
START_TEST(test_archives__the_name_iso)
{
    static const struct {
        const char *name;
        MgkFormatId format;
        MgkAction action;
        gboolean passes;
    } table[] = {{"a.iso", MGK_FORMAT_ID_iso, MGK_ACTION_REPLACE, TRUE},
                 {"a.iso", MGK_FORMAT_ID_iso, MGK_ACTION_BLOCK, FALSE},
                 {"a.iso", MGK_FORMAT_ID_text, MGK_ACTION_REPLACE, FALSE},
                 {"a.exe", MGK_FORMAT_ID_iso, MGK_ACTION_REPLACE, FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        MgkPolicy policy;
        mgk_policy_init(&policy);
        policy.actions[MGK_KIND_ARCHIVE_IMAGE] = (guint8)table[i].action;
        MgkJob job = {.name = table[i].name, .policy = &policy, .format = table[i].format, .find = ignore_finding};
        gboolean passes = mgk_detect_apply_name(&job, NULL);
        ck_assert_msg(passes == table[i].passes, "%s, row %u", table[i].name, i);
    }
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
    tcase_add_loop_test(tc, test_archives__lzh, 0, G_N_ELEMENTS(lzh_rows));
    tcase_add_loop_test(tc, test_archives__rar_and_cabinets, 0, G_N_ELEMENTS(rar_rows));
    tcase_add_test(tc, test_archives__images_of_disks);
    tcase_add_test(tc, test_archives__the_name_iso);
    tcase_add_test(tc, test_archives__checksum_alone_is_held);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
