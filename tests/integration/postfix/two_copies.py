#!/usr/bin/python3
"""two_copies.py MUGAIKA-MILTER SOURCE: docs/POSTFIX.md as it stands, on a machine of its own.

The internet side's mailbox gets the original, byte for byte; the LGWAN side gets clean copies only; with the filter or the
inner instance dead, the copies wait and nothing is lost. Needs root, name spaces and Postfix; exits 77 without.
"""
import glob
import json
import os
import smtplib
import subprocess
import sys
import time
import unittest

import machine
import private

PROGRAM, SOURCE = (os.path.abspath(path) for path in sys.argv[1:3])
CANARY = b'kanarienvogel'
ORIGINAL = (b'From: Taro <taro@example.com>\r\nTo: hanako@town.example.jp\r\nSubject: =?utf-8?B?44GK55+l44KJ44Gb?=\r\n'
            b'Date: Fri, 20 Nov 2026 10:00:00 +0900\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n'
            b'X-Odd:  two  spaces \r\n\tand a fold\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
            b'<p>\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf<script>' + CANARY + b'()</script></p>\r\n'
            b'.\r\n..dots\r\n' + b'x' * 990 + b'\r\n\r\n')


class TwoCopies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        machine.furnish(BASE)
        cls.programs = private.programs_for_nobody(PROGRAM, BASE)
        texts = machine.blocks(SOURCE + '/docs/POSTFIX.md')
        with open('/usr/share/postfix/master.cf.dist', encoding='utf-8') as file:
            texts['/etc/postfix/master.cf'] = file.read() + texts['/etc/postfix/master.cf']
        machine.run('sh', '-ec', texts['two-copies'])
        command = machine.install_milter(SOURCE, cls.programs)
        for path, text in texts.items():
            if path.startswith('/etc/'):
                with open(path, 'w', encoding='utf-8') as file:
                    file.write(text)
        cls.doctor_line = texts['doctor'].strip().replace('mugaika ', cls.programs + '/mugaika ')
        for folder in ('/etc/postfix', '/etc/postfix-inner'):  # there is no syslog here
            machine.run('postconf', '-c', folder, '-e', 'maillog_file=/var/log' + folder[4:] + '.log')
        cls.milter = machine.Milter(command)
        cls.milter.start()
        cls.internet, cls.lgwan = machine.Sink('198.51.100.25'), machine.Sink('192.0.2.25')
        machine.run('postfix', 'start')

    def setUp(self):
        self.internet.mails.clear()
        self.lgwan.mails.clear()

    def send(self, recipients=('hanako@town.example.jp',), data=ORIGINAL):
        with smtplib.SMTP('203.0.113.5', 25, source_address=('203.0.113.99', 0), timeout=60) as smtp:
            return smtp.sendmail('taro@example.com', recipients, data, ['BODY=8BITMIME'])

    def queued(self, folder):
        lines = machine.run('postqueue', '-c', folder, '-j').splitlines()
        return [r['address'] for line in lines for r in json.loads(line)['recipients']]

    def wait_queue(self, folder, want):
        end = time.time() + 60
        while time.time() < end and self.queued(folder) != want:
            time.sleep(0.1)
        self.assertEqual(want, self.queued(folder), self.logs())

    def logs(self):
        text = ''
        for path in glob.glob('/var/log/*.log'):
            with open(path, errors='replace', encoding='utf-8') as file:
                text += path + '\n' + file.read()[-3000:]
        return text

    def check_original(self, count=1):
        mails = self.internet.wait(count)
        self.assertEqual(count, len(mails), self.logs())
        for _, data in mails:
            self.assertTrue(data.endswith(ORIGINAL), data)  # our own Received stands before
            self.assertTrue(data.startswith(b'Received: from '))

    def check_copy(self, count=1):
        for _ in range(30):  # without waiting for Postfix' own next try
            machine.run('postqueue', '-c', '/etc/postfix', '-f')
            mails = self.lgwan.wait(count, 2)
            if len(mails) == count:
                break
        self.assertEqual(count, len(mails), self.logs())
        for recipients, data in mails:
            self.assertEqual(['hanako@town.example.jp'], recipients)
            self.assertNotIn(CANARY, data)
            self.assertIn(b'\r\nX-Mugaika: ', data)
        self.wait_queue('/etc/postfix', [])
        self.wait_queue('/etc/postfix-inner', [])

    def test_original_outside_and_clean_copy_inside(self):
        self.send()
        self.check_original()
        self.check_copy()

    def test_many_mails_none_lost_none_twice(self):
        for _ in range(20):
            self.send()
        self.check_original(20)
        self.check_copy(20)

    def test_copies_wait_for_a_dead_filter(self):
        self.milter.kill()
        self.send()
        self.check_original()
        self.wait_queue('/etc/postfix', ['hanako@copy.invalid'])
        self.assertEqual([], self.queued('/etc/postfix-inner'))
        machine.run('postqueue', '-c', '/etc/postfix', '-f')
        time.sleep(1)
        self.assertEqual(([], ['hanako@copy.invalid']), (self.lgwan.mails, self.queued('/etc/postfix')))
        self.milter.start()
        self.check_copy()
        self.check_original()

    def test_copies_wait_for_a_dead_inner_instance(self):
        machine.run('postmulti', '-i', 'postfix-inner', '-p', 'stop')
        self.send()
        self.check_original()
        self.wait_queue('/etc/postfix', ['hanako@copy.invalid'])
        machine.run('postmulti', '-i', 'postfix-inner', '-p', 'start')
        self.check_copy()

    def test_strangers_cannot_address_the_inside(self):
        for recipient in ('hanako@copy.invalid', 'x@[192.0.2.25]', 'x@elsewhere.example'):
            with self.assertRaises(smtplib.SMTPRecipientsRefused):
                self.send([recipient])
        with self.assertRaises(OSError):
            smtplib.SMTP('203.0.113.5', 10024, timeout=5)

    def test_the_doctor_finds_this_page_good(self):
        run = subprocess.run(['sh', '-c', self.doctor_line + ' --json'], stdout=subprocess.PIPE, check=False,
                             env=dict(os.environ, TZ='Asia/Tokyo'))
        answer = json.loads(run.stdout)
        bad = {(r['check'], r['detail']) for r in answer['results'] if r['found'] != 'good' and r['check'] != 'clock'}
        self.assertEqual((set(), 0), (bad, run.returncode))
        places = {r['place'] for r in answer['results']}
        self.assertLessEqual({'/etc/postfix', '/etc/postfix-inner'}, places)

    def test_the_doctor_sees_instances_that_do_not_fit(self):
        mistakes = (('outer_size', '/etc/postfix', 'message_size_limit=10244096', 'message_size_limit=10240000'),
                    ('outer_patience', '/etc/postfix', 'smtp_data_done_timeout=300s', 'smtp_data_done_timeout=600s'),
                    ('outer_lifetime', '/etc/postfix', 'maximal_queue_lifetime=1h', 'maximal_queue_lifetime=5d'))
        for check, folder, wrong, right in mistakes:
            machine.run('postconf', '-c', folder, '-e', wrong)
            run = subprocess.run(['sh', '-c', self.doctor_line + ' --json'], stdout=subprocess.PIPE, check=False)
            machine.run('postconf', '-c', folder, '-e', right)
            bad = {r['check'] for r in json.loads(run.stdout)['results'] if r['found'] != 'good'}
            self.assertEqual({check}, bad - {'clock', 'time_zone'})


if __name__ == '__main__':
    if machine.missing():
        print('skipped:', machine.missing())
        sys.exit(77)
    BASE = machine.enter()
    del sys.argv[1:3]
    unittest.main(verbosity=2)
