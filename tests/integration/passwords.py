#!/usr/bin/python3
"""passwords.py MUGAIKA FIXTURES: locked files of three kinds and --password-file, on the real program in its sandbox.

A password opens its file whichever line it stands on, and is seen nowhere afterwards. What the machine cannot make
(an encrypted PDF without qpdf) is skipped and said."""
import os
import subprocess
import sys
import unittest

FIXTURES = os.path.abspath(sys.argv.pop(2)) if len(sys.argv) > 2 else ''
import cli  # takes the program's path from sys.argv

PASSWORD = 'himitsu'
CANDIDATES = ['wrong-CANARY-one', PASSWORD, 'wrong-CANARY-two']


class Passwords(cli.Case):
    def copy(self, fixture, name):
        with open(os.path.join(FIXTURES, fixture), 'rb') as file:
            return self.write(name, file.read())

    def clean(self, name, candidates, expect):
        """One report; no candidate is in what the program prints or writes."""
        more = []
        if candidates:
            self.write('words', ('\n'.join(candidates) + '\n').encode())
            more = ['--password-file', 'words']
        done = self.run_program('clean', '--report=jsonl', '-o', 'out', *more, name)
        self.assertEqual(done.returncode, expect, done.stderr.decode('utf-8', 'replace'))
        report, = [cli.json.loads(line) for line in done.stdout.decode().splitlines()]
        seen = [done.stdout, done.stderr]
        for where, _, names in os.walk(os.path.join(self.dir, 'out')):
            for one in names:
                with open(os.path.join(where, one), 'rb') as file:
                    seen.append(file.read())
        for word in candidates:
            for text in seen:
                self.assertNotIn(word.encode(), text)
                self.assertNotIn(word.encode('utf-16le'), text)
        return report

    def try_all(self, name, kind, extension):
        self.assertEqual(self.clean(name, [], 1)['reason'], 'encrypted')
        self.assertEqual(self.clean(name, CANDIDATES[:1], 1)['reason'], 'wrong-password')
        report = self.clean(name, CANDIDATES, 0)
        self.assertIn(report['verdict'], cli.CROSSING)
        self.assertTrue(report['output'].endswith(extension), report['output'])
        if kind:
            self.assertIn(kind, [finding['kind'] for finding in report['findings']])
        return report

    def test_agile_document(self):
        self.copy('compound/agile-sha256.docm', '案内.docm')
        report = self.try_all('案内.docm', 'document.unlocked', '案内.docx')
        inside, = report['children']
        self.assertIn('macro.vba', [finding['kind'] for finding in inside['findings']])

    def test_old_presentation(self):
        self.copy('ppt/locked.ppt', 'a.ppt')
        self.try_all('a.ppt', 'document.unlocked', 'a.ppt')

    def test_standard_presentation(self):
        self.copy('compound/standard-256.pptx', 'a.pptx')
        self.try_all('a.pptx', 'document.unlocked', 'a.pptx')

    def test_the_built_in_password_needs_no_file(self):
        self.copy('compound/agile-default.xlsx', 'a.xlsx')
        self.assertEqual(self.clean('a.xlsx', [], 0)['verdict'], 'cleaned')

    def test_the_profiles_take_what_was_inside(self):
        self.copy('compound/agile-default.xlsx', 'a.xlsx')
        report, = self.reports('-o', 'out', '--profile=text', 'a.xlsx', expect=0)
        self.assertEqual((report['verdict'], report['format']), ('converted', 'text'))

    def test_sevenzip_with_hidden_names(self):
        for name in ('names.7z', 'files.7z'):
            self.copy('sevenzip/' + name, name)
            self.try_all(name, 'archive.unlocked', '.zip')

    def test_costly_password(self):
        self.copy('compound/agile-spins.xlsx', 'a.xlsx')
        self.assertEqual(self.clean('a.xlsx', CANDIDATES, 1)['reason'], 'kdf-cost')

    def test_zip(self):
        self.copy('zip/aes.zip', 'a.zip')
        self.try_all('a.zip', 'archive.unlocked', 'a.zip')

    def test_pdf(self):
        self.copy('samples/お知らせ.pdf', 'plain.pdf')
        for options in (['40'], ['128', '--use-aes=y'], ['256']):
            try:
                done = subprocess.run(['qpdf', '--allow-weak-crypto', '--encrypt', PASSWORD, 'owner', *options, '--',
                                       'plain.pdf', 'locked.pdf'], cwd=self.dir, stderr=subprocess.PIPE)
            except FileNotFoundError:
                self.skipTest('no qpdf')
            self.assertEqual(done.returncode, 0, done.stderr)
            self.try_all('locked.pdf', None, 'locked.pdf')


if __name__ == '__main__':
    unittest.main()
