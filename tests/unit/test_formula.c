#include "engines/formula.h"

#include <check.h>
#include <string.h>

enum {
    X = MGK_FORMULA_EXTERNAL,
    C = MGK_FORMULA_CODE,
    F = MGK_FORMULA_FETCH,
    L = MGK_FORMULA_LINK,
    U = MGK_FORMULA_UNKNOWN,
    LOST = MGK_FORMULA_LOST,
    M = MGK_FORMULA_MALFORMED,
};

typedef struct Row {
    const char *formula;
    guint want;
    const char *name; /* NULL: any */
} Row;

static void check_rows(const Row *rows, gsize n, const MgkFormulaNames *names)
{
    for (gsize i = 0; i < n; i++) {
        MgkFormula got;
        mgk_formula_read(rows[i].formula, strlen(rows[i].formula), names, &got);
        ck_assert_msg(got.flags == rows[i].want, "%s: got flags 0x%x (%s), want 0x%x", rows[i].formula, got.flags,
                      got.name, rows[i].want);
        ck_assert_msg(!rows[i].name || strcmp(got.name, rows[i].name) == 0, "%s: got name %s, want %s", rows[i].formula,
                      got.name, rows[i].name);
    }
}

static const Row ordinary[] = {
    {"", 0, ""},
    {"1+1", 0, ""},
    {"=SUM(A1:B2)", 0, ""},
    {"sum(a1)", 0, ""},
    {"SUM (A1:B2)", 0, ""},
    {"IF(A1>0,\"CALL(x)\",\"\")", 0, ""},
    {"\"EXEC(\"\"calc\"\")\"", 0, ""},
    {"\"cmd|' /C calc'!A0\"", 0, ""},
    {"CALL!A1", 0, ""},
    {"CALL!$A$1:CALL!$B$2", 0, ""},
    {"'CALL'!A1", 0, ""},
    {"'CALL (1)'!A1", 0, ""},
    {"'EXEC(x)'!A1", 0, ""},
    {"CALLBACK", 0, ""},
    {"CALL_RATE*2", 0, ""},
    {"CALL", 0, ""},
    {"EXEC+1", 0, ""},
    {"RTD", 0, ""},
    {"'It''s mine'!B2", 0, ""},
    {"'Sheet 1:Sheet 3'!A1", 0, ""},
    {"SUM(Sheet1:Sheet3!A1)", 0, ""},
    {"'Sheet 1':'Sheet 3'!A1", 0, ""},
    {"'売上[税込]'", M | X, NULL}, /* brackets cannot be in a sheet's name */
    {"集計表!A1", 0, ""},
    {"SUM(集計表!A1,シート２!B1)", 0, ""},
    {"消費税率*A1", 0, ""},
    {"集計（１）!A1", 0, ""},
    {"Table1[Col]", 0, ""},
    {"Table1[[#This Row],[Col]]", 0, ""},
    {"Table1[[#Headers],[Col A]:[Col B]]", 0, ""},
    {"SUM(売上[金額])", 0, ""},
    {"Table1[2010]+1", 0, ""},
    {"[@Price]*[@[Unit Count]]", 0, ""},
    {"[2010]*2", 0, ""},
    {"Table1[a'[b']c]", 0, ""},
    {"Table1[a|b]", 0, ""},
    {"Table1[CALL(x)]", 0, ""},
    {"Table1[]", 0, ""},
    {"R[1]C[2]", 0, ""},
    {"R[-1]C+R1C[3]*RC[-1]", 0, ""},
    {"R[1]", 0, ""},
    {"{1,2;3,\"RTD(\"}", 0, ""},
    {"#REF!+1", 0, ""},
    {"#REF!A1", 0, ""},
    {"IF(A1=#N/A,#DIV/0!,#NAME?)", 0, ""},
    {"SUM(A1#)", 0, ""},
    {"_xlfn.ANCHORARRAY(A1)", 0, ""},
    {"_xlfn._xlws.SORT(_xlfn.UNIQUE(A1:A9))", 0, ""},
    {"_xlfn.LET(_xlpm.f,_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1),_xlpm.f(3))", 0, ""},
    {"_xlfn.LAMBDA(_xlpm.x,_xlpm.x)(5)", 0, ""},
    {"_xlfn.BYROW(A1:B2,_xleta.SUM)", 0, ""},
    {"_xlnm.Print_Area", 0, ""},
    {"_課税対象区分別集計表の見出しに使う名前でとても長いもの_二〇二六年度版", 0, ""},
    {"[0]!税率*2", 0, ""},
    {"'[0]Sheet 1'!A1", 0, ""},
    {"LOG10(5)+ATAN2(1,2)", 0, ""},
    {"A1:A5 (B1:B5)", 0, ""},
    {"A1:A5 B1:B5", 0, ""},
    {"50%&\"|\"", 0, ""},
    {"HYPERLINK(\"https://example.jp/\",\"市\")", 0, ""},
    {"HYPERLINK( \"#'Sheet 2'!A1\" , \"go\")", 0, ""},
    {"HYPERLINK(\"mailto:a@example.jp\")", 0, ""},
    {"HYPERLINK(\"\")", 0, ""},
    {"INDIRECT(\"A\"&B1)", 0, ""},
    {"INDIRECT(\"'\"&A1&\"'!B2\")&TEXT(C1,\"\\\\#,##0\")", 0, ""},
    {"DATESTRING(A1)&NUMBERSTRING(5,1)&PHONETIC(A2)&JIS(A3)&YEN(1)", 0, ""},
    {"!A1", 0, ""},
    {"SUM(A1,\n\tB1)\r\n", 0, ""},
    {"-A1^2<>B1&C1", 0, ""},
    {"GETPIVOTDATA(\"Sales\",$A$3,\"Region\",\"East\")", 0, ""},
};

START_TEST(test_formula__ordinary_formulas_stay)
{
    check_rows(ordinary, G_N_ELEMENTS(ordinary), NULL);
}
END_TEST

START_TEST(test_formula__code_and_fetching_functions_are_seen)
{
    static const Row rows[] = {
        {"CALL(\"Kernel32\",\"WinExec\",\"JCJ\",\"calc\",0)", C, "CALL"},
        {"call(1)", C, "CALL"},
        {"CaLl (1)", C, "CALL"},
        {"CALL\n(1)", C, "CALL"},
        {"CALL\xe3\x80\x80(1)", C, "CALL"},
        {"CALL\xc2\xa0(1)", C, "CALL"},
        {"1+IF(A1,CALL(1),2)", C, "CALL"},
        {"+CALL(1)", C, "CALL"},
        {"-(CALL(1))", C, "CALL"},
        {"{1}+CALL(1)", C, "CALL"},
        {"\"a\"&CALL(1)", C, "CALL"},
        {"Sheet1!CALL(1)", C, "CALL"},
        {"'a'!CALL(1)", C, "CALL"},
        {"ＣＡＬＬ(1)", C, "CALL"},
        {"ＣＡＬＬ（1)", C, "CALL"},
        {"ｃａｌｌ　（1）", C, "CALL"},
        {"CＡLL(1)", C, "CALL"},
        {"_xlfn.CALL(1)", C, "CALL"},
        {"_XLFN._XLWS.call(1)", C, "CALL"},
        {"_xlws._xlfn._xlfn.CALL(1)", C, "CALL"},
        {"_xleta.CALL", C, "CALL"},
        {"_xlfn.BYROW(A1,_xleta.WEBSERVICE)", F, "WEBSERVICE"},
        {"_xlfn.WEBSERVICE", F, "WEBSERVICE"},
        {"REGISTER(\"a\")", C, "REGISTER"},
        {"REGISTER.ID(\"a\",\"b\")", C, "REGISTER.ID"},
        {"EXEC(\"calc\")", C, "EXEC"},
        {"EVALUATE(A1)", C, "EVALUATE"},
        {"GET.CELL(63,A1)", C, "GET.CELL"},
        {"GET.WORKBOOK(1)&T(NOW())", C, "GET.WORKBOOK"},
        {"FOPEN(\"a\",3)", C, "FOPEN"},
        {"_xlfn._xlws.PY(0,0)", C, "PY"},
        {"DDE(\"soffice\",\"a\",\"b\")", C, "DDE"},
        {"RTD(\"prog\",,\"x\")", F, "RTD"},
        {"_xlfn.WEBSERVICE(\"http://a\")", F, "WEBSERVICE"},
        {"_xlfn.FILTERXML(_xlfn.WEBSERVICE(\"a\"),\"b\")", F, "FILTERXML"},
        {"_xlfn.IMAGE(\"https://a\")", F, "IMAGE"},
        {"IMAGE(\"https://a\")", F, "IMAGE"},
        {"_xlfn.STOCKHISTORY(\"MSFT\",1)", F, "STOCKHISTORY"},
        {"CUBEVALUE(\"c\",\"m\")", F, "CUBEVALUE"},
        {"CUBEMEMBER(\"c\",\"m\")", F, "CUBEMEMBER"},
        {"SQL.REQUEST(\"a\")", F, "SQL.REQUEST"},
        {"TRANSLATE(A1,\"ja\",\"en\")", F, "TRANSLATE"},
        {"COPILOT(\"a\")", F, "COPILOT"},
        {"IMPORTTEXT(\"a\")", F, "IMPORTTEXT"},
        {"INDIRECT(\"'\\\\h\\s\\[b.xls]S'!A1\")", F, "INDIRECT"},
        {"SUM(INDIRECT(IF(1,\"'file:///a'#$S.A1\")))", F, "INDIRECT"},
        {"cmd|' /C calc'!A0", C | X, "DDE"}, /* the slash looks like a path, too */
        {"cmd|'/C calc'!A0", C | X, "DDE"},
        {"cmd|calc!A0", C, "DDE"},
        {"'cmd|calc'!A0", C, "DDE"},
        {"=+cmd |calc!A0", C, "DDE"},
        {"cmd｜calc!A0", C, "DDE"},
        {"MSEXCEL|Sheet!R1C1", C, "DDE"},
    };
    check_rows(rows, G_N_ELEMENTS(rows), NULL);
}
END_TEST

START_TEST(test_formula__unknown_functions_and_computed_links_are_seen)
{
    static const Row rows[] = {
        {"MyVba(A1)", U, "MYVBA"},
        {"CALLBACK(A1)", U, "CALLBACK"},
        {"XCALL(A1)", U, "XCALL"},
        {"税込計算(A1)", U, NULL},
        {"_xll.BDP(\"a\",\"b\")", U, "BDP"},
        {"_xll.SUM(1)", U, "SUM"},
        {"_xludf.FOO(1)", U, "FOO"},
        {"_xlfn.BRANDNEW(1)", U, "BRANDNEW"},
        {"_xleta.MyVba", U, "MYVBA"},
        {"_xlfn._xlfn._xlfn._xlfn._xlfn._xlfn._xlfn._xlfn._xlfn._xlfn._xlfn._xlfn.CALL", U, NULL},
        {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA(1)", U, NULL},
        {"CA\xe2\x80\x8bLL(1)", U, NULL},
        {"HYPERLINK(A1)", L, "HYPERLINK"},
        {"HYPERLINK(\"http://a/?q=\"&A1,\"x\")", L, "HYPERLINK"},
        {"HYPERLINK(\"#\"&A1,\"x\")", L, "HYPERLINK"},
        {"HYPERLINK(CHAR(102)&\"ile:\",\"x\")", L, "HYPERLINK"},
        {"HYPERLINK(\"file:///c:/a.exe\",\"x\")", L, "HYPERLINK"},
        {"HYPERLINK(\"\\\\host\\share\\a\",\"x\")", L, "HYPERLINK"},
        {"HYPERLINK(\"a.exe\",\"x\")", L, "HYPERLINK"},
        {"HYPERLINK(\"javascript:alert(1)\")", L, "HYPERLINK"},
        {"HYPERLINK(\"ms-word:ofe|u|http://a\")", L, "HYPERLINK"},
        {"HYPERLINK(\"#[\"\"b\"\"]S!A1\")", L, "HYPERLINK"},
        {"HYPERLINK(\"http://\")", L, "HYPERLINK"},
        {"HYPERLINK(,\"x\")", L, "HYPERLINK"},
        {"_xlfn.HYPERLINK(A1)", L, "HYPERLINK"},
        {"HYPERLINK(\"https://a\",HYPERLINK(A1))", L, "HYPERLINK"},
        {"HYPERLINK(\"https://a\",CALL(1))", C, "CALL"},
        {"_xleta.HYPERLINK", U, "HYPERLINK"},
    };
    check_rows(rows, G_N_ELEMENTS(rows), NULL);
}
END_TEST

START_TEST(test_formula__references_to_other_workbooks_are_seen)
{
    static const struct {
        const char *formula;
        guint want, n;
        guint32 indices[3];
    } rows[] = {
        {"[1]Sheet1!A1", X, 1, {1}},
        {"SUM([1]Sheet1!A1,[2]S!B1,[1]T!C1)", X, 2, {1, 2}},
        {"'[3]Sheet name'!$A$1:$B$2", X, 1, {3}},
        {"'[12]It''s'!A1", X, 1, {12}},
        {"[1]!Name", X, 1, {1}},
        {"[1]!Macro(1)", X | U, 1, {1}},
        {"[1]Sheet1:Sheet3!A1", X, 1, {1}},
        {"'[1]Sheet 1:Sheet 3'!A1", X, 1, {1}},
        {"[1]集計!A1", X, 1, {1}},
        {"[1]'a b'!A1", X, 1, {1}},
        {"-[4]!A", X, 1, {4}},
        {"IF(A1,[5]S!A1,Table1[1])", X, 1, {5}},
        {"[99999999999999999999]S!A1", X, 1, {G_MAXUINT32}},
        {"[Book2.xlsx]Sheet1!A1", X, 0, {0}},
        {"'[Book2.xlsx]Sheet 1'!A1", X, 0, {0}},
        {"'\\\\host\\share\\[b.xls]S'!A1", X, 0, {0}},
        {"'C:\\a\\b.xls'!Name", X, 0, {0}},
        {"'http://host/[b.xls]S'!A1", X, 0, {0}},
        {"C:\\a\\b!Name", X, 0, {0}},
        {"T[1]S!A1", X | M, 1, {1}},
        {"R[1]S!A1", X | M, 1, {1}},
        {"R[1]C!A1", X | M, 1, {1}},
        {"Rows[1]C5!A1", X | M, 1, {1}},
        {"[1]Sheet1!CALL(1)", X | C, 1, {1}},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        MgkFormula got;
        mgk_formula_read(rows[i].formula, strlen(rows[i].formula), NULL, &got);
        ck_assert_msg(got.flags == rows[i].want && got.n_indices == rows[i].n, "%s: got 0x%x, %u indices",
                      rows[i].formula, got.flags, got.n_indices);
        for (guint k = 0; k < got.n_indices; k++)
            ck_assert_msg(got.indices[k] == rows[i].indices[k], "%s: got index %u", rows[i].formula, got.indices[k]);
    }
}
END_TEST

START_TEST(test_formula__broken_text_is_malformed)
{
    static const Row rows[] = {
        {"\"abc", M, NULL},
        {"'abc", M, NULL},
        {"'abc'", M, NULL},
        {"'abc'A1", M, NULL},
        {"Table1[a", M, NULL},
        {"Table1[a']", M, NULL},
        {"A1+\x01", M, NULL},
        {"[", M, NULL},
        {"\"", M, NULL},
        {"'", M, NULL},
        {"HYPERLINK(\"a", M | L, NULL},
    };
    check_rows(rows, G_N_ELEMENTS(rows), NULL);
}
END_TEST

START_TEST(test_formula__defined_names_count)
{
    g_autoptr(GHashTable) callable = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) lost = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_add(callable, mgk_formula_name_key("税込", -1));
    g_hash_table_add(callable, mgk_formula_name_key("Tax", -1));
    g_hash_table_add(lost, mgk_formula_name_key("Rate", -1));
    MgkFormulaNames names = {callable, lost};
    static const Row rows[] = {
        {"税込(A1)", 0, NULL},       {"TAX(A1)", 0, NULL},     {"Tax2(A1)", U, NULL}, {"RATE*2", LOST, NULL},
        {"Sheet1!rate", LOST, NULL}, {"RATE(1,2,3)", 0, NULL}, {"\"Rate\"", 0, NULL}, {"Rate2", 0, NULL},
    };
    check_rows(rows, G_N_ELEMENTS(rows), &names);
}
END_TEST

START_TEST(test_formula__rules_are_sorted_and_found)
{
    static const struct {
        const char *name;
        const char *class;
    } table[] = {
#define MGK_FUNCTION(name, class) {name, #class},
#include "rules/formula_functions.def"
#undef MGK_FUNCTION
    };
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        ck_assert_msg(i == 0 || strcmp(table[i - 1].name, table[i].name) < 0, "%s is out of order", table[i].name);
        g_autofree char *text = g_strdup_printf("%s(A1)", table[i].name);
        MgkFormula got;
        guint want = strcmp(table[i].class, "SAFE") == 0    ? 0
                     : strcmp(table[i].class, "LINK") == 0  ? L
                     : strcmp(table[i].class, "FETCH") == 0 ? F
                                                            : C;
        ck_assert_msg(mgk_formula_read(text, strlen(text), NULL, &got) == want, "%s: got 0x%x, want 0x%x", text,
                      got.flags, want);
    }
}
END_TEST

/* Any cut of a nasty formula must be read without touching bytes beyond it: each is copied into its own block. */
START_TEST(test_formula__every_prefix_is_read_safely)
{
    static const char text[] =
        "IF('It''s [1]x'!A1,\"a\"\"b\",T[[#This Row],[a']b]])+ＣＡＬＬ（cmd｜x!y)+_xleta.X+R[1]C[2]#REF!";
    for (gsize i = 0; i <= sizeof text - 1; i++) {
        g_autofree char *block = g_memdup2(text, MAX(i, 1));
        MgkFormula got;
        mgk_formula_read(block, i, NULL, &got);
    }
    g_autoptr(GString) deep = g_string_new("");
    for (guint i = 0; i < 200000; i++)
        g_string_append(deep, "HYPERLINK('[((");
    MgkFormula got;
    ck_assert(mgk_formula_read(deep->str, deep->len, NULL, &got) != 0);
}
END_TEST

START_TEST(test_formula__open_formula_is_a_dialect)
{
    static const struct {
        const char *text;
        guint want;
    } rows[] = {
        {"=SUM([.A1:.B2];[$Sheet1.C1];[$'表 1'.A1:.B2])", 0},
        {"={1;2|3;4}+[.#REF!]", 0},
        {"=FORMULA([.A1])&CURRENT()&ORG.OPENOFFICE.STYLE(\"x\")", 0},
        {"=COM.SUN.STAR.SHEET.ADDIN.ANALYSIS.GETWORKDAY([.A1];2)", 0},
        {"cell-content-is-between(1,5)", 0},
        {"is-true-formula([.A1]>2)", 0},
        {"=HYPERLINK(\"https://example.jp/\";\"x\")", 0},
        {"=[.A1]|[.B1]", MGK_FORMULA_CODE},
        {"=DDE(\"a\";\"b\";\"c\")", MGK_FORMULA_CODE},
        {"=COM.MICROSOFT.WEBSERVICE(\"x\")", MGK_FORMULA_FETCH},
        {"=ORG.LIBREOFFICE.RTD(1)", MGK_FORMULA_FETCH},
        {"=['file:///x.ods'#$S.A1]", MGK_FORMULA_EXTERNAL},
        {"=[$S.A1:'x'#$S.B2]", MGK_FORMULA_EXTERNAL},
        {"='file:///x'#Name", MGK_FORMULA_EXTERNAL},
        {"=[x#S.A1]", MGK_FORMULA_EXTERNAL},
        {"=[a|b]", MGK_FORMULA_CODE},
        {"=INDIRECT(\"file:///x\")", MGK_FORMULA_FETCH},
        {"=HYPERLINK([.A1];\"x\")", MGK_FORMULA_LINK},
        {"=MYMACRO([.A1])", MGK_FORMULA_UNKNOWN},
        {"=[.A1", MGK_FORMULA_MALFORMED},
        {"='x", MGK_FORMULA_MALFORMED},
        {"=\"x", MGK_FORMULA_MALFORMED},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        MgkFormula got;
        guint flags = mgk_formula_read_as(MGK_FORMULA_OPEN, rows[i].text, strlen(rows[i].text), NULL, &got);
        ck_assert_msg(flags == rows[i].want, "%s: got 0x%x, want 0x%x", rows[i].text, flags, rows[i].want);
        for (gsize cut = 0; cut <= strlen(rows[i].text); cut++) {
            g_autofree char *block = g_memdup2(rows[i].text, MAX(cut, 1));
            mgk_formula_read_as(MGK_FORMULA_OPEN, block, cut, NULL, &got);
        }
    }
}
END_TEST

/* The table is searched by bisection. */
START_TEST(test_formula__functions_of_open_formula_are_sorted)
{
    static const char *const names[] = {
#define MGK_ODF_FUNCTION(name) name,
#include "rules/odf_functions.def"
#undef MGK_ODF_FUNCTION
    };
    for (guint i = 1; i < G_N_ELEMENTS(names); i++)
        ck_assert_msg(strcmp(names[i - 1], names[i]) < 0, "%s before %s", names[i - 1], names[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("formula");
    TCase *tc = tcase_create("formula");
    tcase_add_test(tc, test_formula__ordinary_formulas_stay);
    tcase_add_test(tc, test_formula__code_and_fetching_functions_are_seen);
    tcase_add_test(tc, test_formula__unknown_functions_and_computed_links_are_seen);
    tcase_add_test(tc, test_formula__references_to_other_workbooks_are_seen);
    tcase_add_test(tc, test_formula__broken_text_is_malformed);
    tcase_add_test(tc, test_formula__defined_names_count);
    tcase_add_test(tc, test_formula__rules_are_sorted_and_found);
    tcase_add_test(tc, test_formula__every_prefix_is_read_safely);
    tcase_add_test(tc, test_formula__open_formula_is_a_dialect);
    tcase_add_test(tc, test_formula__functions_of_open_formula_are_sorted);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
