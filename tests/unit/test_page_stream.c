#include "engines/page_stream.h"

#include <check.h>
#include <string.h>

/* A job whose records come from a list. */
typedef struct Feed {
    guint32 types[16];
    GBytes *records[16];
    guint n, next;
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
    *ret_type = feed->types[feed->next];
    *ret_size = feed->records[feed->next] ? g_bytes_get_size(feed->records[feed->next]) : 0;
    ck_assert_uint_le(*ret_size, max);
    if (*ret_size)
        *ret_data = g_memdup2(g_bytes_get_data(feed->records[feed->next], NULL), *ret_size);
    feed->next++;
    return TRUE;
}

static void push(Feed *feed, guint32 type, gconstpointer data, gsize size, const char *tail)
{
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, data, (guint)size);
    g_byte_array_append(bytes, (const guint8 *)tail, (guint)strlen(tail));
    feed->types[feed->n] = type;
    feed->records[feed->n++] = g_byte_array_free_to_bytes(bytes);
}

static void clear(Feed *feed)
{
    for (guint i = 0; i < feed->n; i++)
        g_bytes_unref(feed->records[i]);
}

/* Reads to the end; TRUE when the reader was content. */
static gboolean read_all(Feed *feed)
{
    MgkPolicy policy;
    mgk_policy_init(&policy);
    MgkJob job = {.receive = on_receive, .policy = &policy, .priv = feed};
    g_autoptr(MgkPageReader) reader = mgk_page_reader_new(&job);
    MgkPageRecord record;
    do {
        g_autoptr(GError) error = NULL;
        if (!mgk_page_reader_next(reader, &record, &error)) {
            ck_assert(error != NULL);
            return FALSE;
        }
    } while (record.type != MGK_PAGE_DOCUMENT_END);
    return TRUE;
}

static const MgkPageDocument document = {.pages = 1};
static const MgkPageHead page = {
    .width = 100000, .height = 100000, .px_width = 8, .px_height = 8, .millidpi_x = 72000, .millidpi_y = 72000};
static const MgkPageBand band = {.width = 8, .height = 8, .coding = MGK_CODING_GRAY, .bits = 8};
static const MgkPageRun run = {.cos = 1000000, .size = 10000, .n = 1};
static const MgkPageGlyph glyph = {.character = 'A', .width = 5000, .advance = 5000};
static const MgkPageLink to_page = {.x2 = 1000, .y2 = 1000, .y = MGK_PAGE_NO_POSITION};
static const MgkPageLink to_web = {.x2 = 1000, .y2 = 1000, .page = MGK_PAGE_NO_PAGE};

START_TEST(test_page_stream__accepts_a_document)
{
    Feed feed = {.n = 0};
    guint8 pixels[64] = {0}, text[sizeof run + sizeof glyph];
    memcpy(text, &run, sizeof run);
    memcpy(text + sizeof run, &glyph, sizeof glyph);
    push(&feed, MGK_PAGE_DOCUMENT, &document, sizeof document, "題名");
    push(&feed, MGK_PAGE_PAGE, &page, sizeof page, "1");
    push(&feed, MGK_PAGE_BAND, &band, sizeof band, "");
    push(&feed, MGK_PAGE_PIXELS, pixels, 40, "");
    push(&feed, MGK_PAGE_PIXELS, pixels, 24, "");
    push(&feed, MGK_PAGE_TEXT, text, sizeof text, "");
    push(&feed, MGK_PAGE_LINK, &to_page, sizeof to_page, "");
    push(&feed, MGK_PAGE_LINK, &to_web, sizeof to_web, "https://example.jp/");
    push(&feed, MGK_PAGE_PAGE_END, "", 0, "");
    ck_assert(read_all(&feed));
    clear(&feed);
}
END_TEST

/* One record of an otherwise good document is a lie. */
typedef struct Hostile {
    const char *what;
    guint32 type;
    gconstpointer data;
    gsize size;
    const char *tail;
} Hostile;

static void refuse_each(const Hostile *table, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        gboolean before_page = table[i].type == MGK_PAGE_PAGE || table[i].type == MGK_PAGE_OUTLINE;
        Feed feed = {.n = 0};
        push(&feed, MGK_PAGE_DOCUMENT, &document, sizeof document, "");
        if (!before_page)
            push(&feed, MGK_PAGE_PAGE, &page, sizeof page, "");
        push(&feed, table[i].type, table[i].data, table[i].size, table[i].tail);
        push(&feed, MGK_PAGE_PAGE_END, "", 0, "");
        ck_assert_msg(!read_all(&feed), "%s: accepted", table[i].what);
        clear(&feed);
    }
}

START_TEST(test_page_stream__refuses_hostile_pages)
{
    MgkPageHead wide = page, high = page, endless = page, other = page, dense = page, apart = page;
    wide.px_width = G_MAXUINT32;
    high.px_height = 1000000000;
    endless.width = G_MAXINT32;
    other.index = 1;
    dense.millidpi_x = 0;
    apart.left = G_MININT32;
    const Hostile table[] = {
        {"page too wide", MGK_PAGE_PAGE, &wide, sizeof wide, ""},
        {"page too high", MGK_PAGE_PAGE, &high, sizeof high, ""},
        {"page without end", MGK_PAGE_PAGE, &endless, sizeof endless, ""},
        {"page out of turn", MGK_PAGE_PAGE, &other, sizeof other, ""},
        {"no resolution", MGK_PAGE_PAGE, &dense, sizeof dense, ""},
        {"grid elsewhere", MGK_PAGE_PAGE, &apart, sizeof apart, ""},
        {"label with a control", MGK_PAGE_PAGE, &page, sizeof page, "a\nb"},
        {"label that is no UTF-8", MGK_PAGE_PAGE, &page, sizeof page, "\xff"},
        {"short page", MGK_PAGE_PAGE, &page, sizeof page - 1, ""},
    };
    refuse_each(table, G_N_ELEMENTS(table));
}
END_TEST

START_TEST(test_page_stream__refuses_hostile_bands)
{
    MgkPageBand outside = band, wrap = band, codings = band, bits = band, colors = band, flat = band;
    outside.y = 1;
    wrap.x = G_MAXUINT32;
    codings.coding = 9;
    bits.bits = 7;
    colors.n_colors = 3;
    flat.height = 0;
    const Hostile table[] = {
        {"band outside", MGK_PAGE_BAND, &outside, sizeof outside, ""},
        {"band that wraps", MGK_PAGE_BAND, &wrap, sizeof wrap, ""},
        {"unknown coding", MGK_PAGE_BAND, &codings, sizeof codings, ""},
        {"odd bits", MGK_PAGE_BAND, &bits, sizeof bits, ""},
        {"colours missing", MGK_PAGE_BAND, &colors, sizeof colors, ""},
        {"flat band", MGK_PAGE_BAND, &flat, sizeof flat, ""},
        {"pixels without a band", MGK_PAGE_PIXELS, &band, sizeof band, ""},
        {"too few pixels", MGK_PAGE_BAND, &band, sizeof band, ""},
    };
    refuse_each(table, G_N_ELEMENTS(table));
}
END_TEST

START_TEST(test_page_stream__refuses_hostile_records)
{
    MgkPageLink afar = to_page, far_away = to_page;
    afar.page = 1;
    far_away.x1 = G_MININT32;
    MgkPageRun none = run, many = run, still = run;
    none.n = 0;
    many.n = G_MAXUINT32;
    still.cos = 0;
    MgkPageOutline deep = {.depth = 1, .page = 0};
    const Hostile table[] = {
        {"run of nothing", MGK_PAGE_TEXT, &none, sizeof none, ""},
        {"run of too much", MGK_PAGE_TEXT, &many, sizeof many, ""},
        {"run without direction", MGK_PAGE_TEXT, &still, sizeof still, "123456789012"},
        {"short run", MGK_PAGE_TEXT, &run, sizeof run - 4, ""},
        {"link to no page", MGK_PAGE_LINK, &afar, sizeof afar, ""},
        {"link far away", MGK_PAGE_LINK, &far_away, sizeof far_away, ""},
        {"link with a script", MGK_PAGE_LINK, &to_web, sizeof to_web, "javascript:alert(1)"},
        {"link with a bracket", MGK_PAGE_LINK, &to_web, sizeof to_web, "http://a/>>/AA<<"},
        {"outline too deep", MGK_PAGE_OUTLINE, &deep, sizeof deep, "x"},
        {"second document", MGK_PAGE_DOCUMENT, &document, sizeof document, ""},
        {"unknown record", 0x12345678, &page, sizeof page, ""},
        {"an end that is none", MGK_PAGE_DOCUMENT_END, "", 0, ""},
    };
    refuse_each(table, G_N_ELEMENTS(table));
}
END_TEST

START_TEST(test_page_stream__refuses_an_early_end)
{
    Feed feed = {.n = 0};
    push(&feed, MGK_PAGE_DOCUMENT, &document, sizeof document, "");
    push(&feed, MGK_PAGE_PAGE, &page, sizeof page, "");
    ck_assert(!read_all(&feed));
    clear(&feed);
}
END_TEST

START_TEST(test_page_stream__uris)
{
    static const struct {
        const char *uri;
        gboolean want;
    } table[] = {{"http://a.jp/", TRUE},
                 {"HTTPS://a.jp/x?y=1&z=%20", TRUE},
                 {"mailto:a@b.jp", TRUE},
                 {"ftp://a.jp/", FALSE},
                 {"javascript:1", FALSE},
                 {"http://a b/", FALSE},
                 {"http://a/\"", FALSE},
                 {"http://a/<x>", FALSE},
                 {"http://\xE3\x81\x82/", FALSE},
                 {"file:///etc/passwd", FALSE},
                 {"", FALSE},
                 {"http://a/\\", FALSE},
                 {" http://a.jp/", FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++)
        ck_assert_msg(mgk_page_stream_uri_ok(table[i].uri) == table[i].want, "row %u: %s", i, table[i].uri);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("page_stream");
    TCase *tc = tcase_create("page_stream");
    tcase_add_test(tc, test_page_stream__accepts_a_document);
    tcase_add_test(tc, test_page_stream__refuses_hostile_pages);
    tcase_add_test(tc, test_page_stream__refuses_hostile_bands);
    tcase_add_test(tc, test_page_stream__refuses_hostile_records);
    tcase_add_test(tc, test_page_stream__refuses_an_early_end);
    tcase_add_test(tc, test_page_stream__uris);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
