#!/usr/bin/python3
"""milter.py MUGAIKA-MILTER: mails through a private Postfix and the filter, as an unprivileged user, into a Maildir.

Every original carries a canary; whatever is delivered or queued must not. Needs root and Postfix; exits 77 without.
"""
import concurrent.futures
import email
import email.policy
import os
import signal
import smtplib
import sys
import time

import cases
import private
from cases import CANARY, Case, attachment_mail, headers, japanese_mail, script_mail


class TestMails(Case):
    def test_every_kind_of_mail_crosses_rebuilt_or_as_a_notice(self):
        big = os.urandom(1 << 20) * 14
        mails = {'html': script_mail(), 'utf8': japanese_mail('UTF-8'), 'jis': japanese_mail('ISO-2022-JP', '7bit'),
                 'sjis': japanese_mail('Shift_JIS'), 'euc': japanese_mail('EUC-JP'),
                 'program': attachment_mail('a.exe', b'MZ' + CANARY.encode() * 20),
                 'csv': attachment_mail('表.csv', 'a,b\r\n1,2\r\n'.encode(), ('text', 'csv')),
                 'empty body': headers().encode() + b'\r\n',
                 'dots': (headers() + '\r\n..\r\n.leading\r\n').encode(),
                 'broken mime': (headers('Content-Type: multipart/mixed; boundary=x\r\n') + f'\r\n--x\r\n{CANARY}').encode(),
                 'raw 8-bit header': headers().encode() + 'Subject: 生の件名\r\n'.encode('cp932') + b'\r\nx\r\n',
                 '20 MB': attachment_mail('big.bin', big)}
        for name, data in mails.items():
            with self.subTest(name):
                self.postfix.clear()
                _, original = self.passes(data)
                body = data[data.index(b'\r\n\r\n'):] if b'\r\n\r\n' in data else b''
                self.assertTrue(original.endswith(body + b'' if body.endswith(b'\r\n') else body + b'\r\n'), 'body kept as it came')
                self.assertIn(data[:data.index(b'\r\n')], original)

    def test_the_original_is_kept_byte_for_byte(self):
        data = (headers('Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <x@example.com>\r\nX-Space:   three\r\nX-None:x\r\n') +
                '\r\nbody\r\n\r\n').encode()
        _, original = self.passes(data)
        self.assertEqual(data, original)

    def test_our_own_mark_from_outside_does_not_count(self):
        message, _ = self.passes(('X-Mugaika: cleaned; id=forged\r\n' + headers() + '\r\nx\r\n').encode())
        self.assertNotIn('forged', message['X-Mugaika'])

    def test_smtputf8(self):
        message, _ = self.passes(headers('X-Utf8: 日本\r\n').encode() + b'\r\nx\r\n', sender='太郎@example.com',
                                 options=['SMTPUTF8', 'BODY=8BITMIME'])
        self.assertIsNone(message['X-Utf8'])

    def test_bdat(self):
        data = script_mail()
        with smtplib.SMTP('127.0.0.1', self.postfix.port, timeout=60) as smtp:
            smtp.ehlo()
            smtp.mail('a@example.com')
            smtp.rcpt('u@in.test.invalid')
            half = len(data) // 2
            for piece, last in ((data[:half], ''), (data[half:], ' LAST')):
                smtp.send(f'BDAT {len(piece)}{last}\r\n'.encode() + piece)
                code, text = smtp.getreply()
                self.assertEqual(250, code, text)
        self.check_delivered(self.postfix.wait_mails(1)[0])

    def test_two_mails_in_one_session_and_an_abort_between(self):
        with smtplib.SMTP('127.0.0.1', self.postfix.port, timeout=60) as smtp:
            smtp.ehlo()
            for _ in range(2):
                smtp.mail('a@example.com')
                smtp.rcpt('u@in.test.invalid')
                smtp.rset()
                smtp.rset()
                smtp.sendmail('a@example.com', ['u@in.test.invalid'], script_mail())
        for raw in self.postfix.wait_mails(2):
            self.check_delivered(raw)
        self.assertEqual(0, self.milter.stats()['sessions'])

    def test_larger_than_the_limit_never_passes(self):
        code, _ = self.send(headers().encode() + b'\r\n' + (CANARY.encode() + b'\r\n') * 4000000)
        self.assertIn(code, (552, 451))
        self.assertEqual([], self.postfix.mails())


class TestTrouble(Case):
    def test_small_limit_of_ours_is_451_and_leaves_nothing(self):
        self.milter.stop()
        self.milter.write_policy('')
        with open(self.milter.policy, 'w') as file:
            file.write('[milter]\nmessage_bytes = 10000\nspool_free_megabytes = 16\n')
        self.milter.start()
        before = self.milter.originals()
        code, _ = self.send(headers().encode() + b'\r\n' + b'x' * 70 * 1 + b'\r\n' * 60000)
        self.assertEqual(451, code)
        self.assertEqual(before, self.milter.originals())
        self.assertEqual(1, self.milter.stats()['too_large_total'])
        self.milter.stop()
        self.milter.write_policy('')

    def test_full_spool_is_451(self):
        self.milter.stop()
        with open(self.milter.policy, 'w') as file:
            file.write('[milter]\nspool_free_megabytes = 1048576\n')
        self.milter.start()
        self.assertEqual(451, self.send(script_mail())[0])
        self.assertEqual(1, self.milter.stats()['spool_failures_total'])
        self.milter.stop()
        self.milter.write_policy('')

    def test_no_milter_is_451(self):
        self.milter.stop()
        code, _ = self.send(script_mail())
        self.assertEqual(451, code)
        self.assertEqual([], self.postfix.queued())

    def test_reload_takes_a_good_policy_and_keeps_the_old_one_when_wrong(self):
        self.milter.write_policy('nonsense = 1\n')
        self.milter.process.send_signal(signal.SIGUSR1)
        self.wait_stat('reload_failures_total', 1)
        self.passes(script_mail())
        self.milter.write_policy('unclean = tempfail\n')
        self.milter.process.send_signal(signal.SIGUSR1)
        self.wait_stat('reloads_total', 1)
        self.postfix.clear()
        self.assertEqual(451, self.send(attachment_mail('a.txt', b'x') .replace(b'multipart/mixed', b'multipart/encrypted'))[0])
        self.milter.stop()
        self.milter.write_policy('')

    def test_stale_socket_is_replaced_and_a_served_one_is_not(self):
        self.milter.process.kill()
        self.milter.process.wait()
        self.assertTrue(os.path.exists(self.base + '/run/m.sock'))
        self.milter.start()
        self.passes(script_mail())
        second = private.Milter(self.programs, self.base)
        with self.assertRaises(RuntimeError):
            # the second one must go away, although the control socket of the first answers
            second.process = None
            process = private.subprocess.Popen([second.program, *second.arguments], stderr=private.subprocess.DEVNULL)
            self.assertEqual(1, process.wait(20))
            raise RuntimeError
        self.postfix.clear()
        self.passes(script_mail())

    def test_stop_ends_in_time_and_without_loss(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            futures = [pool.submit(self.send, script_mail()) for _ in range(40)]
            time.sleep(0.1)
            self.assertEqual(0, self.milter.stop())
            codes = [f.result()[0] for f in futures]
        self.assertLessEqual(set(codes), {250, 451})
        self.postfix.wait_mails(codes.count(250))
        for raw in self.postfix.mails():
            self.check_delivered(raw)
        self.assertEqual(codes.count(250), len(self.postfix.mails()))

    def test_dead_worker_factory_is_451_or_clean(self):
        pid = private.subprocess.run(['pgrep', '-P', str(self.milter.process.pid)], stdout=private.subprocess.PIPE, text=True,
                                     check=False).stdout.split()
        for child in pid:
            os.kill(int(child), signal.SIGKILL)
        code, _ = self.send(script_mail())
        self.assertIn(code, (250, 451))
        for _ in range(3):
            code, _ = self.send(script_mail())
        self.assertEqual(250, code, 'the factory is started again')
        for raw in self.postfix.wait_mails(1):
            self.check_delivered(raw)


class TestDryRun(Case):
    extra = ('--dry-run',)

    def test_dry_run_passes_and_says_so(self):
        code, _ = self.send(('X-Mugaika: cleaned\r\nx-mugaika-id: forged\r\n' + headers('X-Mugaika: more\r\n') + '\r\nx\r\n').encode())
        self.assertEqual(250, code)
        raw = self.postfix.wait_mails(1)[0]
        message = email.message_from_bytes(raw, policy=email.policy.default)
        self.assertIn(CANARY.encode(), raw)
        self.assertEqual(['dry-run; NOT MADE SAFE; the outcome would be cleaned'], message.get_all('X-Mugaika'))
        self.assertIsNone(message['X-Mugaika-Id'])
        self.assertGreaterEqual(self.milter.log().count('DRY RUN'), 2)
        self.assertEqual({}, self.milter.originals())


if __name__ == '__main__':
    cases.main()
