#include "fake_job.h"
#include "pictures.h"

#include <check.h>
#include <string.h>

static FakeRun *cleaned(const char *data, const char *name)
{
    FakeRun *run = fake_run_new();
    g_autoptr(GError) error = NULL;
    gboolean ok = fake_run_clean(run, (const guint8 *)data, strlen(data), name, MGK_FORMAT_ID_NONE, &error);
    ck_assert_msg(ok, "%s: %s", data, error ? error->message : "");
    g_byte_array_append(run->output, (const guint8 *)"", 1);
    return run;
}

typedef struct Row {
    const char *line, *kept; /* kept NULL: gone */
} Row;

#define SAME(line) \
    { \
        line, line \
    }

static const Row events[] = {
    SAME("SUMMARY:会議\\, 第2回"),
    SAME("DESCRIPTION:資料は\\nhttps://www.city.example.jp/ にあります"),
    SAME("DTSTART;TZID=Asia/Tokyo:20261120T100000"),
    SAME("RRULE:FREQ=WEEKLY;BYDAY=MO"),
    SAME("ORGANIZER;CN=青木:mailto:aoki@city.example.jp"),
    SAME("URL:https://www.city.example.jp/"),
    {"summary;language=ja:小文字", "SUMMARY;LANGUAGE=ja:小文字"},
    {"SUMMARY;ALTREP=\"cid:CANARY\":題", "SUMMARY:題"},
    {"SUMMARY;X-CANARY=1:題", "SUMMARY:題"},
    {"ATTENDEE;DIR=\"ldap://CANARY/\";CN=\"a:b\":mailto:b@example.jp", "ATTENDEE;CN=\"a:b\":mailto:b@example.jp"},
    {"SUMMARY:a\xe2\x80\xae"
     "b\xe2\x80\x8b",
     "SUMMARY:ab"},
    {"ATTACH:https://CANARY/a.exe", NULL},
    {"ATTACH;ENCODING=BASE64;VALUE=BINARY:CANARY", NULL},
    {"X-ALT-DESC;FMTTYPE=text/html:<script>CANARY</script>", NULL},
    {"CONFERENCE;VALUE=URI:https://CANARY/", NULL},
    {"IMAGE;VALUE=URI:https://CANARY/", NULL},
    {"URL:javascript:CANARY", NULL},
    {"URL:java\tscript:CANARY", NULL},
    {"URL:file://server/CANARY", NULL},
    {"URL:\\\\\\\\server\\\\CANARY", NULL},
    {"URL:search-ms:CANARY", NULL},
    {"ORGANIZER:data:CANARY", NULL},
    {"X-CANARY:1", NULL},
    {"AALARM;TYPE=WAVE:CANARY", NULL},
    {"CANARY", NULL},
    {"STYLED-DESCRIPTION:CANARY", NULL},
    {"BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT1M\r\nATTACH:CANARY\r\nDESCRIPTION:CANARY\r\nEND:VALARM", NULL},
    {"BEGIN:VALARM\r\nACTION:PROCEDURE\r\nATTACH:CANARY.exe\r\nDESCRIPTION:CANARY\r\nEND:VALARM", NULL},
    {"BEGIN:VALARM\r\nACTION:EMAIL\r\nDESCRIPTION:CANARY\r\nATTENDEE:mailto:CANARY@example.jp\r\nEND:VALARM", NULL},
    {"BEGIN:VALARM\r\nDESCRIPTION:CANARY\r\nEND:VALARM", NULL},
    {"BEGIN:VALARM\r\nACTION:PROCEDURE\r\nACTION:DISPLAY\r\nDESCRIPTION:CANARY\r\nEND:VALARM", NULL},
    {"BEGIN:VALARM\r\nACTION:DISPLAY\r\nACTION:CANARY\r\nDESCRIPTION:CANARY\r\nEND:VALARM", NULL},
    {"BEGIN:VALARM\r\nACTION:PROCEDURE\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:CANARY\r\n"
     "END:VALARM\r\nEND:VALARM",
     NULL},
    {"BEGIN:X-CANARY\r\nSUMMARY:CANARY\r\nBEGIN:VEVENT\r\nSUMMARY:CANARY\r\nEND:VEVENT\r\nEND:X-CANARY", NULL},
    SAME("BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT10M\r\nDESCRIPTION:予定\r\nEND:VALARM"),
};

START_TEST(test_content_lines__calendars_keep_what_is_known)
{
    const Row *row = &events[_i];
    static const char head[] = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n",
                      tail[] = "END:VEVENT\r\nEND:VCALENDAR\r\n";
    g_autofree char *in = g_strconcat(head, row->line, "\r\n", tail, NULL);
    g_autofree char *want = g_strconcat(head, row->kept ? row->kept : "", row->kept ? "\r\n" : "", tail, NULL);
    g_autoptr(FakeRun) run = cleaned(in, "予定.ics");
    g_autofree char *flat = g_strdup((char *)run->output->data);
    for (char *fold = strstr(flat, "\r\n "); fold; fold = strstr(fold, "\r\n "))
        memmove(fold, fold + 3, strlen(fold + 3) + 1);
    ck_assert_msg(strcmp(flat, want) == 0, "%s\ngot: %s (%s)", row->line, flat, run->outcome.detail);
    ck_assert_msg(row->kept || run->report->findings->len, "%s: not reported", row->line);
    g_autoptr(FakeRun) again = cleaned((char *)run->output->data, "予定.ics");
    ck_assert_str_eq((char *)again->output->data, (char *)run->output->data);
}
END_TEST

START_TEST(test_content_lines__folds_between_characters)
{
    g_autoptr(GString) in = g_string_new("BEGIN:VCALENDAR\r\nDESCRIPTION:");
    for (guint i = 0; i < 100; i++)
        g_string_append(in, i % 7 ? "漢" : "👍");
    g_string_append(in, "\r\nEND:VCALENDAR\r\n");
    g_autoptr(FakeRun) run = cleaned(in->str, "a.ics");
    g_auto(GStrv) lines = g_strsplit((char *)run->output->data, "\r\n", 0);
    for (guint i = 0; lines[i]; i++) {
        ck_assert_msg(strlen(lines[i]) <= 75, "%s", lines[i]);
        ck_assert_msg(g_utf8_validate(lines[i], -1, NULL), "%s", lines[i]);
    }
    g_autoptr(FakeRun) again = cleaned((char *)run->output->data, "a.ics");
    ck_assert_str_eq((char *)again->output->data, (char *)run->output->data);
}
END_TEST

START_TEST(test_content_lines__holds_what_does_not_match)
{
    static const char *const texts[] = {
        "BEGIN:VCALENDAR\r\nSUMMARY:x\r\n",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\nEND:VEVENT\r\n",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\n",
        "BEGIN:VCARD\r\nBEGIN:VCALENDAR\r\nEND:VCARD\r\n",
    };
    g_autoptr(FakeRun) nothing = fake_run_new();
    ck_assert(fake_run_clean(nothing, (const guint8 *)"\r\n", 2, "a.ics", MGK_FORMAT_ID_ics, NULL));
    ck_assert_uint_eq(nothing->outcome.verdict, MGK_VERDICT_HELD);
    ck_assert(!fake_run_check(nothing, (const guint8 *)"", 0, MGK_FORMAT_ID_ics, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(FakeRun) run = cleaned(texts[i], i < 4 ? "a.ics" : "a.vcf");
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_HELD, "%s crosses", texts[i]);
    }
}
END_TEST

static const Row contacts[] = {
    SAME("FN:青木 花子"),
    SAME("N:青木;花子;;;"),
    SAME("TEL;TYPE=CELL,VOICE:090-1234-5678"),
    SAME("TEL;VALUE=URI:tel:+81-3-1234-5678"),
    SAME("EMAIL:aoki@city.example.jp"),
    SAME("SOUND;X-IRMC-N:アオキ;ハナコ;;;"),
    SAME("ITEM1.ADR;TYPE=WORK:;;中央1-1;みどり市;;100-0001;日本"),
    {"SOUND;ENCODING=b;TYPE=WAVE:CANARY", NULL},
    {"KEY;ENCODING=b:CANARY", NULL},
    {"PHOTO;VALUE=URI:https://CANARY/a.jpg", NULL},
    {"PHOTO;ENCODING=b;TYPE=JPEG:Q0FOQVJZQ0FOQVJZ", NULL},
    {"LOGO:javascript:CANARY", NULL},
    {"AGENT:BEGIN:VCARD CANARY", NULL},
    {"SOURCE:ldap://CANARY/", NULL},
    {"X-MS-OL-DESIGN;CHARSET=utf-8:<card CANARY/>", NULL},
    {"URL:vbscript:CANARY", NULL},
};

START_TEST(test_content_lines__contacts_keep_what_is_known)
{
    const Row *row = &contacts[_i];
    static const char head[] = "BEGIN:VCARD\r\nVERSION:3.0\r\n", tail[] = "END:VCARD\r\n";
    g_autofree char *in = g_strconcat(head, row->line, "\r\n", tail, NULL);
    g_autofree char *want = g_strconcat(head, row->kept ? row->kept : "", row->kept ? "\r\n" : "", tail, NULL);
    g_autoptr(FakeRun) run = cleaned(in, "名刺.vcf");
    ck_assert_msg(strcmp((char *)run->output->data, want) == 0, "%s\ngot: %s (%s)", row->line, run->output->data,
                  run->outcome.detail);
    ck_assert_msg(row->kept || run->report->findings->len || run->report->children, "%s: not reported", row->line);
}
END_TEST

START_TEST(test_content_lines__old_contacts_become_utf8)
{
    static const char in[] = "BEGIN:VCARD\r\nVERSION:2.1\r\n"
                             "FN;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=90=C2=\r\n=96=D8\r\n"
                             "TEL;CELL;VOICE:090\r\nEND:VCARD\r\n";
    static const char want[] = "BEGIN:VCARD\r\nVERSION:2.1\r\n"
                               "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=\r\n=E9=9D=92=E6=9C=A8\r\n"
                               "TEL;CELL;VOICE:090\r\nEND:VCARD\r\n";
    g_autoptr(FakeRun) run = cleaned(in, "a.vcf");
    ck_assert_str_eq((char *)run->output->data, want);
    g_autoptr(FakeRun) again = cleaned(want, "a.vcf");
    ck_assert_str_eq((char *)again->output->data, want);
}
END_TEST

START_TEST(test_content_lines__pictures_are_cleaned)
{
    g_autoptr(GByteArray) png = picture_png(MGK_RASTER_RGB, 8, 20, 20);
    picture_add_chunk(png, "tEXt", "CANARY\0CANARY", 13);
    g_autofree char *base64 = g_base64_encode(png->data, png->len);
    static const char *const shapes[] = {
        "VERSION:3.0\r\nPHOTO;ENCODING=b;TYPE=PNG:", "VERSION:2.1\r\nPHOTO;PNG;BASE64:",
        "VERSION:4.0\r\nPHOTO:data:image/png;base64,"};
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++) {
        g_autofree char *in = g_strconcat("BEGIN:VCARD\r\n", shapes[i], base64, "\r\nEND:VCARD\r\n", NULL);
        g_autoptr(FakeRun) run = cleaned(in, "a.vcf");
        const char *out = (const char *)run->output->data;
        ck_assert_msg(strstr(out, "iVBORw0KGgo") != NULL, "%s: %s", shapes[i], out);
        ck_assert_msg(strcmp(out, in) != 0, "%s: not cleaned", shapes[i]);
    }
}
END_TEST

START_TEST(test_content_lines__second_look_refuses_what_acts)
{
    static const char *const lines[] = {"ATTACH:x",
                                        "URL:javascript:x",
                                        "ACTION:AUDIO",
                                        "SUMMARY;ALTREP=\"x\":y",
                                        "PHOTO:http://x/",
                                        "no property",
                                        "X-ALT-DESC:x",
                                        "END:VEVENT",
                                        "BEGIN:VEVENT",
                                        "SUMMARY:a\nb",
                                        "summary:lower",
                                        "ORGANIZER:file://x",
                                        "ITEM1.URL:javascript:x",
                                        "ITEM1.ACTION:AUDIO",
                                        "ITEM1.PHOTO:http://x/",
                                        "X-EVIL:x",
                                        "SUMMARY;X-EVIL=1:x",
                                        "BEGIN:VCARD",
                                        "TEL:data:x",
                                        "URL;ENCODING=QUOTED-PRINTABLE:=6Aavascript:x",
                                        "URL://host/x",
                                        "SOUND:x",
                                        "item.ATTACH:x",
                                        "LOGO;ENCODING=b:QUJD",
                                        "SUMMARY;LANGUAGE=\"ja:x"};
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *text = g_strdup_printf("BEGIN:VCALENDAR\r\n%s\r\nEND:VCALENDAR\r\n", lines[i]);
        g_autoptr(FakeRun) run = fake_run_new();
        ck_assert_msg(!fake_run_check(run, (const guint8 *)text, strlen(text), MGK_FORMAT_ID_ics, NULL), "%s",
                      lines[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("content_lines");
    TCase *tc = tcase_create("content_lines");
    tcase_add_loop_test(tc, test_content_lines__calendars_keep_what_is_known, 0, (int)G_N_ELEMENTS(events));
    tcase_add_test(tc, test_content_lines__folds_between_characters);
    tcase_add_test(tc, test_content_lines__holds_what_does_not_match);
    tcase_add_loop_test(tc, test_content_lines__contacts_keep_what_is_known, 0, (int)G_N_ELEMENTS(contacts));
    tcase_add_test(tc, test_content_lines__old_contacts_become_utf8);
    tcase_add_test(tc, test_content_lines__pictures_are_cleaned);
    tcase_add_test(tc, test_content_lines__second_look_refuses_what_acts);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
