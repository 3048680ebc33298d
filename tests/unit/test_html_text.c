#include "engines/html_text.h"
#include "engines/line_break.h"

#include <check.h>
#include <string.h>

typedef struct Row {
    const char *html, *text;
} Row;

static void convert(const char *html, gsize size, const MgkHtmlOptions *options, MgkHtmlResult *result)
{
    g_autoptr(GError) error = NULL;
    gboolean ok = mgk_html_to_text((const guint8 *)html, size, "utf-8", options, result, &error);
    ck_assert_msg(ok, "%.60s: %s", html, error ? error->message : "");
    ck_assert_uint_eq(strlen(result->text), result->length);
    ck_assert(g_utf8_validate(result->text, -1, NULL));
}

static void compare(const Row *rows, guint n, const MgkHtmlOptions *options)
{
    for (guint i = 0; i < n; i++) {
        g_auto(MgkHtmlResult) result = {.text = NULL};
        convert(rows[i].html, strlen(rows[i].html), options, &result);
        ck_assert_msg(strcmp(result.text, rows[i].text) == 0, "row %u: %s\ngot:\n%s\nwant:\n%s", i, rows[i].html,
                      result.text, rows[i].text);
    }
}

static const MgkHtmlOptions japanese = {.width = 40, .japanese = TRUE};

START_TEST(test_html_text__flows_blocks_and_spaces)
{
    static const Row rows[] = {
        {"", ""},
        {"plain", "plain\n"},
        {" a \n  b\t c ", "a b c\n"},
        {"<p>一<p>二", "一\n\n二\n"},
        {"<div>一</div><div>二</div>", "一\n二\n"},
        {"a<br>b<br><br>c", "a\nb\n\nc\n"},
        {"a<br><br><br><br><br><br>b", "a\n\n\nb\n"},
        {"漢字\n仮名", "漢字仮名\n"},
        {"漢字 仮名", "漢字 仮名\n"},
        {"word\nword", "word word\n"},
        {"<p>&nbsp;</p><p>a", "a\n"},
        {"a<p style='margin:0'>&nbsp;</p><p style='margin:0'>b", "a\n\nb\n"},
        {"<p style='margin:0mm'>a</p><p style='margin:0mm'>b", "a\nb\n"},
        {"　字下げ", "　字下げ\n"},
        {"a<hr>b", "a\n----------------------------------------\nb\n"},
        {"<h1>見出し</h1>本文", "見出し\n======\n\n本文\n"},
        {"<h2>ab</h2>c", "ab\n--\n\nc\n"},
        {"<pre>\n a\tb\n  c</pre>d", " a      b\n  c\n\nd\n"},
        {"<div style='white-space:pre-wrap'>a\n  b</div>", "a\n  b\n"},
        {"<blockquote>a<p>b</blockquote>c", "> a\n>\n> b\n\nc\n"},
        {"<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b\n"},
        {"<p>a</div></span>b", "ab\n"},
        {"a<span style='display:block'>b</span>c", "a\nb\nc\n"},
        {"<title>題</title>x<style>p{}</style><script>y<b></script>z", "xz\n"},
        {"a<!-- b --><!--[if mso]>c<![endif]--><![if !mso]>d<![endif]>e<!-->f", "adef\n"},
        {"<noscript>n</noscript><template>t</template><xmp><b></xmp>", "n\n\n<b>\n"},
        {"1 < 2 & 3 > 2 <3", "1 < 2 & 3 > 2 <3\n"},
    };
    compare(rows, G_N_ELEMENTS(rows), &japanese);
}
END_TEST

START_TEST(test_html_text__decodes_references)
{
    static const Row rows[] = {
        {"&lt;b&gt; &amp; &quot;&apos;", "<b> & \"'\n"},
        {"&#12354;&#x3044;", "あい\n"},
        {"&copy &copyx &notit;", "© ©x ¬it;\n"},
        {"&#128; &#0; &#xd800; &#x110000;", "€ � � �\n"},
        {"&unknown; &; &#; &#x;", "&unknown; &; &#; &#x;\n"},
        {"&hellip;&yen;&rarr;", "…¥→\n"},
        {"a&#0000000000000000065;", "aA\n"},
    };
    compare(rows, G_N_ELEMENTS(rows), &japanese);
}
END_TEST

START_TEST(test_html_text__breaks_lines_by_kinsoku)
{
    static const MgkHtmlOptions narrow = {.width = 20, .japanese = TRUE};
    static const Row rows[] = {
        {"あいうえおかきくけこさしす", "あいうえおかきくけこ\nさしす\n"},
        {"あいうえおかきくけこ。さ", "あいうえおかきくけ\nこ。さ\n"},
        {"あいうえおかきくけこ」。さ", "あいうえおかきくけ\nこ」。さ\n"},
        {"あいうえおかきくけ「こさ」", "あいうえおかきくけ\n「こさ」\n"},
        {"あいうえおかきくけコーヒー", "あいうえおかきくけ\nコーヒー\n"},
        {"あいうえおかきくけ佐々木", "あいうえおかきくけ\n佐々木\n"},
        {"あいうえおかきくけいって", "あいうえおかきくけ\nいって\n"},
        {"あいうえおかきくけ……こ", "あいうえおかきく\nけ……こ\n"},
        {"あいうえおかきく12345円", "あいうえおかきく\n12345円\n"},
        {"abc def ghi jkl mno pqr stu", "abc def ghi jkl mno\npqr stu\n"},
        {"詳細はhttps://example.jp/a/b/cをご覧", "詳細は\nhttps://example.jp/a/b/c\nをご覧\n"},
        {"あいうえおかきくけ👨‍👩‍👧", "あいうえおかきくけ👨‍👩‍👧\n"},
        {"あいうえおかきくけ辻󠄀こ", "あいうえおかきくけ辻󠄀\nこ\n"},
        {"あいうえおかき&nbsp;く&nbsp;けこ", "あいうえおかき く け\nこ\n"},
    };
    compare(rows, G_N_ELEMENTS(rows), &narrow);
}
END_TEST

START_TEST(test_html_text__prohibitions_hold_in_pairs)
{
    static const struct {
        gunichar before, after;
        gboolean want;
    } rows[] = {
        {0x3042, 0x3044, TRUE},  {0x3042, 0x3001, FALSE}, {0x3042, 0x3063, FALSE},  {0x3042, 0x30fc, FALSE},
        {0x3042, 0x3005, FALSE}, {0x300c, 0x3042, FALSE}, {0x3042, 0x300c, TRUE},   {0x300d, 0x3042, TRUE},
        {0x2026, 0x2026, FALSE}, {'a', 'b', FALSE},       {'a', 0x3042, TRUE},      {0x3042, 'a', TRUE},
        {'3', 0x6708, FALSE},    {0x3042, ')', FALSE},    {'(', 0x3042, FALSE},     {0xff08, 0x3042, FALSE},
        {0x3042, 0xff09, FALSE}, {0xff11, 0xff12, FALSE}, {0x3042, 0xfe0f, FALSE},  {0x1f1ef, 0x1f1f5, FALSE},
        {0xffe5, 0xff11, FALSE}, {0x3042, 0xff05, FALSE}, {0x8fbb, 0xe0100, FALSE}, {0x3042, 0x3099, FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        gboolean got = mgk_may_break(rows[i].before, rows[i].after);
        ck_assert_msg(got == rows[i].want, "row %u: U+%04X U+%04X: got %d want %d", i, rows[i].before, rows[i].after,
                      got, rows[i].want);
    }
}
END_TEST

START_TEST(test_html_text__numbers_and_nests_lists)
{
    static const Row rows[] = {
        {"<ul><li>a<li>b</ul>", "・a\n・b\n"},
        {"<ul><li>a<ul><li>b</ul><li>c</ul>", "・a\n  ・b\n・c\n"},
        {"<ol start=9><li>a<li>b</ol>", "9. a\n10. b\n"},
        {"<ol type=A><li>a<li value=27>b</ol>", "A. a\nAA. b\n"},
        {"<ol type=i start=4><li>a</ol><ol type=I><li>b</ol>", "iv. a\n\nI. b\n"},
        {"<ol start=3 reversed><li>a<li>b</ol>", "3. a\n2. b\n"},
        {"<ul><li>あいうえおかきくけこさしすせそたちつてとなに</ul>",
         "・あいうえおかきくけこさしすせそたちつて\n  となに\n"},
        {"<ul style='list-style:none'><li>a</ul>", "a\n"},
        {"<dl><dt>語<dd>説明</dl>", "語\n    説明\n"},
        {"<ul><li><p>a</p><p>b</p></ul>", "・a\n\n  b\n"},
    };
    compare(rows, G_N_ELEMENTS(rows), &japanese);
}
END_TEST

START_TEST(test_html_text__lays_out_tables)
{
    static const Row rows[] = {
        {"<table border=1><tr><th>品<th>数<tr><td>りんご<td align=right>3</table>",
         "品     | 数\n-------+---\nりんご |  3\n"},
        {"<table><tr><td>日時<td>10時<tr><td>ところ<td>市役所</table>", "日時    10時\nところ  市役所\n"},
        {"<table><tr><td>段落</td></tr><tr><td>もう一つ</td></tr></table>", "段落\nもう一つ\n"},
        {"<table border=1><tr><td colspan=2>上<tr><td>左<td>右</table>", "上\n左 | 右\n"},
        {"<table border=1><tr><td rowspan=2>縦<td>一<tr><td>二</table>", "縦 | 一\n   | 二\n"},
        {"<table border=1><tr><td>短い<td>これはとても長いので折り返される文章です。はい。<tr><td>a<td>b</table>",
         "短い | これはとても長いので折り返される\n     | "
         "文章です。はい。\n-----+----------------------------------\na    | b\n"},
        {"<table><tr><td>外<table border=1><tr><td>a<td>b<tr><td>c<td>d</table></table>", "外\n\na | b\nc | d\n"},
        {"<table><caption>表題</caption><tr><th>a<th>b<tr><td>1<td>2</table>", "表題\n\na | b\n--+--\n1 | 2\n"},
        {"a<table><tr><td>b</table>c", "a\nb\nc\n"},
        {"<td>a<td>b", "a\nb\n"},
        {"<blockquote><table border=1><tr><td>a<td>b<tr><td>c<td>d</table></blockquote>", "> a | b\n> c | d\n"},
        {"<ul><li><table border=1><tr><td>a<td>b<tr><td>c<td>d</table></ul>", "・a | b\n  c | d\n"},
    };
    compare(rows, G_N_ELEMENTS(rows), &japanese);
}
END_TEST

START_TEST(test_html_text__writes_ruby_pictures_and_fields)
{
    static const Row rows[] = {
        {"<ruby>漢字<rp>（</rp><rt>かんじ</rt><rp>）</rp></ruby>", "漢字(かんじ)\n"},
        {"<ruby>漢<rt>かん<rt></ruby>", "漢(かん)\n"},
        {"<img src=a alt='絵'><img src=b alt=''><img src=c width=1 alt='t'>", "[絵]\n"},
        {"<label>名前</label> <input value='緑'><input type=hidden value=x>", "名前 [緑]\n"},
        {"<input type=checkbox checked> 同意 <input type=radio>いいえ", "[x] 同意 ( ) いいえ\n"},
        {"<select><option>a<option selected>b</select>", "[a / b*]\n"},
        {"<textarea>b&lt;</textarea><button>送信</button>", "[b<] [送信]\n"},
        {"<s>5円</s>3円", "(取り消し線: 5円)3円\n"},
        {"10<sup>6</sup>", "10^6\n"},
        {"<form action='https://a.jp/x'>a</form>", "[フォームの送信先: https://a.jp/x]\na\n"},
        {"<meta http-equiv=refresh content='0; url=https://a.jp/'>", "[自動転送先: https://a.jp/]\n"},
        {"<iframe src='https://a.jp/f'>x</iframe>", "[埋め込みページ: https://a.jp/f]\n"},
    };
    compare(rows, G_N_ELEMENTS(rows), &japanese);
}
END_TEST

START_TEST(test_html_text__shows_true_targets)
{
    static const MgkHtmlOptions wide = {.width = 200, .japanese = TRUE};
    static const Row rows[] = {
        {"<a href='https://a.jp/x'>こちら</a>", "こちら <https://a.jp/x>\n"},
        {"<a href='https://a.jp/'>https://a.jp</a>", "https://a.jp\n"},
        {"<a href='mailto:x@a.jp?subject=y'>x@a.jp</a>", "x@a.jp\n"},
        {"<a href='tel:0312345678'>03-1234-5678</a>", "03-1234-5678\n"},
        {"<base href='https://b.jp/p/q'><a href='../r?s'>x</a>", "x <https://b.jp/r?s>\n"},
        {"<base href='http://b.jp/'><a href='//c.jp'>x</a>", "x <http://c.jp>\n"},
        {"<a href='#top'>上へ</a><a name=z>y</a>", "上へy\n"},
        {"<a href=' ht\ntp:\\\\EVIL.jp\\a b'>x</a>", "x <http://evil.jp/a%20b>\n"},
        {"<a href='https://ｅｖｉｌ．ｊｐ/'>x</a>", "x <https://evil.jp/>\n"},
        {"<a href='https://日本語.jp/'>x</a>", "x <https://日本語.jp/>\n"},
        {"<a href='https://www.аpple.com/'>x</a>", "x <https://www.xn--pple-43d.com/>\n"},
        {"<a href='javascript:alert(1)'>x</a>", "x [危険なリンクを削除]\n"},
        {"<a href='java&Tab;script&colon;alert(1)'>x</a>", "x [危険なリンクを削除]\n"},
        {"<a href='data:text/html,x'>x</a>", "x [危険なリンクを削除]\n"},
        {"<a href='file://s/a'>x</a><a href='\\\\s\\a'>y</a>", "x [危険なリンクを削除]y [危険なリンクを削除]\n"},
        {"<a href='https://evil.jp/'>https://www.bank.co.jp/</a>",
         "https://www.bank.co.jp/ <https://evil.jp/> 【注意: 表示は www.bank.co.jp、実際の行き先は evil.jp】\n"},
        {"<a href='https://www.bank.co.jp@evil.jp/'>銀行</a>",
         "銀行 <https://evil.jp/> 【注意: 表示は www.bank.co.jp、実際の行き先は evil.jp】\n"},
        {"<a href='https://m.bank.co.jp/'>www.bank.co.jp</a>", "www.bank.co.jp <https://m.bank.co.jp/>\n"},
        {"<a href='https://a.jp/'>お知らせ.pdf Node.js</a>", "お知らせ.pdf Node.js <https://a.jp/>\n"},
        {"<a href='https://a.jp/'><img src=x></a>", "[画像] <https://a.jp/>\n"},
        {"<a href='https://a.jp/'></a>b", "b\n"},
    };
    compare(rows, G_N_ELEMENTS(rows), &wide);
}
END_TEST

START_TEST(test_html_text__lists_long_targets_and_obeys_the_mode)
{
    static const char html[] = "<a href='https://a.example/0123456789'>x</a> http://b.example/c www.d.example";
    static const struct {
        MgkLinkMode mode;
        const char *text;
    } rows[] = {
        {MGK_LINKS_KEEP,
         "x [1] http://b.example/c www.d.example\n\n------------------------------------------------------------\n"
         "Links\n[1] https://a.example/0123456789\n"},
        {MGK_LINKS_DEFANG, "x [1] hxxp://b[.]example/c www[.]d[.]example\n\n"
                           "------------------------------------------------------------\n"
                           "Links\n[1] hxxps://a[.]example/0123456789\n"},
        {MGK_LINKS_REMOVE, "x [address removed] [address removed]\n"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        MgkHtmlOptions options = {.width = 60, .links = rows[i].mode, .inline_columns = 10};
        Row row = {html, rows[i].text};
        compare(&row, 1, &options);
    }
    MgkHtmlOptions few = {.max_links = 1};
    g_auto(MgkHtmlResult) result = {.text = NULL};
    static const char two[] = "<a href=http://a.jp/>x</a> <a href=http://b.jp/>y</a>";
    convert(two, strlen(two), &few, &result);
    ck_assert_str_eq(result.text, "x <http://a.jp/> y\n1 more links are not listed.\n");
    ck_assert_uint_eq(result.count.links_unlisted, 1);
}
END_TEST

START_TEST(test_html_text__drops_what_nobody_sees)
{
    static const char *const hidden[] = {
        "a<span style='display:none'>X</span>b",
        "a<span style='DISPLAY : none !important'>X</span>b",
        "a<span style='dis\\70 lay:n/**/one'>X</span>b",
        "a<span style='visibility:hidden'>X</span>b",
        "a<span hidden>X</span>b",
        "a<span style='font-size:0'>X</span>b",
        "a<span style='font-size:1px'>X</span>b",
        "a<span style='opacity:0'>X</span>b",
        "a<span style='color:#fff'>X</span>b",
        "a<font color=white>X</font>b",
        "<body bgcolor=#000000 text=yellow>a<span style='color:rgb(1,0,0)'>X</span>b",
        "a<span style='max-height:0;overflow:hidden'>X</span>b",
        "a<span style='position:absolute;left:-9999px'>X</span>b",
        "a<span style='text-indent:-9999px'>X</span>b",
        "a<span style='mso-hide:all'>X</span>b",
        "<style>.h{display:none}</style>a<span class='g h'>X</span>b",
        "<style>#h{font-size:0px}</style>a<span id=h>X</span>b",
        "<style>span.h{visibility:hidden}</style>a<span class=h>X</span>b",
        "<style>@media all{.h{display:none}}</style>a<span class=h>X</span>b",
        "a<span style='position:absolute;clip:rect(0,0,0,0)'>X</span>b",
        "a<table style='display:none'><tr><td>X</table>b",
    };
    for (guint i = 0; i < G_N_ELEMENTS(hidden); i++) {
        g_auto(MgkHtmlResult) result = {.text = NULL};
        convert(hidden[i], strlen(hidden[i]), NULL, &result);
        ck_assert_msg(!strchr(result.text, 'X'), "row %u: %s\ngot: %s", i, hidden[i], result.text);
        ck_assert_msg(result.count.hidden_pieces == 1 && result.count.hidden_chars == 1, "row %u: %u pieces, %u chars",
                      i, result.count.hidden_pieces, result.count.hidden_chars);
        ck_assert_msg(strchr(result.text, 'a') && strchr(result.text, 'b'), "row %u: %s", i, result.text);
    }
}
END_TEST

START_TEST(test_html_text__keeps_what_newsletters_show)
{
    static const char *const shown[] = {
        "<style>@media (max-width:600px){.d{display:none}}</style><p class=d>X",
        "<style>@media print{p{display:none}}</style><p>X",
        "<td style='font-size:0'><div style='font-size:13px'>X</div></td>",
        "<table bgcolor=#003366><tr><td style='color:#ffffff'>X</table>",
        "<td style='background:url(b.png);color:#fff'>X</td>",
        "<td background=b.png><font color=#ffffff>X</font></td>",
        "<div style='background:linear-gradient(#036,#069);color:#fff'>X</div>",
        "<style>.w td{background:#036}</style><table class=w><tr><td style='color:#fff'>X</table>",
        "<!--[if mso]>v<![endif]--><a href=http://a.jp/ style='mso-hide:all'>X</a>",
        "<div style='visibility:hidden'><b style='visibility:visible'>X</b></div>",
        "<style>p{display:none}</style><p style='display:block!important'>X",
        "<div style='color:#fff'><a href='http://a.jp/'>X</a></div>",
        "<div style='max-height:0'>X</div>",
        "<div style='overflow:hidden;height:40px'>X</div>",
        "<p style='display:none'>a<p>X",
        "<div style='font-size:12px;line-height:0'>X</div>",
        "<p style='margin-left:18pt;text-indent:-18pt'>X",
        "<span style='color:transparent'></span>X",
        "<details><summary>s</summary>X</details>",
        "<style>/* p{display:none} */</style><p>X",
    };
    for (guint i = 0; i < G_N_ELEMENTS(shown); i++) {
        g_auto(MgkHtmlResult) result = {.text = NULL};
        convert(shown[i], strlen(shown[i]), NULL, &result);
        ck_assert_msg(strchr(result.text, 'X') != NULL, "row %u: %s\ngot: %s", i, shown[i], result.text);
    }
}
END_TEST

#define COUNT(field) G_STRUCT_OFFSET(MgkHtmlCounts, field)

START_TEST(test_html_text__counts_what_deceives)
{
    static const struct {
        const char *html;
        gsize field;
        guint want;
    } rows[] = {
        {"<bdo dir=rtl>abc</bdo>", COUNT(tricks), 1},
        {"<span style='direction:rtl;unicode-bidi:bidi-override'>abc</span>", COUNT(tricks), 1},
        {"<div style='transform:scaleX(-1)'>abc</div>", COUNT(tricks), 1},
        {"<div style='position:absolute;top:3px'>abc</div>", COUNT(tricks), 1},
        {"<style>.a:before{content:'安全な'}</style>x", COUNT(tricks), 1},
        {"<style>.a:before{content:'\\2022'}</style>x", COUNT(tricks), 0},
        {"<span style='font-size:3px'>abc</span>", COUNT(tricks), 1},
        {"<span style='color:#f0f0f0'>abc</span>", COUNT(tricks), 1},
        {"<span style='color:#777'>abc</span>", COUNT(tricks), 0},
        {"a\342\200\256b\342\200\213c&shy;d", COUNT(bidi), 1},
        {"a\342\200\256b\342\200\213c&shy;d", COUNT(invisible), 2},
        {"a\363\240\201\201b", COUNT(tags), 1},
        {"<img width=1 height=1 src=x><img src=y style='display:none'>", COUNT(trackers), 2},
        {"<img src=cid:a><img src=http://b>", COUNT(images_inline), 1},
        {"<input type=password>", COUNT(password_fields), 1},
        {"<a href=vbscript:x>a</a><a href=ms-msdt:x>b</a>", COUNT(links_dangerous), 2},
        {"<!--[if mso]>x<![endif]-->", COUNT(conditionals), 1},
        {"<base href=http://a.jp/><base href=http://b.jp/>", COUNT(bases), 2},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(MgkHtmlResult) result = {.text = NULL};
        convert(rows[i].html, strlen(rows[i].html), NULL, &result);
        guint got = G_STRUCT_MEMBER(guint, &result.count, rows[i].field);
        ck_assert_msg(got == rows[i].want, "row %u: %s: got %u want %u", i, rows[i].html, got, rows[i].want);
    }
    g_auto(MgkHtmlResult) result = {.text = NULL};
    static const char phish[] = "<a href=https://evil.jp/>www.bank.co.jp</a>";
    convert(phish, strlen(phish), NULL, &result);
    ck_assert_uint_eq(result.n_deceptions, 1);
    ck_assert_str_eq(result.deceptions[0].shown_host, "www.bank.co.jp");
    ck_assert_str_eq(result.deceptions[0].target_host, "evil.jp");
}
END_TEST

START_TEST(test_html_text__decodes_by_label_mark_meta_and_looks)
{
    static const struct {
        const char *bytes, *label, *text, *charset;
    } rows[] = {
        {"\x93\xfa\x96\x7b", "Shift_JIS", "日本\n", "CP932"},
        {"\xef\xbb\xbf日本", NULL, "日本\n", "UTF-8"},
        {"<meta charset=euc-jp>\xc6\xfc\xcb\xdc", NULL, "日本\n", NULL},
        {"<meta http-equiv=Content-Type content='text/html; charset=iso-2022-jp'>\033$BF|K\\\033(B", NULL, "日本\n",
         NULL},
        {"日本語のメール", "iso-2022-jp", "日本語のメール\n", "UTF-8"},
        {"日本", "no-such-charset", "日本\n", "UTF-8"},
        {"a\xff", "utf-8", "a�\n", NULL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(MgkHtmlResult) result = {.text = NULL};
        ck_assert(
            mgk_html_to_text((const guint8 *)rows[i].bytes, strlen(rows[i].bytes), rows[i].label, NULL, &result, NULL));
        ck_assert_msg(strcmp(result.text, rows[i].text) == 0, "row %u: got %s (%s) want %s", i, result.text,
                      result.charset, rows[i].text);
        if (rows[i].charset)
            ck_assert_str_eq(result.charset, rows[i].charset);
    }
}
END_TEST

/* A page of many times the same, between a start and an end. */
static GString *repeat(const char *start, const char *unit, guint times, const char *end)
{
    GString *out = g_string_new(start);
    for (guint i = 0; i < times; i++)
        g_string_append(out, unit);
    g_string_append(out, end);
    return out;
}

START_TEST(test_html_text__stays_linear_on_hostile_pages)
{
    static const struct {
        const char *start, *unit, *end;
    } rows[] = {
        {"", "<div>", ""},
        {"", "<table><tr><td>", "x"},
        {"", "<table><tr><td>x", ""},
        {"", "<b><i>x</b>", ""},
        {"<p ", "a=1 style=x ", ">x"},
        {"", "<!--", ""},
        {"", "<a href=\"", ""},
        {"", "<", ""},
        {"", "&amp", ""},
        {"", "&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""},
        {"<table border=1>", "<tr><td>a<td>b<td>c", ""},
        {"<table><tr>", "<td>a", ""},
        {"<table>", "<tr><td colspan=1000 rowspan=1000>a", ""},
        {"", "<ul><li>a", ""},
        {"", "<blockquote>a", ""},
        {"<pre>", "\t", ""},
        {"<pre>", "\t\n", ""},
        {"<style>", "a,", "{color:red}"},
        {"<style>", "/*", ""},
        {"<style>", "@media x{", ""},
        {"<td><b>", "</b></i>", ""},
        {"", "<ruby>a<rt>", ""},
        {"<select>", "<option>a", ""},
        {"", "。", ""},
        {"", "あいうえお", ""},
        {"<table border=1><tr><td>a<td>", "あ", "<tr><td>b<td>c"},
        {"", "<p style='display:none'>x<p style='color:#fff'>y", ""},
        {"", "<a href=http://a.jp/><table>", ""},
        {"<title>", "a", ""},
        {"", "<br>", ""},
        {"", "<p>a", ""},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) page = repeat(rows[i].start, rows[i].unit, 20000, rows[i].end);
        g_auto(MgkHtmlResult) result = {.text = NULL};
        convert(page->str, page->len, NULL, &result);
        ck_assert_msg(result.steps <= 40 * page->len + 4096, "row %u %s: %" G_GUINT64_FORMAT " steps for %zu bytes", i,
                      rows[i].unit, result.steps, page->len);
        ck_assert_msg(result.length <= 40 * page->len, "row %u: %zu bytes out of %zu", i, result.length, page->len);
    }
}
END_TEST

START_TEST(test_html_text__takes_nuls_and_many_attributes)
{
    g_autoptr(GString) page = g_string_new("<p ");
    for (guint i = 0; i < 60000; i++)
        g_string_append_printf(page, "a%u=%u ", i, i);
    g_string_append_len(page, "style='display:none'>no<p>a\0b<\0b>", 33);
    g_auto(MgkHtmlResult) result = {.text = NULL};
    convert(page->str, page->len, NULL, &result);
    ck_assert_str_eq(result.text, "ab<b>\n");
    ck_assert_uint_eq(result.count.hidden_chars, 2);
    ck_assert_uint_le(result.steps, 4 * page->len);
}
END_TEST

START_TEST(test_html_text__survives_every_cut)
{
    static const char page[] =
        "<html><style>.x{display:none}</style><body><table border=1><tr><th>a<th>b<tr><td rowspan=2>c<td>"
        "<ul><li>d<ol><li>e</ol></ul><a href='https://a.jp/?x=1&amp;y'>https://b.jp</a></table><blockquote>f"
        "<pre>g\n\th</pre></blockquote><ruby>漢<rt>か</ruby><select><option>1</select>&#x3042;<!-- c --></html>";
    for (gsize n = 0; n < sizeof page; n++) {
        g_auto(MgkHtmlResult) result = {.text = NULL};
        ck_assert(mgk_html_to_text((const guint8 *)page, n, NULL, NULL, &result, NULL));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("html_text");
    TCase *tc = tcase_create("html_text");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_html_text__flows_blocks_and_spaces);
    tcase_add_test(tc, test_html_text__decodes_references);
    tcase_add_test(tc, test_html_text__breaks_lines_by_kinsoku);
    tcase_add_test(tc, test_html_text__prohibitions_hold_in_pairs);
    tcase_add_test(tc, test_html_text__numbers_and_nests_lists);
    tcase_add_test(tc, test_html_text__lays_out_tables);
    tcase_add_test(tc, test_html_text__writes_ruby_pictures_and_fields);
    tcase_add_test(tc, test_html_text__shows_true_targets);
    tcase_add_test(tc, test_html_text__lists_long_targets_and_obeys_the_mode);
    tcase_add_test(tc, test_html_text__drops_what_nobody_sees);
    tcase_add_test(tc, test_html_text__keeps_what_newsletters_show);
    tcase_add_test(tc, test_html_text__counts_what_deceives);
    tcase_add_test(tc, test_html_text__decodes_by_label_mark_meta_and_looks);
    tcase_add_test(tc, test_html_text__stays_linear_on_hostile_pages);
    tcase_add_test(tc, test_html_text__takes_nuls_and_many_attributes);
    tcase_add_test(tc, test_html_text__survives_every_cut);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
