#!/usr/bin/python3
"""kinds.py MUGAIKA-MILTER SAMPLES: mails of every kind through Postfix and the filter: attachments, Japanese of all sorts,
reports, nests, and mails built to break their readers. What is delivered is read with Python's email library, which
must find no defect. Exits 77 without Postfix.
"""
import base64
import email
import email.policy
import io
import os
import sys
import time
import zipfile
from email.message import EmailMessage

SAMPLES = os.path.abspath(sys.argv.pop(2)) if len(sys.argv) > 2 else ''

import cases  # noqa: E402 (takes its own argument from the command line)
from cases import CANARY, Case, headers  # noqa: E402


def sample(name):
    with open(os.path.join(SAMPLES, name), 'rb') as file:
        return file.read()


def with_files(*names):
    message = EmailMessage(policy=email.policy.SMTP)
    message['From'], message['To'], message['Subject'], message['X-Secret'] = 'a@example.com', 'u@in.test.invalid', '添付', CANARY
    message.set_content('添付をご覧ください。')
    for name in names:
        message.add_attachment(sample(name), 'application', 'octet-stream', filename=name)
    return message.as_bytes()


def with_part(fields, body=b'', start=b''):
    """One part of fields and body in a mail."""
    return start + headers('MIME-Version: 1.0\r\n').encode() + fields + b'\r\n\r\n' + body + b'\r\n'


def text_mail(charset, data, encoding=b'8bit'):
    return with_part(b'Content-Type: text/plain; charset=' + charset + b'\r\nContent-Transfer-Encoding: ' + encoding, data)


def jis(*runs):
    """Bytes of ISO-2022-JP: (escape, bytes) runs, back to ASCII at the end."""
    return b''.join(b'\x1b' + escape + data for escape, data in runs) + b'\x1b(B'


JAPANESE = {  # name: (mail, words that must be readable)
    'iso-2022-jp': (text_mail(b'ISO-2022-JP', '会議の議事録です。'.encode('iso2022_jp'), b'7bit'), '会議の議事録です。'),
    'row 13': (text_mail(b'ISO-2022-JP', jis((b'$B', bytes.fromhex('2d21 2d6a 2d35'))), b'7bit'), '①㈱Ⅰ'),
    'half-width kana': (text_mail(b'ISO-2022-JP', jis((b'(I', bytes.fromhex('365e 375e'))), b'7bit'), 'ｶﾞｷﾞ'),
    'cp932': (text_mail(b'Shift_JIS', '髙﨑①㈱纊'.encode('cp932')), '髙﨑①㈱纊'),
    'windows-31j': (text_mail(b'windows-31j', '髙﨑様'.encode('cp932')), '髙﨑様'),
    'x-sjis': (text_mail(b'x-sjis', '日本語'.encode('cp932')), '日本語'),
    'euc-jp': (text_mail(b'EUC-JP', '補助漢字丂'.encode('euc_jp')), '補助漢字丂'),
    'euc-jp, NEC row 13': (text_mail(b'EUC-JP', b'\xad\xa1\xad\xea'), '①㈱'),
    'utf-7': (text_mail(b'UTF-7', '日本語'.encode('utf-7'), b'7bit'), '日本語'),
    'utf-8': (text_mail(b'UTF-8', '葛󠄀城市 神󠄀'.encode()), '葛󠄀城市 神󠄀'),
    'no charset': (text_mail(b'us-ascii', '文字コードの指定がないメールです。お確かめください。'.encode('cp932')), 'お確かめください'),
}
SUBJECTS = {  # raw bytes of a Subject: what it says
    b'=?ISO-2022-JP?B?GyRCMnE1RBsoQg==?=': '会議',
    b'=?UTF-8?B?5pel5pw=?=\r\n =?UTF-8?B?rOiqng==?=': '日本語',
    b'=?Shift_JIS?B?h0CHag==?=': '',
    '生の件名'.encode('cp932'): '生の件名',
    '生の件名'.encode(): '生の件名',
    b'=?iso-2022-jp?Q?=1B$B2q5D=1B(B?=': '会議',
}
NAMES = {  # parameters of a Content-Disposition: the name they tell
    b'filename="=?ISO-2022-JP?B?GyRCMnE1RBsoQi50eHQ=?="': '会議.txt',
    b"filename*=UTF-8''%E4%BC%9A%E8%AD%B0.txt": '会議.txt',
    b"filename*0*=UTF-8''%E4%BC;\r\n filename*1*=%9A%E8%AD%B0.txt": '会議.txt',
    b'filename*0="=?UTF-8?Q?=E4=BC=9A=E8=AD=B0.txt?="': '会議.txt',
    b'filename="' + '会議.txt'.encode('cp932') + b'"': '会議.txt',
}
MULTI = b'Content-Type: multipart/%s; boundary=x'
SECRET = b'<script>' + CANARY.encode() + b'</script>'


def parts(kind, *pieces):
    return with_part(MULTI % kind, b''.join(b'--x\r\n' + piece + b'\r\n' for piece in pieces) + b'--x--')


def nest(depth):
    inner = b'Content-Type: text/html\r\n\r\n' + SECRET + b'<p>deep</p>'
    for n in range(depth):
        inner = b'Content-Type: multipart/mixed; boundary=n%d\r\n\r\n--n%d\r\n' % (n, n) + inner + b'\r\n--n%d--\r\n' % n
    return with_part(inner.split(b'\r\n\r\n', 1)[0], inner.split(b'\r\n\r\n', 1)[1])


def message_in(depth):
    inner = b'Subject: innermost\r\nContent-Type: text/html\r\n\r\n' + SECRET + b'<p>deep</p>'
    for n in range(depth):
        inner = b'Subject: level %d\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n' % n + inner
    return with_part(b'Content-Type: message/rfc822', inner)


ODD = {
    'alternative': parts(b'alternative', b'Content-Type: text/plain\r\n\r\nplain words', b'Content-Type: text/html\r\n\r\n<p>plain words' + SECRET),
    'related': parts(b'related', b'Content-Type: text/html\r\n\r\n<img src=cid:a>' + SECRET, b'Content-Type: image/gif\r\nContent-ID: <a>\r\n\r\nGIF89a'),
    'signed': parts(b'signed', b'Content-Type: text/html\r\n\r\n' + SECRET + b'signed words', b'Content-Type: application/pkcs7-signature\r\n\r\nMII'),
    'encrypted': parts(b'encrypted', b'Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1', b'\r\n' + CANARY.encode()),
    'partial': with_part(b'Content-Type: message/partial; id=a; number=1; total=2', SECRET),
    'external body': with_part(b'Content-Type: message/external-body; access-type=URL; URL="http://example.com/' + CANARY.encode() + b'"', b'Content-Type: text/plain\r\n\r\n'),
    'uuencode': with_part(b'Content-Type: text/plain', b'words\r\nbegin 644 a.exe\r\n#0V%T\r\n`\r\nend'),
    'twenty-five levels': nest(25),
    'two thousand levels': nest(2000),
    'message in message': message_in(3),
    'forty messages in messages': message_in(40),
    'no end of the parts': with_part(MULTI % b'mixed', b'--x\r\nContent-Type: text/html\r\n\r\n' + SECRET),
    'no part': with_part(MULTI % b'mixed', b'preamble only'),
    'ten thousand parts': parts(b'mixed', *[b'\r\n.'] * 10000),
    'two content types': with_part(b'Content-Type: text/plain\r\nContent-Type: text/html', SECRET),
    'header only': headers().encode(),
    'no header': b'\r\n' + SECRET + b'\r\n',
    'body line first': b'this is no header\r\nat all ' + CANARY.encode() + b'\r\n',
    'broken base64': with_part(b'Content-Type: text/html\r\nContent-Transfer-Encoding: base64', base64.b64encode(SECRET * 40)[:-3] + b'!!!'),
    'endless loop of GMime': with_part(b'Content-Type: multipart/mixed; ' + ('あ' * 35).encode('cp932') + b'=x; boundary=b', b'--b\r\n\r\n.\r\n--b--'),
    'endless loop, latin': with_part(b'Content-Type: multipart/mixed; ' + b'\xc3\xa9' * 35 + b'=x', b'x'),
    'a line of two megabytes': with_part(b'Content-Type: text/html', SECRET + b'x' * (2 << 20)),
    'nul': with_part(b'Content-Type: text/html', b'a\0b' + SECRET),
    'bare cr': with_part(b'Content-Type: text/html', b'a\rb' + SECRET),
    'ten thousand references': with_part(b'References: ' + b'\r\n '.join(b'<%d@example.com>' % n for n in range(10000))),
    'calendar': with_part(b'Content-Type: text/calendar; method=REQUEST', 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:会議\r\nEND:VEVENT\r\nEND:VCALENDAR'.encode()),
    'attributes': with_part(b'Content-Type: text/html', b'<p ' + b''.join(b'a%d=1 ' % n for n in range(60000)) + b'>x'),
    'tags': with_part(b'Content-Type: text/html', b'<b>' * 300000 + b'x'),
}
REPORT = parts(b'report; report-type=delivery-status', b'Content-Type: text/plain\r\n\r\nnot delivered',
               b'Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; example.com\r\n\r\nFinal-Recipient: rfc822; b@example.com\r\nAction: failed\r\nStatus: 5.1.1',
               b'Content-Type: message/rfc822\r\n\r\nSubject: the original\r\nX-Secret: ' + CANARY.encode() + b'\r\n\r\n' + SECRET)


class TestAttachments(Case):
    def attachments(self, *names):
        message, _ = self.passes(with_files(*names))
        return {part.get_filename(): part.get_content() for part in message.iter_attachments()}

    def setUp(self):
        super().setUp()
        self.postfix.clear()

    def test_an_office_file_crosses_without_its_macros(self):
        files = self.attachments('説明会案内.docm')
        data = files['説明会案内.docx']
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            self.assertIsNone(package.testzip())
            self.assertNotIn('word/vbaProject.bin', package.namelist())
            self.assertIn('word/document.xml', package.namelist())

    def test_pdf_picture_sheet_and_text_cross_under_their_names(self):
        files = self.attachments('お知らせ.pdf', '現場写真.jpg', '予算書.xlsx', '名簿.csv', '議事録.txt')
        for name in ('お知らせ.pdf', '現場写真.jpg', '予算書.xlsx'):
            self.assertIn(name, files)
        self.assertTrue(files['お知らせ.pdf'].startswith(b'%PDF-'))
        self.assertNotIn(b'/JavaScript', files['お知らせ.pdf'])
        self.assertTrue(files['現場写真.jpg'].startswith(b'\xff\xd8'))
        self.assertTrue({'名簿.csv', '議事録.txt'} <= set(files))

    def test_an_archive_crosses_with_what_is_safe_in_it(self):
        files = self.attachments('資料一式.zip')
        with zipfile.ZipFile(io.BytesIO(files['資料一式.zip'])) as archive:
            self.assertIsNone(archive.testzip())
            self.assertFalse([name for name in archive.namelist() if name.endswith(('.exe', '.docm'))])

    def test_a_program_stays_and_the_mail_says_so(self):
        files = self.attachments('請求書.exe')
        self.assertFalse([name for name, data in files.items() if name.endswith('.exe') or (isinstance(data, bytes) and data[:2] == b'MZ')])
        details = files['無害化結果.txt']
        details = details if isinstance(details, str) else details.decode('utf-8-sig')
        self.assertIn('請求書.exe', details)


class TestJapanese(Case):
    def text(self, data):
        self.postfix.clear()
        message, _ = self.passes(data)
        return message, message.get_body(('plain',)).get_content()

    def test_every_encoding_is_readable(self):
        for name, (data, words) in JAPANESE.items():
            with self.subTest(name):
                self.assertIn(words, self.text(data)[1])

    def test_subjects(self):
        for raw, words in SUBJECTS.items():
            with self.subTest(raw):
                message, _ = self.text(headers().replace('Subject: probe\r\n', '').encode() + b'Subject: ' + raw + b'\r\n\r\nx\r\n')
                self.assertIn(words, str(message['Subject']))

    def test_names_of_files(self):
        for raw, name in NAMES.items():
            with self.subTest(raw):
                message, _ = self.text(parts(b'mixed', b'Content-Type: text/plain\r\n\r\nsee', b'Content-Type: text/plain\r\nContent-Disposition: attachment; ' +
                                             raw + b'\r\n\r\nwords'))
                self.assertIn(name, [part.get_filename() for part in message.iter_attachments()])


class TestOdd(Case):
    policy = 'clean_seconds = 20\n'

    def test_each_ends_rebuilt_or_as_a_notice_and_in_time(self):
        for name, data in ODD.items():
            with self.subTest(name):
                self.postfix.clear()
                started = time.time()
                code, text = self.send(data)
                self.assertLess(time.time() - started, 40)
                self.assertIn(code, (250, 451), text)
                if code == 250:
                    self.check_delivered(self.postfix.wait_mails(1)[0])
                else:
                    self.assertEqual('endless', name.split()[0], self.milter.log()[-800:])

    def test_a_report_of_non_delivery_keeps_its_null_sender(self):
        self.postfix.clear()
        message, _ = self.passes(REPORT, sender='')
        self.assertEqual('<>', message['Return-Path'])
        self.assertIn('5.1.1', message.get_body(('plain',)).get_content())


if __name__ == '__main__':
    cases.main()
