#include "checks/checks.h"
#include "checks/pdf_streams.h"
#include "engines/page_stream.h"
#include "engines/poppler_auto.h"
#include "formats/formats.h"

#include <cairo.h>
#include <check.h>
#include <string.h>

/* An encoder's job: records come from a list, the file goes to a buffer. */
typedef struct Feed {
    guint32 types[32];
    GBytes *records[32];
    guint n, next;
    MgkPolicy policy;
    GByteArray *output;
} Feed;

static gboolean on_receive(MgkJob *job, gsize max, guint32 *ret_type, guint8 **ret_data, gsize *ret_size,
                           GError **error)
{
    Feed *feed = job->priv;
    (void)error;
    *ret_type = 0;
    *ret_data = NULL;
    *ret_size = 0;
    if (feed->next >= feed->n)
        return TRUE;
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(feed->records[feed->next], &size);
    ck_assert_uint_le(size, max);
    *ret_type = feed->types[feed->next++];
    *ret_data = size ? g_memdup2(data, size) : NULL;
    *ret_size = size;
    return TRUE;
}

static gboolean on_write(MgkJob *job, const void *data, gsize size, GError **error)
{
    (void)error;
    g_byte_array_append(((Feed *)job->priv)->output, data, (guint)size);
    return TRUE;
}

static void push(Feed *feed, guint32 type, gconstpointer data, gsize size, gconstpointer tail, gsize tail_size)
{
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, data, (guint)size);
    g_byte_array_append(bytes, tail, (guint)tail_size);
    feed->types[feed->n] = type;
    feed->records[feed->n++] = g_byte_array_free_to_bytes(bytes);
}

static void begin(Feed *feed, guint pages)
{
    static const MgkPageHead page = {
        .width = 100000, .height = 100000, .px_width = 100, .px_height = 100, .millidpi_x = 72000, .millidpi_y = 72000};
    MgkPageDocument document = {.pages = pages};
    mgk_policy_init(&feed->policy);
    feed->policy.pdf_outlines = TRUE;
    feed->output = g_byte_array_new();
    push(feed, MGK_PAGE_DOCUMENT, &document, sizeof document, "", 0);
    push(feed, MGK_PAGE_PAGE, &page, sizeof page, "", 0);
}

static void clear(Feed *feed)
{
    for (guint i = 0; i < feed->n; i++)
        g_bytes_unref(feed->records[i]);
    g_byte_array_unref(feed->output);
}

static MgkJob job_of(Feed *feed)
{
    return (MgkJob){.receive = on_receive,
                    .write = on_write,
                    .policy = &feed->policy,
                    .priv = feed,
                    .name = "",
                    .data = feed->output->data,
                    .size = feed->output->len,
                    .format = MGK_FORMAT_ID_pdf};
}

static gboolean encode(Feed *feed)
{
    g_autoptr(GError) error = NULL;
    MgkJob job = job_of(feed);
    gboolean ok = mgk_format_pdf.encode(&job, &error);
    ck_assert(ok == (error == NULL));
    return ok;
}

static void check(Feed *feed)
{
    g_autoptr(GError) error = NULL;
    MgkJob job = job_of(feed);
    ck_assert_msg(mgk_check_pdf(&job, &error), "%s", error ? error->message : "");
}

static cairo_surface_t *picture_of(const Feed *feed)
{
    g_autoptr(GBytes) bytes = g_bytes_new(feed->output->data, feed->output->len);
    g_autoptr(PopplerDocument) document = poppler_document_new_from_bytes(bytes, NULL, NULL);
    ck_assert_ptr_nonnull(document);
    g_autoptr(PopplerPage) page = poppler_document_get_page(document, 0);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 100, 100);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    poppler_page_render(page, cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    return surface;
}

static guint32 pixel(cairo_surface_t *surface, guint x, guint y)
{
    guint32 color;
    memcpy(&color,
           cairo_image_surface_get_data(surface) + y * (guint)cairo_image_surface_get_stride(surface) + (gsize)x * 4,
           4);
    return color & 0xffffff;
}

#define BOX(x, y, w, h) \
    { \
        MGK_PATH_MOVE, x, y, MGK_PATH_LINE, (x) + (w), y, MGK_PATH_LINE, (x) + (w), (y) + (h), MGK_PATH_LINE, x, \
            (y) + (h), MGK_PATH_CLOSE \
    }
#define BOX_WORDS 13

static const guint32 left_box[BOX_WORDS] = BOX(10000, 10000, 20000, 20000);
static const guint32 page_box[BOX_WORDS] = BOX(0, 0, 100000, 100000);
static const guint32 shape_box[BOX_WORDS] = BOX(0, 0, MGK_DRAW_EM, MGK_DRAW_EM);
static const MgkDrawShape shape = {.advance = MGK_DRAW_EM, .n_path = BOX_WORDS};
static const MgkDrawOp fill = {.type = MGK_DRAW_FILL, .color = 0xff0000, .alpha = 255, .n_path = BOX_WORDS};
static const MgkDrawOp stroke = {.type = MGK_DRAW_STROKE,
                                 .color = 0x0000ff,
                                 .alpha = 255,
                                 .matrix = {1000000, 0, 0, 1000000, 0, 0},
                                 .width = 4000,
                                 .miter = 10000,
                                 .n_path = BOX_WORDS};
static const MgkDrawOp text = {
    .type = MGK_DRAW_GLYPHS, .color = 0x00ff00, .alpha = 255, .matrix = {10000, 0, 0, -10000, 0, 0}, .n_path = 2};
static const MgkDrawGlyph glyphs[] = {{.shape = 0, .x = 50000, .y = 30000}, {.shape = 0, .x = 70000, .y = 30000}};
static const MgkDrawOp picture = {.type = MGK_DRAW_IMAGE, .alpha = 255, .matrix = {20000, 0, 0, -20000, 10000, 80000}};
static const MgkDrawOp clip = {.type = MGK_DRAW_CLIP, .n_path = BOX_WORDS};
static const MgkDrawOp unclip = {.type = MGK_DRAW_UNCLIP};

static void push_op(Feed *feed, const MgkDrawOp *op, gconstpointer tail, gsize size)
{
    push(feed, MGK_PAGE_DRAW, op, sizeof *op, tail, size);
}

START_TEST(test_pdf_draw__draws_what_was_sent)
{
    Feed feed = {.n = 0};
    static const MgkPageImage image = {.width = 2, .height = 2, .coding = MGK_CODING_PALETTE, .bits = 8, .n_colors = 2};
    static const guint32 palette[] = {0xff00ff, 0x00ffff};
    static const guint8 pixels[] = {0, 0, 1, 1};
    static const guint32 stops[] = {0, 0x000000, 1000000, 0x0000ff};
    MgkDrawOp half = fill, ramp = fill;
    half.alpha = 128;
    ramp.paint = MGK_PAINT_LINEAR;
    ramp.n_small = 2;
    ramp.matrix[3] = 100000;
    begin(&feed, 1);
    push(&feed, MGK_PAGE_SHAPES, &shape, sizeof shape, shape_box, sizeof shape_box);
    push(&feed, MGK_PAGE_IMAGE, &image, sizeof image, palette, sizeof palette);
    push(&feed, MGK_PAGE_PIXELS, pixels, sizeof pixels, "", 0);
    push_op(&feed, &fill, left_box, sizeof left_box);
    push_op(&feed, &stroke, left_box, sizeof left_box);
    push_op(&feed, &text, glyphs, sizeof glyphs);
    push_op(&feed, &picture, "", 0);
    static const guint32 low_box[BOX_WORDS] = BOX(50000, 60000, 20000, 20000);
    push_op(&feed, &clip, low_box, sizeof low_box);
    push_op(&feed, &half, page_box, sizeof page_box);
    push_op(&feed, &unclip, "", 0);
    g_autoptr(GByteArray) tail = g_byte_array_new();
    g_byte_array_append(tail, (const guint8 *)stops, sizeof stops);
    static const guint32 far_box[BOX_WORDS] = BOX(75000, 60000, 20000, 20000);
    g_byte_array_append(tail, (const guint8 *)far_box, sizeof far_box);
    push_op(&feed, &ramp, tail->data, tail->len);
    push(&feed, MGK_PAGE_PAGE_END, "", 0, "", 0);
    ck_assert(encode(&feed));
    check(&feed);
    cairo_surface_t *surface = picture_of(&feed);
    static const struct {
        const char *what;
        guint x, y;
        guint32 want;
    } places[] = {
        {"fill", 20, 20, 0xff0000},         {"stroke", 10, 20, 0x0000ff},  {"first glyph", 55, 25, 0x00ff00},
        {"second glyph", 75, 25, 0x00ff00}, {"between", 65, 25, 0xffffff}, {"upper pixels", 20, 63, 0xff00ff},
        {"lower pixels", 20, 77, 0x00ffff}, {"half", 60, 70, 0xff7f7f},    {"outside the clip", 60, 55, 0xffffff}};
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        guint32 got = pixel(surface, places[i].x, places[i].y);
        ck_assert_msg(got == places[i].want, "%s: got %06x, want %06x", places[i].what, got, places[i].want);
    }
    guint32 ramped = pixel(surface, 85, 70);
    ck_assert_msg(ramped > 0xc0 && ramped < 0xf0, "gradient: got %06x", ramped);
    cairo_surface_destroy(surface);
    clear(&feed);
}
END_TEST

static guint count(const Feed *feed, const char *what)
{
    guint n = 0;
    const guint8 *at = feed->output->data, *end = at + feed->output->len;
    while ((at = memmem(at, (gsize)(end - at), what, strlen(what))) != NULL) {
        n++;
        at++;
    }
    return n;
}

/* The second page draws with a new copy of the same shape and the same masked picture. */
START_TEST(test_pdf_draw__writes_shapes_and_pictures_once)
{
    static const MgkPageImage stencil = {.width = 3, .height = 2, .coding = MGK_CODING_FILL, .n_colors = 1, .mask = 1};
    static const guint32 black = 0;
    static const guint8 mask[] = {0, 255, 0, 255, 0, 7};
    Feed feed = {.n = 0};
    begin(&feed, 2);
    for (guint32 index = 0; index < 2; index++) {
        if (index) {
            MgkPageHead page = {.index = 1,
                                .width = 50000,
                                .height = 50000,
                                .px_width = 50,
                                .px_height = 50,
                                .millidpi_x = 72000,
                                .millidpi_y = 72000};
            push(&feed, MGK_PAGE_PAGE, &page, sizeof page, "", 0);
        }
        push(&feed, MGK_PAGE_SHAPES, &shape, sizeof shape, shape_box, sizeof shape_box);
        push(&feed, MGK_PAGE_IMAGE, &stencil, sizeof stencil, &black, sizeof black);
        push(&feed, MGK_PAGE_PIXELS, mask, sizeof mask, "", 0);
        push_op(&feed, &text, glyphs, sizeof glyphs);
        push_op(&feed, &picture, "", 0);
        push(&feed, MGK_PAGE_PAGE_END, "", 0, "", 0);
    }
    ck_assert(encode(&feed));
    check(&feed);
    ck_assert_uint_eq(count(&feed, "/Subtype/Image"), 2); /* a colour and its mask */
    ck_assert_uint_eq(count(&feed, "/Subtype/Type3"), 1);
    ck_assert_uint_eq(count(&feed, "/s1 "), 0);
    feed.policy.pdf_outlines = FALSE;
    MgkJob job = job_of(&feed);
    ck_assert_msg(!mgk_check_pdf(&job, NULL), "drawings are accepted where the policy wants pixels");
    clear(&feed);
}
END_TEST

/* One operation of an otherwise good page is a lie. */
typedef struct Lie {
    const char *what;
    const MgkDrawOp *op;
    gconstpointer tail;
    gsize size;
} Lie;

static void refuse_each(const Lie *table, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        Feed feed = {.n = 0};
        begin(&feed, 1);
        push(&feed, MGK_PAGE_SHAPES, &shape, sizeof shape, shape_box, sizeof shape_box);
        push_op(&feed, table[i].op, table[i].tail, table[i].size);
        push(&feed, MGK_PAGE_PAGE_END, "", 0, "", 0);
        ck_assert_msg(!encode(&feed), "%s: accepted", table[i].what);
        clear(&feed);
    }
}

START_TEST(test_pdf_draw__refuses_hostile_paints)
{
    MgkDrawOp kind = fill, color = fill, clear_paint = fill, blend = fill, rule = fill, paint = fill, cap = stroke,
              miter = stroke, pen = stroke, dashes = stroke, stops = fill, many = fill;
    kind.type = 99;
    color.color = 0x1000000;
    clear_paint.alpha = 0;
    blend.blend = MGK_DRAW_N_BLENDS;
    rule.rule = 2;
    paint.paint = MGK_N_PAINTS;
    cap.cap = 3;
    miter.miter = 0;
    pen.matrix[0] = G_MININT32;
    dashes.n_small = MGK_DRAW_MAX_DASHES + 1;
    stops.paint = MGK_PAINT_RADIAL;
    stops.n_small = 1;
    many.n_small = G_MAXUINT32;
    const Lie table[] = {
        {"unknown operation", &kind, left_box, sizeof left_box},
        {"colour", &color, left_box, sizeof left_box},
        {"nothing to be seen", &clear_paint, left_box, sizeof left_box},
        {"blend mode", &blend, left_box, sizeof left_box},
        {"rule", &rule, left_box, sizeof left_box},
        {"paint", &paint, left_box, sizeof left_box},
        {"cap", &cap, left_box, sizeof left_box},
        {"miter", &miter, left_box, sizeof left_box},
        {"pen", &pen, left_box, sizeof left_box},
        {"too many dashes", &dashes, left_box, sizeof left_box},
        {"one stop", &stops, left_box, sizeof left_box},
        {"stops without end", &many, left_box, sizeof left_box},
    };
    refuse_each(table, G_N_ELEMENTS(table));
}
END_TEST

START_TEST(test_pdf_draw__refuses_hostile_places)
{
    MgkDrawOp longer = fill, endless = fill, no_image = picture, no_glyphs = text;
    longer.n_path = BOX_WORDS + 1;
    endless.n_path = G_MAXUINT32;
    no_image.image = 1;
    no_glyphs.n_path = 0;
    guint32 far[BOX_WORDS], no_verb[BOX_WORDS], headless[BOX_WORDS];
    memcpy(far, left_box, sizeof far);
    memcpy(no_verb, left_box, sizeof far);
    memcpy(headless, left_box, sizeof far);
    far[1] = G_MAXINT32;
    no_verb[3] = 5;
    headless[0] = MGK_PATH_LINE;
    MgkDrawGlyph unknown[2] = {glyphs[0], glyphs[1]};
    unknown[1].shape = 1;
    const Lie table[] = {
        {"path longer than the record", &longer, left_box, sizeof left_box},
        {"path without end", &endless, left_box, sizeof left_box},
        {"picture that never came", &no_image, "", 0},
        {"shape that never came", &text, unknown, sizeof unknown},
        {"no glyphs", &no_glyphs, "", 0},
        {"clip left open", &clip, left_box, sizeof left_box},
        {"unclip without clip", &unclip, "", 0},
        {"far point", &fill, far, sizeof far},
        {"no verb", &fill, no_verb, sizeof no_verb},
        {"path without begin", &fill, headless, sizeof headless},
        {"part of a word", &fill, left_box, sizeof left_box - 1},
        {"no path", &fill, "", 0},
    };
    refuse_each(table, G_N_ELEMENTS(table));
}
END_TEST

START_TEST(test_pdf_draw__refuses_hostile_shapes_and_pictures)
{
    MgkDrawShape wide = shape, longer = shape, empty = shape;
    MgkPageImage image = {.width = 1, .height = 1, .coding = MGK_CODING_GRAY, .bits = 8}, huge = image, flat = image,
                 coding = image, masks = image, bare = {.width = 1, .height = 1, .n_colors = 1};
    guint32 spread[BOX_WORDS];
    memcpy(spread, shape_box, sizeof spread);
    spread[4] = 10000000;
    wide.advance = -1;
    longer.n_path = G_MAXUINT32;
    empty.n_path = 0;
    huge.width = huge.height = 32767;
    flat.height = 0;
    coding.coding = 9;
    masks.mask = 2;
    const struct {
        const char *what;
        guint32 type;
        gconstpointer data;
        gsize size;
        gconstpointer tail;
        gsize tail_size;
    } table[] = {
        {"backwards", MGK_PAGE_SHAPES, &wide, sizeof wide, shape_box, sizeof shape_box},
        {"longer than the record", MGK_PAGE_SHAPES, &longer, sizeof longer, shape_box, sizeof shape_box},
        {"without a path", MGK_PAGE_SHAPES, &empty, sizeof empty, "", 0},
        {"wide as a house", MGK_PAGE_SHAPES, &shape, sizeof shape, spread, sizeof spread},
        {"huge", MGK_PAGE_IMAGE, &huge, sizeof huge, "", 0},
        {"flat", MGK_PAGE_IMAGE, &flat, sizeof flat, "", 0},
        {"coding", MGK_PAGE_IMAGE, &coding, sizeof coding, "", 0},
        {"mask", MGK_PAGE_IMAGE, &masks, sizeof masks, "", 0},
        {"colour without a mask", MGK_PAGE_IMAGE, &bare, sizeof bare, "\0\0\0", 4},
        {"without pixels", MGK_PAGE_IMAGE, &image, sizeof image, "", 0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        Feed feed = {.n = 0};
        begin(&feed, 1);
        push(&feed, table[i].type, table[i].data, table[i].size, table[i].tail, table[i].tail_size);
        push(&feed, MGK_PAGE_PAGE_END, "", 0, "", 0);
        ck_assert_msg(!encode(&feed), "%s: accepted", table[i].what);
        clear(&feed);
    }
}
END_TEST

static gboolean drawing_ok(const char *content)
{
    static const char resources[] = "<</XObject<</I0 1 0 R>>/Font<</T0 2 0 R/F0 3 0 R>>/ExtGState<</G1x0<<>>>>>>";
    g_autofree char *all = g_strdup_printf("q 0.01 0 0 -0.01 0 100 cm\n%sQ\n", content);
    MgkPdfCursor dict = {.at = (const guint8 *)resources, .end = (const guint8 *)resources + strlen(resources)};
    g_auto(MgkPdfValue) value = {0};
    ck_assert(mgk_pdf_value_read(&dict, TRUE, &value));
    MgkPdfCursor cursor = {.at = (const guint8 *)all, .end = (const guint8 *)all + strlen(all)};
    return mgk_pdf_drawing_ok(&value, 100, &cursor) && cursor.at == cursor.end;
}

START_TEST(test_pdf_draw__second_look_knows_every_operator)
{
    static const struct {
        const char *content;
        gboolean good;
    } table[] = {
        {"", TRUE},
        {"1 0 0 rg 0 0 m 5 0 l 5 5 6 6 7 7 c h f\n", TRUE},
        {"0 0 m 1 1 l W n\n", TRUE},
        {"q 1 0 0 1 0 0 cm /I0 Do Q\n", TRUE},
        {"BT /T0 1 Tf 10 0 0 -10 5 5 Tm [<0102>-3<04>]TJ ET\n", TRUE},
        {"[3 4 ] 0 d 2 w 1 J 1 j 4.5 M 0.5 G 0 0 m 1 1 l S\n", TRUE},
        {"/G1x0 gs ", TRUE},
        {"/I1 Do ", FALSE},
        {"/I0 gs ", FALSE},
        {"/G2 gs ", FALSE},
        {"/S0 sh ", FALSE},
        {"BT /F0 1 Tf 10 0 0 -10 5 5 Tm [<01>]TJ ET\n", FALSE},
        {"BT /T0 2 Tf 10 0 0 -10 5 5 Tm [<01>]TJ ET\n", FALSE},
        {"BT /T0 1 Tf [<01>]TJ ET\n", FALSE},
        {"BT /T0 1 Tf 10 0 0 -10 5 5 Tm [<012>]TJ ET\n", FALSE},
        {"BT /T0 1 Tf 10 0 0 -10 5 5 Tm (text) Tj ET\n", FALSE},
        {"BT 3 Tr ET\n", FALSE},
        {"BT ", FALSE},
        {"0 0 m ", FALSE},
        {"0 0 m 1 1 l W f\n", FALSE},
        {"1 1 l S\n", FALSE},
        {"Q q ", FALSE},
        {"2 0 0 rg ", FALSE},
        {"1 0 rg ", FALSE},
        {"1 0 0 0 k ", FALSE},
        {"/DeviceCMYK cs ", FALSE},
        {"BI /W 1 ID x EI ", FALSE},
        {"/Span BMC EMC ", FALSE},
        {"/Span<</ActualText(x)>>BDC EMC ", FALSE},
        {"% comment\n", FALSE},
        {"1 2 3 4 5 6 7 m ", FALSE},
        {"99999999999 0 m ", FALSE},
        {"1e5 0 m ", FALSE},
        {"[-1 ] 0 d ", FALSE},
        {"[3 ] [3 ] 0 d ", FALSE},
        {"[<01> ] 0 d ", FALSE},
        {"3 J ", FALSE},
        {"1 0 0 0 0 0 d1\n", FALSE},
        {"/X", FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++)
        ck_assert_msg(drawing_ok(table[i].content) == table[i].good, "\"%s\" is %s", table[i].content,
                      table[i].good ? "refused" : "accepted");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pdf_draw");
    TCase *tc = tcase_create("pdf_draw");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_pdf_draw__draws_what_was_sent);
    tcase_add_test(tc, test_pdf_draw__writes_shapes_and_pictures_once);
    tcase_add_test(tc, test_pdf_draw__refuses_hostile_paints);
    tcase_add_test(tc, test_pdf_draw__refuses_hostile_places);
    tcase_add_test(tc, test_pdf_draw__refuses_hostile_shapes_and_pictures);
    tcase_add_test(tc, test_pdf_draw__second_look_knows_every_operator);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
