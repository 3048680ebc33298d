/* Which parts of a mail become text, which become attachments, and which never cross. */
#include "engines/cms_signed.h"
#include "mail_forge.h"

#define HEAD "From: a@example.com\r\nTo: b@example.com\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
#define MULTI(type, rest) HEAD "Content-Type: multipart/" type "; boundary=b\r\n\r\n" rest
#define PART(type, content) "--b\r\nContent-Type: " type "\r\n\r\n" content "\r\n"
#define FILE_PART(type, name, content) \
    "--b\r\nContent-Type: " type "\r\nContent-Disposition: attachment; filename=\"" name "\"\r\n\r\n" content "\r\n"
#define END "--b--\r\n"
#define LONG_PAGE "<p>Everything that the page says to its readers today, and some more words of it</p>"
#define PNG "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

typedef struct Row {
    const char *what, *mail, *wanted, *unwanted; /* in the body; NULL: nothing */
    guint files;                                 /* attachments that cross, the details not counted */
    MgkReason held;                              /* NONE: the mail crosses */
} Row;

static const Row rows[] = {
    {"no type", HEAD "\r\nplain words\r\n", "plain words", NULL, 0, 0},
    {"type without subtype", HEAD "Content-Type: text\r\n\r\nplain words\r\n", "plain words", NULL, 0, 0},
    {"html", HEAD "Content-Type: text/html\r\n\r\n<p>page words</p><script>alert(1)</script>\r\n", "page words",
     "alert", 0, 0},
    {"enriched", HEAD "Content-Type: text/enriched\r\n\r\nrich words\r\n", "rich words", NULL, 0, 0},
    {"mixed texts", MULTI("mixed", PART("text/plain", "first") PART("text/plain", "second") END), "first\n\nsecond",
     NULL, 0, 0},
    {"unknown multipart", MULTI("x-odd", PART("text/plain", "first") PART("text/plain", "second") END), "second", NULL,
     0, 0},
    {"attached text", MULTI("mixed", PART("text/plain", "first") FILE_PART("text/plain", "a.txt", "in the file") END),
     "first", "in the file", 1, 0},
    {"attached program",
     MULTI("mixed", PART("text/plain", "first") FILE_PART("application/octet-stream", "a.bat", "@echo off") END),
     "「a.bat」", "echo off", 0, 0},
    {"alternative, plain agrees",
     MULTI("alternative",
           PART("text/plain", "the same words here") PART("text/html", "<b>the same words here</b>") END),
     "the same words here", "differs", 0, 0},
    {"alternative, plain is empty", MULTI("alternative", PART("text/plain", " ") PART("text/html", LONG_PAGE) END),
     "Everything that the page", NULL, 0, 0},
    {"alternative, plain is a stub",
     MULTI("alternative", PART("text/plain", "Use a HTML viewer") PART("text/html", LONG_PAGE) END),
     "Everything that the page", "Use a HTML viewer", 0, 0},
    {"alternative, plain says something else",
     MULTI("alternative", PART("text/plain", "Quite different: pay 9,999 yen to the account of Mr Mallory by tomorrow")
                              PART("text/html", LONG_PAGE) END),
     "Mr Mallory", NULL, 0, 0},
    {"alternative, plain only", MULTI("alternative", PART("text/plain", "words") END), "words", NULL, 0, 0},
    {"alternative, calendar too",
     MULTI("alternative",
           PART("text/plain", "come") PART("text/calendar", "BEGIN:VEVENT\r\nSUMMARY:Council\r\nDTSTART;TZID=Asia/"
                                                            "Tokyo:20261120T140000\r\nEND:VEVENT") END),
     "2026-11-20 14:00 (Asia/Tokyo)", NULL, 0, 0},
    {"alternative, a watch version is no news",
     MULTI("alternative", PART("text/plain", "words") PART("text/x-amp-html", "<amp>noise</amp>") END), "words",
     "noise", 0, 0},
    {"related",
     MULTI("related",
           PART("text/html",
                "<p>root words<img src=cid:1>") "--b\r\nContent-Type: image/png\r\n"
                                                "Content-ID: <1>\r\nContent-Transfer-Encoding: base64\r\n\r\n" PNG
                                                "\r\n" END),
     "root words", NULL, 0, 0},
    {"related with a start",
     MULTI("related; start=\"<r>\"", PART("text/plain", "side") "--b\r\nContent-Type: text/plain\r\nContent-ID: <r>\r\n"
                                                                "\r\nroot first\r\n" END),
     "root first\n\nside", NULL, 0, 0},
    {"attached picture",
     MULTI("mixed", PART("text/plain", "first") "--b\r\nContent-Type: image/png; name=p.png\r\n"
                                                "Content-Transfer-Encoding: base64\r\n\r\n" PNG "\r\n" END),
     "first", NULL, 1, 0},
    {"signed", MULTI("signed", PART("text/plain", "signed words") PART("application/pgp-signature", "-----BEGIN") END),
     "signed words", "BEGIN", 0, 0},
    {"encrypted",
     MULTI("encrypted", PART("application/pgp-encrypted", "Version: 1") PART("application/octet-stream", "xxx") END),
     NULL, NULL, 0, MGK_REASON_ENCRYPTED},
    {"encrypted by S/MIME", HEAD "Content-Type: application/pkcs7-mime\r\n\r\nMIAG\r\n", NULL, NULL, 0,
     MGK_REASON_ENCRYPTED},
    {"encrypted inside",
     MULTI("mixed", PART("text/plain", "words") "--b\r\nContent-Type: multipart/encrypted; "
                                                "boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n" END),
     "words", NULL, 0, 0},
    {"mail in a mail",
     MULTI("mixed", PART("text/plain", "see") PART("message/rfc822", "From: c@example.com\r\nSubject: "
                                                                     "inner\r\n\r\ninner words") END),
     "Subject: inner\n\ninner words", NULL, 0, 0},
    {"file of a mail in a mail",
     MULTI("mixed", PART("message/rfc822", HEAD "Content-Type: text/plain\r\nContent-Disposition: attachment; "
                                                "filename=a.txt\r\n\r\nfile") END),
     "Subject: s", NULL, 1, 0},
    {"fragment", HEAD "Content-Type: message/partial; id=1; number=1; total=2\r\n\r\nwords\r\n", NULL, NULL, 0,
     MGK_REASON_UNSUPPORTED_FEATURE},
    {"fragment inside", MULTI("mixed", PART("text/plain", "words") PART("message/partial; id=1", "smuggled") END),
     "words", "smuggled", 0, 0},
    {"external body",
     MULTI("mixed", PART("text/plain", "words") PART("message/external-body; access-type=URL; URL=\"http://evil/\"",
                                                     "Content-Type: text/plain\r\n\r\nsmuggled") END),
     "words", "smuggled", 0, 0},
    {"calendar",
     HEAD "Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\nSUMMARY:Long\r\n er name\r\nX-ALT-DESC:<b>x"
          "</b>\r\nATTACH:http://evil/\r\nORGANIZER;CN=Taro:mailto:t@example.com\r\nDTSTART:"
          "20261120T010000Z\r\nDESCRIPTION:a\\nb\r\nEND:VEVENT\r\n",
     "件名: Longer name\n  主催者: Taro <t@example.com>\n  開始: 2026-11-20 01:00 (UTC)\n  説明: a", "evil", 0, 0},
    {"contact",
     HEAD "Content-Type: text/vcard\r\n\r\nBEGIN:VCARD\r\nFN:Taro\r\nitem1.TEL;TYPE=work:03-1234\r\nPHOTO:"
          "data:x\r\nEND:VCARD\r\n",
     "氏名: Taro\n  電話: 03-1234", "data:", 0, 0},
    {"old contact in Shift_JIS",
     HEAD "Content-Type: text/x-vcard\r\n\r\nBEGIN:VCARD\r\nFN;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=8ER=93c\r\n"
          "END:VCARD\r\n",
     "氏名: 山田", NULL, 0, 0},
    {"delivery report",
     MULTI("report; report-type=delivery-status",
           PART("text/plain", "could not be delivered")
               PART("message/delivery-status", "Reporting-MTA: dns; m.example\r\nX-Secret: no\r\n\r\nFinal-Recipient: "
                                               "rfc822; x@y\r\nStatus: 5.1.1")
                   PART("message/rfc822", "Subject: original\r\n\r\noriginal words") END),
     "Status: 5.1.1", "original words", 0, 0},
    {"delivery report, header lines",
     MULTI("report", PART("text/plain", "no") PART("text/rfc822-headers", "Subject: original\r\nX-Secret: y") END),
     "Subject: original", "Secret", 0, 0},
    {"report of reading",
     MULTI("report; report-type=disposition-notification",
           PART("text/plain", "was read") PART("message/disposition-notification",
                                               "Final-Recipient: rfc822;a@b\r\nDisposition: manual-action; displayed")
               END),
     "Disposition: manual-action; displayed", NULL, 0, 0},
    {"uuencoded file", HEAD "\r\nbefore\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\nafter\r\n", "before\n[a.txt]\nafter",
     "#0V", 1, 0},
    {"no uuencoded file", HEAD "\r\nbegin 644 is a word\r\nand goes on\r\n", "and goes on", NULL, 0, 0},
    {"no boundary", HEAD "Content-Type: multipart/mixed\r\n\r\nwords all the same\r\n", "words all the same", NULL, 0,
     0},
    {"boundary that never comes", HEAD "Content-Type: multipart/mixed; boundary=x\r\n\r\nwords all the same\r\n",
     "words all the same", NULL, 0, 0},
    {"last boundary missing", MULTI("mixed", PART("text/plain", "words")), "words", NULL, 0, 0},
    {"nested",
     MULTI("mixed", "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\ninner words\r\n"
                    "--c--\r\n" END),
     "inner words", NULL, 0, 0},
    {"picture only", HEAD "Content-Type: text/html\r\n\r\n<img src=http://evil/x.png>\r\n", "画像だけ", "evil", 0, 0},
    {"nothing", HEAD "\r\n", "本文はありません", NULL, 0, 0},
    {"broken winmail.dat",
     MULTI("mixed", PART("text/plain", "words") FILE_PART("application/ms-tnef", "winmail.dat", "junk") END), "winmail",
     "junk", 0, 0},
};

static guint count_files(const Converted *c)
{
    guint n = root_of(c)->children->len, files = 0;
    for (guint i = 1; i < n; i++)
        files += strcmp(part_at(c->tree, i)->name, "無害化結果.txt") != 0;
    return files;
}

START_TEST(test_mail_structure__parts_become_text_or_files)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Row *row = &rows[i];
        g_auto(Converted) c = convert(row->mail, strlen(row->mail), NULL);
        ck_assert_msg(c.run->outcome.reason == row->held, "%s: %s %s", row->what,
                      mgk_reason_name(c.run->outcome.reason), c.run->outcome.detail);
        if (row->held)
            continue;
        ck_assert_msg(!row->wanted || strstr(c.text, row->wanted), "%s: got '%s'", row->what, c.text);
        ck_assert_msg(!row->unwanted || !strstr(c.text, row->unwanted), "%s: got '%s'", row->what, c.text);
        ck_assert_msg(count_files(&c) == row->files, "%s: got %u files", row->what, count_files(&c));
    }
}
END_TEST

START_TEST(test_mail_structure__one_mail_of_a_mailbox_is_a_mail)
{
    static const char one[] =
        "From a@example.com Fri Nov 20 10:00:00 2026\r\n" HEAD "\r\nwords\r\n\r\nFrom here on\r\n";
    static const char with_nuls[] = HEAD "\r\nwords\0\0\0more\r\n";
    static const char single[] = "From a@example.com Fri Nov 20 10:00:00 2026\n" HEAD "\nwords\n";
    static const char two[] =
        "From a Fri Nov 20 10:00:00 2026\nFrom: a@b\n\nx\n\nFrom a Fri Nov 20 10:00:00 2026\nFrom: a@b\n\ny\n";
    ck_assert_int_eq(fake_detect((const guint8 *)single, sizeof single - 1, "a.eml"), MGK_FORMAT_ID_eml);
    ck_assert_int_eq(fake_detect((const guint8 *)with_nuls, sizeof with_nuls - 1, "a.eml"), MGK_FORMAT_ID_eml);
    ck_assert_int_eq(fake_detect((const guint8 *)two, sizeof two - 1, "a.eml"), MGK_FORMAT_ID_mbox);
    ck_assert_int_eq(fake_detect((const guint8 *)one, sizeof one - 1, "a.eml"), MGK_FORMAT_ID_mbox); /* not sure */
    ck_assert_int_eq(fake_detect((const guint8 *)single, sizeof single - 1, "a.mbox"), MGK_FORMAT_ID_mbox);
    g_auto(Converted) c = convert(single, sizeof single - 1, NULL);
    ck_assert_ptr_nonnull(strstr(c.text, "words"));
}
END_TEST

START_TEST(test_mail_structure__output_is_the_same_each_time)
{
    g_auto(Converted) a = convert(rows[6].mail, strlen(rows[6].mail), NULL);
    g_auto(Converted) b = convert(rows[6].mail, strlen(rows[6].mail), NULL);
    ck_assert_uint_eq(a.run->output->len, b.run->output->len);
    ck_assert_mem_eq(a.run->output->data, b.run->output->data, a.run->output->len);
}
END_TEST

START_TEST(test_mail_structure__text_only_lists_and_holds_attachments)
{
    MgkPolicy policy;
    mgk_policy_init(&policy);
    policy.mail.profile = MGK_MAIL_TEXT_ONLY;
    g_auto(Converted) c = convert(rows[6].mail, strlen(rows[6].mail), &policy.mail);
    ck_assert_uint_eq(count_files(&c), 0);
    ck_assert_ptr_nonnull(strstr(c.text, "「a.txt」"));
    g_autofree char *details = part_text(part_at(c.tree, 1));
    ck_assert_msg(strstr(details, "方針により保留します"), "got '%s'", details);
}
END_TEST

/* One row a format of winmail.dat: attribute level, id, bytes. */
static void add_attribute(GByteArray *tnef, guint8 level, guint32 id, const char *data, guint32 size)
{
    const guint8 head[] = {
        level,        (guint8)id,          (guint8)(id >> 8),    (guint8)(id >> 16),  (guint8)(id >> 24),
        (guint8)size, (guint8)(size >> 8), (guint8)(size >> 16), (guint8)(size >> 24)};
    g_byte_array_append(tnef, head, sizeof head);
    g_byte_array_append(tnef, (const guint8 *)data, size);
    g_byte_array_append(tnef, (const guint8 *)"\0\0", 2);
}

START_TEST(test_mail_structure__winmail_is_unpacked)
{
    static const char long_name[] = "\1\0\0\0\x1f\0\x07\x37\1\0\0\0\x0e\0\0\0\x71\x5c\x30\x75.\0t\0x\0t\0\0\0\0";
    g_autoptr(GByteArray) tnef = g_byte_array_new();
    g_byte_array_append(tnef, (const guint8 *)"\x78\x9f\x3e\x22\1\0", 6);
    add_attribute(tnef, 1, 0x00069007, "\xa4\3\0\0\0\0\0\0", 8);
    add_attribute(tnef, 1, 0x0002800c, "\x96\x7b\x95\xb6\0", 5); /* 本文 in CP932 */
    add_attribute(tnef, 2, 0x00069002, "\0\0", 2);
    add_attribute(tnef, 2, 0x00018010, "A.TXT\0", 6);
    add_attribute(tnef, 2, 0x0006800f, "in the file\r\n", 13);
    add_attribute(tnef, 2, 0x00069005, long_name, 32);
    g_autofree char *base64 = g_base64_encode(tnef->data, tnef->len);
    g_autofree char *mail = g_strdup_printf(
        MULTI("mixed",
              PART("text/plain", "words") "--b\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: "
                                          "base64\r\n\r\n%s\r\n" END),
        base64);
    g_auto(Converted) c = convert(mail, strlen(mail), NULL);
    ck_assert_msg(strstr(c.text, "本文"), "got '%s'", c.text);
    ck_assert_uint_eq(count_files(&c), 1);
    ck_assert_str_eq(part_at(c.tree, 1)->name, "山田.txt");
}
END_TEST

/* One element of BER: tag, length in as many bytes as it takes (or indefinite), content. */
static GByteArray *element(guint8 tag, gboolean open, GByteArray *content)
{
    GByteArray *out = g_byte_array_new();
    guint n = content->len;
    const guint8 head[] = {tag, open ? 0x80 : 0x82, (guint8)(n >> 8), (guint8)n};
    g_byte_array_append(out, head, open ? 2 : 4);
    g_byte_array_append(out, content->data, n);
    if (open)
        g_byte_array_append(out, (const guint8 *)"\0\0", 2);
    g_byte_array_unref(content);
    return out;
}

static GByteArray *raw(const char *bytes, gsize size)
{
    return g_byte_array_append(g_byte_array_new(), (const guint8 *)bytes, (guint)size);
}

static GByteArray *joined(GByteArray *a, GByteArray *b)
{
    g_byte_array_append(a, b->data, b->len);
    g_byte_array_unref(b);
    return a;
}

/* A mail whose body is a SignedData (or, by its last digit, something else) around content. */
static char *opaque_mail(const char *content, gboolean open, char kind)
{
    gsize half = strlen(content) / 2;
    GByteArray *octets = open ? element(0x24, TRUE,
                                        joined(element(4, FALSE, raw(content, half)),
                                               element(4, FALSE, raw(content + half, strlen(content) - half))))
                              : element(4, FALSE, raw(content, strlen(content)));
    GByteArray *wrapped = joined(raw("\6\x9\x2a\x86\x48\x86\xf7\x0d\1\7\1", 11), element(0xa0, open, octets));
    GByteArray *data = joined(raw("\2\1\1\x31\0", 5), element(0x30, open, wrapped));
    g_autoptr(GByteArray) all = element(0xa0, open, element(0x30, open, joined(data, raw("\x31\0", 2))));
    char oid[] = "\6\x9\x2a\x86\x48\x86\xf7\x0d\1\7\2";
    oid[10] = kind;
    g_autoptr(GByteArray) whole = element(0x30, open, joined(raw(oid, 11), g_steal_pointer(&all)));
    g_autofree char *base64 = g_base64_encode(whole->data, whole->len);
    return g_strdup_printf(HEAD "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
                                "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n",
                           base64);
}

START_TEST(test_mail_structure__opaque_signatures_are_opened)
{
    static const char content[] = "Content-Type: text/html\r\n\r\n<p>signed words<script>x</script>\r\n";
    static const struct {
        gboolean open;
        char kind;
        MgkReason want;
    } kinds[] = {{FALSE, 2, MGK_REASON_NONE}, {TRUE, 2, MGK_REASON_NONE}, {FALSE, 3, MGK_REASON_ENCRYPTED}};
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *mail = opaque_mail(content, kinds[i].open, kinds[i].kind);
        g_auto(Converted) c = convert(mail, strlen(mail), NULL);
        ck_assert_msg(c.run->outcome.reason == kinds[i].want, "row %zu: %s", i, c.run->outcome.detail);
        ck_assert_msg(kinds[i].want || (strstr(body(&c), "signed words") && !strstr(c.text, "script")), "row %zu: %s",
                      i, c.text);
        ck_assert_msg(kinds[i].want || fake_run_found(c.run, MGK_KIND_SIGNATURE_LOST), "row %zu", i);
    }
}
END_TEST

START_TEST(test_mail_structure__signatures_around_signatures_end)
{
    g_autofree char *mail = g_strdup("Content-Type: text/plain\r\n\r\ninmost words\r\n");
    for (guint i = 1; i <= 6; i++) {
        g_autofree char *inner = g_steal_pointer(&mail);
        mail = opaque_mail(inner, i % 2, 2);
        g_auto(Converted) c = convert(mail, strlen(mail), NULL);
        gboolean shown = strstr(c.text, "inmost words") != NULL;
        ck_assert_msg(shown == (i <= 4), "%u around: %s", i, c.run->outcome.detail);
    }
}
END_TEST

START_TEST(test_mail_structure__every_cut_of_a_signature_ends)
{
    g_autofree char *mail = opaque_mail("Content-Type: text/plain\r\n\r\nwords\r\n", TRUE, 2);
    char *base64 = strstr(mail, "\r\n\r\n") + 4;
    gsize size = 0;
    g_autofree guchar *whole = g_base64_decode(base64, &size);
    for (gsize n = 0; n < size; n++) {
        g_autoptr(GBytes) cut = g_bytes_new(whole, n); /* exact: a read behind it is found by ASan */
        g_autoptr(GBytes) content = mgk_cms_signed_content(cut);
        ck_assert_msg(!content || n > 60, "%zu bytes were enough", n);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mail_structure");
    TCase *tests = tcase_create("mail_structure");
    tcase_add_test(tests, test_mail_structure__parts_become_text_or_files);
    tcase_add_test(tests, test_mail_structure__one_mail_of_a_mailbox_is_a_mail);
    tcase_add_test(tests, test_mail_structure__output_is_the_same_each_time);
    tcase_add_test(tests, test_mail_structure__text_only_lists_and_holds_attachments);
    tcase_add_test(tests, test_mail_structure__winmail_is_unpacked);
    tcase_add_test(tests, test_mail_structure__opaque_signatures_are_opened);
    tcase_add_test(tests, test_mail_structure__signatures_around_signatures_end);
    tcase_add_test(tests, test_mail_structure__every_cut_of_a_signature_ends);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
