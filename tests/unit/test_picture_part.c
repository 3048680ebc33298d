#include "engines/picture_part.h"
#include "engines/placeholder_image.h"
#include "fake_job.h"

#include <check.h>
#include <string.h>
#include <zlib.h>

static GBytes *gzip(const void *data, gsize size)
{
    gsize room = size + 1024;
    g_autofree guint8 *out = g_malloc(room);
    z_stream z = {.next_in = (Bytef *)(guintptr)data, .avail_in = (uInt)size, .next_out = out, .avail_out = (uInt)room};
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    size = z.total_out;
    deflateEnd(&z);
    return g_bytes_new(out, size);
}

#define BYTES(text) text, sizeof(text) - 1

START_TEST(test_picture_part__is_told_by_its_bytes)
{
    static const struct {
        const char *bytes;
        gsize size;
        MgkFormatId format;
    } table[] = {{BYTES("\xff\xd8\xff\xe0"), MGK_FORMAT_ID_jpeg},
                 {BYTES("GIF89a"), MGK_FORMAT_ID_gif},
                 {BYTES("\x89PNG"), MGK_FORMAT_ID_png},
                 {BYTES("\xd7\xcd\xc6\x9a"), MGK_FORMAT_ID_wmf},
                 {BYTES("<svg/>"), MGK_FORMAT_ID_svg},
                 {BYTES("\xef\xbb\xbf\r\n <?xml version='1.0'?>"), MGK_FORMAT_ID_svg},
                 {BYTES("  "), MGK_FORMAT_ID_png},
                 {BYTES("\x1f\x8b\x08"), MGK_FORMAT_ID_png},
                 {BYTES(""), MGK_FORMAT_ID_png}};
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        const guint8 *data = (const guint8 *)table[i].bytes;
        MgkFormatId got = mgk_picture_part_format(data, table[i].size);
        ck_assert_msg(got == table[i].format, "%s: got %s", table[i].bytes, mgk_format_info(got)->id);
        ck_assert_ptr_null(mgk_picture_part_name(data, table[i].size));
    }
}
END_TEST

START_TEST(test_picture_part__packed_drawings_leave_plain)
{
    static const struct {
        MgkFormatId format;
        const char *name, *called;
    } table[] = {{MGK_FORMAT_ID_emf, "図.emz", "picture.emz"}, {MGK_FORMAT_ID_wmf, "図.wmz", "picture.wmz"}};
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        gsize size = 0, packed_size = 0, plain_size = 0;
        g_autoptr(GBytes) plain = mgk_placeholder_image(table[i].format, 20, 10);
        const guint8 *bytes = g_bytes_get_data(plain, &plain_size);
        g_autoptr(GBytes) packed = gzip(bytes, plain_size);
        const guint8 *data = g_bytes_get_data(packed, &packed_size);
        ck_assert_int_eq(mgk_picture_part_format(data, packed_size), table[i].format);
        ck_assert_str_eq(mgk_picture_part_name(data, packed_size), table[i].called);
        g_autoptr(FakeRun) run = fake_run_new();
        g_autoptr(GError) error = NULL;
        gboolean ok = fake_run_clean(run, data, packed_size, table[i].name, MGK_FORMAT_ID_NONE, &error);
        ck_assert_msg(ok && mgk_verdict_crosses(run->outcome.verdict), "%s: %s", table[i].name,
                      error ? error->message : run->outcome.detail);
        ck_assert_int_eq(run->outcome.format, table[i].format);
        ck_assert(!fake_run_found(run, MGK_KIND_NAME_MISMATCH));
        size = run->output->len;
        ck_assert_msg(size == plain_size && memcmp(run->output->data, bytes, size) == 0, "%s", table[i].name);
    }
}
END_TEST

/* What is packed under such a name but is no drawing stays what it is: an archive. */
START_TEST(test_picture_part__other_packed_files_are_archives)
{
    g_autoptr(GBytes) packed = gzip(BYTES("MZ CANARY"));
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(packed, &size);
    static const char *const names[] = {"a.emz", "a.wmz", "a.svgz"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        ck_assert_int_eq(fake_detect(data, size, names[i]), MGK_FORMAT_ID_gz);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("picture_part");
    TCase *tests = tcase_create("picture_part");
    tcase_add_test(tests, test_picture_part__is_told_by_its_bytes);
    tcase_add_test(tests, test_picture_part__packed_drawings_leave_plain);
    tcase_add_test(tests, test_picture_part__other_packed_files_are_archives);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
