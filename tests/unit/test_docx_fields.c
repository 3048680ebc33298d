/* Planted attacks in fields of Word documents. */
#include "docx_forge.h"

static const DocxCase cases[] = {
    {.name = "dde", .body = FIELD(" DDE excel CANARY "), CLEAN, KIND(FIELD_ACTIVE)},
    {.name = "dde split",
     .body = "<w:p>" BEGIN CODE(" DD") CODE("EAUTO") CODE(" c:\\CANARY ") RESULT "</w:p>",
     CLEAN,
     KIND(FIELD_ACTIVE)},
    {.name = "dde case", .body = FIELD("  dDeAuTo CANARY"), CLEAN, KIND(FIELD_ACTIVE)},
    {.name = "dde references", .body = FIELD("&#68;&#x44;E CANARY"), CLEAN, KIND(FIELD_ACTIVE)},
    {.name = "dde simple",
     .body = "<w:p><w:fldSimple w:instr=' DDE x CANARY'><w:r><w:t>VISIBLE</w:t></w:r></w:fldSimple></w:p>",
     CLEAN,
     KIND(FIELD_ACTIVE)},
    {.name = "dde over paragraphs",
     .body = "<w:p>" BEGIN CODE("DDE") "</w:p><w:p>" CODE(" CANARY") RESULT "</w:p>",
     CLEAN,
     KIND(FIELD_ACTIVE)},
    {.name = "dde in if",
     .body = "<w:p>" BEGIN CODE("IF 1 = 1 ") BEGIN CODE("DDE CANARY") RESULT CODE(" x") RESULT "</w:p>",
     CLEAN,
     KIND(FIELD_ACTIVE)},
    {.name = "keyword computed",
     .body = "<w:p>" BEGIN BEGIN CODE("REF a") END CODE(" CANARY") RESULT "</w:p>",
     CLEAN,
     KIND(FIELD_ACTIVE)},
    {.name = "quote by number", .body = FIELD("QUOTE 67 65 78 65 CANARY"), CLEAN, KIND(FIELD_ACTIVE)},
    {.name = "includetext", .body = FIELD("INCLUDETEXT \"http://CANARY/\""), CLEAN, KIND(FIELD_ACTIVE)},
    {.name = "includepicture", .body = FIELD("INCLUDEPICTURE http://CANARY/ \\d"), CLEAN, KIND(FIELD_ACTIVE)},
    {.name = "link", .body = FIELD("LINK Excel.Sheet \"CANARY\""), CLEAN, KIND(FIELD_ACTIVE)},
    {.name = "import", .body = FIELD("IMPORT CANARY"), CLEAN, KIND(FIELD_ACTIVE)},
    {.name = "database", .body = FIELD("DATABASE \\d CANARY"), CLEAN, KIND(FIELD_ACTIVE)},
    {.name = "rd", .body = FIELD("RD CANARY"), CLEAN, KIND(FIELD_ACTIVE)},
    {.name = "embed", .body = FIELD("EMBED CANARY"), CLEAN, KIND(FIELD_ACTIVE)},
    {.name = "print", .body = FIELD("PRINT CANARY"), CLEAN, KIND(FIELD_ACTIVE)},
    {.name = "autotext", .body = FIELD("AUTOTEXT CANARY"), CLEAN, KIND(FIELD_ACTIVE)},
    {.name = "unknown field", .body = FIELD("CANARY x"), CLEAN, KIND(UNKNOWN_MARKUP)},
    {.name = "macrobutton",
     .body = "<w:p>" BEGIN CODE("MACROBUTTON CANARY VISIBLE text") END "</w:p>",
     CLEAN,
     KIND(FIELD_ACTIVE),
     .kept = "VISIBLE text"},
    {.name = "gotobutton",
     .body = "<w:p>" BEGIN CODE("GOTOBUTTON CANARY VISIBLE") END "</w:p>",
     CLEAN,
     KIND(FIELD_ACTIVE)},
    {.name = "hyperlink file", .body = FIELD("HYPERLINK \"file:///c:/CANARY\""), CLEAN, KIND(LINK_DANGEROUS)},
    {.name = "hyperlink script", .body = FIELD("HYPERLINK \"javascript:CANARY\""), CLEAN, KIND(LINK_DANGEROUS)},
    {.name = "hyperlink share", .body = FIELD("HYPERLINK \"\\\\\\\\host\\\\CANARY\""), CLEAN, KIND(LINK_DANGEROUS)},
    {.name = "hyperlink two targets",
     .body = FIELD("HYPERLINK http://a.example/ c:\\CANARY"),
     CLEAN,
     KIND(LINK_DANGEROUS)},
    {.name = "hyperlink computed",
     .body = "<w:p>" BEGIN CODE("HYPERLINK http://CANARY/ ") BEGIN CODE("REF a") END RESULT "</w:p>",
     CLEAN,
     KIND(LINK_DANGEROUS)},
    {.name = "hyperlink web",
     .body = FIELD("HYPERLINK \"https://example.jp/\" \\o \"tip\""),
     CLEAN,
     KIND(LINK_EXTERNAL),
     .kept = "https://example.jp/"},
    {.name = "toc", .body = FIELD(" TOC \\o \"1-3\" \\h \\z \\u "), CLEAN, KIND(METADATA), .kept = "TOC"},
    {.name = "inserted instruction",
     .body =
         "<w:p>" BEGIN "<w:ins w:id='1' w:author='a'>" CODE("REF ") "</w:ins>" CODE("DDEAUTO CANARY") RESULT "</w:p>",
     CLEAN,
     KIND(FIELD_ACTIVE)},
    {.name = "deleted instruction",
     .body = "<w:p>" BEGIN "<w:del w:id='1' w:author='a'><w:r><w:delInstrText>REF </w:delInstrText></w:r></w:del>" CODE(
         "DDEAUTO CANARY") RESULT "</w:p>",
     CLEAN,
     KIND(FIELD_ACTIVE)},
    {.name = "branches",
     .body = "<w:p>" BEGIN "<mc:AlternateContent xmlns:mc='" MC_URI "'><mc:Choice Requires='w'>" CODE(
         "REF ") "</mc:Choice><mc:Fallback>" CODE("DDEAUTO CANARY") "</mc:Fallback></mc:AlternateContent>" RESULT
                                                                    "</w:p>",
     CLEAN,
     KIND(FIELD_ACTIVE)},
    {.name = "stray code", .body = "<w:p>" CODE("DDE CANARY") "</w:p>" SHOWN, CLEAN, KIND(METADATA)},
    {.name = "never ended", .body = SHOWN "<w:p>" BEGIN CODE("DDE CANARY") "</w:p>", CLEAN, KIND(FIELD_ACTIVE)},
    {.name = "field data",
     .body = SHOWN "<w:p><w:r><w:fldChar w:fldCharType='begin'><w:fldData>CANARY</w:fldData></w:fldChar></w:r>" CODE(
         "PAGE") RESULT "</w:p>",
     CLEAN,
     KIND(METADATA),
     .kept = "PAGE"},
    {.name = "form macro",
     .body =
         "<w:p><w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:name w:val='x'/><w:entryMacro "
         "w:val='CANARY'/><w:exitMacro w:val='CANARY'/></w:ffData></w:fldChar></w:r>" CODE("FORMTEXT") RESULT "</w:p>",
     CLEAN,
     KIND(MACRO_VBA)},
    {.name = "field of a removed property", .body = FIELD("AUTHOR CANARY"), CLEAN, KIND(METADATA)},
    {.name = "vml style",
     .body = SHOWN "<w:p><w:r><w:pict><v:shape xmlns:v='" V_URI
                   "' style='background:URL(http://CANARY/)'/></w:pict></w:r></w:p>",
     CLEAN,
     KIND(EXTERNAL_CONTENT)},
};

START_TEST(test_docx_fields__drops_what_was_planted)
{
    docx_judge(&cases[_i]);
}
END_TEST

START_TEST(test_docx_fields__cleans_its_output_to_itself)
{
    docx_demand_stable(&cases[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("docx_fields");
    TCase *tc = tcase_create("docx_fields");
    tcase_add_loop_test(tc, test_docx_fields__drops_what_was_planted, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(tc, test_docx_fields__cleans_its_output_to_itself, 0, G_N_ELEMENTS(cases));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
