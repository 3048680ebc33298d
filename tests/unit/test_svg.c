#include "fake_job.h"

#include <check.h>
#include <string.h>
#include <zlib.h>

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define ROOT "<svg xmlns=\"http://www.w3.org/2000/svg\""
#define XLINK " xmlns:xlink=\"http://www.w3.org/1999/xlink\""

static FakeRun *cleaned(const char *data, gsize size, const char *name)
{
    FakeRun *run = fake_run_new();
    g_autoptr(GError) error = NULL;
    if (!fake_run_clean(run, (const guint8 *)data, size, name, MGK_FORMAT_ID_NONE, &error)) {
        run->outcome.verdict = MGK_VERDICT_HELD;
        g_strlcpy(run->outcome.detail, error->message, sizeof run->outcome.detail);
    }
    g_byte_array_append(run->output, (const guint8 *)"", 1);
    return run;
}

typedef struct Row {
    const char *in, *out; /* what stands inside the root, before and after */
    int kind;             /* a finding there must be, or -1 */
} Row;

static const Row rows[] = {
    /* what stays */
    {"<rect x='1' y='2' width='3' height='4'/>", "<rect x=\"1\" y=\"2\" width=\"3\" height=\"4\"/>", -1},
    {"<text>無害化\xef\xa8\x99</text>", "<text>無害化\xef\xa8\x99</text>", -1},
    {"<path d='M1,2-3 4z' fill='url( #g )'/>", "<path d=\"M1,2-3 4z\" fill=\"url(#g)\"/>", -1},
    {"<g style='fill:red; stroke : #0f0 ;'/>", "<g style=\"fill:red;stroke:#0f0\"/>", -1},
    {"<style>.a > b{fill:red}/* CANARY */</style>", "<style>.a &gt; b{fill:red}\n</style>", -1},
    {"<style><![CDATA[@media print{.a{fill:url('#g')}}]]></style>",
     "<style>@media print{\n.a{fill:url(#g)}\n}\n</style>", -1},
    {"<text font-family='\"MS Mincho\", serif'/>", "<text font-family=\"'MS Mincho', serif\"/>", -1},
    {"<g style=\"font-family:'\\30E1 '\"/>", "<g style=\"font-family:'メ'\"/>", -1},
    {"<animate attributeName='x' values='1;2' dur='1s'/>", "<animate attributeName=\"x\" values=\"1;2\" dur=\"1s\"/>",
     MGK_KIND_IMAGE_ANIMATION},
    {"<use href='#a'/>", "<use href=\"#a\"/>", -1},
    {"<a href='https://www.city.example.lg.jp/'>x</a>", "<a href=\"https://www.city.example.lg.jp/\">x</a>",
     MGK_KIND_LINK_EXTERNAL},
    {"<g transform='matrix(1 0 0 1 -2 .5)'/>", "<g transform=\"matrix(1 0 0 1 -2 .5)\"/>", -1},
    {"<g fill='#fff icc-color(p, 1)'/>", "<g fill=\"#fff icc-color(p, 1)\"/>", -1},
    /* programs */
    {"<script>CANARY</script>", "", MGK_KIND_DRAWING_SCRIPT},
    {"<script href='http://CANARY/'/>", "", MGK_KIND_DRAWING_SCRIPT},
    {"<g onload='CANARY'/>", "<g/>", MGK_KIND_DRAWING_SCRIPT},
    {"<g onCANARY='1'/>", "<g/>", -1},
    {"<handler type='CANARY'/>", "", MGK_KIND_DRAWING_SCRIPT},
    {"<a href='javascript:CANARY'>x</a>", "<a>x</a>", MGK_KIND_LINK_DANGEROUS},
    {"<a href='&#x20;java&#10;script:CANARY'>x</a>", "<a>x</a>", MGK_KIND_LINK_DANGEROUS},
    {"<a href='data:text/html,CANARY'>x</a>", "<a>x</a>", MGK_KIND_LINK_DANGEROUS},
    {"<a href='file:///CANARY'>x</a>", "<a>x</a>", MGK_KIND_LINK_DANGEROUS},
    {"<a href='\\\\CANARY\\x'>x</a>", "<a>x</a>", MGK_KIND_LINK_DANGEROUS},
    {"<a href='CANARY.svg'>x</a>", "<a>x</a>", MGK_KIND_LINK_EXTERNAL},
    {"<set attributeName='href' to='javascript:CANARY'/>", "", MGK_KIND_DRAWING_SCRIPT},
    {"<set attributeName='xlink:href' to='CANARY'/>", "", MGK_KIND_DRAWING_SCRIPT},
    {"<set attributeName=' href ' to='CANARY'/>", "", MGK_KIND_DRAWING_SCRIPT},
    {"<animate attributeName='onclick' values='CANARY'/>", "", MGK_KIND_DRAWING_SCRIPT},
    {"<animate attributeName='style' to='CANARY'/>", "", MGK_KIND_DRAWING_STYLE},
    {"<animate attributeName='fill' to='url(http://CANARY/)'/>", "<animate attributeName=\"fill\"/>",
     MGK_KIND_DRAWING_STYLE},
    /* other vocabularies */
    {"<foreignObject><h:p xmlns:h='http://www.w3.org/1999/xhtml'>CANARY</h:p></foreignObject>", "",
     MGK_KIND_DRAWING_FOREIGN},
    {"<h:iframe xmlns:h='http://www.w3.org/1999/xhtml' src='CANARY'/>", "", MGK_KIND_UNKNOWN_MARKUP},
    {"<audio href='CANARY'/>", "", MGK_KIND_MEDIA},
    {"<metadata>CANARY</metadata>", "", MGK_KIND_METADATA},
    {"<font><glyph d='CANARY'/></font>", "", MGK_KIND_EMBEDDED_FONT},
    {"<g x:CANARY='1' xmlns:x='urn:CANARY'/>", "<g/>", -1},
    {"<g xml:base='http://CANARY/'/>", "<g/>", -1},
    {"<!-- CANARY --><?CANARY x?><g/>", "<g/>", -1},
    /* what is fetched */
    {"<use href='http://CANARY/a.svg#b'/>", "<use/>", MGK_KIND_EXTERNAL_CONTENT},
    {"<use href='data:image/svg+xml,CANARY#b'/>", "<use/>", MGK_KIND_EXTERNAL_CONTENT},
    {"<image href='//CANARY/a.png'/>", "<image/>", MGK_KIND_EXTERNAL_CONTENT},
    {"<feImage href='http://CANARY/a.png'/>", "<feImage/>", MGK_KIND_EXTERNAL_CONTENT},
    {"<image href='#a' xlink:href='http://CANARY/' xmlns:xlink='http://www.w3.org/1999/xlink'/>",
     "<image href=\"#a\"/>", MGK_KIND_EXTERNAL_CONTENT},
    {"<linearGradient href='CANARY.svg#x'/>", "<linearGradient/>", MGK_KIND_EXTERNAL_CONTENT},
    {"<g fill='url(http://CANARY/#a)'/>", "<g/>", MGK_KIND_DRAWING_STYLE},
    {"<g fill='\\75 rl(http://CANARY/)'/>", "<g/>", MGK_KIND_DRAWING_STYLE},
    {"<g style='fill:url(//CANARY/);stroke:red'/>", "<g style=\"stroke:red\"/>", MGK_KIND_DRAWING_STYLE},
    {"<g style='fi\\6cl:u\\72l(CANARY)'/>", "<g/>", MGK_KIND_DRAWING_STYLE},
    {"<g style='behavior:url(#default#CANARY)'/>", "<g/>", MGK_KIND_DRAWING_STYLE},
    {"<g style='width:expression(CANARY)'/>", "<g/>", MGK_KIND_DRAWING_STYLE},
    {"<g style='background:image-set(\"CANARY\" 1x)'/>", "<g/>", MGK_KIND_DRAWING_STYLE},
    {"<g style='cursor:url(CANARY),auto'/>", "<g/>", MGK_KIND_DRAWING_STYLE},
    {"<style>@import 'http://CANARY/';.a{fill:red}</style>", "<style>.a{fill:red}\n</style>", MGK_KIND_DRAWING_STYLE},
    {"<style>@im\\70ort url(CANARY);.a{fill:red}</style>", "<style>.a{fill:red}\n</style>", MGK_KIND_DRAWING_STYLE},
    {"<style>@font-face{font-family:x;src:url(CANARY)}</style>", "", MGK_KIND_DRAWING_STYLE},
    {"<style>.a{fill:url(CANARY}.b{fill:red}</style>", "", MGK_KIND_DRAWING_STYLE},
    {"<style>@media x{@media y{@import 'CANARY';a{color:red}}}</style>",
     "<style>@media x{\n@media y{\na{color:red}\n}\n}\n</style>", MGK_KIND_DRAWING_STYLE},
    {"<style>a{color:red;}}b{zz:CANARY}</style>", "<style>a{color:red}\n</style>", MGK_KIND_DRAWING_STYLE},
    {"<style type='text/CANARY'>CANARY</style>", "", MGK_KIND_DRAWING_STYLE},
    {"<style>&lt;/style>&lt;script>CANARY</style>", "", MGK_KIND_DRAWING_STYLE},
};

START_TEST(test_svg__keeps_the_drawing_and_nothing_else)
{
    const Row *row = &rows[_i];
    g_autofree char *in = g_strconcat(ROOT ">", row->in, "</svg>", NULL);
    g_autoptr(FakeRun) run = cleaned(in, strlen(in), "図.svg");
    const char *out = (const char *)run->output->data;
    ck_assert_msg(mgk_verdict_crosses(run->outcome.verdict), "%s: %s", row->in, run->outcome.detail);
    ck_assert_msg(!strstr(out, "CANARY"), "%s: %s", row->in, out);
    g_autofree char *declared = g_strconcat(HEAD ROOT ">", row->out, "</svg>\n", NULL);
    g_autofree char *empty = g_strdup(HEAD ROOT "/>\n");
    const char *want = *row->out ? declared : empty;
    ck_assert_msg(strcmp(out, want) == 0, "%s: got %s want %s", row->in, out, want);
    ck_assert_msg(row->kind < 0 || fake_run_found(run, (MgkKind)row->kind), "%s: nothing told", row->in);
    g_autoptr(FakeRun) again = cleaned(out, strlen(out), "図.svg");
    ck_assert_msg(strcmp((const char *)again->output->data, out) == 0, "%s: not stable", row->in);
}
END_TEST

typedef struct Whole {
    const char *label, *in;
    gboolean crosses;
    const char *holds;
} Whole;

static const Whole wholes[] = {
    {"the W3C's document type",
     "<?xml version='1.0'?><!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' "
     "'http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd'>" ROOT "/>",
     TRUE, ROOT},
    {"Illustrator's entities",
     "<!DOCTYPE svg PUBLIC 'x' 'y' [<!ENTITY ns_svg 'http://www.w3.org/2000/svg'><!ENTITY s \"fill:red\">]>"
     "<svg xmlns='&ns_svg;'><g style='&s;'/></svg>",
     TRUE, "fill:red"},
    {"an entity that lies elsewhere", "<!DOCTYPE svg [<!ENTITY e SYSTEM 'file:///CANARY'>]>" ROOT "><g>&e;</g></svg>",
     FALSE, NULL},
    {"an entity of entities", "<!DOCTYPE svg [<!ENTITY a 'CANARY'><!ENTITY b '&a;&a;'>]>" ROOT "><g>&b;</g></svg>",
     FALSE, NULL},
    {"markup in an entity", "<!DOCTYPE svg [<!ENTITY a '<g>CANARY</g>'>]>" ROOT ">&a;</svg>", FALSE, NULL},
    {"entities of parameters", "<!DOCTYPE svg [<!ENTITY % a SYSTEM 'CANARY'>%a;]>" ROOT "/>", FALSE, NULL},
    {"defaults in a document type", "<!DOCTYPE svg [<!ATTLIST svg onload CDATA 'CANARY'>]>" ROOT "/>", TRUE, ROOT},
    {"a style sheet beside it", "<?xml-stylesheet href='CANARY'?>" ROOT "/>", TRUE, ROOT},
    {"Shift_JIS", "<?xml version='1.0' encoding='Shift_JIS'?>" ROOT "><text>\x96\xb3\x8a\x51</text></svg>", TRUE,
     "無害"},
    {"another prefix", "<s:svg xmlns:s='http://www.w3.org/2000/svg'><s:g/></s:svg>", TRUE, ROOT "><g/>"},
    {"no namespace", "<svg><g/></svg>", FALSE, NULL},
    {"another namespace", "<svg xmlns='urn:CANARY'/>", FALSE, NULL},
    {"an attribute with an undeclared prefix", ROOT "><image x:href='data:,CANARY' href='data:,'/></svg>", FALSE, NULL},
    {"two roots", ROOT "/>" ROOT "/>", FALSE, NULL},
    {"not well-formed", ROOT "><g></svg>", FALSE, NULL},
    {"a use of itself", ROOT "><g id='a'><use href='#a'/></g></svg>", FALSE, NULL},
    {"patterns in a ring",
     ROOT "><pattern id='a'><g fill='url(#b)'/></pattern><pattern id='b'><g fill='url(#a)'/></pattern></svg>", FALSE,
     NULL},
    {"a ring through a style sheet",
     ROOT "><style>.x{fill:url(#b)}</style><pattern id='b'><g class='y x'/></pattern></svg>", FALSE, NULL},
};

START_TEST(test_svg__documents)
{
    const Whole *whole = &wholes[_i];
    g_autoptr(FakeRun) run = cleaned(whole->in, strlen(whole->in), "図.svg");
    const char *out = (const char *)run->output->data;
    ck_assert_msg(mgk_verdict_crosses(run->outcome.verdict) == whole->crosses, "%s: %s", whole->label,
                  run->outcome.detail);
    ck_assert_msg(!strstr(out, "CANARY") && !strstr(out, "<!"), "%s: %s", whole->label, out);
    ck_assert_msg(!whole->holds || strstr(out, whole->holds), "%s: %s", whole->label, out);
}
END_TEST

/* Level upon level of ten uses each. */
static char *bomb(guint levels)
{
    GString *in = g_string_new(ROOT "><g id='l0'><rect/></g>");
    for (guint level = 1; level <= levels; level++) {
        g_string_append_printf(in, "<g id='l%u'>", level);
        for (guint i = 0; i < 10; i++)
            g_string_append_printf(in, "<use href='#l%u'/>", level - 1);
        g_string_append(in, "</g>");
    }
    g_string_append(in, "</svg>");
    return g_string_free(in, FALSE);
}

START_TEST(test_svg__use_is_counted)
{
    static const struct {
        guint levels;
        gboolean crosses;
    } table[] = {{3, TRUE}, {5, TRUE}, {7, FALSE}, {40, FALSE}};
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *in = bomb(table[i].levels);
        g_autoptr(FakeRun) run = cleaned(in, strlen(in), "図.svg");
        ck_assert_msg(mgk_verdict_crosses(run->outcome.verdict) == table[i].crosses, "%u levels: %s", table[i].levels,
                      run->outcome.detail);
    }
}
END_TEST

/* A white pixel. */
#define PIXEL "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="

START_TEST(test_svg__pictures_are_rebuilt)
{
    static const char *const table[] = {"data:image/png;base64," PIXEL,
                                        "data:image/gif;BASE64," PIXEL,
                                        "data:;base64,%69"
                                        "VBORw0KGgoCANARY",
                                        "data:text/html,CANARY",
                                        "data:CANARY",
                                        "data:,",
                                        "data:image/png;base64,CANARYxx"};
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *in = g_strconcat(ROOT XLINK "><image xlink:href=\"", table[i], "\"/></svg>", NULL);
        g_autoptr(FakeRun) run = cleaned(in, strlen(in), "図.svg");
        const char *out = (const char *)run->output->data;
        ck_assert_msg(mgk_verdict_crosses(run->outcome.verdict), "%s: %s", table[i], run->outcome.detail);
        ck_assert_msg(strstr(out, "\"data:image/png;base64,") && !strstr(out, "CANARY"), "%s: %s", table[i], out);
        ck_assert_msg(fake_run_found(run, MGK_KIND_IMAGE_REPLACED) == (i > 1), "%s: %s", table[i], out);
    }
}
END_TEST

static GByteArray *packed(const char *text, gsize size)
{
    GByteArray *out = g_byte_array_new();
    g_byte_array_set_size(out, (guint)size + 1024);
    z_stream z = {
        .next_in = (Bytef *)(guintptr)text, .avail_in = (uInt)size, .next_out = out->data, .avail_out = out->len};
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    g_byte_array_set_size(out, (guint)z.total_out);
    deflateEnd(&z);
    return out;
}

START_TEST(test_svg__packed_ones_are_unpacked)
{
    static const char text[] = ROOT "><script>CANARY</script><g/></svg>";
    g_autoptr(GByteArray) gz = packed(text, sizeof text - 1);
    g_autoptr(FakeRun) run = cleaned((const char *)gz->data, gz->len, "図.svgz");
    ck_assert_str_eq((const char *)run->output->data, HEAD ROOT "><g/></svg>\n");
    ck_assert_int_eq(run->outcome.format, MGK_FORMAT_ID_svg);
    ck_assert(!fake_run_found(run, MGK_KIND_NAME_MISMATCH));
    g_autoptr(FakeRun) cut = cleaned((const char *)gz->data, gz->len - 4, "図.svgz");
    ck_assert(!mgk_verdict_crosses(cut->outcome.verdict));
    g_byte_array_append(gz, (const guint8 *)"MZ CANARY", 9);
    g_autoptr(FakeRun) tail = cleaned((const char *)gz->data, gz->len, "図.svgz");
    ck_assert_str_eq((const char *)tail->output->data, HEAD ROOT "><g/></svg>\n");
    g_autoptr(FakeRun) other = cleaned((const char *)gz->data, gz->len, "図.svg.gz");
    ck_assert_int_eq(other->outcome.format, MGK_FORMAT_ID_zip);
}
END_TEST

START_TEST(test_svg__a_packed_bomb_is_held)
{
    g_autoptr(GString) text = g_string_new(ROOT ">");
    g_string_set_size(text, 8u << 20);
    memset(text->str + sizeof ROOT, ' ', text->len - sizeof ROOT);
    g_string_append(text, "</svg>");
    g_autoptr(GByteArray) gz = packed(text->str, text->len);
    g_autoptr(FakeRun) run = fake_run_new();
    run->policy.limits.ratio = 100;
    ck_assert(fake_run_clean(run, gz->data, gz->len, "図.svgz", MGK_FORMAT_ID_NONE, NULL));
    ck_assert_int_eq(run->outcome.reason, MGK_REASON_BOMB);
}
END_TEST

/* A class that every element has, and rules that all show something for it. */
START_TEST(test_svg__classes_times_rules_are_bounded)
{
    GString *in = g_string_new(ROOT "><g id='a'/><style>");
    for (guint i = 0; i < 5000; i++)
        g_string_append(in, ".c{fill:url(#a)}");
    g_string_append(in, "</style>");
    for (guint i = 0; i < 5000; i++)
        g_string_append(in, "<g class='c'/>");
    g_string_append(in, "</svg>");
    g_autofree char *text = g_string_free(in, FALSE);
    g_autoptr(FakeRun) run = cleaned(text, strlen(text), "図.svg");
    ck_assert_int_eq(run->outcome.reason, MGK_REASON_BOMB);
}
END_TEST

/* Words that only look like commands: free text, names of classes. */
START_TEST(test_svg__harmless_words_cross)
{
    static const char *const table[] = {"<g aria-label='TypeScript: x'/>", "<style>.data:hover{fill:red}</style>",
                                        "<style>.postscript:hover{fill:red}</style>", "<g class='import src('/>",
                                        "<text>javascript:alert(1) url(http://x/)</text>"};
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *in = g_strconcat(ROOT ">", table[i], "</svg>", NULL);
        g_autoptr(FakeRun) run = cleaned(in, strlen(in), "図.svg");
        ck_assert_msg(mgk_verdict_crosses(run->outcome.verdict), "%s: %s", table[i], run->outcome.detail);
    }
}
END_TEST

static const char *const refused[] = {
    ROOT "><script/></svg>",
    ROOT " onload=\"x\"/>",
    ROOT "><foreignObject/></svg>",
    ROOT "><a href=\"javascript:x\"/></svg>",
    ROOT "><use href=\"http://x/\"/></svg>",
    ROOT "><image href=\"http://x/\"/></svg>",
    ROOT "><image href=\"data:image/png;base64,AAAA\"/></svg>",
    ROOT "><image href=\"data:image/svg+xml;base64,AAAA\"/></svg>",
    ROOT "><g style=\"fill:url(http://x/)\"/></svg>",
    ROOT "><g fill=\"u\\72l(x)\"/></svg>",
    ROOT "><g fill=\"URL( http://x/)\"/></svg>",
    ROOT "><style>@import 'x';</style></svg>",
    ROOT "><style>a{b:expression(x)}</style></svg>",
    ROOT "><set attributeName=\"href\"/></svg>",
    ROOT "><set attributeName=\"onclick\"/></svg>",
    ROOT "><g xmlns=\"http://www.w3.org/1999/xhtml\"/></svg>",
    ROOT "><!-- x --></svg>",
    ROOT "><?x y?></svg>",
    ROOT "><g></svg>",
};

START_TEST(test_svg__the_second_look_refuses)
{
    g_autofree char *text = g_strconcat(HEAD, refused[_i], "\n", NULL);
    g_autoptr(FakeRun) run = fake_run_new();
    ck_assert_msg(!fake_run_check(run, (const guint8 *)text, strlen(text), MGK_FORMAT_ID_svg, NULL), "%s", text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("svg");
    TCase *tests = tcase_create("svg");
    tcase_add_loop_test(tests, test_svg__keeps_the_drawing_and_nothing_else, 0, G_N_ELEMENTS(rows));
    tcase_add_loop_test(tests, test_svg__documents, 0, G_N_ELEMENTS(wholes));
    tcase_add_test(tests, test_svg__use_is_counted);
    tcase_add_test(tests, test_svg__classes_times_rules_are_bounded);
    tcase_add_test(tests, test_svg__harmless_words_cross);
    tcase_add_test(tests, test_svg__pictures_are_rebuilt);
    tcase_add_test(tests, test_svg__packed_ones_are_unpacked);
    tcase_add_test(tests, test_svg__a_packed_bomb_is_held);
    tcase_add_loop_test(tests, test_svg__the_second_look_refuses, 0, G_N_ELEMENTS(refused));
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
