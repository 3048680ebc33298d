#include "checks/xml_walk.h"

#include "xml_twin.h"

#include <check.h>
#include <string.h>

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"

/* Accepted by both readers, and read alike. */
static const struct {
    const char *document, *told;
} sound[] = {
    {"<a/>", "<{}a></>"},
    {XML "\r\n<a></a>\n ", "<{}a></>"},
    {"\xef\xbb\xbf<?xml version='1.0'?><a b='1' c = \"2'\" />", "<{}a {}b=\"1\" {}c=\"2'\"></>"},
    {"<a xmlns='u'><b c='d'/><e xmlns=''/></a >", "<{u}a><{u}b {}c=\"d\"></><{}e></></>"},
    {"<p:a xmlns:p='u' p:b='1' b='2'><p:a xmlns:p='v'/><p:a/></p:a>",
     "<{u}a {u}b=\"1\" {}b=\"2\"><{v}a></><{u}a></></>"},
    {"<a xml:space='preserve'> x </a>", "<{}a {http://www.w3.org/XML/1998/namespace}space=\"preserve\"> x </>"},
    {"<a b='&lt;&amp;&#38;&#x3042;&quot;&apos;\t\n|'>&gt;&#12354;]]&gt;]] ]></a>",
     "<{}a {}b=\"<&&あ\"'  |\">>あ]]>]] ]></>"},
    {"<a><![CDATA[<&]]>t<![CDATA[]]></a>", "<{}a><&t</>"},
    {"<日本 語='文字𠮷'>文書\xc2\xa0é𠮷</日本>", "<{}日本 {}語=\"文字𠮷\">文書\xc2\xa0é𠮷</>"},
    {"<abcdefghij/>", "<{}abcdefghij></>"},
    {"<abcdefghij abcdefghik='1' abcdefghijk='2'/>", "<{}abcdefghij {}abcdefghik=\"1\" {}abcdefghijk=\"2\"></>"},
    {"<a b='x>y'/>", "<{}a {}b=\"x>y\"></>"},
};

/* Refused by both. */
static const char *const broken[] = {
    "",
    " ",
    "x",
    "<a>",
    "<a/><b/>",
    "<a/>x",
    "x<a/>",
    "<a></b>",
    "<a></aa>",
    "<a></a",
    "<a",
    "<a b></a>",
    "<a b=1/>",
    "<a b='1'c='2'/>",
    "<a b='1' b='2'/>",
    "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
    "<a xmlns:p='u' xmlns:p='v'/>",
    "<p:a/>",
    "<a p:b='1'/>",
    "<a><b xmlns:p='u'/><p:c/></a>",
    "<a xmlns:p=''/>",
    "<a xmlns:xmlns='u'/>",
    "<a xmlns:xml='u'/>",
    "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
    "<a:b:c xmlns:a='u'/>",
    "<1a/>",
    "<-a/>",
    "<a b='<'/>",
    "<a b='&none;'/>",
    "<a b='&#0;'/>",
    "<a b='& '/>",
    "<a>&none;</a>",
    "<a>&#x1;</a>",
    "<a>&#xd800;</a>",
    "<a>&amp</a>",
    "<a>&</a>",
    "<a>]]></a>",
    "<a>\x01</a>",
    "<a b='\x01'/>",
    "<a>\xff</a>",
    "<a>\xc0\x80</a>",
    "<a>\xed\xa0\x80</a>",
    "<a>\xef\xbf\xbf</a>",
    "<a>\xe3\x81</a>",
    "<a b='\xe3\x81'/>",
    "<a><![CDATA[x]]</a>",
    "<a><![CDATA[\x02]]></a>",
    "<![CDATA[x]]><a/>",
    "&amp;<a/>",
    "<?xml version='1.0' encoding='UTF-8'><a/>",
    "<?xml encoding='UTF-8'?><a/>",
    "<a/ >",
    "< a/>",
    "<a></ a>",
};

/* Well-formed, but nothing that our writer makes. */
static const struct {
    const char *document, *why;
} refused[] = {
    {"<!DOCTYPE a><a/>", "a document type"},
    {"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "a document type"},
    {"<a><!-- x --></a>", "a comment"},
    {"<a/><!---->", "a comment"},
    {"<a><?x y?></a>", "a processing instruction"},
    {"<?xml version='1.0' encoding='Shift_JIS'?><a/>", "not UTF-8"},
    {"<?xml version='1.0' encoding='UTF-16'?><a/>", "not UTF-8"},
};

START_TEST(test_xml_walk__reads_as_libxml2_does)
{
    for (gsize i = 0; i < G_N_ELEMENTS(sound); i++) {
        gsize size = strlen(sound[i].document);
        GString *other = mgk_xml_twin_libxml2(sound[i].document, size);
        ck_assert_msg(other && strcmp(other->str, sound[i].told) == 0, "libxml2 on %s: got %s, want %s",
                      sound[i].document, other ? other->str : "nothing", sound[i].told);
        for (gsize cut = 1; cut <= size; cut++) {
            GString *told = mgk_xml_twin_walk(sound[i].document, size, cut);
            ck_assert_msg(told && strcmp(told->str, sound[i].told) == 0, "%s by %zu: got %s, want %s",
                          sound[i].document, cut, told ? told->str : "nothing", sound[i].told);
            mgk_xml_twin_free(told);
        }
        mgk_xml_twin_free(other);
    }
}
END_TEST

START_TEST(test_xml_walk__refuses_what_is_not_well_formed)
{
    for (gsize i = 0; i < G_N_ELEMENTS(broken); i++) {
        gsize size = strlen(broken[i]);
        ck_assert_msg(mgk_xml_twin_libxml2(broken[i], size) == NULL, "libxml2 accepts %s", broken[i]);
        for (gsize cut = 1; cut <= size; cut++)
            ck_assert_msg(mgk_xml_twin_walk(broken[i], size, cut) == NULL, "%s by %zu is accepted", broken[i], cut);
    }
    ck_assert(mgk_xml_twin_walk("<a>\0</a>", 8, 8) == NULL);
    ck_assert(mgk_xml_twin_walk("<a\0/>", 5, 5) == NULL);
    ck_assert(mgk_xml_twin_walk("<?xml version='1.0'\0?><a/>", 26, 26) == NULL);
}
END_TEST

static void ignore_start(gpointer context, MgkXmlWalkName *name, const MgkXmlWalkAttribute *attributes, guint n)
{
    (void)context, (void)name, (void)attributes, (void)n;
}

static void ignore_end(gpointer context)
{
    (void)context;
}

static void ignore_text(gpointer context, const char *text, gsize length)
{
    (void)context, (void)text, (void)length;
}

static const MgkXmlWalkEvents ignore = {ignore_start, ignore_end, ignore_text};

START_TEST(test_xml_walk__says_why)
{
    for (gsize i = 0; i < G_N_ELEMENTS(refused); i++) {
        MgkXmlWalk *walk = mgk_xml_walk_new(&ignore, NULL, 10);
        gboolean ok =
            mgk_xml_walk_push(walk, refused[i].document, strlen(refused[i].document)) && mgk_xml_walk_finish(walk);
        ck_assert_msg(!ok && strcmp(mgk_xml_walk_why(walk), refused[i].why) == 0, "%s: got %s, want %s",
                      refused[i].document, ok ? "accepted" : mgk_xml_walk_why(walk), refused[i].why);
        mgk_xml_walk_free(walk);
    }
}
END_TEST

START_TEST(test_xml_walk__bounds_tags_and_attributes)
{
    MgkXmlWalk *walk = mgk_xml_walk_new(&ignore, NULL, 2);
    ck_assert(mgk_xml_walk_push(walk, "<a b='' c=''>", 13));
    ck_assert(!mgk_xml_walk_push(walk, "<a b='' c='' d=''>", 18));
    mgk_xml_walk_free(walk);

    walk = mgk_xml_walk_new(&ignore, NULL, 2);
    g_autofree char *letters = g_strnfill(1 << 16, 'x');
    gboolean ok = mgk_xml_walk_push(walk, "<a b='", 6);
    guint pushed = 0;
    for (; ok && pushed < 1000; pushed++)
        ok = mgk_xml_walk_push(walk, letters, 1 << 16);
    ck_assert_msg(!ok && pushed < 200, "a tag of %u pieces was waited for", pushed);
    mgk_xml_walk_free(walk);
}
END_TEST

static void note_name(gpointer context, MgkXmlWalkName *name, const MgkXmlWalkAttribute *attributes, guint n)
{
    (void)attributes, (void)n;
    g_ptr_array_add(context, name);
}

/* Checkers hang what they know of a name on it: it must be one, however it is spelled. */
START_TEST(test_xml_walk__names_are_unique)
{
    static const char document[] = "<a xmlns='u' xmlns:p='u'><p:a/><a xmlns='v'/><a/></a>";
    static const MgkXmlWalkEvents events = {note_name, ignore_end, ignore_text};
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    MgkXmlWalk *walk = mgk_xml_walk_new(&events, names, 10);
    ck_assert(mgk_xml_walk_push(walk, document, sizeof document - 1) && mgk_xml_walk_finish(walk));
    ck_assert_uint_eq(names->len, 4);
    ck_assert_ptr_eq(names->pdata[1], names->pdata[0]);
    ck_assert_ptr_ne(names->pdata[2], names->pdata[0]);
    ck_assert_ptr_eq(names->pdata[3], names->pdata[0]);
    mgk_xml_walk_free(walk);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("xml_walk");
    TCase *tc = tcase_create("xml_walk");
    tcase_add_test(tc, test_xml_walk__reads_as_libxml2_does);
    tcase_add_test(tc, test_xml_walk__refuses_what_is_not_well_formed);
    tcase_add_test(tc, test_xml_walk__says_why);
    tcase_add_test(tc, test_xml_walk__bounds_tags_and_attributes);
    tcase_add_test(tc, test_xml_walk__names_are_unique);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
