#include "engines/zip_reader.h"
#include "fake_job.h"
#include "zip_forge.h"

#include <check.h>

#define CANARY "CANARY-7b1f"
#define X(s) (s), .extra_size = sizeof(s) - 1
#define LX(s) (s), .local_extra_size = sizeof(s) - 1
#define NONE MGK_N_KINDS

typedef struct Row {
    const char *what;
    ForgeEntry entries[4];
    ForgeOptions options;
    MgkVerdict verdict;
    MgkReason reason;
    MgkKind kind;         /* that must be found, or NONE */
    const char *names[4]; /* exact names of the output, in order */
} Row;

#define CLEANED MGK_VERDICT_CLEANED, MGK_REASON_NONE
#define HELD(why) MGK_VERDICT_HELD, MGK_REASON_##why
#define AMBIGUOUS \
    HELD(AMBIGUOUS), MGK_KIND_ARCHIVE_AMBIGUOUS, \
    { \
        0 \
    }
#define MALFORMED \
    HELD(MALFORMED), NONE, \
    { \
        0 \
    }

static const Row rows[] = {
    /* what is ordinary stays */
    {"plain", {{.name = "a.txt", .text = "hello"}}, {0}, CLEANED, NONE, {"a.txt"}},
    {"tree",
     {{.name = "d/"}, {.name = "d/e/a.txt", .text = "hello", .method = 8}, {.name = "b.txt", .text = "x"}},
     {0},
     CLEANED,
     NONE,
     {"d/", "d/e/a.txt", "b.txt"}},
    {"descriptors",
     {{.name = "a.txt", .text = "hello", .method = 8, .descriptor = TRUE}},
     {0},
     CLEANED,
     NONE,
     {"a.txt"}},
    {"CP932, second byte a backslash",
     {{.name = "\x95\x5c/\x83\x5c.txt", .text = "x"}},
     {0},
     CLEANED,
     NONE,
     {"表/ソ.txt"}},
    {"UTF-8 without bit 11", {{.name = "\xe8\xa1\xa8.txt", .text = "x"}}, {0}, CLEANED, NONE, {"表.txt"}},
    {"UTF-8 by bit 11",
     {{.name = "\xef\xa8\x99.txt", .text = "x", .flags = 0x800}},
     {0},
     CLEANED,
     NONE,
     {"\xef\xa8\x99.txt"}},
    {"split kana of macOS",
     {{.name = "\xe3\x81\x8b\xe3\x82\x99.txt", .text = "x", .flags = 0x800}},
     {0},
     CLEANED,
     NONE,
     {"が.txt"}},
    {"empty text", {{.name = "a.txt"}, {.name = "b.txt", .text = "x"}}, {0}, CLEANED, NONE, {"a.txt", "b.txt"}},

    /* what no entry covers goes */
    {"prefix", {{.name = "a.txt", .text = "x"}}, {.prefix = CANARY}, CLEANED, MGK_KIND_TRAILING_DATA, {"a.txt"}},
    {"uncounted prefix",
     {{.name = "a.txt", .text = "x"}},
     {.prefix = CANARY, .offsets_without_prefix = TRUE},
     CLEANED,
     MGK_KIND_TRAILING_DATA,
     {"a.txt"}},
    {"trailer", {{.name = "a.txt", .text = "x"}}, {.trailer = CANARY}, CLEANED, MGK_KIND_TRAILING_DATA, {"a.txt"}},
    {"gap",
     {{.name = "a.txt", .text = "x"}, {.name = "b.txt", .text = "x", .gap = CANARY}},
     {0},
     CLEANED,
     MGK_KIND_TRAILING_DATA,
     {"a.txt", "b.txt"}},
    {"gap before the directory",
     {{.name = "a.txt", .text = "x"}},
     {.before_directory = CANARY},
     CLEANED,
     MGK_KIND_TRAILING_DATA,
     {"a.txt"}},
    {"gap before the end",
     {{.name = "a.txt", .text = "x"}},
     {.before_end = CANARY},
     CLEANED,
     MGK_KIND_TRAILING_DATA,
     {"a.txt"}},
    {"comment", {{.name = "a.txt", .text = "x"}}, {.comment = CANARY}, CLEANED, MGK_KIND_ARCHIVE_COMMENT, {"a.txt"}},
    {"entry comment",
     {{.name = "a.txt", .text = "x", .comment = CANARY}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_COMMENT,
     {"a.txt"}},
    {"extra fields",
     {{.name = "a.txt", .text = "x", .extra = X("\xfe\xca\x0b\0" CANARY)}},
     {0},
     CLEANED,
     NONE,
     {"a.txt"}},
    {"symbolic link",
     {{.name = "l", .text = "/etc/" CANARY, .made_by = 3, .external = 0120777u << 16}, {.name = "a.txt", .text = "x"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_LINK,
     {"a.txt"}},
    {"link by another maker",
     {{.name = "l", .text = "/etc/" CANARY, .made_by = 0, .external = 0120777u << 16}, {.name = "a.txt", .text = "x"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_LINK,
     {"a.txt"}},
    {"device",
     {{.name = "l", .made_by = 3, .external = 0060666u << 16}, {.name = "a.txt", .text = "x"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_LINK,
     {"a.txt"}},
    {"reparse point",
     {{.name = "l", .external = 0x400}, {.name = "a.txt", .text = "x"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_LINK,
     {"a.txt"}},

    /* names are made safe */
    {"traversal", {{.name = "../../a.txt", .text = "x"}}, {0}, CLEANED, MGK_KIND_ARCHIVE_PATH, {"a.txt"}},
    {"traversal by backslash",
     {{.name = "d\\..\\..\\a.txt", .text = "x"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_PATH,
     {"d/a.txt"}},
    {"absolute", {{.name = "/etc/a.txt", .text = "x"}}, {0}, CLEANED, MGK_KIND_ARCHIVE_PATH, {"etc/a.txt"}},
    {"drive", {{.name = "C:\\w\\a.txt", .text = "x"}}, {0}, CLEANED, MGK_KIND_ARCHIVE_PATH, {"w/a.txt"}},
    {"network path",
     {{.name = "\\\\server\\share\\a.txt", .text = "x"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_PATH,
     {"server/share/a.txt"}},
    {"reserved", {{.name = "con/a.txt", .text = "x"}}, {0}, CLEANED, MGK_KIND_ARCHIVE_NAME, {"_con/a.txt"}},
    {"trailing dot of a folder",
     {{.name = "d. /a.txt", .text = "x"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_NAME,
     {"d/a.txt"}},
    {"bidi control in a folder",
     {{.name = "d\xe2\x80\xaeg/a.txt", .text = "x", .flags = 0x800}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_NAME,
     {"dg/a.txt"}},
    {"duplicate",
     {{.name = "a.txt", .text = "x"}, {.name = "a.txt", .text = "y"}, {.name = "a.txt", .text = "z"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_DUPLICATE,
     {"a.txt", "a (2).txt", "a (3).txt"}},
    {"case duplicate",
     {{.name = "a.txt", .text = "x"}, {.name = "A.txt", .text = "y"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_DUPLICATE,
     {"a.txt", "A (2).txt"}},
    {"meeting after cleaning",
     {{.name = "a.txt", .text = "x"}, {.name = "../a.txt", .text = "y"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_DUPLICATE,
     {"a.txt", "a (2).txt"}},
    {"file, then folder of its name",
     {{.name = "a.txt", .text = "x"}, {.name = "a.txt/b.txt", .text = "y"}, {.name = "A.TXT/c.txt", .text = "y"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_DUPLICATE,
     {"a.txt", "a (2).txt/b.txt", "a (2).txt/c.txt"}},
    {"folders in two cases",
     {{.name = "D/a.txt", .text = "x"}, {.name = "d/b.txt", .text = "y"}},
     {0},
     CLEANED,
     NONE,
     {"D/a.txt", "D/b.txt"}},

    /* readers would differ */
    {"two end records",
     {{.name = "a.txt", .text = "x"}},
     {.comment = "PK\5\6"
                 "12345678901234567890" CANARY,
      .comment_size = 24 + 11},
     AMBIGUOUS},
    {"end record in front",
     {{.name = "a.txt", .text = "x"}},
     {.prefix = "PK\5\6"
                "123456789012345678"},
     AMBIGUOUS},
    {"local name", {{.name = "a.txt", .text = CANARY, .local_name = "a.exe"}}, {0}, AMBIGUOUS},
    {"local size", {{.name = "a.txt", .text = CANARY, .local_size = 1}}, {0}, AMBIGUOUS},
    {"local packed size", {{.name = "a.txt", .text = CANARY, .local_packed = 1}}, {0}, AMBIGUOUS},
    {"local checksum", {{.name = "a.txt", .text = CANARY, .local_crc = 1}}, {0}, AMBIGUOUS},
    {"local method", {{.name = "a.txt", .text = CANARY, .method = 8, .central_method = 12}}, {0}, AMBIGUOUS},
    {"AES in one header only",
     {{.name = "a.txt", .text = CANARY, .extra = X("\x01\x99\x07\0\x02\0AE\3\0\0")}, {.name = "b.txt", .text = "x"}},
     {0},
     AMBIGUOUS},
    {"AES without bit 0",
     {{.name = "a.txt",
       .text = CANARY,
       .extra = X("\x01\x99\x07\0\x02\0AE\3\0\0"),
       .local_extra = LX("\x01\x99\x07\0\x02\0AE\3\0\0")},
      {.name = "b.txt", .text = "x"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_ENCRYPTED,
     {"a.txt.無害化保留.txt", "b.txt"}},
    {"local encryption bit", {{.name = "a.txt", .text = CANARY, .flags = 1, .central_flags = 2}}, {0}, AMBIGUOUS},
    {"bit 3 size", {{.name = "a.txt", .text = CANARY, .descriptor = TRUE, .central_size = 3}}, {0}, AMBIGUOUS},
    {"bit 3 without descriptor", {{.name = "a.txt", .text = CANARY, .no_descriptor = TRUE}}, {0}, AMBIGUOUS},
    {"overlap",
     {{.name = "a.txt", .text = CANARY}, {.name = "b.txt", .text = "x", .lie_offset = TRUE}},
     {0},
     AMBIGUOUS},
    {"hidden entry in a gap",
     {{.name = "a.txt", .text = "x"}, {.name = "b.txt", .text = "x", .gap = "PK\3\4" CANARY}},
     {0},
     AMBIGUOUS},
    {"hidden entry in the trailer", {{.name = "a.txt", .text = "x"}}, {.trailer = "PK\3\4" CANARY}, AMBIGUOUS},
    {"count too low",
     {{.name = "a.txt", .text = CANARY}, {.name = "b.txt", .text = "x"}},
     {.count_lie = -1},
     AMBIGUOUS},
    {"count too high", {{.name = "a.txt", .text = CANARY}}, {.count_lie = 1}, AMBIGUOUS},
    {"stale unicode path",
     {{.name = "a.txt", .text = CANARY, .extra = X("\x75\x70\x0a\0\1\0\0\0\0b.exe")}},
     {0},
     AMBIGUOUS},
    {"unicode path of another name",
     {{.name = "?.txt", .text = CANARY, .extra = X("\x75\x70\x0c\0\1\x10\x86\xc8\x46\xe8\xa1\xa8.exe")}},
     {0},
     AMBIGUOUS},
    {"unicode path in one header only",
     {{.name = "?.txt", .text = CANARY, .local_extra = LX("\x75\x70\x0c\0\1\x10\x86\xc8\x46\xe8\xa1\xa8.exe")}},
     {0},
     AMBIGUOUS},
    {"bit 11 over CP932", {{.name = "\x95\x5c.txt", .text = CANARY, .flags = 0x800}}, {0}, AMBIGUOUS},
    {"NUL in a name", {{.name = "a.txt\0.exe", .name_size = 10, .text = CANARY}}, {0}, AMBIGUOUS},
    {"no name", {{.name = "\0", .name_size = 1, .text = CANARY}}, {0}, AMBIGUOUS},
    {"zip64 unasked",
     {{.name = "a.txt", .text = CANARY, .extra = X("\1\0\x10\0\7\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0")}},
     {0},
     AMBIGUOUS},
    {"zip64 missing",
     {{.name = "a.txt", .text = CANARY, .central_size = G_MAXUINT32 - 1, .local_size = 9}},
     {0},
     AMBIGUOUS},
    {"extra overrun", {{.name = "a.txt", .text = CANARY, .extra = X("\1\0\x10\0\7\0")}}, {0}, AMBIGUOUS},
    {"two unicode paths",
     {{.name = "a.txt", .text = CANARY, .extra = X("\x75\x70\1\0\1\x75\x70\1\0\1")}},
     {0},
     AMBIGUOUS},

    /* cannot be read */
    {"no end record", {{.name = "a.txt", .text = CANARY}}, {.no_end = TRUE}, MALFORMED},
    {"packed size beyond", {{.name = "a.txt", .text = CANARY, .central_packed = 99999}}, {0}, MALFORMED},
    {"offset beyond",
     {{.name = "a.txt", .text = CANARY, .lie_offset = TRUE, .central_offset = 0x7fffffff}},
     {0},
     MALFORMED},
    {"offset at no header",
     {{.name = "a.txt", .text = CANARY, .lie_offset = TRUE, .central_offset = 1}},
     {0},
     MALFORMED},
    {"no entries", {{0}}, {0}, HELD(EMPTY), NONE, {0}},
    {"all encrypted",
     {{.name = "a.txt", .text = CANARY, .flags = 1}},
     {0},
     HELD(ENCRYPTED),
     MGK_KIND_ARCHIVE_ENCRYPTED,
     {0}},
    {"all masked",
     {{.name = "a.txt", .text = CANARY, .flags = 0x2001}},
     {0},
     HELD(ENCRYPTED),
     MGK_KIND_ARCHIVE_ENCRYPTED,
     {0}},

    /* a member stays behind, the rest crosses */
    {"one encrypted",
     {{.name = "a.txt", .text = CANARY, .flags = 1}, {.name = "b.txt", .text = "x"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_ENCRYPTED,
     {"a.txt.無害化保留.txt", "b.txt"}},
    {"one by AES",
     {{.name = "a.txt",
       .text = CANARY,
       .flags = 1,
       .local_extra = LX("\x01\x99\x07\0\x02\0AE\3\0\0"),
       .extra = X("\x01\x99\x07\0\x02\0AE\3\0\0")},
      {.name = "b.txt", .text = "x"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_ENCRYPTED,
     {"a.txt.無害化保留.txt", "b.txt"}},
    {"unknown method",
     {{.name = "a.txt", .text = CANARY, .method = 77}, {.name = "b.txt", .text = "x"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_DAMAGED,
     {"a.txt.無害化保留.txt", "b.txt"}},
    {"wrong checksum",
     {{.name = "a.txt", .text = CANARY, .central_crc = 1, .local_crc = 1}, {.name = "b.txt", .text = "x"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_DAMAGED,
     {"a.txt.無害化保留.txt", "b.txt"}},
    {"bytes after the stream",
     {{.name = "a.txt", .text = "hello hello", .method = 8, .after = CANARY}, {.name = "b.txt", .text = "x"}},
     {0},
     CLEANED,
     MGK_KIND_ARCHIVE_DAMAGED,
     {"a.txt.無害化保留.txt", "b.txt"}},
    {"program",
     {{.name = "a", .text = "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0" CANARY, .text_size = 27}, {.name = "b.txt", .text = "x"}},
     {0},
     CLEANED,
     MGK_KIND_MEMBER_NOT_CROSSED,
     {"a.無害化保留.txt", "b.txt"}},

    /* grows beyond measure */
    {"bomb", {{.name = "a.txt", .repeat = 64 << 20, .method = 8}}, {0}, HELD(BOMB), MGK_KIND_ARCHIVE_BOMB, {0}},
};

static guint count_entries(const Row *row)
{
    guint n = 0;
    while (n < G_N_ELEMENTS(row->entries) && row->entries[n].name)
        n++;
    return n;
}

static void expect_names(const Row *row, const GByteArray *output)
{
    MgkLimits limits;
    mgk_limits_init(&limits);
    g_autoptr(MgkZip) zip = mgk_zip_open(output->data, output->len, &limits, NULL);
    ck_assert_msg(zip != NULL, "%s: the output is no archive", row->what);
    guint n = 0;
    while (n < G_N_ELEMENTS(row->names) && row->names[n])
        n++;
    for (guint i = 0; i < mgk_zip_count(zip); i++) {
        const char *want = i < n ? row->names[i] : "nothing";
        ck_assert_msg(strcmp(mgk_zip_entry(zip, i)->name, want) == 0, "%s: entry %u: got '%s' want '%s'", row->what, i,
                      mgk_zip_entry(zip, i)->name, want);
        g_autoptr(GBytes) bytes = mgk_zip_entry_bytes(zip, mgk_zip_entry(zip, i), 1 << 20, NULL);
        ck_assert_msg(bytes != NULL, "%s: entry %u cannot be read", row->what, i);
        ck_assert_msg(!memmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), CANARY, strlen(CANARY)),
                      "%s: the canary came out", row->what);
    }
    ck_assert_msg(mgk_zip_count(zip) == n, "%s: %u entries, want %u", row->what, mgk_zip_count(zip), n);
    ck_assert_msg(!memmem(output->data, output->len, CANARY, strlen(CANARY)), "%s: the canary came out", row->what);
}

static void run_row(const Row *row)
{
    g_autoptr(GByteArray) bytes = forge_zip(row->entries, count_entries(row), &row->options);
    g_autoptr(FakeRun) run = fake_run_new();
    g_autoptr(GError) error = NULL;
    run->policy.limits.ratio = 500;
    gboolean ok = fake_run_clean(run, bytes->data, bytes->len, "x.zip", MGK_FORMAT_ID_zip, &error);
    ck_assert_msg(ok, "%s: %s", row->what, error ? error->message : "");
    ck_assert_msg(run->outcome.verdict == row->verdict && run->outcome.reason == row->reason,
                  "%s: got %s/%s (%s) want %s/%s", row->what, mgk_verdict_name(run->outcome.verdict),
                  mgk_reason_name(run->outcome.reason), run->outcome.detail, mgk_verdict_name(row->verdict),
                  mgk_reason_name(row->reason));
    if (row->kind != NONE)
        ck_assert_msg(fake_run_found(run, row->kind), "%s: no finding %s", row->what, mgk_kind_info(row->kind)->name);
    if (row->verdict == MGK_VERDICT_CLEANED)
        expect_names(row, run->output);
}

START_TEST(test_zip__variants)
{
    ck_assert_uint_ge(G_N_ELEMENTS(rows), 60);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        run_row(&rows[i]);
}
END_TEST

/* Every hostile original must be refused by the second look, too. */
START_TEST(test_zip__the_check_refuses_the_originals)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Row *row = &rows[i];
        g_autoptr(GByteArray) bytes = forge_zip(row->entries, count_entries(row), &row->options);
        g_autoptr(FakeRun) run = fake_run_new();
        gboolean passes = fake_run_check(run, bytes->data, bytes->len, MGK_FORMAT_ID_zip, NULL);
        ck_assert_msg(!passes || row->kind == NONE || row->kind == MGK_KIND_ARCHIVE_BOMB, "%s: the check lets it pass",
                      row->what);
    }
}
END_TEST

START_TEST(test_zip__cleaning_twice_changes_nothing)
{
    const ForgeEntry entries[] = {{.name = "d/", .dos_time = 0x5a6b7c5d},
                                  {.name = "d/\x95\x5c.txt",
                                   .text = "hello hello hello hello hello hello hello hello hello",
                                   .dos_time = 0x5a6b7c5d},
                                  {.name = "p", .text = "%!PS held"},
                                  {.name = "../a.txt", .text = "x", .dos_time = 0xffffffff}};
    g_autoptr(GByteArray) bytes = forge_zip(entries, G_N_ELEMENTS(entries), NULL);
    g_autoptr(FakeRun) once = fake_run_new(), twice = fake_run_new();
    ck_assert(fake_run_clean(once, bytes->data, bytes->len, "x.zip", MGK_FORMAT_ID_zip, NULL));
    ck_assert(fake_run_clean(twice, once->output->data, once->output->len, "x.zip", MGK_FORMAT_ID_zip, NULL));
    ck_assert_uint_eq(once->output->len, twice->output->len);
    ck_assert_mem_eq(once->output->data, twice->output->data, once->output->len);
    MgkLimits limits;
    mgk_limits_init(&limits);
    g_autoptr(MgkZip) zip = mgk_zip_open(once->output->data, once->output->len, &limits, NULL);
    ck_assert_uint_eq(mgk_zip_entry(zip, 1)->dos_time, 0x5a6b7c5d);
    ck_assert_uint_eq(mgk_zip_entry(zip, 3)->dos_time, 0x00210000);
}
END_TEST

START_TEST(test_zip__nested_archives_are_cleaned)
{
    const ForgeEntry inner[] = {{.name = "../evil.txt", .text = "x"}};
    g_autoptr(GByteArray) bytes = forge_zip(inner, 1, NULL);
    for (guint depth = 1; depth < 6; depth++) {
        const ForgeEntry outer[] = {{.name = "in.zip", .text = (const char *)bytes->data, .text_size = bytes->len}};
        GByteArray *next = forge_zip(outer, 1, NULL);
        g_byte_array_unref(g_steal_pointer(&bytes));
        bytes = next;
    }
    g_autoptr(FakeRun) run = fake_run_new();
    ck_assert(fake_run_clean(run, bytes->data, bytes->len, "x.zip", MGK_FORMAT_ID_zip, NULL));
    ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_CLEANED);
    ck_assert(fake_run_found(run, MGK_KIND_ARCHIVE_PATH));
    ck_assert_ptr_null(memmem(run->output->data, run->output->len, "..", 2));
}
END_TEST

START_TEST(test_zip__policy_may_hold)
{
    static const struct {
        MgkKind kind;
        ForgeEntry entry;
    } table[] = {{MGK_KIND_ARCHIVE_PATH, {.name = "../a.txt", .text = "x"}},
                 {MGK_KIND_ARCHIVE_LINK, {.name = "l", .text = "x", .made_by = 3, .external = 0120777u << 16}},
                 {MGK_KIND_ARCHIVE_COMMENT, {.name = "a.txt", .text = "x", .comment = "c"}},
                 {MGK_KIND_MEMBER_NOT_CROSSED, {.name = "a", .text = "\177ELF\2\1\1"}}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) bytes = forge_zip(&table[i].entry, 1, NULL);
        g_autoptr(FakeRun) run = fake_run_new();
        run->policy.actions[table[i].kind] = MGK_ACTION_HOLD;
        ck_assert(fake_run_clean(run, bytes->data, bytes->len, "x.zip", MGK_FORMAT_ID_zip, NULL));
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_HELD, "%s crosses", mgk_kind_info(table[i].kind)->name);
    }
    const ForgeEntry held = {.name = "a", .text = "\177ELF\2\1\1"};
    g_autoptr(GByteArray) bytes = forge_zip(&held, 1, NULL);
    g_autoptr(FakeRun) run = fake_run_new();
    run->policy.hold_on_member = TRUE;
    ck_assert(fake_run_clean(run, bytes->data, bytes->len, "x.zip", MGK_FORMAT_ID_zip, NULL));
    ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_HELD);
}
END_TEST

/* Many entries that share one packed block: small to send, endless to unpack. */
START_TEST(test_zip__overlapping_bomb_is_held)
{
    ForgeEntry entries[50];
    for (guint i = 0; i < G_N_ELEMENTS(entries); i++)
        entries[i] = (ForgeEntry){.name = i ? "b.txt" : "a.txt", .method = 8, .repeat = 1 << 20, .lie_offset = i > 0};
    g_autoptr(GByteArray) bytes = forge_zip(entries, G_N_ELEMENTS(entries), NULL);
    g_autoptr(FakeRun) run = fake_run_new();
    ck_assert(fake_run_clean(run, bytes->data, bytes->len, "x.zip", MGK_FORMAT_ID_zip, NULL));
    ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_HELD);
    ck_assert_int_eq(run->outcome.reason, MGK_REASON_AMBIGUOUS);
}
END_TEST

START_TEST(test_zip__totals_are_bounded)
{
    ForgeEntry entries[40];
    static char names[40][8];
    for (guint i = 0; i < G_N_ELEMENTS(entries); i++) {
        g_snprintf(names[i], sizeof names[i], "%u.txt", i);
        entries[i] = (ForgeEntry){.name = names[i], .method = 8, .repeat = 1 << 19};
    }
    g_autoptr(GByteArray) bytes = forge_zip(entries, G_N_ELEMENTS(entries), NULL);
    static const struct {
        guint64 total, entries;
        MgkReason want;
    } table[] = {{8 << 20, 1000, MGK_REASON_BOMB}, {1 << 30, 39, MGK_REASON_TOO_MANY}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(FakeRun) run = fake_run_new();
        run->policy.limits.total_bytes = table[i].total;
        run->policy.limits.zip_entries = table[i].entries;
        ck_assert(fake_run_clean(run, bytes->data, bytes->len, "x.zip", MGK_FORMAT_ID_zip, NULL));
        ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_HELD);
        ck_assert_int_eq(run->outcome.reason, table[i].want);
    }
}
END_TEST

START_TEST(test_zip__changed_bytes_never_pass_the_check)
{
    const ForgeEntry entries[] = {{.name = "d/", .external = 0x10}, {.name = "d/a.txt", .text = "hello hello hello"}};
    g_autoptr(GByteArray) bytes = forge_zip(entries, G_N_ELEMENTS(entries), NULL);
    g_autoptr(FakeRun) run = fake_run_new();
    ck_assert(fake_run_clean(run, bytes->data, bytes->len, "x.zip", MGK_FORMAT_ID_zip, NULL));
    GByteArray *good = run->output;
    ck_assert(fake_run_check(run, good->data, good->len, MGK_FORMAT_ID_zip, NULL));
    guint passed = 0;
    for (guint at = 0; at < good->len; at++) {
        g_autofree guint8 *bad = g_memdup2(good->data, good->len);
        bad[at] ^= 0x21;
        passed += fake_run_check(run, bad, good->len, MGK_FORMAT_ID_zip, NULL);
        ck_assert(!fake_run_check(run, good->data, at, MGK_FORMAT_ID_zip, NULL));
    }
    /* times and names stand in two places each: no single change is consistent */
    ck_assert_uint_eq(passed, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("zip");
    TCase *tc = tcase_create("zip");
    tcase_set_timeout(tc, 100);
    tcase_add_test(tc, test_zip__variants);
    tcase_add_test(tc, test_zip__the_check_refuses_the_originals);
    tcase_add_test(tc, test_zip__cleaning_twice_changes_nothing);
    tcase_add_test(tc, test_zip__nested_archives_are_cleaned);
    tcase_add_test(tc, test_zip__policy_may_hold);
    tcase_add_test(tc, test_zip__overlapping_bomb_is_held);
    tcase_add_test(tc, test_zip__totals_are_bounded);
    tcase_add_test(tc, test_zip__changed_bytes_never_pass_the_check);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
