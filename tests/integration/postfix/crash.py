#!/usr/bin/python3
"""crash.py MUGAIKA-MILTER CRASH_AT.SO: the filter or its workers die at every step of a mail's way through Postfix.

Wanted each time: the client gets 451 (or 250 and a rebuilt mail), no byte of an original is delivered, and when the
client tries again, as mail servers do, the mail arrives once. A control with milter_default_action = accept shows that
the harm would be seen. Needs root and Postfix; exits 77 without.
"""
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest

import private

PROGRAM, PRELOAD = (os.path.abspath(sys.argv.pop(1)) for _ in range(2)) if len(sys.argv) > 2 else ('', '')
CANARY = b'kanarienvogel'


def mail(mark):
    lines = ''.join(f'<p>row {n} of a long newsletter, as they come every day</p>\r\n' for n in range(3000))
    return (f'From: Taro <a@example.com>\r\nTo: u@in.test.invalid\r\nSubject: mark-{mark}-\r\nX-Secret: {CANARY.decode()}\r\n'
            f'Received: from one by two; Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <{mark}@example.com>\r\n'
            'Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n'
            f'<script>{CANARY.decode()}()</script>{lines}\r\n').encode()


def children(pid):
    """Processes below pid: [child], [grandchildren]."""
    parents = {}
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                with open(f'/proc/{name}/stat') as file:
                    parents.setdefault(int(file.read().rsplit(')', 1)[1].split()[1]), []).append(int(name))
            except (FileNotFoundError, ProcessLookupError):
                pass
    first = parents.get(pid, [])
    return first, [grandchild for child in first for grandchild in parents.get(child, [])]


class Case(unittest.TestCase):
    extra = ''

    def setUp(self):
        self.base = private.new_base()
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        programs = private.programs_for_nobody(PROGRAM, self.base)
        shutil.copy2(PRELOAD, self.base + '/bin')
        self.preload = self.base + '/bin/' + os.path.basename(PRELOAD)
        self.postfix = private.Postfix(self.base)
        self.postfix.configure(self.extra)
        self.milter = private.Milter(programs, self.base, 'attempts = 1000\n')
        self.postfix.start()
        self.addCleanup(self.postfix.stop)
        self.addCleanup(self.kill)

    def kill(self):
        if self.milter.process and self.milter.process.poll() is None:
            self.milter.process.kill()
            self.milter.process.wait()

    def send(self, mark):
        return private.send(self.postfix.port, mail(mark))[0]

    def steps(self):
        """Every step of one mail's way, by a pass in which nothing dies."""
        path = self.base + '/run/steps'
        with open(path, 'w'):
            os.chmod(path, 0o666)
        self.milter.start()
        self.assertEqual(250, self.send('first'))  # which makes the folder of the day
        self.kill()
        self.milter.start({'LD_PRELOAD': self.preload, 'CRASH_STEPS': path})
        self.assertEqual(250, self.send('second'))
        self.kill()
        with open(path) as file:
            return file.read().splitlines()

    def check_delivered(self, marks):
        """Exactly these mails have been delivered, each once and rebuilt."""
        end = time.time() + 60
        while time.time() < end and (self.postfix.queued() or len(self.postfix.mails()) < len(marks)):
            time.sleep(0.1)
        found = self.postfix.mails()
        for raw in found:
            self.assertNotIn(CANARY, raw)
            self.assertEqual(1, raw.count(b'\nX-Mugaika: '))
            self.assertIn(b'\nX-Mugaika-Id: ', raw)
            self.assertIn(b'mark-', raw, self.milter.log()[-3000:])
        got = sorted(raw.split(b'mark-')[1].split(b'-')[0].decode() for raw in found)
        self.assertEqual(sorted(marks), got)


class TestFilterDies(Case):
    def test_at_every_step(self):
        steps = self.steps()
        for name in ('connect', 'helo', 'mail', 'rcpt', 'header', 'eoh', 'body', 'eom', 'link', 'sync', 'progress', 'chgheader',
                     'addheader', 'replacebody', 'reply'):
            self.assertIn(name + ':1', steps)
        self.assertIn('replacebody:3', steps, 'the body goes in several chunks')
        marks = {step: step.replace(':', '') for step in steps}
        for step, mark in marks.items():
            with self.subTest(step):
                self.milter.start({'LD_PRELOAD': self.preload, 'CRASH_AT': step})
                code = self.send(mark)
                self.assertEqual(-signal.SIGKILL, self.milter.process.wait(20), 'died where it should')
                self.assertEqual(451, code)
        self.check_delivered(['first', 'second'])
        self.milter.start()
        kept = set(self.milter.originals())
        self.assertEqual([250] * len(marks), [self.send(mark) for mark in marks.values()])
        self.check_delivered(['first', 'second', *marks.values()])
        self.assertEqual(len(marks), len(set(self.milter.originals()) - kept))
        print(f'{len(marks)} deaths of the filter: {len(marks)} × 451, then {len(marks)} × 250', file=sys.stderr)


class TestAccept(Case):
    extra = 'milter_default_action = accept\n'

    def test_control_the_wrong_setting_is_seen(self):
        self.milter.start({'LD_PRELOAD': self.preload, 'CRASH_AT': 'eom:1'})
        self.assertEqual(250, self.send('wrong'))
        self.assertIn(CANARY, self.postfix.wait_mails(1)[0])


class TestWorkersDie(Case):
    def test_at_any_moment(self):
        self.milter.start()
        self.send('warm')
        started = time.time()
        self.assertEqual(250, self.send('time'))
        took = time.time() - started
        marks, again = ['warm', 'time'], []
        for which in (0, 1):
            for moment in range(12):
                mark = f'w{which}m{moment}'
                codes = []
                client = threading.Thread(target=lambda m=mark, c=codes: c.append(self.send(m)))
                client.start()
                self.kill_some(which, time.time() + took * moment / 10)
                client.join()
                self.assertIn(codes[0], (250, 451))
                (marks if codes[0] == 250 else again).append(mark)
        self.assertIsNone(self.milter.process.poll(), 'the filter itself lives on')
        self.check_delivered(marks)
        self.assertEqual([250] * len(again), [self.send(mark) for mark in again])
        self.check_delivered(marks + again)
        print(f'24 deaths of workers: {len(marks) - 2} × 250, {len(again)} × 451, then {len(again)} × 250', file=sys.stderr)

    def kill_some(self, which, when):
        """At the time, all worker factories (0) or as soon as there are any, workers (1)."""
        time.sleep(max(0, when - time.time()))
        end = time.time() + 1
        while time.time() < end:
            found = children(self.milter.process.pid)[which]
            for pid in found:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            if found:
                return


class TestUnreachable(Case):
    def test_a_socket_with_the_wrong_mode_is_451(self):
        self.milter.start()
        os.chmod(self.base + '/run/m.sock', 0o600)
        self.assertEqual(451, self.send('mode'))
        os.chmod(self.base + '/run/m.sock', 0o660)
        self.assertEqual(250, self.send('mode'))
        self.check_delivered(['mode'])

    def test_a_stopped_filter_is_451(self):
        self.milter.start()
        self.milter.stop()
        self.assertEqual(451, self.send('stopped'))
        self.assertFalse(os.path.exists(self.base + '/run/m.sock'), 'nothing stays behind')
        self.milter.start()
        self.assertEqual(250, self.send('stopped'))
        self.check_delivered(['stopped'])


class TestFrozen(Case):
    extra = 'milter_connect_timeout = 2s\nmilter_command_timeout = 2s\nmilter_content_timeout = 2s\n'

    def test_a_frozen_filter_is_451(self):
        self.milter.start()
        self.milter.process.send_signal(signal.SIGSTOP)
        code = self.send('frozen')
        self.milter.process.send_signal(signal.SIGCONT)
        self.assertEqual(451, code)
        self.check_delivered([])


if __name__ == '__main__':
    if private.missing():
        print('skipped:', private.missing())
        sys.exit(77)
    unittest.main(verbosity=2)
