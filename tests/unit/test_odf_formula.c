/* Planted formulas, in every place of an OpenDocument file where one can stand, as package and flat. */
#include "odf_forge.h"

static const OdfCase cases[] = {
    {.name = "DDE()",
     .body = ODF_SHEET,
     .content = FORMULA("of:=DDE(\"soffice\";\"CANARY\";\"i\")"),
     FINDS(FORMULA_DANGEROUS),
     .kept = "kept42"},
    {.name = "DDE() of old",
     .body = ODF_SHEET,
     .content = FORMULA("oooc:=DDE(\"cmd\";\"CANARY\";\"i\")"),
     FINDS(FORMULA_DANGEROUS),
     .kept = "office:value=\"42\""},
    {.name = "WEBSERVICE",
     .body = ODF_SHEET,
     .content = FORMULA("of:=1+COM.MICROSOFT.WEBSERVICE(\"http://CANARY\")"),
     FINDS(FORMULA_DANGEROUS),
     .kept = "kept42"},
    {.name = "Excel's DDE",
     .body = ODF_SHEET,
     .content = FORMULA("msoxl:=cmd|&apos;/c CANARY&apos;!A1"),
     FINDS(FORMULA_DANGEROUS),
     .kept = "kept42"},
    {.name = "prefix that means another language",
     .body = ODF_SHEET,
     .content = "<table:table table:name='S' xmlns:of='http://schemas.microsoft.com/office/excel/formula'>"
                "<table:table-row><table:table-cell table:formula='of:=cmd|CANARY' office:value='42'><text:p>kept42"
                "</text:p></table:table-cell></table:table-row></table:table>",
     FINDS(FORMULA_DANGEROUS),
     .kept = "kept42"},
    {.name = "language nobody knows",
     .body = ODF_SHEET,
     .content = FORMULA("x:=CANARY"),
     FINDS(FORMULA_UNKNOWN),
     .kept = "kept42"},
    {.name = "function of a macro",
     .body = ODF_SHEET,
     .content = FORMULA("of:=CANARYFUNCTION([.A1])"),
     FINDS(FORMULA_UNKNOWN),
     .kept = "kept42"},
    {.name = "other file",
     .body = ODF_SHEET,
     .content = FORMULA("of:=[&apos;file:///CANARY.ods&apos;#$S.A1]"),
     FINDS(FORMULA_EXTERNAL),
     .kept = "kept42"},
    {.name = "name in another file",
     .body = ODF_SHEET,
     .content = FORMULA("of:=&apos;file:///CANARY.ods&apos;#Name"),
     FINDS(FORMULA_EXTERNAL),
     .kept = "kept42"},
    {.name = "INDIRECT to another file",
     .body = ODF_SHEET,
     .content = FORMULA("of:=INDIRECT(\"&apos;file:///CANARY&apos;#$S.A1\")"),
     FINDS(FORMULA_DANGEROUS),
     .kept = "kept42"},
    {.name = "computed link",
     .body = ODF_SHEET,
     .content = FORMULA("of:=HYPERLINK([.A1]&amp;\"CANARY\";\"x\")"),
     FINDS(FORMULA_LINK),
     .kept = "kept42"},
    {.name = "unsafe link",
     .body = ODF_SHEET,
     .content = FORMULA("of:=HYPERLINK(\"file:///CANARY\";\"x\")"),
     FINDS(FORMULA_LINK),
     .kept = "kept42"},
    {.name = "harmless formulas stay",
     .body = ODF_SHEET,
     .content = FORMULA("of:=SUM([.A1:.B2];[$&apos;表 1&apos;.C3])+ORG.LIBREOFFICE.WEEKS({1;2|3;4};[.#REF!];0)"),
     QUIET,
     .kept = "of:=SUM([.A1:.B2];[$'表 1'.C3])"},
    {.name = "formula of another cell's text stays",
     .body = ODF_SHEET,
     .content = FORMULA("of:=FORMULA([.A1])&amp;HYPERLINK(\"https://example.jp/\";\"x\")"),
     QUIET,
     .kept = "of:=FORMULA([.A1])"},
    {.name = "own prefix is written as ours",
     .body = ODF_SHEET,
     .content = "<table:table table:name='S' xmlns:q='" ODF_URN "of:1.2'><table:table-row><table:table-cell "
                "table:formula='q:=1+1'/></table:table-row></table:table>",
     QUIET,
     .kept = "table:formula=\"of:=1+1\""},
    {.name = "array loses its size with its formula",
     .body = ODF_SHEET,
     .content = CELL("table:number-matrix-columns-spanned='2' table:formula='of:=CANARY([.A1])'"),
     FINDS(FORMULA_UNKNOWN),
     .kept = "kept42",
     .gone = "number-matrix"},
    {.name = "name that runs, and who uses it",
     .body = ODF_SHEET,
     .content = FORMULA("of:=悪名+1") "<table:named-expressions><table:named-expression table:name='悪名' "
                                      "table:base-cell-address='$S.$A$1' table:expression='of:=DDE(\"CANARY\";1;2)'/>"
                                      "</table:named-expressions>",
     FINDS(FORMULA_DANGEROUS),
     .kept = "kept42",
     .gone = "悪名"},
    {.name = "name of a range elsewhere",
     .body = ODF_SHEET,
     .content = "<table:named-expressions><table:named-range table:name='n' "
                "table:cell-range-address=\"'file:///CANARY.ods'#$S.A1\"/></table:named-expressions>",
     FINDS(FORMULA_EXTERNAL)},
    {.name = "condition of a format",
     .body = ODF_SHEET,
     .content = "<table:table table:name='S'><calcext:conditional-formats><calcext:conditional-format "
                "calcext:target-range-address='S.A1:S.A2'><calcext:condition calcext:apply-style-name='a' "
                "calcext:value='formula-is(WEBSERVICE(\"CANARY\"))' calcext:base-cell-address='S.A1'/>"
                "</calcext:conditional-format></calcext:conditional-formats></table:table>",
     FINDS(FORMULA_DANGEROUS),
     .gone = "calcext:condition "},
    {.name = "condition of a style",
     .styles = "<style:style style:name='c' style:family='table-cell'><style:map style:condition="
               "'is-true-formula(DDE(\"CANARY\";1;2))' style:apply-style-name='d'/></style:style>",
     FINDS(FORMULA_DANGEROUS),
     .gone = "style:map"},
    {.name = "condition of a validation",
     .body = ODF_SHEET,
     .content = "<table:content-validations><table:content-validation table:name='v' "
                "table:condition='of:is-true-formula(WEBSERVICE(\"CANARY\"))'/></table:content-validations>",
     FINDS(FORMULA_DANGEROUS),
     .kept = "table:name=\"v\"",
     .gone = "table:condition"},
    {.name = "harmless conditions stay",
     .body = ODF_SHEET,
     .content = "<table:content-validations><table:content-validation table:name='v' "
                "table:condition='of:cell-content-is-in-list(\"可\";\"否\")'/></table:content-validations>",
     .styles = "<style:style style:name='c' style:family='table-cell'><style:map "
               "style:condition='cell-content-is-between(1,5)' style:apply-style-name='d'/><style:map "
               "style:condition='is-true-formula(WEEKDAY([.$B15])=1)' style:apply-style-name='e'/></style:style>",
     QUIET,
     .kept = "is-in-list(&quot;可&quot;;&quot;否&quot;)"},
    {.name = "formula of a field",
     .content = P("<text:expression text:formula='ooow:\\\\CANARY'>kept</text:expression>"),
     FINDS(FORMULA_UNKNOWN),
     .kept = "kept"},
    {.name = "values of a chart elsewhere",
     .content = "<chart:chart chart:class='chart:bar'><chart:plot-area><chart:series "
                "chart:values-cell-range-address=\"'file:///CANARY'#S.A1\"/></chart:plot-area></chart:chart>",
     FINDS(FORMULA_EXTERNAL),
     .kept = "chart:class=\"chart:bar\""},
};

START_TEST(test_odf_formula__keeps_the_value_of_what_reaches_out)
{
    odf_demand_package(&cases[_i]);
}
END_TEST

START_TEST(test_odf_formula__keeps_the_value_in_flat_files)
{
    odf_demand_flat(&cases[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("odf_formula");
    TCase *tcase = tcase_create("odf_formula");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_odf_formula__keeps_the_value_of_what_reaches_out, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(tcase, test_odf_formula__keeps_the_value_in_flat_files, 0, G_N_ELEMENTS(cases));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
