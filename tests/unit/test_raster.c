#include "engines/flatten.h"
#include "engines/raster.h"

#include <check.h>
#include <string.h>

/* A pipe in memory: records sent come back when received, possibly tampered with. */
typedef struct Pipe {
    GPtrArray *records; /* of GBytes* */
    GArray *types;      /* of guint32 */
    guint next;
} Pipe;

static gboolean on_send(MgkJob *job, guint32 type, const void *data, gsize size, GError **error)
{
    Pipe *pipe = job->priv;
    (void)error;
    ck_assert(size <= MGK_RASTER_CHUNK);
    g_ptr_array_add(pipe->records, g_bytes_new(data, size));
    g_array_append_val(pipe->types, type);
    return TRUE;
}

static gboolean on_receive(MgkJob *job, gsize max, guint32 *ret_type, guint8 **ret_data, gsize *ret_size,
                           GError **error)
{
    Pipe *pipe = job->priv;
    (void)error;
    *ret_type = 0;
    *ret_data = NULL;
    *ret_size = 0;
    if (pipe->next == pipe->records->len)
        return TRUE;
    GBytes *record = g_ptr_array_index(pipe->records, pipe->next);
    *ret_type = g_array_index(pipe->types, guint32, pipe->next++);
    *ret_size = g_bytes_get_size(record);
    if (*ret_size > max)
        return FALSE;
    *ret_data = *ret_size ? g_memdup2(g_bytes_get_data(record, NULL), *ret_size) : NULL;
    return TRUE;
}

static MgkPolicy policy;
static Pipe pipe_;
static MgkJob job;

static void setup(void)
{
    mgk_policy_init(&policy);
    pipe_ = (Pipe){.records = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref),
                   .types = g_array_new(FALSE, FALSE, sizeof(guint32))};
    job = (MgkJob){.policy = &policy, .send = on_send, .receive = on_receive, .priv = &pipe_};
}

static void teardown(void)
{
    g_ptr_array_unref(pipe_.records);
    g_array_unref(pipe_.types);
}

static void send_picture(const MgkRaster *raster, guint8 value)
{
    g_autoptr(MgkRasterWriter) writer = mgk_raster_writer_new(&job, raster, NULL);
    ck_assert(writer != NULL);
    g_autofree guint8 *row = g_malloc(mgk_raster_row_bytes(raster));
    for (guint y = 0; y < mgk_raster_rows(raster); y++) {
        memset(row, value, mgk_raster_row_bytes(raster));
        ck_assert(mgk_raster_writer_row(writer, row, NULL));
    }
    ck_assert(!mgk_raster_writer_row(writer, row, NULL));
    ck_assert(mgk_raster_writer_finish(writer, NULL));
}

/* TRUE when the whole stream is read without complaint; *ret_pictures counts. */
static gboolean receive_all(guint *ret_pictures)
{
    g_autoptr(MgkRasterReader) reader = mgk_raster_reader_new(&job);
    const MgkRaster *raster = NULL;
    g_autoptr(GError) error = NULL;
    *ret_pictures = 0;
    while (mgk_raster_reader_next(reader, &raster, &error)) {
        if (!raster)
            return TRUE;
        g_autofree guint8 *row = g_malloc(mgk_raster_row_bytes(raster));
        for (guint y = 0; y < mgk_raster_rows(raster); y++) {
            if (!mgk_raster_reader_row(reader, row, &error))
                return FALSE;
            ck_assert_uint_eq(row[0], row[mgk_raster_row_bytes(raster) - 1]);
        }
        (*ret_pictures)++;
    }
    return FALSE;
}

START_TEST(test_raster__pictures_arrive_as_sent)
{
    MgkRaster raster = {
        .width = 3000, .height = 500, .model = MGK_RASTER_RGB, .depth = 8, .density_x = 7, .density_y = 8};
    send_picture(&raster, 3);
    MgkRaster planes = {.width = 33, .height = 17, .model = MGK_RASTER_YCC, .depth = 8, .sample_h = 2, .sample_v = 2};
    ck_assert_uint_eq(mgk_raster_rows(&planes), 2);
    ck_assert_uint_eq(mgk_raster_row_bytes(&planes), 16 * 40 + 2 * 8 * 24);
    send_picture(&planes, 9);
    guint pictures = 0;
    ck_assert(receive_all(&pictures));
    ck_assert_uint_eq(pictures, 2);
}
END_TEST

/* libpng leaves the bits behind a row's last sample as they were: a decoder's memory must not travel in them. */
START_TEST(test_raster__bits_behind_the_last_sample_are_cleared)
{
    static const struct {
        guint8 depth, want;
        guint width;
    } rows[] = {{1, 0xf8, 5}, {1, 0xff, 8}, {1, 0x80, 9}, {2, 0xc0, 5}, {4, 0xf0, 3}, {4, 0xff, 4}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        MgkRaster raster = {.width = rows[i].width, .height = 3, .model = MGK_RASTER_GRAY, .depth = rows[i].depth};
        send_picture(&raster, 0xff);
        g_autoptr(MgkRasterReader) reader = mgk_raster_reader_new(&job);
        const MgkRaster *got = NULL;
        ck_assert(mgk_raster_reader_next(reader, &got, NULL) && got);
        g_autofree guint8 *row = g_malloc(mgk_raster_row_bytes(got));
        for (guint y = 0; y < got->height; y++) {
            ck_assert(mgk_raster_reader_row(reader, row, NULL));
            ck_assert_msg(row[mgk_raster_row_bytes(got) - 1] == rows[i].want, "depth %u, width %u: %02x", rows[i].depth,
                          rows[i].width, row[mgk_raster_row_bytes(got) - 1]);
        }
    }
}
END_TEST

START_TEST(test_raster__hostile_headers_are_refused)
{
    static const MgkRaster good = {.width = 8, .height = 8, .model = MGK_RASTER_RGB, .depth = 8};
    ck_assert(mgk_raster_validate(&good, &policy.limits, NULL));
    for (guint i = 0; i < 12; i++) {
        MgkRaster bad = good;
        switch (i) {
        case 0:
            bad.width = 0;
            break;
        case 1:
            bad.height = G_MAXUINT32;
            break;
        case 2:
            bad.model = (MgkRasterModel)7;
            break;
        case 3:
            bad.depth = 4;
            break;
        case 4:
            bad.depth = 0;
            break;
        case 5:
            bad.n_colors = 1;
            break;
        case 6:
            bad.has_key = TRUE;
            bad.key[2] = 256;
            break;
        case 7:
            bad.quality = 101;
            break;
        case 8:
            bad.model = MGK_RASTER_YCC; /* without sampling */
            break;
        case 9:
            bad.model = MGK_RASTER_PALETTE;
            bad.depth = 1;
            bad.n_colors = 3;
            break;
        case 10:
            bad.density_x = 5;
            break;
        default:
            bad.width = bad.height = 100000; /* 10^10 pixels */
            break;
        }
        ck_assert_msg(!mgk_raster_validate(&bad, &policy.limits, NULL), "change %u passes", i);
    }
}
END_TEST

START_TEST(test_raster__hostile_streams_are_refused)
{
    MgkRaster raster = {.width = 100, .height = 50, .model = MGK_RASTER_GRAY, .depth = 8};
    for (guint i = 0; i < 6; i++) {
        send_picture(&raster, 1);
        guint last = pipe_.records->len - 1;
        guint32 rows = MGK_RASTER_RECORD_ROWS;
        switch (i) {
        case 0: /* ends early */
            g_ptr_array_remove_index(pipe_.records, last);
            g_array_remove_index(pipe_.types, last);
            break;
        case 1: /* rows missing */
            g_ptr_array_remove_index(pipe_.records, 1);
            g_array_remove_index(pipe_.types, 1);
            break;
        case 2: /* more bytes than rows */
            g_ptr_array_insert(pipe_.records, 1, g_bytes_new("\1", 1));
            g_array_insert_val(pipe_.types, 1, rows);
            break;
        case 3: /* a header cut short */
            g_bytes_unref(g_ptr_array_index(pipe_.records, 0));
            pipe_.records->pdata[0] = g_bytes_new("\1\2\3", 3);
            break;
        case 4: /* an empty chunk */
            g_ptr_array_insert(pipe_.records, 1, g_bytes_new(NULL, 0));
            g_array_insert_val(pipe_.types, 1, rows);
            break;
        default: /* no header */
            g_ptr_array_remove_index(pipe_.records, 0);
            g_array_remove_index(pipe_.types, 0);
            break;
        }
        guint pictures = 0;
        ck_assert_msg(!receive_all(&pictures), "change %u passes", i);
        g_ptr_array_set_size(pipe_.records, 0);
        g_array_set_size(pipe_.types, 0);
        pipe_.next = 0;
    }
}
END_TEST

START_TEST(test_flatten__everything_becomes_eight_bits_on_white)
{
    static const struct {
        MgkRaster raster;
        guint8 row[8], want[3];
    } table[] = {
        {{.width = 1, .height = 1, .model = MGK_RASTER_GRAY, .depth = 1}, {0x80}, {255}},
        {{.width = 1, .height = 1, .model = MGK_RASTER_GRAY, .depth = 4}, {0x70}, {119}},
        {{.width = 1, .height = 1, .model = MGK_RASTER_GRAY, .depth = 16}, {0x80, 0x00}, {128}},
        {{.width = 1, .height = 1, .model = MGK_RASTER_GRAY_ALPHA, .depth = 8}, {0, 128}, {127}},
        {{.width = 1, .height = 1, .model = MGK_RASTER_RGBA, .depth = 8}, {9, 9, 9, 0}, {255, 255, 255}},
        {{.width = 1, .height = 1, .model = MGK_RASTER_RGB, .depth = 8, .has_key = TRUE, .key = {1, 2, 3}},
         {1, 2, 3},
         {255, 255, 255}},
        {{.width = 1, .height = 1, .model = MGK_RASTER_PALETTE, .depth = 8, .n_colors = 1, .palette = {{5, 6, 7, 255}}},
         {0},
         {5, 6, 7}},
        {{.width = 1, .height = 1, .model = MGK_RASTER_PALETTE, .depth = 8, .n_colors = 1, .palette = {{5, 6, 7, 255}}},
         {9},
         {0, 0, 0}},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        guint8 got[3] = {0};
        MgkRaster flat;
        mgk_flatten_header(&table[i].raster, &flat);
        mgk_flatten_row(&table[i].raster, table[i].row, got);
        guint n = flat.model == MGK_RASTER_GRAY ? 1 : 3;
        ck_assert_msg(memcmp(got, table[i].want, n) == 0, "row %u: got %u %u %u", i, got[0], got[1], got[2]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raster");
    TCase *tc = tcase_create("raster");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_raster__pictures_arrive_as_sent);
    tcase_add_test(tc, test_raster__bits_behind_the_last_sample_are_cleared);
    tcase_add_test(tc, test_raster__hostile_headers_are_refused);
    tcase_add_test(tc, test_raster__hostile_streams_are_refused);
    tcase_add_test(tc, test_flatten__everything_becomes_eight_bits_on_white);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
