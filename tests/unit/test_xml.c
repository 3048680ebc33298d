#include "engines/xml_value.h"
#include "fake_job.h"

#include <check.h>
#include <string.h>

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static FakeRun *cleaned(const char *data, gsize size)
{
    FakeRun *run = fake_run_new();
    g_autoptr(GError) error = NULL;
    gboolean ok = fake_run_clean(run, (const guint8 *)data, size, "申請.xml", MGK_FORMAT_ID_xml, &error);
    ck_assert_msg(ok, "%s: %s", data, error ? error->message : "");
    g_byte_array_append(run->output, (const guint8 *)"", 1);
    return run;
}

typedef struct Row {
    const char *in, *out; /* out NULL: held */
} Row;

static const Row rows[] = {
    {"<a/>", "<a/>"},
    {"<a></a>", "<a/>"},
    {"<?xml version='1.0'?><a b='1' c=\"2\">x<d/>y</a>", "<a b=\"1\" c=\"2\">x<d/>y</a>"},
    {"<a xmlns='urn:un:unece:uncefact:x' xmlns:p='urn:q'><p:b p:c='d'/></a>",
     "<a xmlns=\"urn:un:unece:uncefact:x\" xmlns:p=\"urn:q\"><p:b p:c=\"d\"/></a>"},
    {"<a xmlns='http://xml.kishou.go.jp/jmaxml1/'/>", "<a xmlns=\"http://xml.kishou.go.jp/jmaxml1/\"/>"},
    {"<a>&lt;script&gt; &amp; \"</a>", "<a>&lt;script&gt; &amp; \"</a>"},
    {"<a b='x&amp;y&#38;z' xmlns:p='urn:a&amp;b'/>", "<a xmlns:p=\"urn:a&amp;b\" b=\"x&amp;y&amp;z\"/>"},
    {"<a><![CDATA[<b>&]]></a>", "<a>&lt;b&gt;&amp;</a>"},
    {"<a b='&#10;&quot;&lt;'/>", "<a b=\"&#10;&#34;&lt;\"/>"},
    {"<a>漢\xef\xa8\x99\xee\x80\x80</a>", "<a>漢\xef\xa8\x99\xee\x80\x80</a>"},
    {"<a><!-- CANARY -->x</a><!-- CANARY -->", "<a>x</a>"},
    {"<?xml version='1.0'?><?xml-stylesheet type='text/xsl' href='CANARY'?><a/>", "<a/>"},
    {"<?mso-application progid='CANARY.Document'?><a/>", "<a/>"},
    {"<a><?CANARY x?></a>", "<a/>"},
    {"<!DOCTYPE a SYSTEM 'http://CANARY/'><a>x</a>", "<a>x</a>"},
    {"<!DOCTYPE a PUBLIC 'p' 'file:///CANARY'><a>x</a>", "<a>x</a>"},
    {"<a>x&#x202e;\xe2\x80\x8by</a>", "<a>xy</a>"},
    {"<a b='x&#xE0041;y'/>", "<a b=\"xy\"/>"},
    {"<!DOCTYPE a [<!ENTITY e 'CANARY'>]><a>&e;</a>", NULL},
    {"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>", NULL},
    {"<!DOCTYPE a SYSTEM 'x' [<!ENTITY % p SYSTEM 'http://CANARY/'>%p;]><a/>", NULL},
    {"<!DOCTYPE a []><a/>", NULL},
    {"<!DOCTYPE a [<!ATTLIST a b CDATA 'CANARY'>]><a/>", NULL},
    {"<!DOCTYPE a SYSTEM 'x'><a>&nbsp;</a>", NULL},
    {"<a>&e;</a>", NULL},
    {"<a b='&e;'/>", NULL},
    {"<a>", NULL},
    {"<a/><b/>", NULL},
    {"<a b='1' b='2'/>", NULL},
    {"<p:a/>", NULL},
    {"<a/>CANARY", NULL},
    {"<html><script>CANARY</script></html>", NULL},
    {"<a><h:script xmlns:h='http://www.w3.org/1999/xhtml'>CANARY</h:script></a>", NULL},
    {"<a><s:svg xmlns:s='http://www.w3.org/2000/svg' onload='CANARY'/></a>", NULL},
    {"<x:stylesheet xmlns:x='http://www.w3.org/1999/XSL/Transform'/>", NULL},
    {"<w:wordDocument xmlns:w='http://schemas.microsoft.com/office/word/2003/wordml'/>", NULL},
    {"<Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>", NULL},
    {"<Project xmlns='http://schemas.microsoft.com/developer/msbuild/2003'/>", NULL},
    {"<Project><Target/></Project>", NULL},
    {"<package><job><script>CANARY</script></job></package>", NULL},
    {"<scriptlet/>", NULL},
    {"<jnlp href='CANARY'/>", NULL},
    {"<k:kml xmlns:k='http://www.opengis.net/kml/2.2'><k:NetworkLink/></k:kml>", NULL},
    {"<a xmlns='urn:nobody-knows'/>", NULL},
    {"<a xmlns='http://evil.example/.go.jp'/>", NULL},
    {"<a><x:include xmlns:x='http://www.w3.org/2001/XInclude' href='CANARY'/></a>", NULL},
};

START_TEST(test_xml__keeps_data_and_nothing_else)
{
    const Row *row = &rows[_i];
    g_autoptr(FakeRun) run = cleaned(row->in, strlen(row->in));
    const char *out = (const char *)run->output->data;
    ck_assert_msg(mgk_verdict_crosses(run->outcome.verdict) == (row->out != NULL), "%s: %s", row->in,
                  run->outcome.detail);
    if (!row->out)
        return;
    g_autofree char *want = g_strconcat(HEAD, row->out, "\n", NULL);
    ck_assert_msg(strcmp(out, want) == 0, "%s\ngot: %s\nwant: %s", row->in, out, want);
    g_autoptr(FakeRun) again = cleaned(out, strlen(out));
    ck_assert_msg(strcmp((char *)again->output->data, out) == 0, "%s: not stable", row->in);
}
END_TEST

START_TEST(test_xml__reads_its_encoding)
{
    static const struct {
        const char *bytes;
        gsize size;
    } files[] = {
#define BYTES(b) {b, sizeof(b) - 1}
        BYTES("<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><a>\x8a\xbf\x8e\x9a</a>"),
        BYTES("<?xml version=\"1.0\" encoding='EUC-JP'?><a>\xb4\xc1\xbb\xfa</a>"),
        BYTES("\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><a>\xe6\xbc\xa2\xe5\xad\x97</a>"),
        BYTES("\xff\xfe<\0a\0>\0\x22\x6f\x57\x5b<\0/\0a\0>\0"),
        BYTES("<a>\xe6\xbc\xa2\xe5\xad\x97</a>"),
    };
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(FakeRun) run = cleaned(files[i].bytes, files[i].size);
        ck_assert_msg(strcmp((char *)run->output->data, HEAD "<a>漢字</a>\n") == 0, "%u: %s (%s)", i, run->output->data,
                      run->outcome.detail);
    }
}
END_TEST

START_TEST(test_xml__second_look_refuses_what_acts)
{
    static const char *const texts[] = {
        "<a/>\n",
        HEAD "<!-- x --><a/>\n",
        HEAD "<?x y?><a/>\n",
        HEAD "<!DOCTYPE a><a/>\n",
        HEAD "<html/>\n",
        HEAD "<a><b xmlns=\"http://www.w3.org/1999/xhtml\"/></a>\n",
        HEAD "<a><b xmlns=\"http://www.w3.org/2000/svg\"/></a>\n",
        HEAD "<a>\xe2\x80\xae</a>\n",
        HEAD "<a>",
    };
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(FakeRun) run = fake_run_new();
        ck_assert_msg(!fake_run_check(run, (const guint8 *)texts[i], strlen(texts[i]), MGK_FORMAT_ID_xml, NULL), "%s",
                      texts[i]);
    }
}
END_TEST

START_TEST(test_xml__attributes_are_counted_before_they_are_parsed)
{
    static const struct {
        const char *text;
        gboolean bounded;
    } table[] = {{"<a b='1' c=\"2\">d=e=f=g</a>", TRUE},
                 {"<a b='1' c='2' d='3'/>", FALSE},
                 {"<a b='= = = >'/>", TRUE},
                 {"<a b='\"=\"' c=\"'='\"/>", TRUE},
                 {"<!-- <a b='' c='' d=''> --><a b=''/>", TRUE},
                 {"<a><![CDATA[<a b='' c='' d=''>]]></a>", TRUE},
                 {"<?p a= b= c= ?><a/>", TRUE},
                 {"<!-- --><a b='' c='' d=''/>", FALSE},
                 {"<a><b c='' d='' e='", FALSE},
                 {"<a b='", TRUE},
                 {"<", TRUE},
                 {"", TRUE}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        gboolean got = mgk_xml_value_count_all(table[i].text, strlen(table[i].text), 2);
        ck_assert_msg(got == table[i].bounded, "%s", table[i].text);
    }
    g_autoptr(GString) many = g_string_new("<a");
    for (guint i = 0; i < 300000; i++) /* minutes, if each were compared with each */
        g_string_append_printf(many, " a%u=''", i);
    g_string_append(many, "/>");
    g_autoptr(FakeRun) run = fake_run_new();
    ck_assert(fake_run_clean(run, (const guint8 *)many->str, many->len, "a.xml", MGK_FORMAT_ID_xml, NULL));
    ck_assert_int_eq(run->outcome.reason, MGK_REASON_TOO_DEEP);
}
END_TEST

START_TEST(test_xml__second_look_has_its_own_list)
{
    static const struct {
        const char *root;
        gboolean crosses;
    } table[] = {{"<a/>", TRUE},
                 {"<a xmlns=\"http://www.opengis.net/gml/3.2\"/>", TRUE},
                 {"<a xmlns=\"http://xml.kishou.go.jp/jmaxml1/\"/>", TRUE},
                 {"<a xmlns=\"urn:nobody-knows\"/>", FALSE},
                 {"<a xmlns=\"http://evil.example/.go.jp\"/>", FALSE},
                 {"<a xmlns=\"http://.go.jp/\"/>", FALSE},
                 {"<a xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>", FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *text = g_strconcat(HEAD, table[i].root, "\n", NULL);
        g_autoptr(FakeRun) run = fake_run_new();
        gboolean ok = fake_run_check(run, (const guint8 *)text, strlen(text), MGK_FORMAT_ID_xml, NULL);
        ck_assert_msg(ok == table[i].crosses, "%s", table[i].root);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("xml");
    TCase *tc = tcase_create("xml");
    tcase_add_test(tc, test_xml__attributes_are_counted_before_they_are_parsed);
    tcase_add_test(tc, test_xml__second_look_has_its_own_list);
    tcase_add_loop_test(tc, test_xml__keeps_data_and_nothing_else, 0, (int)G_N_ELEMENTS(rows));
    tcase_add_test(tc, test_xml__reads_its_encoding);
    tcase_add_test(tc, test_xml__second_look_refuses_what_acts);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
