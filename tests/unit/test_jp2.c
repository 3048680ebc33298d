#include "fake_job.h"
#include "raw_png.h"

#include <check.h>
#include <openjpeg.h>
#include <string.h>

#define WIDTH 24u
#define HEIGHT 10u

typedef struct Sink {
    GByteArray *bytes;
    gsize at;
} Sink;

static OPJ_SIZE_T on_write(void *data, OPJ_SIZE_T size, void *user)
{
    Sink *sink = user;
    if (sink->at + size > sink->bytes->len)
        g_byte_array_set_size(sink->bytes, (guint)(sink->at + size));
    memcpy(sink->bytes->data + sink->at, data, size);
    sink->at += size;
    return size;
}

static OPJ_OFF_T on_skip(OPJ_OFF_T n, void *user)
{
    ((Sink *)user)->at += (gsize)n;
    return n;
}

static OPJ_BOOL on_seek(OPJ_OFF_T at, void *user)
{
    ((Sink *)user)->at = (gsize)at;
    return OPJ_TRUE;
}

static OPJ_INT32 value(guint c, guint i)
{
    return (OPJ_INT32)((i * 5 + c * 60) & 255);
}

/* A lossless picture of n channels; of two and four the last is transparency. */
static GByteArray *forge(OPJ_CODEC_FORMAT format, guint n)
{
    opj_image_cmptparm_t channel[4];
    memset(channel, 0, sizeof channel);
    for (guint i = 0; i < n; i++)
        channel[i] = (opj_image_cmptparm_t){.dx = 1, .dy = 1, .w = WIDTH, .h = HEIGHT, .prec = 8, .bpp = 8};
    opj_image_t *image = opj_image_create(n, channel, n >= 3 ? OPJ_CLRSPC_SRGB : OPJ_CLRSPC_GRAY);
    image->x1 = WIDTH;
    image->y1 = HEIGHT;
    for (guint c = 0; c < n; c++) {
        image->comps[c].alpha = n % 2 == 0 && c == n - 1;
        for (guint i = 0; i < WIDTH * HEIGHT; i++)
            image->comps[c].data[i] = value(c, i);
    }
    opj_cparameters_t parameters;
    opj_set_default_encoder_parameters(&parameters);
    parameters.numresolution = 2;
    parameters.tcp_numlayers = 1;
    parameters.cp_disto_alloc = 1;
    opj_codec_t *codec = opj_create_compress(format);
    Sink sink = {.bytes = g_byte_array_new()};
    opj_stream_t *stream = opj_stream_create(4096, OPJ_FALSE);
    opj_stream_set_write_function(stream, on_write);
    opj_stream_set_skip_function(stream, on_skip);
    opj_stream_set_seek_function(stream, on_seek);
    opj_stream_set_user_data(stream, &sink, NULL);
    ck_assert(opj_setup_encoder(codec, &parameters, image) && opj_start_compress(codec, image, stream) &&
              opj_encode(codec, stream) && opj_end_compress(codec, stream));
    opj_stream_destroy(stream);
    opj_destroy_codec(codec);
    opj_image_destroy(image);
    return sink.bytes;
}

START_TEST(test_jp2__every_form_keeps_its_pixels)
{
    static const OPJ_CODEC_FORMAT formats[] = {OPJ_CODEC_JP2, OPJ_CODEC_J2K};
    for (guint k = 0; k < 8; k++) {
        guint n = k % 4 + 1;
        if (formats[k / 4] == OPJ_CODEC_J2K && n % 2 == 0)
            continue; /* a bare code stream cannot say which channel is transparency */
        g_autoptr(GByteArray) file = forge(formats[k / 4], n);
        g_autoptr(FakeRun) run = fake_run_new();
        g_autoptr(GError) error = NULL;
        run->want = MGK_FORMAT_ID_png;
        ck_assert_msg(fake_run_clean(run, file->data, file->len, "a.jp2", MGK_FORMAT_ID_NONE, &error),
                      "%u channels: %s", n, error ? error->message : "");
        g_autoptr(RawPng) png = raw_png_read(run->output->data, run->output->len);
        ck_assert(png && png->width == WIDTH && png->height == HEIGHT && png->row_bytes == WIDTH * n);
        for (guint i = 0; i < WIDTH * HEIGHT * n; i++)
            ck_assert_msg(png->rows[i] == value(i % n, i / n), "%u channels: sample %u", n, i);
    }
}
END_TEST

START_TEST(test_jp2__becomes_what_office_computers_open)
{
    static const struct {
        guint channels;
        MgkFormatId want;
    } table[] = {{1, MGK_FORMAT_ID_jpeg}, {3, MGK_FORMAT_ID_jpeg}, {4, MGK_FORMAT_ID_png}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GByteArray) file = forge(OPJ_CODEC_JP2, table[i].channels);
        g_autoptr(FakeRun) run = fake_run_new();
        g_byte_array_append(file, (const guint8 *)"CANARY", 6);
        ck_assert(fake_run_clean(run, file->data, file->len, "a.jp2", MGK_FORMAT_ID_NONE, NULL));
        ck_assert(run->outcome.format == table[i].want && run->outcome.verdict == MGK_VERDICT_CONVERTED);
        ck_assert(!memmem(run->output->data, run->output->len, "CANARY", 6));
    }
}
END_TEST

START_TEST(test_jp2__hostile)
{
    g_autoptr(GByteArray) file = forge(OPJ_CODEC_JP2, 3);
    g_autoptr(GError) error = NULL;
    g_autoptr(FakeRun) small = fake_run_new();
    small->policy.limits.image_pixels = WIDTH * HEIGHT - 1;
    ck_assert(!fake_run_clean(small, file->data, file->len, "a.jp2", MGK_FORMAT_ID_jp2, &error));
    ck_assert_msg(g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT), "%s", error->message);
    for (guint size = 0; size < file->len / 2; size++) {
        g_autoptr(FakeRun) run = fake_run_new();
        g_autofree guint8 *cut = g_memdup2(file->data, MAX(size, 1));
        ck_assert_msg(!fake_run_clean(run, cut, size, "a.jp2", MGK_FORMAT_ID_jp2, NULL), "cut at %u", size);
    }
    for (guint at = 0; at < file->len; at++) { /* must not crash; what comes out passed the second look */
        g_autoptr(FakeRun) run = fake_run_new();
        g_autofree guint8 *bad = g_memdup2(file->data, file->len);
        bad[at] ^= 0xff;
        run->policy.limits.image_pixels = 1 << 20;
        (void)fake_run_clean(run, bad, file->len, "a.jp2", MGK_FORMAT_ID_jp2, NULL);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jp2");
    TCase *cases = tcase_create("jp2");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, test_jp2__every_form_keeps_its_pixels);
    tcase_add_test(cases, test_jp2__becomes_what_office_computers_open);
    tcase_add_test(cases, test_jp2__hostile);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
