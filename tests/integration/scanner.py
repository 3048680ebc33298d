#!/usr/bin/python3
"""scanner.py MUGAIKA: a real clamd with a signature of our own beside the real program. Exits 77 without clamd."""
import os
import shutil
import subprocess
import sys
import time
import unittest
import zipfile

import cli  # takes the program's path from sys.argv

CLAMD = shutil.which('clamd', path='/usr/sbin:/usr/bin')
WORDS = b'MUGAIKA-TEST-SIGNATURE-7f3a'
CONFIG = """LocalSocket {base}/clamd.ctl
LocalSocketMode 666
DatabaseDirectory {base}/db
Foreground yes
LogFile {base}/clamd.log
TemporaryDirectory {base}
StreamMaxLength 4M
"""


class Scanner(cli.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.mkdir(cls.base + '/db')
        with open(cls.base + '/db/own.ndb', 'w') as file:
            file.write('Test.Signature:0:*:%s\n' % WORDS.hex())
        with open(cls.base + '/clamd.conf', 'w') as file:
            file.write(CONFIG.format(base=cls.base))
        cls.daemon = subprocess.Popen([CLAMD, '--config-file=' + cls.base + '/clamd.conf'],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.daemon.wait)
        cls.addClassCleanup(cls.daemon.kill)
        deadline = time.monotonic() + 60
        while not os.path.exists(cls.base + '/clamd.ctl') and time.monotonic() < deadline:
            time.sleep(0.1)

    def clean(self, name, data, expect, scan='required', socket='clamd.ctl'):
        self.write(name, data)
        self.write('policy.ini', ('[general]\nscan = %s\nclamd = %s/%s\n' % (scan, self.base, socket)).encode())
        done = self.run_program('clean', '--policy', 'policy.ini', '--report=jsonl', '-o', 'out', name)
        self.assertEqual(done.returncode, expect, done.stderr.decode('utf-8', 'replace'))
        report, = [cli.json.loads(line) for line in done.stdout.decode().splitlines()]
        return report

    def test_what_it_finds_is_blocked(self):
        report = self.clean('a.txt', b'hello ' + WORDS + b'\n', 1)
        self.assertEqual((report['verdict'], report['reason']), ('blocked', 'infected'))
        self.assertIn('Test.Signature', report['reason_detail'])
        self.assertIsNone(report['output'])

    def test_what_is_clean_goes_on(self):
        self.assertIn(self.clean('a.txt', b'hello\n', 0)['verdict'], cli.CROSSING)

    def test_off_does_not_ask(self):
        self.assertIn(self.clean('a.txt', b'hello ' + WORDS + b'\n', 0, scan='off')['verdict'], cli.CROSSING)

    def test_a_scanner_that_is_away(self):
        report = self.clean('a.txt', b'hello\n', 1, socket='nobody.ctl')
        self.assertEqual((report['verdict'], report['reason']), ('held', 'not-scanned'))
        self.assertIn(self.clean('b.txt', b'hello\n', 0, scan='when-available', socket='nobody.ctl')['verdict'],
                      cli.CROSSING)

    def test_what_is_too_long_for_it_is_no_clean_file(self):
        report = self.clean('long.txt', b'hello\n' * 1000000, 1)
        self.assertEqual(report['reason'], 'not-scanned')

    @unittest.skipUnless(shutil.which('zip'), 'no zip')
    def test_what_was_encrypted_is_seen_when_it_is_open(self):
        """The scanner cannot look into the locked archive; every member goes past it once we have opened it."""
        self.write('b.txt', b'x' * 100 + WORDS)
        self.write('good.txt', b'hello\n')
        subprocess.run(['zip', '-q', '-P', 'himitsu', 'a.zip', 'b.txt', 'good.txt'], cwd=self.dir, check=True)
        self.write('policy.ini', ('[general]\nscan = required\nclamd = %s/clamd.ctl\n' % self.base).encode())
        self.write('words', b'himitsu\n')
        done = self.run_program('clean', '--policy', 'policy.ini', '--report=jsonl', '-o', 'out', '--password-file',
                                'words', 'a.zip')
        report, = [cli.json.loads(line) for line in done.stdout.decode().splitlines()]
        self.assertEqual({one['input']: one['reason'] for one in report['children']},
                         {'b.txt': 'infected', 'good.txt': None}, report)
        with zipfile.ZipFile(report['output']) as archive:
            self.assertNotIn(WORDS, b''.join(archive.read(name) for name in archive.namelist()))


if __name__ == '__main__':
    if not CLAMD:
        print('skipped: no clamd')
        sys.exit(77)
    unittest.main(verbosity=2)
