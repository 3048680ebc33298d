"""cases.py: what the tests of the mail filter share: mails with a canary, and a private Postfix with a filter a class."""
import email
import email.policy
import json
import os
import shutil
import sys
import time
import unittest
from email.message import EmailMessage

import private

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else ''
CANARY = 'kanarienvogel'
JAPANESE = '日本語の本文です。髙﨑①㈱'


def headers(extra=''):
    return (f'X-Secret: {CANARY}\r\nFrom: Taro <a@example.com>\r\nTo: u@in.test.invalid\r\nSubject: probe\r\n'
            f'Received: from one by two; Thu, 01 Jan 2026 00:00:00 +0000\r\n'
            f'Received: from two by three; Thu, 01 Jan 2026 00:00:00 +0000\r\n'
            f'X-Multi: {CANARY} 1\r\nx-multi: {CANARY} 2\r\nX-Fold: {CANARY}\r\n\tfolded\r\n more\r\n{extra}')


def script_mail():
    return (headers('MIME-Version: 1.0\r\nContent-Type: text/html; charset=UTF-8\r\n') +
            f'\r\n<script>{CANARY}()</script><p onclick="{CANARY}()">hello</p>\r\n').encode()


def japanese_mail(charset, encoding='8bit'):
    message = (headers(f'MIME-Version: 1.0\r\nContent-Type: text/plain; charset={charset}\r\n'
                       f'Content-Transfer-Encoding: {encoding}\r\n') + '\r\n').encode()
    text = JAPANESE if charset in ('UTF-8', 'Shift_JIS') else '日本語の本文です。'
    return message + text.encode({'Shift_JIS': 'cp932', 'ISO-2022-JP': 'iso2022_jp', 'EUC-JP': 'euc_jp'}.get(charset, charset)) + b'\r\n'


def attachment_mail(name, data, kind=('application', 'octet-stream')):
    message = EmailMessage(policy=email.policy.SMTP)
    message['From'], message['To'], message['Subject'] = 'a@example.com', 'u@in.test.invalid', 'attached'
    message['X-Secret'] = CANARY
    message.set_content('see the attachment')
    message.add_attachment(data, *kind, filename=name)
    return message.as_bytes()


class Case(unittest.TestCase):
    policy, extra, limit, processes = '', (), 52428800, 60

    @classmethod
    def setUpClass(cls):
        cls.base = private.new_base()
        cls.programs = private.programs_for_nobody(PROGRAM, cls.base)
        cls.postfix = private.Postfix(cls.base, cls.limit, cls.processes)
        cls.milter = private.Milter(cls.programs, cls.base, cls.policy, cls.extra)
        cls.postfix.start()
        cls.addClassCleanup(shutil.rmtree, cls.base, ignore_errors=True)
        cls.addClassCleanup(cls.postfix.stop)

    def setUp(self):
        self.postfix.clear()
        if not self.milter.process or self.milter.process.poll() is not None:
            self.milter.start()

    @classmethod
    def tearDownClass(cls):
        if cls.milter.process and cls.milter.process.poll() is None:
            cls.milter.stop()  # in order: sanitizers speak at the end
        log = cls.milter.log()
        if any(words in log for words in ('Sanitizer: ', ': runtime error: ')):
            raise AssertionError(log[-20000:])

    def send(self, data, **options):
        return private.send(self.postfix.port, data, **options)

    def check_delivered(self, raw):
        """What holds for every delivered mail: ours, 7-bit, short lines, no canary, Postfix's own Received stays."""
        self.assertNotIn(CANARY.encode(), raw)
        own = raw.split(b'\nReceived:')[0]  # Return-Path is the envelope's, and Postfix's
        self.assertTrue(raw[len(own):].isascii(), 'not 7-bit')
        self.assertLess(max(map(len, raw.split(b'\n'))), 999)
        self.assertNotIn(b'\r', raw)
        message = email.message_from_bytes(raw, policy=email.policy.default)
        for part in message.walk():
            self.assertEqual([], part.defects)
        marks = message.get_all('X-Mugaika')
        self.assertEqual(1, len(marks), marks)
        self.assertEqual(1, sum('by gw.test.invalid (Postfix)' in str(r) for r in message.get_all('Received')))
        self.assertRegex(str(message['X-Mugaika-Id']), r'^20\d{6}-\d{6}\.\d{6}-[0-9A-F]+-\d+$')
        for name in ('X-Multi', 'X-Fold', 'X-Secret'):
            self.assertIsNone(message[name])
        return message

    def passes(self, data, **options):
        """Sends one mail; the delivered message and the original as kept."""
        before = set(self.milter.originals())
        code, text = self.send(data, **options)
        self.assertEqual(250, code, (text, self.milter.log()[-2000:]))
        raw = self.postfix.wait_mails(1)
        self.assertEqual(1, len(raw), self.postfix.log()[-2000:])
        kept = {path: data for path, data in self.milter.originals().items() if path not in before}
        self.assertEqual(1, len(kept))
        (path, original), = kept.items()
        with open(path[:-4] + '.json') as file:
            json.load(file)
        results = [path[:-4] + suffix for suffix in ('.done.json', '.held.json') if os.path.exists(path[:-4] + suffix)]
        self.assertEqual(1, len(results))
        with open(results[0]) as file:
            self.assertEqual('held' in results[0], json.load(file)['holds'])
        return self.check_delivered(raw[0]), original

    def wait_stat(self, name, value):
        end = time.time() + 20
        while time.time() < end and self.milter.stats()[name] < value:
            time.sleep(0.05)
        self.assertEqual(value, self.milter.stats()[name])


def main():
    if private.missing():
        print('skipped:', private.missing())
        sys.exit(77)
    unittest.main(verbosity=2)
