/* Compound files and their property sets: written, read by two readers, damaged. */
#include <check.h>
#include <string.h>

#include "checks/cfb.h"
#include "engines/cfb_read.h"
#include "engines/cfb_write.h"
#include "engines/property_set.h"
#include "fake_job.h"

static const guint8 class_id[16] = {1, 2, 3, 4};

/* `n` streams: s0 of 0 bytes, s1 of `step` bytes, s2 of twice as many … */
static GByteArray *make_file(guint n, gsize step)
{
    g_autoptr(MgkCfbWriter) writer = mgk_cfb_writer_new(class_id);
    g_autoptr(GPtrArray) keep = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("s%u", i);
        guint8 *data = g_malloc0(i * step + 1);
        memset(data, 'a' + (int)i, i * step);
        g_ptr_array_add(keep, data);
        mgk_cfb_writer_add(writer, name, data, i * step);
    }
    GByteArray *file = mgk_cfb_writer_finish(writer, NULL);
    ck_assert_ptr_nonnull(file);
    return file;
}

START_TEST(test_cfb__both_readers_read_what_was_written)
{
    static const struct {
        guint n;
        gsize step;
    } rows[] = {{0, 0}, {1, 0}, {2, 100}, {3, 2000}, {6, 1365}, {7, 4096}, {12, 513}, {16, 70}, {5, 3000000}};
    for (guint r = 0; r < G_N_ELEMENTS(rows); r++) {
        g_autoptr(GByteArray) file = make_file(rows[r].n, rows[r].step);
        g_autoptr(GError) error = NULL;
        g_autoptr(MgkCfb) cfb = mgk_cfb_open(file->data, file->len, &error);
        MgkCheckCfb check;
        ck_assert_msg(cfb != NULL, "row %u: %s", r, error ? error->message : "");
        ck_assert_msg(mgk_check_cfb(file->data, file->len, &check, &error), "row %u: %s", r,
                      error ? error->message : "");
        ck_assert_uint_eq(mgk_cfb_count(cfb), rows[r].n);
        ck_assert_uint_eq(check.n, rows[r].n);
        ck_assert_mem_eq(mgk_cfb_root_class(cfb), class_id, 16);
        for (guint i = 0; i < rows[r].n; i++) {
            g_autofree char *name = g_strdup_printf("S%u", i), *small = g_strdup_printf("s%u", i);
            gsize size = 0;
            gint found = mgk_cfb_find(cfb, name);
            ck_assert_msg(found >= 0, "row %u: %s is gone", r, name);
            g_autofree guint8 *data = mgk_cfb_read(cfb, (guint)found, &size);
            const MgkCheckStream *stream = mgk_check_cfb_find(&check, small);
            ck_assert_uint_eq(size, i * rows[r].step);
            ck_assert_ptr_nonnull(stream);
            ck_assert_uint_eq(stream->size, size);
            ck_assert(size == 0 || (data[0] == 'a' + i && data[size - 1] == 'a' + i));
            ck_assert(size == 0 || memcmp(stream->data, data, size) == 0);
        }
    }
}
END_TEST

/* Every byte that is no stream's own has one value only. */
START_TEST(test_cfb__second_look_sees_every_byte)
{
    g_autoptr(GByteArray) file = make_file(5, 1200);
    MgkCheckCfb check;
    ck_assert(mgk_check_cfb(file->data, file->len, &check, NULL));
    g_autofree guint8 *free_to_be = g_malloc0(file->len); /* contents, and the class */
    memset(free_to_be + 1024 + 80, 1, 16);
    for (guint i = 0; i < check.n; i++)
        memset(free_to_be + (check.streams[i].data - file->data), 1, check.streams[i].size);
    for (guint i = 0; i < file->len; i++) {
        MgkCheckCfb other;
        file->data[i] ^= 0x80;
        gboolean fine = mgk_check_cfb(file->data, file->len, &other, NULL);
        file->data[i] ^= 0x80;
        ck_assert_msg(fine == free_to_be[i], "byte %u: %d", i, fine);
    }
}
END_TEST

typedef struct Damage {
    const char *label;
    guint at; /* in the file; directory of make_file(5, 4096): sector 1 */
    guint32 value;
} Damage;

static void put32(GByteArray *file, guint at, guint32 value)
{
    for (guint i = 0; i < 4; i++)
        file->data[at + i] = (guint8)(value >> (8 * i));
}

START_TEST(test_cfb__refuses_what_programs_read_differently)
{
    enum { FAT = 512, DIRECTORY = 1024 };
    static const Damage rows[] = {
        {"a loop in the directory's chain", FAT + 4, 1},
        {"a directory that ends outside", FAT + 4, 99999},
        {"two streams in one place", DIRECTORY + 3 * 128 + 116, 3},
        {"a stream on the table", DIRECTORY + 3 * 128 + 116, 0},
        {"a stream in the directory", DIRECTORY + 3 * 128 + 116, 1},
        {"a stream that begins outside", DIRECTORY + 3 * 128 + 116, 70000},
        {"a stream longer than its chain", DIRECTORY + 3 * 128 + 120, 400000},
        {"an entry twice", DIRECTORY + 4 * 128 + 68, 2},
        {"an entry that is its own child", DIRECTORY + 4 * 128 + 72, 4},
        {"an entry that is not there", DIRECTORY + 4 * 128 + 72, 4000},
        {"the root below itself", DIRECTORY + 4 * 128 + 72, 0},
        {"two of one name", DIRECTORY + 3 * 128, 's' | '0' << 16},
        {"more tables than the file has room", 44, 5000},
        {"a table outside", 76, 70000},
        {"other small sectors", 32, 7},
        {"another limit of small streams", 56, 64},
        {"no byte order", 28, 0xffffu},
        {"a root of another kind", DIRECTORY + 64, 22 | 1 << 16},
    };
    for (guint r = 0; r < G_N_ELEMENTS(rows); r++) {
        g_autoptr(GByteArray) file = make_file(5, 4096);
        g_autoptr(GError) error = NULL;
        put32(file, rows[r].at, rows[r].value);
        g_autoptr(MgkCfb) cfb = mgk_cfb_open(file->data, file->len, &error);
        MgkCheckCfb check;
        ck_assert_msg(cfb == NULL && error != NULL, "%s: opened", rows[r].label);
        ck_assert_msg(!mgk_check_cfb(file->data, file->len, &check, NULL), "%s: the second look", rows[r].label);
    }
}
END_TEST

START_TEST(test_cfb__reads_no_further_than_the_file)
{
    g_autoptr(GByteArray) file = make_file(7, 1000);
    for (guint size = 0; size < file->len; size += 37) {
        g_autofree guint8 *cut = g_memdup2(file->data, MAX(size, 1));
        MgkCheckCfb check;
        g_autoptr(MgkCfb) cfb = mgk_cfb_open(cut, size, NULL);
        for (guint i = 0; cfb && i < mgk_cfb_count(cfb); i++) {
            gsize got = 0;
            g_autofree guint8 *data = mgk_cfb_read(cfb, i, &got);
            ck_assert(data != NULL || got == 0);
        }
        ck_assert(!mgk_check_cfb(cut, size, &check, NULL));
    }
}
END_TEST

static void add32(GByteArray *out, guint32 value)
{
    const guint8 bytes[4] = {(guint8)value, (guint8)(value >> 8), (guint8)(value >> 16), (guint8)(value >> 24)};
    g_byte_array_append(out, bytes, 4);
}

typedef struct Property {
    guint32 id, type;
    const char *text; /* of strings; of others the bytes */
    guint32 size;     /* of text; for strings the count */
} Property;

static GByteArray *make_set(const guint8 format[16], const Property *properties, guint n)
{
    GByteArray *out = g_byte_array_new();
    g_autoptr(GByteArray) values = g_byte_array_new();
    static const guint8 start[24] = {0xfe, 0xff};
    g_byte_array_append(out, start, 24);
    add32(out, 1);
    g_byte_array_append(out, format, 16);
    add32(out, 48);
    g_autoptr(GByteArray) index = g_byte_array_new();
    for (guint i = 0; i < n; i++) {
        add32(index, properties[i].id);
        add32(index, 8 + n * 8 + values->len);
        if (properties[i].id != 0)
            add32(values, properties[i].type);
        if (properties[i].type == 30)
            add32(values, properties[i].size);
        g_byte_array_append(values, (const guint8 *)properties[i].text, properties[i].size);
        while (values->len % 4 != 0)
            g_byte_array_append(values, (const guint8 *)"X", 1);
    }
    add32(out, 8 + n * 8 + values->len);
    add32(out, n);
    g_byte_array_append(out, index->data, index->len);
    g_byte_array_append(out, values->data, values->len);
    return out;
}

/* Adds the fake job's findings and rebuilds. */
static guint kinds_seen[MGK_N_KINDS];

static void note(MgkJob *job, MgkKind kind, MgkAction action, const char *where, const char *detail)
{
    (void)job, (void)action, (void)where, (void)detail;
    kinds_seen[kind]++;
}

static GByteArray *rebuild(MgkProperties which, const GByteArray *set)
{
    static MgkPolicy policy;
    mgk_policy_init(&policy);
    memset(kinds_seen, 0, sizeof kinds_seen);
    MgkJob job = {.policy = &policy, .find = note};
    return mgk_properties_rebuild(&job, which, set->data, set->len);
}

static const guint8 summary[16] = {0xe0, 0x85, 0x9f, 0xf2, 0xf9, 0x4f, 0x68, 0x10,
                                   0xab, 0x91, 0x08, 0x00, 0x2b, 0x27, 0xb3, 0xd9};
static const guint8 own[16] = {0x05, 0xd5, 0xcd, 0xd5, 0x9c, 0x2e, 0x1b, 0x10,
                               0x93, 0x97, 0x08, 0x00, 0x2b, 0x2c, 0xf9, 0xae};

static gboolean holds(const GByteArray *bytes, const char *text)
{
    return memmem(bytes->data, bytes->len, text, strlen(text)) != NULL;
}

START_TEST(test_cfb__properties_lose_people_and_keep_titles)
{
    static const Property properties[] = {
        {1, 2, "\xa4\x03\0\0", 4},
        {2, 30, "VISIBLE\0CANARY", 15},
        {4, 30, "CANARY", 7},
        {7, 30, "\\\\h\\CANARY.xlt", 14},
        {8, 30, "CANARY", 7},
        {12, 64, "\1\2\3\4\5\6\7\1", 8},
        {17, 71, "CANARYCANARYCANARY", 18},
        {19, 3, "\0\0\0\0", 4},
        {3, 65, "CANARY", 6},
        {2, 30, "CANARY", 7},
    };
    g_autoptr(GByteArray) set = make_set(summary, properties, G_N_ELEMENTS(properties));
    g_autoptr(GByteArray) out = rebuild(MGK_PROPERTIES_SUMMARY, set);
    ck_assert_ptr_nonnull(out);
    ck_assert(holds(out, "VISIBLE") && !holds(out, "CANARY"));
    ck_assert_uint_eq(kinds_seen[MGK_KIND_METADATA], 1);
    ck_assert_uint_eq(kinds_seen[MGK_KIND_THUMBNAIL], 1);
    MgkCheckStream stream = {.name = "\5SummaryInformation", .data = out->data, .size = out->len};
    g_autoptr(GError) error = NULL;
    ck_assert_msg(mgk_check_properties(&stream, &error), "%s", error ? error->message : "");
    g_autoptr(GByteArray) again = rebuild(MGK_PROPERTIES_SUMMARY, out);
    ck_assert_uint_eq(again->len, out->len);
    ck_assert_mem_eq(again->data, out->data, out->len);
    MgkCheckStream raw = {.name = "\5SummaryInformation", .data = set->data, .size = set->len};
    ck_assert_msg(!mgk_check_properties(&raw, NULL), "the second look lets an author through");
}
END_TEST

START_TEST(test_cfb__own_properties_keep_only_labels)
{
    static const char names[] = "\2\0\0\0\2\0\0\0\27\0\0\0MSIP_Label_1234_Enabled\0\3\0\0\0\7\0\0\0CANARY";
    static const Property properties[] = {
        {0, 0, names, sizeof names}, {1, 2, "\xa4\x03\0\0", 4}, {2, 30, "true", 5}, {3, 30, "CANARY", 7}};
    Property fixed[4];
    memcpy(fixed, properties, sizeof fixed);
    char dictionary[sizeof names];
    memcpy(dictionary, names, sizeof names);
    dictionary[8] = 24; /* the name's length with its end */
    fixed[0].text = dictionary;
    g_autoptr(GByteArray) set = make_set(own, fixed, 4);
    g_autoptr(GByteArray) out = rebuild(MGK_PROPERTIES_DOCUMENT, set);
    ck_assert_ptr_nonnull(out);
    ck_assert(holds(out, "MSIP_Label_1234_Enabled") && holds(out, "true") && !holds(out, "CANARY"));
    MgkCheckStream stream = {.name = "\5DocumentSummaryInformation", .data = out->data, .size = out->len};
    g_autoptr(GError) error = NULL;
    ck_assert_msg(mgk_check_properties(&stream, &error), "%s", error ? error->message : "");
    g_autoptr(GByteArray) again = rebuild(MGK_PROPERTIES_DOCUMENT, out);
    ck_assert_uint_eq(again->len, out->len);
    ck_assert_mem_eq(again->data, out->data, out->len);
}
END_TEST

START_TEST(test_cfb__damaged_properties_go)
{
    static const Property properties[] = {{2, 30, "VISIBLE", 8}, {14, 3, "\1\0\0\0", 4}};
    g_autoptr(GByteArray) set = make_set(summary, properties, 2);
    for (guint i = 0; i < set->len; i++) {
        for (guint flip = 1; flip < 256; flip <<= 1) {
            g_autofree guint8 *bytes = g_memdup2(set->data, set->len);
            bytes[i] ^= (guint8)flip;
            GByteArray damaged = {.data = bytes, .len = set->len};
            g_autoptr(GByteArray) out = rebuild(MGK_PROPERTIES_SUMMARY, &damaged);
            MgkCheckStream stream = {
                .name = "\5SummaryInformation", .data = out ? out->data : NULL, .size = out ? out->len : 0};
            g_autoptr(GError) error = NULL;
            ck_assert_msg(!out || mgk_check_properties(&stream, &error), "byte %u: %s", i, error ? error->message : "");
        }
    }
    for (guint size = 0; size < set->len; size++) {
        g_autofree guint8 *bytes = g_memdup2(set->data, MAX(size, 1));
        GByteArray cut = {.data = bytes, .len = size};
        g_autoptr(GByteArray) out = rebuild(MGK_PROPERTIES_SUMMARY, &cut);
        ck_assert(!out || out->len <= set->len + 64);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cfb");
    TCase *cases = tcase_create("cfb");
    tcase_add_test(cases, test_cfb__both_readers_read_what_was_written);
    tcase_add_test(cases, test_cfb__second_look_sees_every_byte);
    tcase_add_test(cases, test_cfb__refuses_what_programs_read_differently);
    tcase_add_test(cases, test_cfb__reads_no_further_than_the_file);
    tcase_add_test(cases, test_cfb__properties_lose_people_and_keep_titles);
    tcase_add_test(cases, test_cfb__own_properties_keep_only_labels);
    tcase_add_test(cases, test_cfb__damaged_properties_go);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
