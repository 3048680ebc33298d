/* RTF: what stays, what goes, and that other spellings change nothing. Every case says VISIBLE; no case may let CANARY
 * through. */
#include "fake_job.h"

#include "engines/placeholder_image.h"

#include <check.h>
#include <string.h>

#define HEAD "{\\rtf1\\ansi\\ansicpg932\\deff0{\\fonttbl{\\f0\\fnil\\fcharset128 M;}}"
#define FIELD(code) HEAD "{\\field{\\*\\fldinst " code "}{\\fldrslt VISIBLE}}}"
#define PROPERTY(name, value) HEAD "VISIBLE{\\shp{\\*\\shpinst\\shpleft1{\\sp{\\sn " name "}{\\sv " value "}}}}}"

static FakeRun *clean_bytes(const char *data, gsize size, MgkKind kind, MgkAction action)
{
    g_autoptr(GError) error = NULL;
    FakeRun *run = fake_run_new();
    if (kind < MGK_N_KINDS)
        run->policy.actions[kind] = action;
    gboolean ok = fake_run_clean(run, (const guint8 *)data, size, "a.rtf", MGK_FORMAT_ID_rtf, &error);
    ck_assert_msg(ok, "%s: %s", data, error ? error->message : "");
    g_byte_array_append(run->output, (const guint8 *)"", 1); /* so that it is a string */
    g_byte_array_set_size(run->output, run->output->len - 1);
    return run;
}

static FakeRun *clean(const char *text)
{
    return clean_bytes(text, strlen(text), MGK_N_KINDS, MGK_ACTION_KEEP);
}

static const char *output(const FakeRun *run)
{
    return (const char *)run->output->data;
}

static void demand_stable(const FakeRun *run, const char *label)
{
    g_autoptr(FakeRun) again = clean_bytes(output(run), run->output->len, MGK_N_KINDS, MGK_ACTION_KEEP);
    ck_assert_msg(g_str_equal(output(run), output(again)), "%s:\n%s\nbecomes\n%s", label, output(run), output(again));
}

typedef struct Case {
    const char *label, *input;
    MgkKind kind;     /* that must be found; MGK_N_KINDS for none */
    const char *kept; /* in the output, or NULL */
} Case;

static const Case planted[] = {
    {"object", HEAD "{\\object\\objemb{\\*\\objclass CANARY}{\\*\\objdata CANARY01}{\\result VISIBLE}}}",
     MGK_KIND_OLE_OBJECT, NULL},
    {"object data without object", HEAD "VISIBLE{\\*\\objdata CANARY}}", MGK_KIND_OLE_OBJECT, NULL},
    {"object data without star", HEAD "VISIBLE{\\objdata CANARY}}", MGK_KIND_OLE_OBJECT, NULL},
    {"object data in the middle", HEAD "{VISIBLE\\objdata CANARY}}", MGK_KIND_OLE_OBJECT, NULL},
    {"object data after rubbish", HEAD "VISIBLE{\\*\\junk\\objdata CANARY}}", MGK_KIND_UNKNOWN_MARKUP, NULL},
    {"object that updates", HEAD "{\\object\\objupdate\\objautlink{\\*\\objdata CANARY}{\\result VISIBLE}}}",
     MGK_KIND_EXTERNAL_CONTENT, NULL},
    {"control", HEAD "{\\object\\objocx{\\*\\objdata CANARY}{\\result VISIBLE}}}", MGK_KIND_ACTIVEX, NULL},
    {"class id", HEAD "VISIBLE{\\*\\oleclsid CANARY}}", MGK_KIND_ACTIVEX, NULL},
    {"object hidden by bin", HEAD "{\\object{\\*\\objdata \\bin6 }}}}CANARY}{\\result VISIBLE}}}", MGK_KIND_OLE_OBJECT,
     NULL},
    {"DDE", FIELD("DDEAUTO cmd CANARY"), MGK_KIND_FIELD_ACTIVE, NULL},
    {"DDE in pieces", FIELD("{D}{\\b D}E cmd CANARY"), MGK_KIND_FIELD_ACTIVE, NULL},
    {"DDE in hex", FIELD("\\'44\\'44\\'45 cmd CANARY"), MGK_KIND_FIELD_ACTIVE, NULL},
    {"DDE in Unicode", FIELD("\\u68 ?\\u68 ?\\u69 ? cmd CANARY"), MGK_KIND_FIELD_ACTIVE, NULL},
    {"DDE with fallbacks", FIELD("\\uc3\\u68 xyz\\uc0\\u68\\u69  cmd CANARY"), MGK_KIND_FIELD_ACTIVE, NULL},
    {"INCLUDEPICTURE", FIELD("INCLUDEPICTURE \"http://CANARY/\""), MGK_KIND_FIELD_ACTIVE, NULL},
    {"field made by a field",
     HEAD "{\\field{\\*\\fldinst {\\field{\\*\\fldinst QUOTE D}{\\fldrslt D}}DE CANARY}"
          "{\\fldrslt VISIBLE}}}",
     MGK_KIND_FIELD_ACTIVE, NULL},
    {"instruction after its result", HEAD "{\\field{\\fldrslt VISIBLE}{\\*\\fldinst DDE CANARY}}}",
     MGK_KIND_FIELD_ACTIVE, NULL},
    {"instruction without field", HEAD "VISIBLE{\\*\\fldinst DDE CANARY}}", MGK_KIND_FIELD_ACTIVE, NULL},
    {"second instruction", HEAD "{\\field{\\*\\fldinst PAGE}{\\*\\fldinst DDE CANARY}{\\fldrslt VISIBLE}}}",
     MGK_KIND_FIELD_ACTIVE, "PAGE"},
    {"link to a file", FIELD("HYPERLINK \"file://CANARY/x\""), MGK_KIND_LINK_DANGEROUS, NULL},
    {"link to a share", FIELD("HYPERLINK \"\\\\\\\\\\\\\\\\CANARY\\\\\\\\x\""), MGK_KIND_LINK_DANGEROUS, NULL},
    {"link whose quote is half a pair", FIELD("HYPERLINK \"http://a/\\'83\" \\\\l \" file://CANARY\""),
     MGK_KIND_LINK_DANGEROUS, NULL},
    {"template", HEAD "VISIBLE{\\*\\template http://CANARY/x.dotm}}", MGK_KIND_EXTERNAL_TEMPLATE, NULL},
    {"mail merge", HEAD "VISIBLE{\\*\\mailmerge{\\*\\mmconnectstr CANARY}}}", MGK_KIND_EXTERNAL_DATA, NULL},
    {"data store", HEAD "VISIBLE{\\*\\datastore CANARY}}", MGK_KIND_CUSTOM_XML, NULL},
    {"theme", HEAD "VISIBLE{\\*\\themedata CANARY}{\\*\\colorschememapping CANARY}}", MGK_N_KINDS, NULL},
    {"password", HEAD "VISIBLE{\\*\\passwordhash CANARY}}", MGK_N_KINDS, NULL},
    {"markup of mails", HEAD "VISIBLE{\\*\\htmltag <script>CANARY</script>}}", MGK_KIND_UNKNOWN_MARKUP, NULL},
    {"unknown destination", HEAD "VISIBLE{\\*\\canary CANARY}}", MGK_KIND_UNKNOWN_MARKUP, NULL},
    {"a word too long", HEAD "VISIBLE{\\*\\aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee CANARY}}",
     MGK_KIND_UNKNOWN_MARKUP, NULL},
    {"binary in text", HEAD "VISIBLE\\bin6 CANARY}", MGK_KIND_UNKNOWN_MARKUP, NULL},
    {"binary that is too long", HEAD "VISIBLE\\bin99999999 CANARY}", MGK_KIND_UNKNOWN_MARKUP, NULL},
    {"data behind the end", HEAD "VISIBLE}MZCANARY", MGK_KIND_TRAILING_DATA, NULL},
    {"second document", HEAD "VISIBLE}{\\rtf1 CANARY}", MGK_KIND_TRAILING_DATA, NULL},
    {"font file", "{\\rtf1{\\fonttbl{\\f0{\\*\\fontemb CANARY}A;}}VISIBLE}", MGK_KIND_EMBEDDED_FONT, NULL},
    {"author", HEAD "{\\info{\\title T}{\\author CANARY}{\\*\\company CANARY}}VISIBLE}", MGK_KIND_METADATA,
     "\\title T"},
    {"user property", HEAD "{\\*\\userprops{\\propname a}\\proptype30{\\staticval CANARY}}VISIBLE}", MGK_KIND_METADATA,
     NULL},
    {"document variable", HEAD "{\\*\\docvar{a}{CANARY}}VISIBLE}", MGK_KIND_DOCUMENT_VARIABLES, NULL},
    {"pFragments", PROPERTY("pFragments", "5;1;CANARY"), MGK_KIND_UNKNOWN_MARKUP, NULL},
    {"linked picture", PROPERTY("pibName", "http://CANARY/"), MGK_KIND_EXTERNAL_CONTENT, NULL},
    {"drawing's link", PROPERTY("pihlShape", "{\\*\\hl{\\hlsrc file://CANARY}}"), MGK_KIND_LINK_DANGEROUS, NULL},
    {"number that is none", PROPERTY("shapeType", "CANARY"), MGK_KIND_UNKNOWN_MARKUP, NULL},
    {"macro of a form field", HEAD "{\\*\\formfield{\\fftype0{\\*\\ffentrymcr CANARY}}}VISIBLE}", MGK_KIND_FIELD_ACTIVE,
     NULL},
};

START_TEST(test_rtf__planted)
{
    const Case *c = &planted[_i];
    g_autoptr(FakeRun) run = clean(c->input);
    ck_assert_msg(mgk_verdict_crosses(run->outcome.verdict), "%s: held: %s", c->label, run->outcome.detail);
    ck_assert_msg(!strstr(output(run), "CANARY"), "%s: %s", c->label, output(run));
    ck_assert_msg(strstr(output(run), "VISIBLE") != NULL, "%s: %s", c->label, output(run));
    ck_assert_msg(!c->kept || strstr(output(run), c->kept), "%s: %s", c->label, output(run));
    ck_assert_msg(c->kind == MGK_N_KINDS || fake_run_found(run, c->kind), "%s: nothing said", c->label);
    demand_stable(run, c->label);
}
END_TEST

/* What comes out, word for word. */
static const struct {
    const char *label, *input, *want;
} spellings[] = {
    {"as it is", "{\\rtf1\\ansi A\\par}", "{\\rtf1\\ansi A\\par}"},
    {"short header, blanks in front", " \n{\\rt A}", "{\\rtf1 A}"},
    {"line ends mean nothing", "{\\rtf1\r\nA\r\nB\\\nC}", "{\\rtf1 AB\\par C}"},
    {"raw bytes become hex", "{\\rtf1\\ansicpg932\\deff0 \x82\xa0}", "{\\rtf1\\ansicpg932\\deff0\\'82\\'a0}"},
    {"second bytes are never syntax", "{\\rtf1\\ansicpg932 \\'83\\'5c\\'83\\'7b\\'83\\'7d\\'83A}",
     "{\\rtf1\\ansicpg932\\'83\\'5c\\'83\\'7b\\'83\\'7d\\'83\\'41}"},
    {"an escaped backslash as second byte", "{\\rtf1\\ansicpg932 \\'83\\\\x}", "{\\rtf1\\ansicpg932\\'83\\'5cx}"},
    {"Unicode with any fallback", "{\\rtf1\\uc2\\u12354\\'82\\'a0\\uc0\\u12356 x}", "{\\rtf1\\u12354?\\u12356?x}"},
    {"Unicode beyond 32767", "{\\rtf1\\u65288?\\u-248?}", "{\\rtf1\\u-248?\\u-248?}"},
    {"fallback that is a word", "{\\rtf1\\u8220\\ldblquote x}", "{\\rtf1\\u8220?x}"},
    {"a missing fallback eats no end of line", "{\\rtf1\\u12354\\par x}", "{\\rtf1\\u12354?\\par x}"},
    {"empty groups go", "{\\rtf1{}{{}}A{\\*\\x{}}}", "{\\rtf1 A}"},
    {"destination in the middle", "{\\rtf1 A\\footnote B}", "{\\rtf1 A{\\footnote B}}"},
    {"a cut-off file is closed", "{\\rtf1{\\b A", "{\\rtf1{\\b A}}"},
    {"numbers out of bounds", "{\\rtf1\\fs99999999999\\b1 A}", "{\\rtf1\\b1 A}"},
    {"link", "{\\rtf1{\\field{\\*\\fldinst HYPERLINK \"http://a.example/\"}{\\fldrslt A}}}",
     "{\\rtf1{\\field{\\*\\fldinst HYPERLINK \"http://a.example/\"}{\\fldrslt A}}}"},
    {"button", "{\\rtf1\\ansicpg932{\\field{\\*\\fldinst MACROBUTTON M \\'82\\'a0}{\\fldrslt }}}",
     "{\\rtf1\\ansicpg932{\\u12354?}}"},
    {"drawing", "{\\rtf1{\\shp{\\*\\shpinst{\\sp{\\sn shapeType}{\\sv  1 }}{\\shptxt A}}{\\shprslt B}}}",
     "{\\rtf1{\\shp{\\*\\shpinst{\\sp{\\sn shapeType}{\\sv 1}}{\\shptxt A}}}}"},
    {"a field taken back with the second brace of its result", "{\\rtf1{\\field{\\fldlock{\\fldedit\\fldrslt A}}}B}",
     "{\\rtf1{{{A}}}B}"},
    {"numbers of a list", "{\\rtf1{\\*\\listtable{\\list{\\listlevel{\\leveltext\\'02\\'00.;}}}}\\'02A}",
     "{\\rtf1{\\*\\listtable{\\list{\\listlevel{\\leveltext\\'02\\'00.;}}}}A}"},
    {"label",
     "{\\rtf1{\\*\\userprops{\\propname MSIP_Label_x}\\proptype30{\\staticval y}{\\propname z}\\proptype30"
     "{\\staticval w}}}",
     "{\\rtf1{\\*\\userprops{\\propname MSIP_Label_x}\\proptype30{\\staticval y}}}"},
};

START_TEST(test_rtf__spelling)
{
    g_autoptr(FakeRun) run = clean(spellings[_i].input);
    ck_assert_msg(g_str_equal(output(run), spellings[_i].want), "%s: got %s\nwant %s", spellings[_i].label, output(run),
                  spellings[_i].want);
    demand_stable(run, spellings[_i].label);
}
END_TEST

/* What the second look must refuse. */
START_TEST(test_rtf__second_look)
{
    static const char *const table[] = {"{\\rtf1 A",
                                        "{\\rtf1 A}}",
                                        "{\\rtf1 A}B",
                                        "{\\rt A}",
                                        " {\\rtf1 A}",
                                        "{\\rtf1{\\*\\objdata 00}}",
                                        "{\\rtf1{\\object 0}}",
                                        "{\\rtf1\\bin1 A}",
                                        "{\\rtf1\\uc0\\u1234}",
                                        "{\\rtf1\\u1234A}",
                                        "{\\rtf1\\'8}",
                                        "{\\rtf1\\'5C}",
                                        "{\\rtf1\\'00}",
                                        "{\\rtf1\x82}",
                                        "{\\rtf1\t}",
                                        "{\\rtf1 A{B\\footnote C}}",
                                        "{\\rtf1{\\*template A}}",
                                        "{\\rtf1{\\*\\template A}}",
                                        "{\\rtf1{\\*}}",
                                        "{\\rtf1{\\field{\\*\\fldinst DDE a}}}",
                                        "{\\rtf1{\\field{\\*\\fldinst {D}\\'44E a}}}",
                                        "{\\rtf1{\\field{\\*\\fldinst \\u68?DE a}}}",
                                        "{\\rtf1{\\field{\\*\\fldinst HYPERLINK \"file://x\"}}}",
                                        "{\\rtf1{\\sp{\\sn pFragments}{\\sv 1}}}",
                                        "{\\rtf1{\\pict\\pngblip\n00}}",
                                        "{\\rtf1{\\pict}}",
                                        "{\\rtf1\\fs99999999999 A}",
                                        "",
                                        "{"};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(FakeRun) run = fake_run_new();
        g_autoptr(GError) error = NULL;
        gboolean ok = fake_run_check(run, (const guint8 *)table[i], strlen(table[i]), MGK_FORMAT_ID_rtf, &error);
        ck_assert_msg(!ok && error, "accepted: %s", table[i]);
    }
}
END_TEST

static char *with_picture(const char *kind, const guint8 *data, gsize size)
{
    g_autoptr(GString) text = g_string_new(HEAD "VISIBLE{\\pict\\picwgoal300\\pichgoal150");
    g_string_append(text, kind);
    g_string_append_c(text, '\n');
    for (gsize i = 0; i < size; i++)
        g_string_append_printf(text, "%02X", data[i]);
    g_string_append(text, "}}");
    return g_strdup(text->str);
}

START_TEST(test_rtf__pictures)
{
    g_autoptr(GBytes) png = mgk_placeholder_image(MGK_FORMAT_ID_png, 20, 10);
    g_autofree char *good = with_picture("\\pngblip", g_bytes_get_data(png, NULL), g_bytes_get_size(png));
    g_autofree char *bad = with_picture("\\wmetafile8", (const guint8 *)"CANARY", 6);
    g_autoptr(FakeRun) kept = clean(good), replaced = clean(bad);
    ck_assert_msg(strstr(output(kept), "\\pngblip\n89504e47") && !fake_run_found(kept, MGK_KIND_IMAGE_REPLACED), "%s",
                  output(kept));
    ck_assert_msg(strstr(output(replaced), "\\pngblip\n89504e47") && !strstr(output(replaced), "wmetafile"), "%s",
                  output(replaced));
    ck_assert(fake_run_found(replaced, MGK_KIND_IMAGE_REPLACED));
    demand_stable(kept, "picture");
    static const struct {
        MgkFormatId format;
        const char *word, *want;
    } drawings[] = {{MGK_FORMAT_ID_emf, "\\emfblip", "\\emfblip\n01000000"},
                    {MGK_FORMAT_ID_wmf, "\\wmetafile8", "\\wmetafile8\nd7cdc69a"},
                    {MGK_FORMAT_ID_wmf, "\\wmetafile", "\\wmetafile1\nd7cdc69a"},
                    {MGK_FORMAT_ID_wmf, "\\wmetafile99", "\\wmetafile8\nd7cdc69a"},
                    {MGK_FORMAT_ID_wmf, "\\emfblip", "\\wmetafile8\nd7cdc69a"}};
    for (guint i = 0; i < G_N_ELEMENTS(drawings); i++) {
        g_autoptr(GBytes) drawing = mgk_placeholder_image(drawings[i].format, 20, 10);
        g_autofree char *text =
            with_picture(drawings[i].word, g_bytes_get_data(drawing, NULL), g_bytes_get_size(drawing));
        g_autoptr(FakeRun) run = clean(text);
        ck_assert_msg(strstr(output(run), drawings[i].want) && !fake_run_found(run, MGK_KIND_IMAGE_REPLACED), "%s: %s",
                      drawings[i].word, output(run));
        demand_stable(run, drawings[i].word);
    }
    demand_stable(replaced, "box");
}
END_TEST

START_TEST(test_rtf__policy)
{
    static const struct {
        const char *input;
        MgkKind kind;
    } table[] = {
        {HEAD "VISIBLE{\\v CANARY}}", MGK_KIND_HIDDEN_TEXT},
        {HEAD "VISIBLE{\\v\\u67?ANARY}}", MGK_KIND_HIDDEN_TEXT},
        {HEAD "VISIBLE{\\*\\annotation CANARY}}", MGK_KIND_COMMENT},
        {FIELD("HYPERLINK \"http://CANARY/\""), MGK_KIND_LINK_EXTERNAL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        gsize size = strlen(table[i].input);
        g_autoptr(FakeRun) kept = clean_bytes(table[i].input, size, table[i].kind, MGK_ACTION_KEEP);
        g_autoptr(FakeRun) gone = clean_bytes(table[i].input, size, table[i].kind, MGK_ACTION_REMOVE);
        ck_assert_msg(strstr(output(kept), "ANARY") && fake_run_found(kept, table[i].kind), "%s", output(kept));
        ck_assert_msg(!strstr(output(gone), "ANARY") && strstr(output(gone), "VISIBLE"), "%s", output(gone));
    }
}
END_TEST

START_TEST(test_rtf__bounds)
{
    g_autoptr(GString) deep = g_string_new("{\\rtf1 ");
    for (guint i = 0; i < 5000; i++)
        g_string_append(deep, "{A");
    g_autoptr(FakeRun) run = fake_run_new();
    g_autoptr(GError) error = NULL;
    ck_assert(!fake_run_clean(run, (const guint8 *)deep->str, deep->len, "a.rtf", MGK_FORMAT_ID_rtf, &error));
    ck_assert_msg(g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT), "%s", error->message);
    g_autoptr(GString) wide = g_string_new("{\\rtf1{\\fonttbl");
    for (guint i = 0; i < 40000; i++)
        g_string_append_printf(wide, "{\\f%u A;}", i);
    g_string_append(wide, "}VISIBLE}");
    g_autoptr(FakeRun) fonts = clean(wide->str);
    ck_assert(strstr(output(fonts), "\\f4095 A") && !strstr(output(fonts), "\\f4096") &&
              strstr(output(fonts), "VISIBLE"));
}
END_TEST

START_TEST(test_rtf__text)
{
    static const char input[] = HEAD "\\'82\\'a0\\u12356?\\emdash{\\v hidden}\\par{\\trowd a\\cell b\\cell\\row}"
                                     "{\\field{\\*\\fldinst PAGE}{\\fldrslt 1}}{\\info{\\title t}}}";
    g_autoptr(FakeRun) run = fake_run_new();
    g_autoptr(GError) error = NULL;
    ck_assert(fake_run_text(run, (const guint8 *)input, sizeof input - 1, MGK_FORMAT_ID_rtf, &error));
    g_autofree char *got = g_strndup((const char *)run->output->data, run->output->len);
    ck_assert_str_eq(got, "\xef\xbb\xbf"
                          "あい—\r\na\tb\r\n1\r\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rtf");
    TCase *tests = tcase_create("rtf");
    tcase_add_loop_test(tests, test_rtf__planted, 0, G_N_ELEMENTS(planted));
    tcase_add_loop_test(tests, test_rtf__spelling, 0, G_N_ELEMENTS(spellings));
    tcase_add_test(tests, test_rtf__second_look);
    tcase_add_test(tests, test_rtf__pictures);
    tcase_add_test(tests, test_rtf__policy);
    tcase_add_test(tests, test_rtf__bounds);
    tcase_add_test(tests, test_rtf__text);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
