#!/usr/bin/python3
"""growth.py MUGAIKA-MILTER: the memory of the filter after thousands of mails is what it was after the first hundreds.

Straight to the filter, without Postfix, over a few connections at a time that end and begin again; good mails, mails kept
with a notice, aborted ones. By hand: MUGAIKA_MAILS=5000. Exits 77 where the private Postfix's users are missing.
"""
import os
import sys
import threading

import cases
from cases import CANARY, Case
from mta import ALL, NO_REPLIES, Mta

MAILS = int(os.environ.get('MUGAIKA_MAILS', '1500'))
CLIENTS, A_CONNECTION = 4, 25
BOUND = 3 * 1024  # KiB


class TestGrowth(Case):
    policy = 'cache_bytes = 0\n'  # what is remembered on purpose is bounded by itself

    def client(self, n, mails, failures):
        for i in range(mails):
            if i % A_CONNECTION == 0:
                mta = Mta(self.base + '/run/m.sock', ALL, NO_REPLIES if i % 2 else 0)
            mta.envelope()
            kind = (b'text/html', b'text/plain', b'multipart/encrypted; boundary=x')[i % 3]
            fields = [(b'Subject', b'%d of %d' % (i, n)), (b'X-Secret', CANARY.encode()), (b'Message-ID', b'<%d.%d@example.com>' % (n, i)),
                      (b'Content-Type', kind)]
            if i % 10 == 9:
                mta.say(b'L', b'Subject\0given up\0')
                mta.put(b'A')
                continue
            body = (b'<script>' + CANARY.encode() + b'</script>', b'', b'--x\r\n\r\n' + CANARY.encode() + b'\r\n--x--\r\n')[i % 3]
            answers = mta.message(fields, body + b'<p>row of words</p>\r\n' * (1 + i % 200))
            if answers[-1][0] != b'c' or any(CANARY.encode() in data for _, data in answers):
                failures.append((kind, answers[-1], [data for _, data in answers if CANARY.encode() in data]))
            if i % A_CONNECTION == A_CONNECTION - 1:
                mta.put(b'Q')
                mta.close()
        mta.close()

    def run_mails(self, mails):
        failures = []
        self.sent = getattr(self, 'sent', 0) + mails // CLIENTS * CLIENTS
        threads = [threading.Thread(target=self.client, args=(n, mails // CLIENTS, failures)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([], failures[:3], self.milter.log()[-1000:])

    def resident(self):
        with open(f'/proc/{self.milter.process.pid}/status') as file:
            return next(int(line.split()[1]) for line in file if line.startswith('VmRSS'))

    def test_memory_stays(self):
        self.run_mails(MAILS // 3)
        before = self.resident()
        self.run_mails(MAILS - MAILS // 3)
        after = self.resident()
        stats = self.milter.stats()
        self.assertEqual((0, 0, 0), (stats['sessions'], stats['ending'], stats['tempfailed_total']))
        self.assertEqual(self.sent, stats['mails_total'] + stats['aborted_total'])
        self.assertGreater(self.sent, MAILS * 0.99)
        files = len(os.listdir(f'/proc/{self.milter.process.pid}/fd'))
        print(f'{stats["mails_total"]} mails: {before} KiB, then {after} KiB; {files} descriptors', file=sys.stderr)
        self.assertLess(after - before, BOUND)
        self.assertLess(files, 60)


if __name__ == '__main__':
    cases.main()
