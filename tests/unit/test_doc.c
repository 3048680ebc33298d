#include "doc_forge.h"
#include "fake_job.h"
#include "planted.h"

#include <check.h>

#define FIELD(code, result) "VISIBLE \x13 " code " \x14" result "\x15 end"

/* What must not come out, by a name; SHOWN is what stays of a field. */
static const struct {
    const char *label;
    DocForge forge;
    MgkKind kind;
    const char *kept;
} planted[] = {
    {"dde", {.text = FIELD("DDE cmd CANARY", "SHOWN")}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"ddeauto", {.text = FIELD("DDEAUTO c:\\\\CANARY", "SHOWN")}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"ddeauto low", {.text = FIELD("ddeAuto CANARY", "SHOWN")}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"includetext", {.text = FIELD("INCLUDETEXT \"http://CANARY/a\"", "SHOWN")}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"includepicture", {.text = FIELD("INCLUDEPICTURE \"http://CANARY/a\"", "SHOWN")}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"include", {.text = FIELD("INCLUDE CANARY", "SHOWN")}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"import", {.text = FIELD("IMPORT CANARY", "SHOWN")}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"link", {.text = FIELD("LINK Excel.Sheet.8 CANARY", "SHOWN")}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"embed", {.text = FIELD("EMBED CANARY", "SHOWN")}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"control", {.text = FIELD("CONTROL CANARY", "SHOWN")}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"htmlcontrol", {.text = FIELD("HTMLCONTROL CANARY", "SHOWN")}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"database", {.text = FIELD("DATABASE \\d CANARY", "SHOWN")}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"autotext", {.text = FIELD("AUTOTEXT CANARY", "SHOWN")}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"addin", {.text = FIELD("ADDIN CANARY", "SHOWN")}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"macrobutton", {.text = "VISIBLE \x13 MACROBUTTON CANARY SHOWN \x15"}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"nested", {.text = FIELD("\x13 DDEAUTO CANARY \x15", "SHOWN")}, MGK_KIND_FIELD_ACTIVE, "SHOWN"},
    {"nested in a safe one",
     {.text = FIELD("IF 1 = 1 \"\x13 DDE CANARY \x14x\x15\"", "SHOWN")},
     MGK_KIND_FIELD_ACTIVE,
     NULL},
    {"link to a file", {.text = FIELD("HYPERLINK \"file://CANARY/a\"", "SHOWN")}, MGK_KIND_LINK_DANGEROUS, "SHOWN"},
    {"link to a share",
     {.text = FIELD("HYPERLINK \"\\\\\\\\CANARY\\\\a\"", "SHOWN")},
     MGK_KIND_LINK_DANGEROUS,
     "SHOWN"},
    {"link to a script", {.text = FIELD("HYPERLINK \"javascript:CANARY\"", "SHOWN")}, MGK_KIND_LINK_DANGEROUS, "SHOWN"},
    {"link to a handler", {.text = FIELD("HYPERLINK \"ms-msdt:CANARY\"", "SHOWN")}, MGK_KIND_LINK_DANGEROUS, "SHOWN"},
    {"computed link", {.text = FIELD("HYPERLINK \x13 DDE CANARY \x15", "SHOWN")}, MGK_KIND_LINK_DANGEROUS, "SHOWN"},
    {"macros", {.text = "VISIBLE", .stream = "Macros", .stream_data = "CANARY"}, MGK_KIND_MACRO_VBA, NULL},
    {"macros of sheets",
     {.text = "VISIBLE", .stream = "_VBA_PROJECT_CUR", .stream_data = "CANARY"},
     MGK_KIND_MACRO_VBA,
     NULL},
    {"packed object",
     {.text = "VISIBLE", .stream = "\1Ole10Native", .stream_data = "CANARY"},
     MGK_KIND_OLE_OBJECT,
     NULL},
    {"unknown stream",
     {.text = "VISIBLE", .stream = "Equation Native", .stream_data = "CANARY"},
     MGK_KIND_UNKNOWN_PART,
     NULL},
    {"commands", {.text = "VISIBLE", .slot = 24, .slot_data = "\377CANARY", .slot_size = 7}, MGK_KIND_CUSTOM_UI, NULL},
    {"variables",
     {.text = "VISIBLE", .slot = 60, .slot_data = "\377CANARY", .slot_size = 7},
     MGK_KIND_DOCUMENT_VARIABLES,
     NULL},
    {"template",
     {.text = "VISIBLE", .slot = 32, .slot_data = "\377\377\2\0\0\0\0\0\3\0\\\0\\\0x\0CANARY", .slot_size = 22},
     MGK_KIND_EXTERNAL_TEMPLATE,
     NULL},
};

START_TEST(test_doc__nothing_planted_comes_out)
{
    g_autoptr(GByteArray) bytes = doc_forge(&planted[_i].forge);
    g_autoptr(FakeRun) run = planted_clean(bytes, "a.doc");
    planted_judge(run, planted[_i].label, planted[_i].kept, NULL);
    ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CONVERTED, "%s: verdict %d: %s", planted[_i].label,
                  run->outcome.verdict, run->outcome.detail);
    ck_assert_msg(fake_run_found(run, planted[_i].kind), "%s: nothing reported", planted[_i].label);
    planted_demand_stable(run->output, "a.docx", planted[_i].label);
}
END_TEST

static char *text_of(const DocForge *forge)
{
    g_autoptr(GByteArray) bytes = doc_forge(forge);
    g_autoptr(FakeRun) run = planted_clean(bytes, "a.doc");
    ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CONVERTED, "%s", run->outcome.detail);
    g_autoptr(GString) all = planted_unpack(run->output);
    return g_strdup(all->str);
}

START_TEST(test_doc__text_and_looks_stay)
{
    static const guint8 bold[] = {0x35, 0x08, 1, 0x43, 0x4a, 28, 0};
    static const DocForge forge = {
        .text = "VISIBLE 各位　様\v\t\xf0\xa0\xae\xb7＆<ｶﾅ>\x1e", .chpx = bold, .chpx_size = sizeof bold};
    static const char *const wanted[] = {"各位　様",
                                         "<w:br/>",
                                         "<w:tab/>",
                                         "\xf0\xa0\xae\xb7＆&lt;ｶﾅ&gt;",
                                         "<w:noBreakHyphen/>",
                                         "<w:b/>",
                                         "<w:sz w:val=\"28\"/>"};
    g_autofree char *text = text_of(&forge);
    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
        ck_assert_msg(strstr(text, wanted[i]) != NULL, "want %s in %s", wanted[i], text);
}
END_TEST

START_TEST(test_doc__safe_fields_stay)
{
    static const char *const codes[] = {" PAGE ", " EQ \\o\\ad(\\s\\up 9(ふり),仮) ",
                                        " HYPERLINK \"https://example.jp/\" "};
    for (gsize i = 0; i < G_N_ELEMENTS(codes); i++) {
        g_autofree char *field = g_strconcat("VISIBLE \x13", codes[i],
                                             "\x14"
                                             "1\x15",
                                             NULL);
        const DocForge forge = {.text = field};
        g_autofree char *text = text_of(&forge);
        ck_assert_msg(strstr(text, "fldCharType=\"begin\"") != NULL, "%s is gone: %s", codes[i], text);
    }
}
END_TEST

START_TEST(test_doc__marks_without_fellows_are_no_fields)
{
    static const char *const texts[] = {"VISIBLE \x13 DDE x", "VISIBLE \x15\x14 x", "VISIBLE \x14\x13\x15\x15\x13"};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        const DocForge forge = {.text = texts[i]};
        g_autofree char *text = text_of(&forge);
        ck_assert_msg(strstr(text, "VISIBLE") != NULL, "%zu: text lost", i);
    }
}
END_TEST

static const struct {
    const char *label;
    DocForge forge;
    MgkReason reason;
} refused[] = {
    {"encrypted", {.text = "x", .flags = 0x0100}, MGK_REASON_ENCRYPTED},
    {"word 6", {.text = "x", .ident = 0xa5dc, .version = 0x65}, MGK_REASON_UNSUPPORTED_FORMAT},
    {"word 95", {.text = "x", .version = 0x68}, MGK_REASON_UNSUPPORTED_FORMAT},
    {"more text than there is", {.text = "x", .extra_text = 1}, MGK_REASON_MALFORMED},
    {"far more text", {.text = "x", .extra_text = 0x7fffffff}, MGK_REASON_MALFORMED},
    {"no piece table", {.text = "x", .slot = 33, .slot_data = "\1\377\377", .slot_size = 3}, MGK_REASON_MALFORMED},
    {"pieces outside",
     {.text = "x", .slot = 33, .slot_data = "\2\20\0\0\0\0\0\0\0\2\0\0\0\0\0\377\377\377\077\0\0", .slot_size = 21},
     MGK_REASON_MALFORMED},
    {"pieces backwards",
     {.text = "x", .slot = 33, .slot_data = "\2\20\0\0\0\5\0\0\0\2\0\0\0\0\0\0\4\0\0\0\0", .slot_size = 21},
     MGK_REASON_MALFORMED},
};

START_TEST(test_doc__what_cannot_be_read_is_held)
{
    g_autoptr(GByteArray) bytes = doc_forge(&refused[_i].forge);
    g_autoptr(FakeRun) run = fake_run_new();
    g_autoptr(GError) error = NULL;
    gboolean ok = fake_run_clean(run, bytes->data, bytes->len, "a.doc", MGK_FORMAT_ID_doc, &error);
    ck_assert_msg(ok, "%s: %s", refused[_i].label, error ? error->message : "");
    ck_assert_msg(run->outcome.verdict == MGK_VERDICT_HELD && run->outcome.reason == refused[_i].reason,
                  "%s: verdict %d, reason %d", refused[_i].label, run->outcome.verdict, run->outcome.reason);
    ck_assert_uint_eq(run->output->len, 0);
}
END_TEST

/* Every byte of the tables in turn is wrong: it ends in an error or in a document, never in anything else. */
START_TEST(test_doc__damage_ends_orderly)
{
    static const guint8 look[] = {0x0d, 0xc6, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x46, 0x66, 0, 0, 0, 0};
    static const DocForge forge = {.text = "VISIBLE\x01\x02\x05\x07\x08\x0c x", .chpx = look, .chpx_size = sizeof look};
    g_autoptr(GByteArray) bytes = doc_forge(&forge);
    for (guint at = 512; at < bytes->len; at += 7) {
        g_autoptr(GByteArray) broken = g_byte_array_new();
        g_byte_array_append(broken, bytes->data, bytes->len);
        broken->data[at] ^= 0xff;
        g_autoptr(FakeRun) run = fake_run_new();
        fake_run_clean(run, broken->data, broken->len, "a.doc", MGK_FORMAT_ID_doc, NULL);
        ck_assert_uint_le(run->output->len, 1 << 20);
    }
}
END_TEST

/* Every character may name the same properties again. */
START_TEST(test_doc__properties_named_again_and_again_are_a_limit)
{
    g_autofree char *text = g_strnfill(9000, 'a');
    static const struct {
        guint16 prc;
        gboolean want;
    } table[] = {{516, TRUE}, {32000, FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        DocForge forge = {.text = text, .prc = table[i].prc};
        g_autoptr(GByteArray) file = doc_forge(&forge);
        g_autoptr(FakeRun) run = fake_run_new();
        g_autoptr(GError) error = NULL;
        gboolean ok = fake_run_clean(run, file->data, file->len, "a.doc", MGK_FORMAT_ID_doc, &error);
        ck_assert_msg(ok == table[i].want && (ok || g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT)), "row %u: %s",
                      i, error ? error->message : "crosses");
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("doc");
    TCase *tcase = tcase_create("doc");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_doc__nothing_planted_comes_out, 0, (int)G_N_ELEMENTS(planted));
    tcase_add_test(tcase, test_doc__text_and_looks_stay);
    tcase_add_test(tcase, test_doc__safe_fields_stay);
    tcase_add_test(tcase, test_doc__marks_without_fellows_are_no_fields);
    tcase_add_loop_test(tcase, test_doc__what_cannot_be_read_is_held, 0, (int)G_N_ELEMENTS(refused));
    tcase_add_test(tcase, test_doc__damage_ends_orderly);
    tcase_add_test(tcase, test_doc__properties_named_again_and_again_are_a_limit);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
