#!/usr/bin/python3
"""opendkim.py MUGAIKA-MILTER SOURCE: a real opendkim in front of the filter, keys from a file instead of DNS.

What it says of a signature reaches the reader's notice (送信元認証); what strangers say in its name does not, nor what is written under
another name or comes from a host that is not trusted. Needs root, Postfix, opendkim and opendkim-tools; exits 77 without.
"""
import email
import email.policy
import os
import re
import shutil
import smtplib
import socket
import subprocess
import sys
import textwrap
import time
import unittest

import machine
import private

PROGRAM, SOURCE = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
PAGE = {title: textwrap.dedent(text) for title, text in machine.blocks(SOURCE + '/docs/NETWORK.md').items()}
OURS = 'gateway.town.example.jp'
CLOUD = 'mx.cloud.example.jp'
STRANGER, RELAY = '127.0.0.9', '127.0.0.2'
PASS, FAIL, NONE = '送信元認証: 成功', '送信元認証: 失敗', '送信元認証: なし'
MAIL = (b'From: a@example.com\r\nTo: u@in.test.invalid\r\nSubject: signed\r\nDate: Fri, 20 Nov 2026 10:00:00 +0900\r\n'
        b'Message-ID: <1@example.com>\r\n\r\nhello\r\n')


def mark(server, result='dkim=pass'):
    return f'Authentication-Results: {server}; {result} header.d=example.com\r\n'.encode()


class Case(unittest.TestCase):
    policy, filters = '', ''

    @classmethod
    def setUpClass(cls):
        cls.base = private.new_base()
        cls.addClassCleanup(shutil.rmtree, cls.base, ignore_errors=True)
        cls.postfix = private.Postfix(cls.base)
        cls.milter = private.Milter(private.programs_for_nobody(PROGRAM, cls.base), cls.base, cls.policy)
        milters = [m for m in (cls.front(), f'unix:{cls.base}/run/m.sock') if m]
        subprocess.run(['postconf', '-c', cls.base + '/etc', '-e', 'smtpd_milters=' + ', '.join(milters)], check=True)
        cls.addClassCleanup(cls.milter.stop)
        cls.milter.start()
        cls.addClassCleanup(cls.postfix.stop)
        cls.postfix.start()

    @classmethod
    def front(cls):
        """The filter in front of ours, as Postfix names it; or nothing."""

    def arrives(self, data, client=STRANGER):
        """(text of the body, Authentication-Results) of the delivered mail."""
        self.postfix.clear()
        with smtplib.SMTP('127.0.0.1', self.postfix.port, timeout=60, source_address=(client, 0)) as smtp:
            smtp.sendmail('a@example.com', ['u@in.test.invalid'], data)
        mails = self.postfix.wait_mails(1)
        self.assertEqual(1, len(mails), self.milter.log()[-1000:] + self.postfix.log()[-1000:])
        message = email.message_from_bytes(mails[0], policy=email.policy.default)
        return message.get_body(('plain',)).get_content(), [str(v) for v in message.get_all('Authentication-Results', [])]


class TestOpendkim(Case):
    # opendkim sees every mail and removes what strangers write in its name: so it is believed whoever the client is.
    policy = PAGE['policy.ini']

    @classmethod
    def front(cls):
        folder, port = cls.base + '/dkim', private.free_port()
        os.mkdir(folder)
        subprocess.run(['opendkim-genkey', '-D', folder, '-d', 'example.com', '-s', 'test', '-b', '2048'], check=True)
        with open(folder + '/test.txt', encoding='ascii') as file:
            record = ''.join(re.findall(r'"([^"]*)"', file.read()))
        cls.write(folder + '/keys', f'test._domainkey.example.com {record}\n')
        cls.write(folder + '/sign', f'Mode s\nDomain example.com\nSelector test\nKeyFile {folder}/test.private\nRequireSafeKeys no\n'
                                    'Canonicalization relaxed/relaxed\n')
        cls.write(folder + '/verify', PAGE['opendkim.conf'] +
                  f'TestPublicKeys {folder}/keys\nSocket inet:{port}@127.0.0.1\nInternalHosts /dev/null\n'
                  'On-BadSignature accept\nSyslog no\n')
        process = subprocess.Popen(['opendkim', '-f', '-x', folder + '/verify'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(process.wait)
        cls.addClassCleanup(process.terminate)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(('127.0.0.1', port)) == 0:
                    break
            time.sleep(0.05)
        return f'inet:127.0.0.1:{port}'

    @staticmethod
    def write(path, text):
        with open(path, 'w', encoding='ascii') as file:
            file.write(text)

    def sign(self, data):
        path = self.base + '/dkim/mail'
        with open(path, 'wb') as file:
            file.write(data)
        said = subprocess.run(['opendkim', '-x', self.base + '/dkim/sign', '-t', path, '-vvv'], stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, check=True).stdout
        value = re.search(r"hname='DKIM-Signature' hvalue='(.*?)'$", said, re.S | re.M).group(1)
        return b'DKIM-Signature: ' + value.replace('\n', '\r\n').encode() + b'\r\n' + data

    def test_a_good_signature_is_told(self):
        text, results = self.arrives(self.sign(MAIL))
        self.assertIn(PASS, text)
        self.assertEqual(1, len(results))
        self.assertIn(OURS, results[0])
        self.assertIn('dkim=pass', results[0])

    def test_a_broken_signature_is_told(self):
        text, results = self.arrives(self.sign(MAIL).replace(b'hello', b'hullo'))
        self.assertIn(FAIL, text)
        self.assertNotIn('dkim=pass', ' '.join(results))

    def test_no_signature_is_told(self):
        text, results = self.arrives(MAIL)
        self.assertIn(NONE, text)
        self.assertNotIn('dkim=pass', ' '.join(results))

    def test_forged_results_do_not_count(self):
        for server in (OURS, OURS.upper(), 'elsewhere.example', OURS + '.evil.example'):
            with self.subTest(server):
                text, results = self.arrives(mark(server) + MAIL)
                self.assertIn(NONE, text)
                self.assertNotIn('dkim=pass', ' '.join(results))
                text, results = self.arrives(mark(server) + self.sign(MAIL).replace(b'hello', b'hullo'))
                self.assertIn(FAIL, text)
                self.assertNotIn('dkim=pass', ' '.join(results))


class TestCloud(Case):
    """Behind a security cloud: its host is believed, no other."""
    policy = f'[mail]\ntrusted_peers = {RELAY}\nauthserv_ids = {CLOUD}\n'

    def test_marks_count_from_the_trusted_host_only(self):
        for result, words in (('dkim=pass', PASS), ('dkim=fail', FAIL)):
            text, results = self.arrives(mark(CLOUD, result) + MAIL, RELAY)
            self.assertIn(words, text)
            self.assertIn(result, ' '.join(results))
        text, results = self.arrives(mark(CLOUD) + MAIL, STRANGER)
        self.assertNotIn(PASS, text)
        self.assertEqual([], results)

    def test_marks_of_other_names_do_not_count_from_the_trusted_host(self):
        text, results = self.arrives(mark('elsewhere.example') + MAIL, RELAY)
        self.assertNotIn(PASS, text)
        self.assertEqual([], results)


if __name__ == '__main__':
    if private.missing() or not shutil.which('opendkim') or not shutil.which('opendkim-genkey'):
        print('skipped:', private.missing() or 'needs opendkim and opendkim-tools')
        sys.exit(77)
    unittest.main(verbosity=2)
