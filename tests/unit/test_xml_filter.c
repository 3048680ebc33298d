#include "engines/xml_hook.h"

#include <check.h>
#include <string.h>

#define W_URI "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define W_STRICT "http://purl.oclc.org/ooxml/wordprocessingml/main"
#define A_URI "http://schemas.openxmlformats.org/drawingml/2006/main"
#define MC_URI "http://schemas.openxmlformats.org/markup-compatibility/2006"
#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"

static void on_find(MgkJob *job, MgkKind kind, MgkAction action, const char *where, const char *detail)
{
    (void)kind, (void)action, (void)where, (void)detail;
    (*(guint *)job->priv)++;
}

static gboolean to_string(gpointer user, const void *data, gsize size, GError **error)
{
    (void)error;
    g_string_append_len(user, data, (gssize)size);
    return TRUE;
}

/* Filters in pieces of `cut` bytes; "ERROR" when refused. */
static char *filter_cut(const char *xml, gsize size, gsize cut)
{
    MgkPolicy policy;
    mgk_policy_init(&policy);
    guint findings = 0;
    MgkJob job = {.policy = &policy, .find = on_find, .priv = &findings};
    g_autoptr(GString) out = g_string_new(NULL);
    MgkXmlFilterOptions options = {.job = &job, .where = "part.xml", .sink = to_string, .user = out};
    g_autoptr(MgkXmlFilter) filter = mgk_xml_filter_new(&options);
    gboolean ok = TRUE;
    for (gsize at = 0; ok && at < size; at += cut)
        ok = mgk_xml_filter_push(filter, xml + at, MIN(cut, size - at), NULL);
    if (!ok || !mgk_xml_filter_finish(filter, NULL))
        return g_strdup("ERROR");
    return g_strdup(g_str_has_prefix(out->str, HEAD) ? out->str + sizeof HEAD - 1 : out->str);
}

static const struct {
    const char *in, *want;
} cases[] = {
    {"<a:document xmlns:a='" W_URI "'><a:body/></a:document>",
     "<w:document xmlns:w=\"" W_URI "\"><w:body/></w:document>"},
    {"<document xmlns='" W_STRICT "'><!-- c --><body>\n<?pi x?></body></document>",
     "<w:document xmlns:w=\"" W_URI "\"><w:body>\n</w:body></w:document>"},
    {"<w:document xmlns:w='" W_URI "'><w:body><x:evil xmlns:x='urn:x'>canary</x:evil></w:body></w:document>",
     "<w:document xmlns:w=\"" W_URI "\"><w:body/></w:document>"},
    {"<w:document xmlns:w='" W_URI
     "'><w:p><w:t xml:space='preserve' xml:base='http://x/'>&lt;a&gt; &amp; &#13;</w:t></w:p></w:document>",
     "<w:document xmlns:w=\"" W_URI
     "\"><w:p><w:t xml:space=\"preserve\">&lt;a&gt; &amp; &#13;</w:t></w:p></w:document>"},
    {"<!DOCTYPE w:document><w:document xmlns:w='" W_URI "'/>", "ERROR"},
    {"<!DOCTYPE d [<!ENTITY e 'x'>]><w:document xmlns:w='" W_URI "'>&e;</w:document>", "ERROR"},
    {"<w:document xmlns:w='" W_URI "'>&e;</w:document>", "ERROR"},
    {"<w:document xmlns:w='" W_URI "'><q:p/></w:document>", "ERROR"},
    {"<w:document xmlns:w='" W_URI "'>", "ERROR"},
    {"<?xml version='1.0' encoding='shift_jis'?><w:document xmlns:w='" W_URI "'/>", "ERROR"},
    {"<w:document xmlns:w='" W_URI "' xmlns:m='" MC_URI
     "' xmlns:n='urn:n'><m:AlternateContent><m:Choice Requires='n'><w:t>canary</w:t>"
     "</m:Choice><m:Fallback><w:t>x</w:t></m:Fallback></m:AlternateContent></w:document>",
     "<w:document xmlns:w=\"" W_URI "\" xmlns:mc=\"" MC_URI "\"><w:t>x</w:t></w:document>"},
    {"<w:document xmlns:w='" W_URI "' xmlns:m='" MC_URI "' xmlns:n='urn:n' m:MustUnderstand='n'/>", "ERROR"},
    /* a Choice that lost all goes, one that was empty stays */
    {"<w:document xmlns:w='" W_URI "' xmlns:mc='" MC_URI "'><mc:AlternateContent><mc:Choice Requires='w'> <n:x "
     "xmlns:n='urn:n'/> </mc:Choice><mc:Fallback><w:p/></mc:Fallback></mc:AlternateContent></w:document>",
     "<w:document xmlns:w=\"" W_URI "\" xmlns:mc=\"" MC_URI "\"><w:p/></w:document>"},
    {"<w:document xmlns:w='" W_URI "' xmlns:mc='" MC_URI "'><mc:AlternateContent><mc:Choice Requires='w'/>"
     "<mc:Fallback><w:p/></mc:Fallback></mc:AlternateContent></w:document>",
     "<w:document xmlns:w=\"" W_URI "\" xmlns:mc=\"" MC_URI "\"><mc:AlternateContent><mc:Choice Requires=\"w\"/>"
     "<mc:Fallback><w:p/></mc:Fallback></mc:AlternateContent></w:document>"},
    {"<w:document xmlns:w='" W_URI "' xmlns:mc='" MC_URI "'><mc:AlternateContent><mc:Choice Requires='w'><w:p/><n:x "
     "xmlns:n='urn:n'/></mc:Choice></mc:AlternateContent></w:document>",
     "<w:document xmlns:w=\"" W_URI "\" xmlns:mc=\"" MC_URI "\"><mc:AlternateContent><mc:Choice Requires=\"w\"><w:p/>"
     "</mc:Choice></mc:AlternateContent></w:document>"},
    /* so do extensions, with the lists around them left in place */
    {"<a:theme xmlns:a='" A_URI "'><a:extLst><a:ext uri='{1}'><n:x xmlns:n='urn:n'/></a:ext></a:extLst></a:theme>",
     "<a:theme xmlns:a=\"" A_URI "\"><a:extLst/></a:theme>"},
    {"<a:theme xmlns:a='" A_URI "'><a:ext uri='{1}'><a:b><n:x xmlns:n='urn:n'/></a:b></a:ext><a:ext cx='1'/></a:theme>",
     "<a:theme xmlns:a=\"" A_URI "\"><a:ext uri=\"{1}\"><a:b/></a:ext><a:ext cx=\"1\"/></a:theme>"},
};

START_TEST(test_xml_filter__rewrites_by_rules)
{
    for (gsize cut = 1; cut <= 64; cut += 21) {
        g_autofree char *got = filter_cut(cases[_i].in, strlen(cases[_i].in), cut);
        ck_assert_msg(strcmp(got, cases[_i].want) == 0, "got  %s\nwant %s", got, cases[_i].want);
        if (strcmp(got, "ERROR") == 0)
            continue;
        g_autofree char *again = filter_cut(got, strlen(got), cut);
        ck_assert_msg(strcmp(again, got) == 0, "again %s\nfirst %s", again, got);
    }
}
END_TEST

START_TEST(test_xml_filter__reads_utf16)
{
    static const char xml[] = "<w:document xmlns:w='" W_URI "'><w:t>\xe9\xab\x98 \xf0\xa0\xae\xb7</w:t></w:document>";
    static const char want[] =
        "<w:document xmlns:w=\"" W_URI "\"><w:t>\xe9\xab\x98 \xf0\xa0\xae\xb7</w:t></w:document>";
    static const char *const encodings[] = {"UTF-16LE", "UTF-16BE"};
    for (guint i = 0; i < G_N_ELEMENTS(encodings); i++) {
        gsize size = 0;
        g_autofree char *utf16 = g_convert(xml, -1, encodings[i], "UTF-8", NULL, &size, NULL);
        g_autofree char *got = filter_cut(utf16, size, 3);
        ck_assert_str_eq(got, want);
    }
}
END_TEST

static const struct {
    const char *url;
    gboolean harmless;
} urls[] = {
    {"http://example.jp/", TRUE},
    {"https://example.jp/a?b#c", TRUE},
    {"HTTPS://example.jp", TRUE},
    {"mailto:a@example.jp", TRUE},
    {"#_Toc1", TRUE},
    {"", TRUE},
    {"http://", FALSE},
    {"http:///x", FALSE},
    {"https://user@example.jp/", FALSE},
    {"https://example.jp\\@evil", FALSE},
    {"javascript:x", FALSE},
    {"file:///c:/x", FALSE},
    {"\\\\host\\share", FALSE},
    {"//host/share", FALSE},
    {"doc.docx", FALSE},
    {"ms-word:ofe|u|http://x", FALSE},
    {"data:text/html,x", FALSE},
    {"https://a\nb", FALSE},
    {"ftp://x/", FALSE},
};

START_TEST(test_xml_filter__knows_harmless_links)
{
    gboolean got = mgk_xml_url_is_harmless(urls[_i].url, strlen(urls[_i].url));
    ck_assert_msg(got == urls[_i].harmless, "%s: got %d", urls[_i].url, got);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("xml_filter");
    TCase *tests = tcase_create("all");
    tcase_add_loop_test(tests, test_xml_filter__rewrites_by_rules, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tests, test_xml_filter__reads_utf16);
    tcase_add_loop_test(tests, test_xml_filter__knows_harmless_links, 0, G_N_ELEMENTS(urls));
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
