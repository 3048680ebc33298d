#!/usr/bin/python3
"""features.py MUGAIKA-MILTER: what the filter offers beside its promise, on a private Postfix. Exits 77 without one."""
import concurrent.futures
import glob
import json
import os
import signal
import socket
import subprocess
import threading
import time

import cases
import private
from cases import CANARY, Case, attachment_mail, headers, script_mail
from mta import ALL, CHANGE_BODY, NO_REPLIES, Mta


def plain(extra='', body='x'):
    return (headers(extra) + f'\r\n{body}\r\n').encode()


def body_of(raw):
    return raw.split(b'\n\n', 1)[1]


class Changing(Case):
    """Cases that start the filter their own way."""

    def setUp(self):
        self.arguments = list(self.milter.arguments)
        self.postfix.clear()

    def tearDown(self):
        if self.milter.process and self.milter.process.poll() is None:
            self.milter.process.kill()
            self.milter.process.wait()
        self.milter.arguments = self.arguments
        self.milter.write_policy('')

    def start(self, policy='', *extra, env=None):
        self.milter.write_policy(policy)
        self.milter.arguments = [*self.arguments, *extra]
        return self.milter.start(env)


class TestResults(Changing):
    def test_a_mail_sent_again_ends_the_same_way_without_work(self):
        self.start()
        data = plain('Message-ID: <again@example.com>\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n')
        self.assertEqual([250, 250], [self.send(data)[0] for _ in range(2)])
        first, second = self.postfix.wait_mails(2)
        self.assertEqual(body_of(first), body_of(second))
        stats = self.milter.stats()
        self.assertEqual((2, 1), (stats['cleaned_total'], stats['repeated_total']))
        names = [path for path, data in self.milter.originals().items() if b'again@' in data]
        self.assertEqual(2, len(names))
        self.assertEqual([3, 3], [os.stat(path).st_nlink for path in names], 'stored once: two mails and the hash')

    def test_recipients_of_two_profiles_get_the_strictest_and_share_no_result(self):
        self.start('[mail.rules]\nstrict = text-only to strict@in.test.invalid\n')
        data = attachment_mail('a.txt', b'in the attachment', ('text', 'plain'))
        for recipients, attached in ((['u@in.test.invalid'], 1), (['u@in.test.invalid', 'strict@in.test.invalid'], 0),
                                     (['strict@in.test.invalid'], 0), (['u@in.test.invalid'], 1)):
            self.postfix.clear()
            self.assertEqual(250, self.send(data, recipients=recipients)[0])
            for raw in self.postfix.wait_mails(len(recipients)):
                message = self.check_delivered(raw)
                names = [part.get_filename() for part in message.walk() if part.get_filename()]
                self.assertEqual(attached, sum(name == 'a.txt' for name in names), (recipients, names))

    def test_marks_of_trusted_hosts_stay(self):
        for peers, kept in (('127.0.0.0/8', 'YES'), ('192.0.2.0/24', None)):
            with self.subTest(peers):
                self.tearDown()
                self.start(f'[mail]\ntrusted_peers = {peers}\ntrusted_headers = X-Spam-Flag\n')
                self.postfix.clear()
                self.assertEqual(250, self.send(plain('X-Spam-Flag: YES\r\n'))[0])
                self.assertEqual(kept, self.check_delivered(self.postfix.wait_mails(1)[0])['X-Spam-Flag'])

    def test_one_language_for_mails_and_notices(self):
        for policy, extra, english in (('', (), False), ('[mail]\nlanguage = en\n', (), True), ('', ('--lang=en',), True),
                                       ('[mail]\nlanguage = en\n', ('--lang=ja',), False)):
            with self.subTest((policy, extra)):
                self.tearDown()
                self.start(policy, *extra)
                for data in (plain(), plain().replace(b'Subject: probe', b'Content-Type: multipart/encrypted; boundary=x')):
                    self.postfix.clear()
                    self.assertEqual(250, self.send(data)[0])
                    message = self.check_delivered(self.postfix.wait_mails(1)[0])
                    text = (message.get_body() or message).get_content()
                    self.assertEqual(english, not any('\u3040' <= c <= '\u30ff' for c in text), text)


class TestTrouble(Changing):
    @staticmethod
    def children(pid):
        """Of all its threads, as the kernel lists them: no program is as fast as a worker."""
        found = []
        for path in glob.glob(f'/proc/{pid}/task/*/children'):
            try:
                with open(path) as file:
                    found += [int(word) for word in file.read().split()]
            except OSError:
                pass
        return found

    def kill_workers(self, stop):
        while not stop.is_set():
            for zygote in self.children(self.milter.process.pid):
                for worker in self.children(zygote):
                    try:
                        os.kill(worker, signal.SIGKILL)
                    except OSError:
                        pass

    def test_a_mail_that_fails_again_and_again_is_kept_at_last(self):
        self.start('attempts = 3\n')
        stop = threading.Event()
        killer = threading.Thread(target=self.kill_workers, args=(stop,))
        killer.start()
        rows = '<p>one of many rows</p>\r\n' * 60000  # long enough to be killed in time
        try:  # never the same bytes, but the same Message-ID
            codes = [self.send(plain(f'X-Try: {n}\r\nMessage-ID: <poison@example.com>\r\nContent-Type: text/html\r\n', rows))[0]
                     for n in range(3)]
        finally:
            stop.set()
            killer.join()
        self.assertEqual([451, 451, 250], codes, self.milter.log()[-2000:])
        message = self.check_delivered(self.postfix.wait_mails(1)[0])
        self.assertIn('held', message['X-Mugaika'])
        self.assertEqual(1, self.milter.stats()['poison_total'])
        counted = [name for name in os.listdir(self.milter.state + '/attempts') if name[0] != '.']
        self.assertEqual(2, len(counted), 'of the bytes that did not come again')
        self.assertEqual(1, len([1 for data in self.milter.originals().values() if b'poison@' in data]))

    def test_too_many_at_a_time_are_451(self):
        self.start('queue_seconds = 1\nwaiting = 4\nsessions = 12\n', '--jobs=1')
        rows = '<p>one of many rows</p>\r\n' * 20000
        data = [plain(f'X-Try: {n}\r\nContent-Type: text/html\r\n', rows) for n in range(24)]
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            codes = [code for code, _ in pool.map(self.send, data)]
        self.assertLessEqual(set(codes), {250, 451})
        stats = self.milter.stats()
        self.assertGreater(stats['refused_sessions_total'] + stats['queue_deadlines_total'], 0)
        self.assertEqual(codes.count(451), stats['tempfailed_total'] + self.milter.log().count('too many mails at a time'))
        self.assertEqual(codes.count(250), len(self.postfix.wait_mails(codes.count(250))))
        self.assertEqual((0, 0, 0), (stats['sessions'], stats['waiting'], stats['ending']))

    def test_thousands_of_header_fields_are_451(self):
        self.start()
        for count, code in ((5001, 451), (3000, 250)):
            started = time.time()
            self.assertEqual(code, self.send(plain('X-A: b\r\n' * count))[0])
            self.assertLess(time.time() - started, 60)

    def test_words_of_strangers_are_harmless_in_the_log(self):
        self.start()
        self.send(plain('X-Esc: \x1b[2J\r\n'), sender='"a\x1b[2J b"@example.com')
        lines = self.milter.log().split('\n')
        self.assertFalse([line for line in lines if '\x1b' in line])
        with open(self.base + '/run/mails.jsonl') as file:
            for line in file:
                self.assertTrue(line.isascii())
                record = json.loads(line)
                self.assertRegex(record['queue_id'], '^[0-9A-F]+$')
                self.assertEqual('mugaika-mail/1', record['schema'])


class TestService(Changing):
    def test_systemd_hears_ready_watchdog_and_stopping(self):
        path = self.base + '/run/notify'
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            os.chmod(path, 0o777)
            manager.settimeout(0.2)

            def heard(seconds):
                words, end = [], time.time() + seconds
                while time.time() < end:
                    try:
                        words.append(manager.recv(200).decode())
                    except TimeoutError:
                        pass
                return words
            self.start(env={'NOTIFY_SOCKET': path, 'WATCHDOG_USEC': '2000000'})
            words = heard(3.5)
            self.assertIn('READY=1', words)
            self.assertGreaterEqual(words.count('WATCHDOG=1'), 2)
            self.assertGreaterEqual(self.milter.stats()['canaries_total'], 2)
            workers = [self.programs + '/mugaika-worker', self.programs + '/mugaika-light']
            for worker in workers:
                os.rename(worker, worker + '.gone')  # no worker can be started any more
            children = subprocess.run(['pgrep', '-P', str(self.milter.process.pid)], stdout=subprocess.PIPE, text=True, check=False)
            for pid in children.stdout.split():
                os.kill(int(pid), signal.SIGKILL)
            heard(1.5)
            self.assertEqual([], [word for word in heard(3) if word == 'WATCHDOG=1'], 'the canary is dead')
            self.assertEqual(451, self.send(script_mail())[0])
            for worker in workers:
                os.rename(worker + '.gone', worker)
            self.assertIn('WATCHDOG=1', heard(4), 'and lives again')
            self.assertEqual(250, self.send(script_mail())[0])
            self.milter.stop()
            self.assertIn('STOPPING=1', heard(1))

    def test_counters_for_people_and_for_prometheus(self):
        self.start()
        self.send(script_mail())
        told = subprocess.run([self.milter.program, '--stats', '--control=' + self.base + '/run/control.sock'],
                              stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertIn('cleaned_total 1\n', told)
        self.milter.stop()
        with open(self.base + '/run/metrics.prom') as file:
            self.assertIn('\nmugaika_milter_cleaned_total 1\n', file.read())
        self.assertNotEqual(0, subprocess.run([self.milter.program, '--stats', '--control=' + self.base + '/run/control.sock'],
                                              stderr=subprocess.DEVNULL, check=False).returncode)

    def test_an_inet_socket_works_as_well(self):
        port = private.free_port()
        self.postfix.configure(f'smtpd_milters = inet:127.0.0.1:{port}\n')
        self.postfix.command('reload')
        self.start('', f'--socket=inet:{port}@127.0.0.1')
        for _ in range(50):
            code = self.send(script_mail())[0]
            if code == 250:
                break
            time.sleep(0.2)
        self.check_delivered(self.postfix.wait_mails(1)[0])
        self.postfix.configure()
        self.postfix.command('reload')

    def test_never_as_root(self):
        for extra in ([], ['--user=root'], ['--user=nosuchuser']):
            arguments = [a for a in self.arguments if not a.startswith('--user=')] + extra
            result = subprocess.run([self.milter.program, *arguments], stderr=subprocess.PIPE, text=True, timeout=20, check=False)
            self.assertEqual(2, result.returncode, result.stderr)
        self.start()
        with open(f'/proc/{self.milter.process.pid}/status') as file:
            status = file.read()
        self.assertIn('Uid:\t65534\t65534\t65534\t65534', status)
        self.assertIn('CapPrm:\t0000000000000000', status)
        mode = os.stat(self.base + '/run/m.sock')
        self.assertEqual((0o660, private.NOBODY), (mode.st_mode & 0o777, mode.st_uid))

    def test_wrong_options_are_refused(self):
        for extra in (['--socket=local:/x'], ['--socket-mode=0666'], ['--socket-group=nosuchgroup'], ['--jobs=1000'], ['--lang=fr'],
                      ['word'], ['--policy=/nonexistent']):
            result = subprocess.run([self.milter.program, *self.arguments, *extra], stderr=subprocess.PIPE, timeout=20, check=False)
            self.assertEqual(2, result.returncode, (extra, result.stderr))


class TestProtocol(Changing):
    """A server of our own making instead of Postfix."""

    def connect(self, *arguments):
        mta = Mta(self.base + '/run/m.sock', *arguments)
        self.addCleanup(mta.close)
        return mta

    def test_no_service_where_the_body_may_not_be_changed(self):
        self.start()
        for actions in (ALL & ~CHANGE_BODY, 0):
            answer = self.connect(actions).options
            self.assertTrue(answer is None or answer[0] != b'O', answer)

    def test_edits_come_in_the_order_that_postfix_needs(self):
        self.start()
        for protocol in (0, NO_REPLIES, NO_REPLIES | 0x100000):
            with self.subTest(protocol):
                mta = self.connect(ALL, protocol)
                self.assertEqual(b'c', mta.envelope()[0])
                fields = [(b'A', b'1'), (b'B', b'x'), (b'a', b'2'), (b'Subject', b's'), (b'A', b'3'), (b'X-Mugaika', b'forged')]
                answers = mta.message(fields, b'row of words\r\n' * 20000)
                letters = b''.join(letter for letter, _ in answers)
                self.assertRegex(letters, rb'^pm{6}h+b{3,}c$')
                removed = [(data[4:].split(b'\0')[0].lower(), int.from_bytes(data[:4], 'big')) for letter, data in answers if letter == b'm']
                self.assertEqual([(b'x-mugaika', 1), (b'a', 3), (b'subject', 1), (b'a', 2), (b'b', 1), (b'a', 1)], removed)
                self.assertTrue(all(data.endswith(b'\0\0') for letter, data in answers if letter == b'm'), 'removed, not changed')
                self.assertEqual(1, sum(data.startswith(b'X-Mugaika\0') for letter, data in answers if letter == b'h'))
                spaced = protocol & 0x100000 != 0
                self.assertEqual(spaced, all(data.split(b'\0')[1].startswith(b' ') for letter, data in answers if letter == b'h'))

    def test_aborts_and_ends_out_of_turn(self):
        self.start()
        mta = self.connect(ALL, NO_REPLIES)
        mta.envelope()
        mta.put(b'A')
        mta.put(b'A')
        mta.envelope()
        self.assertEqual(b'c', mta.message([(b'Subject', b's')], b'x\r\n')[-1][0])
        mta.put(b'A')
        mta.put(b'A')
        mta.socket.settimeout(1)
        try:
            answers = mta.message([(b'X-Secret', CANARY.encode())], b'no envelope\r\n')
        except TimeoutError:
            answers = []  # no answer is none that lets a mail pass
        self.assertNotIn(b'c', [letter for letter, _ in answers])
        for noise in (b'\xff' * 100, b'\x00\x00\x00\x00', b'\x7f\xff\xff\xffE', b'\x00\x00\x00\x01Z', b'\x00\x00\x00\x02M'):
            raw = socket.socket(socket.AF_UNIX)
            raw.connect(self.base + '/run/m.sock')
            raw.sendall(noise)
            raw.close()
        self.assertIsNone(self.milter.process.poll())
        for _ in range(100):
            if self.milter.stats()['sessions'] == 0:
                break
            time.sleep(0.05)
        self.assertEqual(0, self.milter.stats()['sessions'])
        self.assertEqual(250, self.send(script_mail())[0])


if __name__ == '__main__':
    cases.main()
