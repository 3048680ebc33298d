#include "checks/checks.h"
#include "engines/placeholder_image.h"
#include "fake_job.h"

#include <check.h>
#include <string.h>

static void put(GByteArray *out, const void *bytes, gsize size)
{
    g_byte_array_append(out, bytes, (guint)size);
}

static void put32(GByteArray *out, guint32 value)
{
    guint32 little = GUINT32_TO_LE(value);
    put(out, &little, 4);
}

/* Hexadecimal digits with blanks between; a word in quotes is itself. */
static void put_hex(GByteArray *out, const char *text)
{
    gboolean quoted = FALSE;
    for (; *text; text++) {
        if (*text == '\'') {
            quoted = !quoted;
        } else if (quoted) {
            put(out, text, 1);
        } else if (*text != ' ') {
            guint8 byte = (guint8)(g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]));
            put(out, &byte, 1);
            text++;
        }
    }
}

/* One planted record: what its body holds, and what must be said of it. */
typedef struct Plant {
    const char *name;
    guint number;
    const char *body;
    MgkKind kind; /* MGK_N_KINDS: nothing need be said */
    const char *kept;
} Plant;

#define SILENT MGK_N_KINDS
#define ZEROS8 "0000000000000000"
#define ZEROS16 ZEROS8 ZEROS8
#define DIB_HEAD "28000000 01000000 01000000 0100 1800 00000000 00000000 00000000 00000000 00000000 00000000"

/* ---- EMF ---- */

static const Plant emf_plants[] = {
    {"comment", 70, "0c000000 'CANARY..CANA'", MGK_KIND_DRAWING_COMMENT, NULL},
    {"EMF+", 70, "10000000 'EMF+' 0140 0100 'CANARY..'", MGK_KIND_DRAWING_COMMENT, NULL},
    {"nested WMF", 70, "10000000 'GDIC' 01000080 'CANARY..'", MGK_KIND_DRAWING_ESCAPE, NULL},
    {"several formats", 70, "10000000 'GDIC' 04000040 'CANARY..'", MGK_KIND_DRAWING_ESCAPE, NULL},
    {"OpenGL", 102, "'CANARY..'", MGK_KIND_DRAWING_ESCAPE, NULL},
    {"bounded OpenGL", 103, "'CANARY..'", MGK_KIND_DRAWING_ESCAPE, NULL},
    {"pixel format", 104, "'CANARY..'", MGK_KIND_DRAWING_ESCAPE, NULL},
    {"draw escape", 105, "'CANARY..'", MGK_KIND_DRAWING_ESCAPE, NULL},
    {"escape", 106, "'CANARY..'", MGK_KIND_DRAWING_ESCAPE, NULL},
    {"named escape", 110, "'CANARY..'", MGK_KIND_DRAWING_ESCAPE, NULL},
    {"profile by path", 112, "'\\\\CANARY\\a.icm..'", MGK_KIND_IMAGE_PROFILE, NULL},
    {"wide profile", 113, "'CANARY..'", MGK_KIND_IMAGE_PROFILE, NULL},
    {"colour space", 99, "'CANARY..'", MGK_KIND_IMAGE_PROFILE, NULL},
    {"wide colour space", 122, "'CANARY..'", MGK_KIND_IMAGE_PROFILE, NULL},
    {"unknown record", 117, "'CANARY..'", MGK_KIND_DRAWING_UNKNOWN, NULL},
    {"number out of range", 0x12345, "'CANARY..'", MGK_KIND_DRAWING_UNKNOWN, NULL},
    {"second header", 1, "'CANARY..'", MGK_KIND_DRAWING_UNKNOWN, NULL},
    {"data behind a point", 27, "01000000 02000000 'CANARY..'", SILENT, NULL},
    {"too short", 43, "'CANARY..'", MGK_KIND_IMAGE_DAMAGED, NULL},
    {"too many points", 4, ZEROS16 "ffffff7f 'CANARY..'", MGK_KIND_IMAGE_DAMAGED, NULL},
    {"points behind the count", 4, ZEROS16 "01000000 " ZEROS8 "'CANARY..'", SILENT, NULL},
    {"parts that do not add up", 8, ZEROS16 "01000000 02000000 01000000 " ZEROS16 "'CANARY..'", MGK_KIND_IMAGE_DAMAGED,
     NULL},
    {"object never made", 37, "07000000 'CANARY..'", SILENT, NULL},
    {"text outside the record", 84,
     ZEROS16 "01000000 0000803f 0000803f" ZEROS8 "04000000 00ffff7f 00000000" ZEROS16 "4c000000 'CANARY..'",
     MGK_KIND_IMAGE_DAMAGED, NULL},
    {"text over its own head", 84,
     ZEROS16 "01000000 0000803f 0000803f" ZEROS8 "04000000 08000000 00000000" ZEROS16 "4c000000 'CANARY..'",
     MGK_KIND_IMAGE_DAMAGED, NULL},
    {"text and a gap", 83,
     ZEROS16 "01000000 0000803f 0000803f" ZEROS8 "04000000 54000000 00000000" ZEROS16 "00000000 'CANARY..' 'SHOW'",
     SILENT, "SHOW"},
    {"font and its second names", 82,
     "01000000" ZEROS16 ZEROS8 "00000000 4d000000 'CANARY..'" ZEROS16 ZEROS16 ZEROS16 "'CANARY..'", SILENT, NULL},
    {"bitmap of JPEG", 81,
     ZEROS16 ZEROS8 ZEROS8 ZEROS8 "50000000 28000000 78000000 08000000 00000000 2000cc00 0100000001000000"
                                  "28000000 01000000 01000000 0100 0000 04000000" ZEROS16 "00000000 'CANARY..'",
     MGK_KIND_IMAGE_DAMAGED, NULL},
    {"bitmap outside the record", 81,
     ZEROS16 ZEROS8 ZEROS8 ZEROS8 "50000000 28000000 fcffffff 08000000 00000000 2000cc00 0100000001000000" DIB_HEAD
                                  "'CANARY..'",
     MGK_KIND_IMAGE_DAMAGED, NULL},
    {"bitmap and what stands behind its rows", 81,
     ZEROS16 ZEROS8 ZEROS8 ZEROS8 "50000000 28000000 78000000 10000000 00000000 2000cc00 0100000001000000" DIB_HEAD
                                  "'RGB' 58 'CANARY..CANA'",
     SILENT, "RGB"},
    {"gradient corner out of range", 118, ZEROS16 "01000000 01000000 00000000" ZEROS16 "00000000 09000000 'CANARY..'",
     MGK_KIND_IMAGE_DAMAGED, NULL},
};

static void put_record(GByteArray *out, guint number, const char *body)
{
    guint start = out->len;
    put32(out, number);
    put32(out, 0);
    put_hex(out, body);
    while ((out->len - start) % 4)
        put(out, "", 1);
    guint32 size = GUINT32_TO_LE(out->len - start);
    memcpy(out->data + start + 4, &size, 4);
}

/* A header with a description, the planted record, a box, an end, and bytes behind it. */
static GByteArray *forge_emf(guint number, const char *body)
{
    GByteArray *out = g_byte_array_new();
    put_record(out, 1,
               "00000000 00000000 63000000 63000000 00000000 00000000 e8030000 e8030000 ' EMF' 00000100 00000000"
               "00000000 0100 0000 08000000 64000000 00000000 e8030000 e8030000 64000000 64000000"
               "'CANARYCANARY....'");
    put_record(out, number, body);
    put_record(out, 43, "01000000 01000000 09000000 09000000");
    put_record(out, 14, "00000000 10000000 14000000");
    put_hex(out, "'CANARY'");
    return out;
}

static gboolean holds(const GByteArray *bytes, const char *word)
{
    return memmem(bytes->data, bytes->len, word, strlen(word)) != NULL;
}

static FakeRun *clean(const GByteArray *file, const char *name)
{
    FakeRun *run = fake_run_new();
    g_autoptr(GError) error = NULL;
    gboolean ok = fake_run_clean(run, file->data, file->len, name, MGK_FORMAT_ID_NONE, &error);
    ck_assert_msg(ok, "%s: %s", name, error ? error->message : "");
    return run;
}

static void demand(const GByteArray *file, const Plant *plant, MgkFormatId format)
{
    g_autoptr(FakeRun) run = clean(file, plant->name);
    ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CLEANED && run->outcome.format == format, "%s: %s", plant->name,
                  run->outcome.detail);
    ck_assert_msg(!holds(run->output, "CANARY"), "%s: the canary came out", plant->name);
    ck_assert_msg(plant->kind == SILENT || fake_run_found(run, plant->kind), "%s: not told", plant->name);
    ck_assert_msg(!plant->kept || holds(run->output, plant->kept), "%s: %s is lost", plant->name, plant->kept);
    g_autoptr(FakeRun) again = clean(run->output, plant->name);
    ck_assert_msg(again->output->len == run->output->len &&
                      memcmp(again->output->data, run->output->data, run->output->len) == 0,
                  "%s: cleaned again, other bytes", plant->name);
}

START_TEST(test_metafile__emf_planted)
{
    for (gsize i = 0; i < G_N_ELEMENTS(emf_plants); i++) {
        g_autoptr(GByteArray) file = forge_emf(emf_plants[i].number, emf_plants[i].body);
        demand(file, &emf_plants[i], MGK_FORMAT_ID_emf);
    }
}
END_TEST

START_TEST(test_metafile__emf_plus_only_is_held)
{
    g_autoptr(GByteArray) file = forge_emf(70, "10000000 'EMF+' 0140 0000 'CANARY..'");
    g_autoptr(FakeRun) run = clean(file, "a.emf");
    ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_HELD);
    ck_assert_int_eq(run->outcome.reason, MGK_REASON_UNSUPPORTED_FEATURE);
}
END_TEST

START_TEST(test_metafile__another_kind_of_file_in_a_text)
{
    g_autoptr(GByteArray) file = forge_emf(83, ZEROS16 "01000000 0000803f 0000803f" ZEROS8
                                                       "08000000 4c000000 00000000" ZEROS16 "00000000 '<script>'");
    g_autoptr(FakeRun) run = clean(file, "a.emf");
    ck_assert_int_eq(run->outcome.verdict, MGK_VERDICT_HELD);
    ck_assert_int_eq(run->outcome.reason, MGK_REASON_AMBIGUOUS);
}
END_TEST

/* ---- WMF ---- */

static const Plant wmf_plants[] = {
    {"abort procedure", 0x0626, "0900 0800 'CANARY..'", MGK_KIND_DRAWING_ESCAPE, NULL},
    {"PostScript", 0x0626, "2500 0800 'CANARY..'", MGK_KIND_DRAWING_ESCAPE, NULL},
    {"EMF in a comment", 0x0626, "0f00 0c00 'WMFCCANARY..'", MGK_KIND_DRAWING_COMMENT, NULL},
    {"unknown function", 0x0999, "'CANARY..'", MGK_KIND_DRAWING_UNKNOWN, NULL},
    {"bitmap of an old device", 0x0922, "2000cc00 00000000 0000 'CANARY..' 0000000000000000", MGK_KIND_IMAGE_DAMAGED,
     NULL},
    {"pattern of an old device", 0x01f9, "'CANARY..'", MGK_KIND_DRAWING_UNKNOWN, NULL},
    {"data behind a point", 0x0213, "0100 0200 'CANARY..'", SILENT, NULL},
    {"too short", 0x0817, "'CANARY..'", MGK_KIND_IMAGE_DAMAGED, NULL},
    {"too many points", 0x0324, "ff7f 'CANARY..'", MGK_KIND_IMAGE_DAMAGED, NULL},
    {"polygons too many", 0x0538, "ffff 'CANARY..'", MGK_KIND_IMAGE_DAMAGED, NULL},
    {"object never made", 0x012d, "0500 'CANARY..'", SILENT, NULL},
    {"text behind the text", 0x0521, "0400 'SHOW' 0100 0100 'CANARY..'", SILENT, "SHOW"},
    {"text too long", 0x0521, "ff00 'CANARY..'", MGK_KIND_IMAGE_DAMAGED, NULL},
    {"steps behind the text", 0x0a32, "0100 0100 0400 0000 'SHOW' 0100010001000100 'CANARY..'", SILENT, "SHOW"},
    {"font name behind its end", 0x02fb, ZEROS16 "0000 'SHOW' 00 'CANARY..' 00", SILENT, "SHOW"},
    {"bitmap too small", 0x0f43, "2000cc00 0000" ZEROS16 DIB_HEAD, MGK_KIND_IMAGE_DAMAGED, NULL},
    {"bitmap and what stands behind its rows", 0x0f43, "2000cc00 0000" ZEROS16 DIB_HEAD "'RGB' 58 'CANARY..'", SILENT,
     "RGB"},
    {"bitmap of PNG", 0x0f43,
     "2000cc00 0000" ZEROS16 "28000000 01000000 01000000 0100 0000 05000000" ZEROS16 "00000000 'CANARY..'",
     MGK_KIND_IMAGE_DAMAGED, NULL},
    {"region that lies", 0x06ff, "0000 0600 00000000 2000 0100 0100" ZEROS8 "0900 0000 0100 'CANARY..'",
     MGK_KIND_IMAGE_DAMAGED, NULL},
};

static void put_words(GByteArray *out, guint function, const char *body)
{
    guint start = out->len;
    put32(out, 0);
    const guint8 number[] = {function & 0xff, (guint8)(function >> 8)};
    put(out, number, 2);
    put_hex(out, body);
    if (out->len % 2)
        put(out, "", 1);
    guint32 words = GUINT32_TO_LE((out->len - start) / 2);
    memcpy(out->data + start, &words, 4);
}

static GByteArray *forge_wmf(guint function, const char *body, gboolean placeable)
{
    GByteArray *out = g_byte_array_new();
    if (placeable)
        put_hex(out, "d7cdc69a 'CA' 0000 0000 6400 6400 6000 'NARY' 0000");
    put_hex(out, "0100 0900 0003 11111111 0000 22222222 3333");
    put_words(out, function, body);
    put_words(out, 0x041b, "0a000a0001000100");
    put_words(out, 0, "");
    put_hex(out, "'CANARY'");
    return out;
}

START_TEST(test_metafile__wmf_planted)
{
    for (gsize i = 0; i < G_N_ELEMENTS(wmf_plants); i++) {
        g_autoptr(GByteArray) file = forge_wmf(wmf_plants[i].number, wmf_plants[i].body, i % 2);
        demand(file, &wmf_plants[i], MGK_FORMAT_ID_wmf);
    }
}
END_TEST

/* What cannot be kept still takes the slot that it would have taken. */
START_TEST(test_metafile__wmf_slots_keep_their_numbers)
{
    g_autoptr(GByteArray) file = g_byte_array_new();
    put_hex(file, "0100 0900 0003 00000000 0200 00000000 0000");
    put_words(file, 0x01f9, "'CANARY..'");
    put_words(file, 0x02fa, "0000 0100 0000 ff000000");
    put_words(file, 0x012d, "0100");
    put_words(file, 0, "");
    g_autoptr(FakeRun) run = clean(file, "a.wmf");
    static const guint8 selects[] = {4, 0, 0, 0, 0x2d, 1, 1, 0};
    ck_assert(memmem(run->output->data, run->output->len, selects, sizeof selects) != NULL);
    ck_assert_int_eq(run->output->data[10], 2);
}
END_TEST

START_TEST(test_metafile__cut_anywhere)
{
    static const char picture[] = ZEROS16 ZEROS8 ZEROS8 ZEROS8
        "50000000 28000000 78000000 10000000 00000000 2000cc00 0100000001000000" DIB_HEAD "'RGB' 58 'ABCDABCD'";
    g_autoptr(GByteArray) emf = forge_emf(81, picture), wmf = forge_wmf(0x0521, "0400 'SHOW' 0100", TRUE);
    for (guint cut = 1; cut < emf->len; cut++) {
        g_autoptr(FakeRun) run = fake_run_new();
        fake_run_clean(run, emf->data, cut, "a.emf", MGK_FORMAT_ID_emf, NULL);
        ck_assert_msg(!holds(run->output, "CANARY"), "EMF cut at %u", cut);
    }
    for (guint cut = 1; cut < wmf->len; cut++) {
        g_autoptr(FakeRun) run = fake_run_new();
        fake_run_clean(run, wmf->data, cut, "a.wmf", MGK_FORMAT_ID_wmf, NULL);
        ck_assert_msg(!holds(run->output, "CANARY"), "WMF cut at %u", cut);
    }
}
END_TEST

/* Every byte of a good output counts for the second look, or is a value of the drawing. */
START_TEST(test_metafile__second_look)
{
    static const struct {
        MgkFormatId format;
        guint at;
    } rows[] = {{MGK_FORMAT_ID_emf, 0},   {MGK_FORMAT_ID_emf, 4},   {MGK_FORMAT_ID_emf, 41},  {MGK_FORMAT_ID_emf, 48},
                {MGK_FORMAT_ID_emf, 52},  {MGK_FORMAT_ID_emf, 56},  {MGK_FORMAT_ID_emf, 60},  {MGK_FORMAT_ID_emf, 64},
                {MGK_FORMAT_ID_emf, 88},  {MGK_FORMAT_ID_emf, 96},  {MGK_FORMAT_ID_emf, 109}, {MGK_FORMAT_ID_emf, 112},
                {MGK_FORMAT_ID_emf, 117}, {MGK_FORMAT_ID_emf, 121}, {MGK_FORMAT_ID_wmf, 0},   {MGK_FORMAT_ID_wmf, 6},
                {MGK_FORMAT_ID_wmf, 20},  {MGK_FORMAT_ID_wmf, 22},  {MGK_FORMAT_ID_wmf, 28},  {MGK_FORMAT_ID_wmf, 32},
                {MGK_FORMAT_ID_wmf, 34},  {MGK_FORMAT_ID_wmf, 38},  {MGK_FORMAT_ID_wmf, 40},  {MGK_FORMAT_ID_wmf, 44}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GBytes) box = mgk_placeholder_image(rows[i].format, 96, 72);
        g_autoptr(GByteArray) bytes = g_bytes_unref_to_array(g_steal_pointer(&box));
        g_autoptr(FakeRun) run = fake_run_new();
        g_autoptr(GError) error = NULL;
        ck_assert_msg(fake_run_check(run, bytes->data, bytes->len, rows[i].format, &error), "%s",
                      error ? error->message : "");
        bytes->data[rows[i].at] ^= 0x15;
        ck_assert_msg(!fake_run_check(run, bytes->data, bytes->len, rows[i].format, NULL), "row %zu passes", i);
    }
}
END_TEST

START_TEST(test_metafile__gray_boxes_stay_as_they_are)
{
    static const MgkFormatId formats[] = {MGK_FORMAT_ID_emf, MGK_FORMAT_ID_wmf};
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autoptr(GBytes) box = mgk_placeholder_image(formats[i], 96, 72);
        g_autoptr(GByteArray) bytes = g_bytes_unref_to_array(g_steal_pointer(&box));
        g_autoptr(FakeRun) run = clean(bytes, "box");
        ck_assert_int_eq(run->outcome.format, formats[i]);
        ck_assert_int_eq(run->output->len, bytes->len);
        ck_assert(memcmp(run->output->data, bytes->data, bytes->len) == 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metafile");
    TCase *tcase = tcase_create("metafile");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_metafile__emf_planted);
    tcase_add_test(tcase, test_metafile__emf_plus_only_is_held);
    tcase_add_test(tcase, test_metafile__another_kind_of_file_in_a_text);
    tcase_add_test(tcase, test_metafile__wmf_planted);
    tcase_add_test(tcase, test_metafile__wmf_slots_keep_their_numbers);
    tcase_add_test(tcase, test_metafile__cut_anywhere);
    tcase_add_test(tcase, test_metafile__second_look);
    tcase_add_test(tcase, test_metafile__gray_boxes_stay_as_they_are);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
