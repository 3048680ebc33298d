#!/usr/bin/python3
"""load.py MUGAIKA-MILTER: a thousand SMTP sessions, all open at the same time, then all their mails at once.

Wanted: every answer is 250 or 451, as many mails arrive as were answered by 250, none with a byte of what was to be
removed, and the memory of filter and workers stays below a bound. By hand: MUGAIKA_SESSIONS=3000 MUGAIKA_ROWS=2000 makes
it larger. Exits 77 without Postfix.
"""
import os
import smtplib
import sys
import threading
import time

import cases
from cases import Case, headers

SESSIONS = int(os.environ.get('MUGAIKA_SESSIONS', '1000'))
ROWS = int(os.environ.get('MUGAIKA_ROWS', '20'))
MEMORY = int(os.environ.get('MUGAIKA_MEGABYTES', '200')) * 1024 * 1024  # measured: 56


def mail(i):
    rows = f'<p onclick="{cases.CANARY}()">row of mail {i}</p>\r\n' * ROWS
    return (headers(f'MIME-Version: 1.0\r\nContent-Type: text/html\r\nX-Number: {i}\r\n') +
            f'\r\n<script>{cases.CANARY}()</script>{rows}').encode()


def memory(pid):
    """Bytes of a process and all below it, shared pages counted once."""
    parents, total, wanted = {}, 0, [pid]
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                with open(f'/proc/{name}/stat') as file:
                    parents.setdefault(int(file.read().rsplit(')', 1)[1].split()[1]), []).append(int(name))
            except OSError:
                pass
    while wanted:
        pid = wanted.pop()
        wanted += parents.get(pid, [])
        try:
            with open(f'/proc/{pid}/smaps_rollup') as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith('Pss:')) * 1024
        except OSError:
            pass
    return total


class TestLoad(Case):
    processes = SESSIONS + 20
    policy = f'sessions = {SESSIONS}\nwaiting = {SESSIONS}\nqueue_seconds = 60\n'

    def session(self, i, open_together, codes):
        try:
            with smtplib.SMTP('127.0.0.1', self.postfix.port, timeout=280, local_hostname='client.test.invalid') as smtp:
                smtp.ehlo()
                codes[i], _ = smtp.mail('a@example.com')
                if codes[i] == 250:
                    codes[i], _ = smtp.rcpt('u@in.test.invalid')
                open_together.wait(120)
                if codes[i] == 250:
                    codes[i], _ = smtp.data(mail(i))
        except smtplib.SMTPResponseException as problem:
            codes[i] = problem.smtp_code

    def look(self, peaks):
        stats = self.milter.stats()
        for name in ('sessions', 'waiting'):
            peaks[name] = max(peaks[name], stats[name])
        peaks['memory'] = max(peaks['memory'], memory(self.milter.process.pid))

    def sample(self, stop, peaks):
        while not stop.wait(0.3):
            self.look(peaks)

    def test_all_sessions_at_once(self):
        codes, peaks, stop = [0] * SESSIONS, {'sessions': 0, 'waiting': 0, 'memory': 0}, threading.Event()
        open_together = threading.Barrier(SESSIONS, lambda: self.look(peaks))
        sampler = threading.Thread(target=self.sample, args=(stop, peaks))
        threads = [threading.Thread(target=self.session, args=(i, open_together, codes)) for i in range(SESSIONS)]
        sampler.start()
        started = time.time()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.time() - started
        delivered = self.postfix.wait_mails(codes.count(250), 120)
        stop.set()
        sampler.join()
        self.assertLessEqual(set(codes), {250, 451}, self.milter.log()[-2000:])
        self.assertEqual(codes.count(250), len(delivered))
        self.assertEqual(codes.count(250), len(self.milter.originals()), 'kept: all of them, and none that was refused')
        for raw in delivered:
            self.check_delivered(raw)
        stats = self.milter.stats()
        self.assertEqual((0, 0, 0, 0), tuple(stats[name] for name in ('sessions', 'waiting', 'working', 'ending')))
        self.assertEqual(SESSIONS, peaks['sessions'], 'really at the same time')
        self.assertLess(peaks['memory'], MEMORY)
        print(f'{SESSIONS} sessions: {codes.count(250)} × 250, {codes.count(451)} × 451 in {took:.0f} s; at most '
              f'{peaks["waiting"]} waiting, {peaks["memory"] >> 20} MB', file=sys.stderr)


if __name__ == '__main__':
    cases.main()
