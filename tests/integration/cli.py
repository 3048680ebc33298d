#!/usr/bin/python3
"""cli.py MUGAIKA: holds the built command line to every promise of mugaika(1).

Standard library only. Runs a copy of the program, so that it works unprivileged as well and away from its build tree.
What the machine cannot do (another user, a small file system) is skipped, counted and printed.
"""
import base64
import email
import email.policy
import json
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import zlib

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else ''
FIELDS = {'schema', 'input', 'output', 'output_name', 'format', 'media_type', 'verdict', 'reason', 'reason_detail',
          'level', 'sha256_in', 'sha256_out', 'size_in', 'size_out', 'sandbox', 'sandbox_level', 'rule_version',
          'policy_id', 'profile', 'findings', 'findings_omitted', 'started', 'finished', 'children'}
DOCS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), 'docs')
CROSSING = {'confirmed', 'cleaned', 'converted'}
ROOT = os.geteuid() == 0
NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] if ROOT else []


def png(shade=0):
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    rows = b''.join(b'\0' + bytes([shade, x, 200] * 1) * 16 for x in range(16))
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 16, 16, 8, 2, 0, 0, 0)) +
            chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))


def can_mount():
    return subprocess.run(['unshare', '-m' if ROOT else '-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'],
                          stderr=subprocess.DEVNULL).returncode == 0


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.mkdtemp(prefix='mugaika-cli-')
        os.chmod(cls.base, 0o755)
        build = os.path.dirname(os.path.dirname(PROGRAM))
        os.mkdir(cls.base + '/bin')
        for name in ('mugaika', 'mugaika-worker', 'mugaika-light'):
            shutil.copy2(os.path.join(os.path.dirname(PROGRAM), name), cls.base + '/bin/' + name)
        if os.path.isdir(build + '/share/locale'):
            shutil.copytree(build + '/share/locale', cls.base + '/share/locale')
        cls.program = cls.base + '/bin/mugaika'

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.base, ignore_errors=True)

    def setUp(self):
        self.dir = tempfile.mkdtemp(dir=self.base)
        os.chmod(self.dir, 0o777)

    def write(self, name, data=b'hello\n'):
        path = os.path.join(os.fsencode(self.dir), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(data)
        return os.fsdecode(path)

    def run_program(self, *arguments, prefix=(), **more):
        environment = {'PATH': os.environ.get('PATH', '/usr/bin:/bin')}
        environment.update(more.pop('environment', {}))
        more.setdefault('stdout', subprocess.PIPE)
        return subprocess.run([*prefix, self.program, *arguments], stderr=subprocess.PIPE, env=environment,
                              cwd=self.dir, timeout=120, **more)

    def reports(self, *arguments, expect, command='clean', **more):
        done = self.run_program(command, '--report=jsonl', *arguments, **more)
        self.assertEqual(done.returncode, expect, done.stderr.decode('utf-8', 'replace'))
        lines = done.stdout.decode('utf-8').splitlines()  # splits at U+2028 and the like, too
        return [json.loads(line) for line in lines]

    def listing(self, folder='.'):
        top = os.path.join(self.dir, folder)
        found = []
        for where, _, files in os.walk(top):
            found += [os.path.relpath(os.path.join(where, name), top) for name in files if name != '.mugaika']
        return sorted(found)


class Cleaning(Case):
    def test_default_folder_beside_the_input(self):
        self.write('in/報告.txt')
        report, = self.reports('in/報告.txt', expect=0)
        self.assertEqual(set(report), FIELDS)
        self.assertEqual(report['schema'], 'mugaika-report/1')
        self.assertEqual(report['input'], 'in/報告.txt')
        self.assertEqual(report['output'], self.dir + '/in/cleaned/報告.txt')
        self.assertIn(report['verdict'], CROSSING)
        self.assertIsNone(report['reason'])
        self.assertEqual(len(report['sha256_in']), 64)
        self.assertEqual(report['size_in'], 6)
        self.assertRegex(report['started'], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$')
        self.assertLessEqual(report['started'], report['finished'])
        self.assertEqual(self.listing('in'), ['cleaned/報告.txt', '報告.txt'])

    def test_trees_are_mirrored_and_results_left_out_next_time(self):
        for name in ('tree/b.txt', 'tree/a/c.txt', 'tree/a/d/e.png'):
            self.write(name, png() if name.endswith('png') else b'x\n')
        self.assertEqual([r['input'] for r in self.reports('tree', expect=0)],
                         ['tree/a/c.txt', 'tree/a/d/e.png', 'tree/b.txt'])
        self.assertEqual(self.listing('cleaned'), ['tree/a/c.txt', 'tree/a/d/e.png', 'tree/b.txt'])
        self.assertEqual(len(self.reports('.', expect=0)), 3)  # not what the first run wrote
        self.assertEqual(len(self.reports('tree', 'cleaned', expect=0)), 3)  # as from "clean *"
        self.assertEqual(len(self.listing('cleaned')), 3)

    def test_one_object_a_line_in_input_order_also_for_the_unreadable(self):
        names = []
        for i in range(40):
            name = f'{i:02}.txt'
            names.append(name)
            if i % 3 == 0:
                continue  # missing
            self.write(name, b'x' * (200000 if i % 3 == 1 else 3))
        os.mkfifo(self.dir + '/fifo')
        names.append('fifo')
        reports = self.reports('-j', '8', '-o', 'out', *names, expect=1)
        self.assertEqual([r['input'] for r in reports], names)
        for report in reports:
            if report['input'] == 'fifo' or int(report['input'][:2]) % 3 == 0:
                self.assertEqual((report['verdict'], report['reason'], report['output']),
                                 ('held', 'input-unreadable', None))
                self.assertTrue(report['reason_detail'])
            else:
                self.assertTrue(os.path.exists(report['output']))

    def test_existing_names(self):
        self.write('in/a.txt', b'one\n')
        first, = self.reports('-o', 'out', 'in/a.txt', expect=0)
        again, = self.reports('-o', 'out', 'in/a.txt', expect=0)
        self.assertEqual(first['output'], again['output'])
        self.assertEqual(self.listing('out'), ['a.txt'])
        self.write('in/a.txt', b'two\n')
        second, = self.reports('-o', 'out', 'in/a.txt', expect=0)
        self.assertEqual(second['output'], self.dir + '/out/a (2).txt')
        self.assertEqual(self.reports('-o', 'out', 'in/a.txt', expect=0)[0]['output'], second['output'])
        self.assertEqual(self.listing('out'), ['a (2).txt', 'a.txt'])
        with open(self.dir + '/out/a.txt', 'rb') as file:
            self.assertEqual(file.read(), b'one\n')

    def test_inputs_of_one_name_are_numbered_in_their_order(self):
        for i in range(12):
            self.write(f'd{i:02}/a.txt', b'x' * (3000000 if i % 2 == 0 else 1) + b'%d\n' % i)
        inputs = [f'd{i:02}/a.txt' for i in range(12)]
        reports = self.reports('-j', '6', '-o', 'out', *inputs, expect=0)
        names = [os.path.basename(r['output']) for r in reports]
        self.assertEqual(names, ['a.txt'] + [f'a ({n}).txt' for n in range(2, 13)])

    def test_the_extension_is_the_true_one(self):
        self.write('絵.jpg', png())
        report, = self.reports('絵.jpg', expect=0)
        self.assertEqual(os.path.basename(report['output']), '絵.png')
        self.assertIn('name.mismatch', [f['kind'] for f in report['findings']])

    def test_long_japanese_names_are_cut_on_a_character(self):
        name = '漢' * 84 + '.a'
        self.write('x.a', png())
        os.rename(self.dir + '/x.a', self.dir + '/' + name)
        report, = self.reports('-o', 'out', name, expect=0)
        self.assertEqual(os.path.basename(report['output']), '漢' * 83 + '.png')
        self.write(name, png(9))
        report, = self.reports('-o', 'out', name, expect=0)
        self.assertEqual(os.path.basename(report['output']), '漢' * 82 + ' (2).png')

    def test_names_that_are_no_utf8(self):
        raw = b'\x83\x65\x83\x58\x83\x67.txt'
        self.write(raw)
        report, = self.reports(raw, expect=0)
        self.assertEqual(base64.b64decode(report['input_b64']), raw)
        self.assertEqual(base64.b64decode(report['output_b64']), os.fsencode(self.dir) + b'/cleaned/' + raw)
        self.assertTrue(os.path.exists(base64.b64decode(report['output_b64'])))
        self.assertIn('\ufffd', report['input'])

    def test_hostile_names_stay_in_their_line(self):
        names = ['a\nb.txt', 'c\u2028d.txt', '\x1b[31m.txt', 'e\u202egpj.txt']
        for name in names:
            self.write(name)
        reports = self.reports(*names, expect=1)  # a name that turns its own end around is held
        self.assertEqual([r['input'] for r in reports], names)
        self.assertEqual([r['verdict'] for r in reports][3], 'held')
        done = self.run_program('clean', *names)
        self.assertEqual(done.stdout.decode().count('「e'), 1)
        self.assertLessEqual(len(done.stdout.decode().splitlines()), len(names) + 2)
        self.assertNotIn(b'\x1b', done.stdout + done.stderr)

    def test_standard_output(self):
        self.write('a.png', png())
        done = self.run_program('clean', '-o', '-', 'a.png')
        self.assertEqual(done.returncode, 0)
        self.assertTrue(done.stdout.startswith(b'\x89PNG'))
        self.assertIn('「a.png」', done.stderr.decode())
        self.assertEqual(self.listing(), ['a.png'])
        self.write('run.exe', b'MZ' + b'\0' * 200)
        self.write('folder/a.txt')
        os.mkfifo(self.dir + '/fifo')
        for name, code in (('none', 66), ('folder', 66), ('fifo', 66), ('run.exe', 1)):
            done = self.run_program('clean', '-o', '-', name)
            self.assertEqual((done.returncode, done.stdout), (code, b''), name)
            self.assertIn('理由: ', done.stderr.decode())

    def test_json_is_one_document(self):
        self.write('a.txt')
        self.write('b.txt')
        done = self.run_program('clean', '--report=json', 'a.txt', 'b.txt')
        self.assertEqual([r['input'] for r in json.loads(done.stdout)], ['a.txt', 'b.txt'])
        done = self.run_program('clean', '--report=json', '.')
        self.assertEqual(len(json.loads(done.stdout)), 2)
        os.mkdir(self.dir + '/nothing')
        done = self.run_program('clean', '--report=json', 'nothing')
        self.assertEqual((done.returncode, json.loads(done.stdout)), (66, []))

    def test_options_end_at_two_dashes(self):
        self.write('-a.txt')
        self.assertEqual(len(self.reports('--', '-a.txt', expect=0)), 1)


class Inspecting(Case):
    def test_writes_nothing_and_ends_as_clean_would(self):
        self.write('good.txt')
        self.write('bad.exe', b'MZ' + b'\0' * 200)
        self.write('empty.txt', b'')
        for names in (['good.txt'], ['bad.exe'], ['good.txt', 'bad.exe'], ['none'], ['good.txt', 'none'], ['empty.txt']):
            before = self.listing()
            inspected = self.run_program('inspect', '--report=jsonl', *names)
            self.assertEqual(self.listing(), before)
            self.assertFalse(os.path.exists(self.dir + '/cleaned'))
            cleaned = self.run_program('clean', '--report=jsonl', '-o', self.base + '/elsewhere', *names)
            self.assertEqual(inspected.returncode, cleaned.returncode, names)
            for one, other in zip(inspected.stdout.splitlines(), cleaned.stdout.splitlines()):
                one, other = json.loads(one), json.loads(other)
                self.assertIsNone(one['output'])
                for field in ('input', 'verdict', 'reason', 'format', 'level', 'sha256_in', 'findings'):
                    self.assertEqual(one[field], other[field], (names, field))


class Failing(Case):
    def test_usage_is_2_and_says_why(self):
        self.write('a.txt')
        self.write('bad.ini', b'[limits]\npages = many\n')
        for arguments in ([], ['dance'], ['clean'], ['clean', '--report=xml', 'a.txt'], ['clean', '--jobs=0x', 'a.txt'],
                          ['clean', '--policy', 'bad.ini', 'a.txt'], ['clean', '--policy', 'none.ini', 'a.txt'],
                          ['clean', '--policy', '.', 'a.txt'], ['clean', '-o', '-', 'a.txt', 'a.txt'],
                          ['clean', '-o', '-', '--report=jsonl', 'a.txt'], ['clean', '--profile=x', 'a.txt'],
                          ['clean', '--password-file', '.', 'a.txt'], ['clean', '--lang=fr', 'a.txt'],
                          ['policy'], ['policy', 'check'], ['policy', 'check', 'bad.ini'], ['policy', 'explain', 'x'],
                          ['formats', 'x']):
            done = self.run_program(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, b''), arguments)
            self.assertTrue(done.stderr, arguments)
            self.assertFalse(os.path.exists(self.dir + '/cleaned'))

    def test_unreadable_alone_is_66_among_others_1(self):
        self.write('a.txt')
        os.mkfifo(self.dir + '/fifo')
        os.symlink('/nowhere', self.dir + '/dangling')
        for names in (['none'], ['fifo'], ['dangling'], ['none', 'fifo', '/dev/null'], ['']):
            reports = self.reports(*names, expect=66)
            self.assertEqual([r['input'] for r in reports], names)
            self.assertTrue(all(r['reason'] == 'input-unreadable' for r in reports))
        self.reports('none', 'a.txt', expect=1)
        os.mkdir(self.dir + '/empty')
        self.assertEqual(self.reports('empty', expect=66), [])

    def test_links_in_a_tree_are_not_followed_but_reported(self):
        self.write('secret/s.txt', b'secret\n')
        self.write('tree/a.txt')
        os.symlink('../secret/s.txt', self.dir + '/tree/link.txt')
        os.symlink('../secret', self.dir + '/tree/folder')
        reports = {r['input']: r['reason'] for r in self.reports('-o', 'out', 'tree', expect=1)}
        self.assertEqual(reports, {'tree/a.txt': None, 'tree/folder': 'input-unreadable',
                                   'tree/link.txt': 'input-unreadable'})
        self.assertEqual(self.listing('out'), ['tree/a.txt'])

    def test_held_and_blocked_are_1(self):
        self.write('run.exe', b'MZ' + b'\0' * 300)
        self.write('good.txt')
        report, good = self.reports('run.exe', 'good.txt', expect=1)
        self.assertIn(report['verdict'], ('held', 'blocked'))
        self.assertIsNone(report['output'])
        self.assertEqual(report['level'], 'attention')
        self.assertEqual(self.listing('cleaned'), ['good.txt'])
        self.assertIn(good['verdict'], CROSSING)

    def test_output_that_cannot_be_is_73(self):
        self.write('a.txt')
        self.write('file')
        for place in ('/dev/null/x', 'file', '/proc/x'):
            report, = self.reports('-o', place, 'a.txt', expect=73)
            self.assertEqual((report['verdict'], report['reason'], report['output']), ('held', 'output-failed', None))
        self.reports('-o', 'file', 'none', 'a.txt', expect=73)
        with open('/dev/full', 'wb') as full:
            self.assertEqual(self.run_program('clean', '-o', '-', 'a.txt', stdout=full).returncode, 73)
            self.assertEqual(self.run_program('clean', '--report=jsonl', 'a.txt', stdout=full).returncode, 73)
            self.assertEqual(self.run_program('formats', stdout=full).returncode, 73)

    def test_reader_that_goes_away_is_73(self):
        for i in range(50):
            self.write(f't/{i}.txt')
        reader, writer = os.pipe()
        os.close(reader)
        done = self.run_program('clean', '--report=jsonl', 't', stdout=writer)
        os.close(writer)
        self.assertEqual(done.returncode, 73)

    def test_missing_isolation_is_78_and_every_input_is_reported(self):
        self.write('a.txt')
        os.mkdir(self.dir + '/alone')
        alone = shutil.copy2(self.program, self.dir + '/alone/mugaika')
        done = subprocess.run([alone, 'clean', '--report=jsonl', 'a.txt', 'none'], cwd=self.dir, capture_output=True)
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertEqual([json.loads(line)['reason'] for line in done.stdout.splitlines()],
                         ['sandbox', 'input-unreadable'])
        self.assertFalse(os.path.exists(self.dir + '/cleaned'))
        done = subprocess.run([alone, 'clean', '-o', '/dev/null/x', 'none'], cwd=self.dir, capture_output=True)
        self.assertEqual(done.returncode, 73)

    @unittest.skipUnless(can_mount(), 'no mount namespace')
    def test_full_disk_is_73_and_leaves_nothing(self):
        self.write('big.txt', b'line of text\n' * 50000)
        self.write('small.txt')
        os.mkdir(self.dir + '/disk')
        script = ('mount -t tmpfs -o size=128k tmpfs disk && "$0" clean --report=jsonl -o disk big.txt small.txt; '
                  'echo $? >code; ls -A disk >left')
        done = subprocess.run(['unshare', '-m' if ROOT else '-rm', 'sh', '-c', script, self.program], cwd=self.dir,
                              capture_output=True)
        with open(self.dir + '/code') as code, open(self.dir + '/left') as left:
            self.assertEqual((code.read().strip(), left.read().split()), ('73', ['small.txt']), done.stderr)
        big, small = map(json.loads, done.stdout.splitlines())
        self.assertEqual((big['reason'], big['reason_detail'], big['output']),
                         ('output-failed', 'the disk is full', None))
        self.assertIn(small['verdict'], CROSSING)

    @unittest.skipUnless(not ROOT or shutil.which('setpriv'), 'needs setpriv to become nobody')
    def test_no_permission(self):
        self.write('t/closed.txt')
        self.write('t/folder/inner.txt')
        self.write('t/open.txt')
        os.chmod(self.dir + '/t/closed.txt', 0)
        os.chmod(self.dir + '/t/folder', 0)
        self.addCleanup(os.chmod, self.dir + '/t/folder', 0o755)
        self.write('ro/a.txt')
        os.chmod(self.dir + '/ro', 0o555)
        self.addCleanup(os.chmod, self.dir + '/ro', 0o755)
        reports = {r['input']: r for r in self.reports('-o', self.dir + '/out', 't', expect=1, prefix=NOBODY)}
        self.assertEqual(sorted(reports), ['t/closed.txt', 't/folder', 't/open.txt'])
        for name in ('t/closed.txt', 't/folder'):
            self.assertEqual((reports[name]['reason'], reports[name]['reason_detail']),
                             ('input-unreadable', 'no permission to read it'))
        self.assertIn(reports['t/open.txt']['verdict'], CROSSING)
        report, = self.reports('ro/a.txt', expect=73, prefix=NOBODY)
        self.assertEqual((report['reason'], report['reason_detail']),
                         ('output-failed', 'no permission to write there'))
        self.assertEqual(self.listing('ro'), ['a.txt'])
        self.reports('t/closed.txt', expect=66, prefix=NOBODY)


class Interrupting(Case):
    def interrupt(self, number):
        for i in range(1500):
            self.write(f't/{i:04}.txt', b'%d\n' % i + b'x' * 5000)
        process = subprocess.Popen([self.program, 'clean', '--report=jsonl', '-j', '2', '-o', 'out', 't'], cwd=self.dir,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        first = process.stdout.readline()
        process.send_signal(number)
        started = time.monotonic()
        rest = process.stdout.read()
        self.assertEqual(process.wait(), 130)
        self.assertLess(time.monotonic() - started, 20)
        process.stdout.close()
        return [json.loads(line) for line in (first + rest).splitlines()]

    def test_control_c_in_the_middle(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            reports = self.interrupt(number)
            self.assertEqual(len(reports), 1500)
            done = [r for r in reports if r['output']]
            stopped = [r for r in reports if not r['output']]
            self.assertTrue(done and stopped, (len(done), len(stopped)))
            self.assertEqual({(r['verdict'], r['reason']) for r in stopped}, {('held', 'interrupted')})
            self.assertEqual(len(self.listing('out')), len(done))  # nothing half-written, nothing unreported
            for report in done:
                with open(report['output'], 'rb') as out, open(self.dir + '/' + report['input'], 'rb') as original:
                    self.assertEqual(out.read(), original.read())
            shutil.rmtree(self.dir + '/out')


    def test_kill_at_any_moment_leaves_whole_files_and_no_processes(self):
        for i in range(400):
            self.write(f't/{i:03}.txt', b'%d\n' % i + b'y' * 20000)
        seen = 0
        for delay in (0, 5, 15, 30, 60, 100, 200, 400):
            process = subprocess.Popen([self.program, 'clean', '-j', '4', '-o', 'out', 't'], cwd=self.dir,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay / 1000)
            process.kill()
            process.wait()
            names = os.listdir(self.dir + '/out/t') if os.path.isdir(self.dir + '/out/t') else []
            for name in names:
                with open(f'{self.dir}/out/t/{name}', 'rb') as out, open(f'{self.dir}/t/{name}', 'rb') as original:
                    self.assertEqual(out.read(), original.read(), (delay, name))
            seen += len(names)
            shutil.rmtree(self.dir + '/out', ignore_errors=True)
        self.assertTrue(seen)
        for _ in range(100):  # zygote and workers end when their broker's socket does
            left = [pid for pid in os.listdir('/proc') if pid.isdigit() and self.runs_ours(pid)]
            if not left:
                break
            time.sleep(0.05)
        self.assertEqual(left, [])

    def runs_ours(self, pid):
        try:
            return os.readlink(f'/proc/{pid}/exe').startswith(self.base)
        except OSError:
            return False


class Speaking(Case):
    def test_languages(self):
        self.write('a.txt')
        self.write('locked.exe', b'MZ' + b'\0' * 200)
        words = {'ja': '変化なし', 'en': 'no change'}
        for language, want in words.items():
            for setting in ({}, {'LANG': 'C'}, {'LC_ALL': 'de_DE.UTF-8', 'LANGUAGE': 'fr'}):
                done = self.run_program('clean', '--lang', language, 'a.txt', environment=setting)
                self.assertIn(want, done.stdout.decode(), setting)
        self.assertIn('変化なし', self.run_program('clean', 'a.txt').stdout.decode())  # made for Japanese towns
        self.assertIn('変化なし', self.run_program('clean', 'a.txt', environment={'LANG': 'ja_JP.UTF-8'}).stdout.decode())
        self.assertIn('no change', self.run_program('clean', 'a.txt', environment={'LANG': 'en_US.UTF-8'}).stdout.decode())
        held = self.run_program('clean', 'locked.exe', 'none').stdout.decode()
        self.assertIn('理由: ', held)
        self.assertIn('存在しない', held)
        for block in held.split('「')[1:]:
            self.assertLessEqual(block.count('\n'), 3)

    def test_standard_error_is_plain_lines_or_a_bar(self):
        for i in range(30):
            self.write(f't/{i}.txt')
        done = self.run_program('clean', '--report=jsonl', 't')
        lines = done.stderr.decode().splitlines()
        self.assertTrue(lines[0].startswith('1/30 「'), lines[0])
        self.assertNotIn('\r', done.stderr.decode())
        master, slave = pty.openpty()
        process = subprocess.Popen([self.program, 'clean', '--report=jsonl', 't'], cwd=self.dir, stderr=slave,
                                   stdout=subprocess.DEVNULL)
        os.close(slave)
        seen = b''
        while select.select([master], [], [], 20)[0]:
            try:
                part = os.read(master, 4096)
            except OSError:  # the program has closed its side
                break
            seen += part
        os.close(master)
        self.assertEqual(process.wait(), 0)
        self.assertIn(b'/30', seen)
        self.assertIn(b'\r', seen)

    def test_other_commands(self):
        version = self.run_program('--version')
        self.assertEqual(version.returncode, 0)
        for word in (b'mugaika ', b'poppler', b'libxml2', b'GLib'):
            self.assertIn(word, version.stdout)
        formats = self.run_program('formats')
        self.assertIn(b'docx', formats.stdout)
        shown = self.run_program('policy', 'show')
        self.assertEqual(shown.returncode, 0)
        self.write('own.ini', shown.stdout)
        self.assertEqual(self.run_program('policy', 'check', 'own.ini').returncode, 0)
        self.assertEqual(self.run_program('policy', 'show', 'own.ini').stdout, shown.stdout)
        explained = self.run_program('policy', 'explain', 'link.external', '--lang=en')
        self.assertIn(b'Default: keep', explained.stdout)
        for arguments in (['--help'], ['clean', '--help'], ['inspect', '--help']):
            self.assertEqual(self.run_program(*arguments).returncode, 0)

    def test_the_documents_say_what_the_program_says(self):
        for language, name in (('en', 'FORMATS.md'), ('ja', 'FORMATS.ja.md')):
            done = self.run_program('formats', '--markdown', '--lang=' + language)
            with open(os.path.join(DOCS, name), 'rb') as page:
                self.assertEqual(page.read(), done.stdout, name + ': write it anew with mugaika formats --markdown')

    def test_a_policy_file_decides(self):
        self.write('p.ini', b'[limits]\ninput_bytes = 1K\n')
        self.write('a.txt', b'x' * 3000)
        report, = self.reports('--policy', 'p.ini', 'a.txt', expect=1)
        self.assertEqual(report['reason'], 'too-large')
        other, = self.reports('a.txt', expect=0)
        self.assertNotEqual(report['policy_id'], other['policy_id'])

    def test_what_two_policies_differ_in(self):
        self.write('p.ini', b'[limits]\ninput_bytes = 1K\n[actions]\nlink.external = remove\n')
        self.write('q.ini', b'[limits]\ninput_bytes = 1K\n')
        alone = self.run_program('policy', 'diff', 'p.ini')
        lines = alone.stdout.decode().splitlines()
        self.assertEqual((alone.returncode, len(lines)), (0, 2))
        self.assertTrue('[actions] link.external: keep → remove' in lines and any(line.startswith('[limits] input_bytes: ') and line.endswith(' → 1K') for line in lines))
        pair = self.run_program('policy', 'diff', 'p.ini', 'q.ini').stdout.decode()
        self.assertEqual(pair, '[actions] link.external: remove → keep\n')
        self.assertEqual(self.run_program('policy', 'diff', 'p.ini', 'p.ini', '--lang=en').stdout, b'no difference\n')
        self.assertEqual(self.run_program('policy', 'diff', 'none.ini').returncode, 2)


class Mail(Case):
    MAIL = ('From: a@example.com\r\nSubject: =?ISO-2022-JP?B?GyRCMnE1RCRON28bKEI=?=\r\nMIME-Version: 1.0\r\n'
            'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n'
            '<p>こんにちは</p><script>x</script>\r\n--b\r\nContent-Type: image/png; name=p.png\r\n'
            'Content-Transfer-Encoding: base64\r\n\r\n' + base64.b64encode(png()).decode() + '\r\n--b\r\n'
            'Content-Disposition: attachment; filename=a.bat\r\n\r\n@echo off\r\n--b--\r\n').encode()

    def test_one_mail_in_one_mail_out(self):
        path = self.write('1234.M5P6.host:2,S', self.MAIL)
        done = self.run_program('mail', path)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        piped = self.run_program('mail', '-', input=self.MAIL)
        self.assertEqual(piped.stdout, done.stdout)
        self.assertEqual(self.run_program('mail', '-o', 'out.eml', path).returncode, 0)
        with open(self.dir + '/out.eml', 'rb') as file:
            self.assertEqual(file.read(), done.stdout)
        self.assertTrue(done.stdout.isascii())
        mail = email.message_from_bytes(done.stdout, policy=email.policy.default)
        self.assertEqual([d for part in mail.walk() for d in part.defects], [])
        self.assertEqual(mail['Subject'], '会議の件')
        self.assertIn('こんにちは', mail.get_body().get_content())
        self.assertEqual([part.get_filename() for part in mail.iter_attachments()], ['p.png', '無害化結果.txt'])

    def test_encodings_of_the_world_are_read_in_the_locked_worker(self):
        table = (('gb18030', '中文 㐀 𠀀'), ('big5-hkscs', '香港 嘅'), ('euc-kr', '안녕'), ('iso-2022-kr', '안녕 a'), ('johab', '안녕'),
                 ('hz', '中文'), ('shift_jisx0213', '日本①'), ('iso-2022-jp-2004', '日本①'), ('koi8-u', 'Їжак'), ('utf-7', '日本'))
        for label, text in table:
            mail = b'From: a@b.example\nContent-Type: text/plain; charset=%s\nContent-Transfer-Encoding: base64\n\n%s\n' % (
                label.encode(), base64.b64encode(text.encode(label)))
            done = self.run_program('mail', '-', input=mail)
            self.assertEqual(done.returncode, 0, (label, done.stderr))
            result = email.message_from_bytes(done.stdout, policy=email.policy.default)
            self.assertIn(text, result.get_body().get_content(), label)

    def test_iso_2022_jp_by_policy_is_read_by_others(self):
        policy = self.write('jp.ini', b'[mail]\ncharset = iso-2022-jp\nnotice = last\n')
        for body, charset in (('会議のお知らせ\nplain\n', 'iso-2022-jp'), ('会議①\n', 'utf-8')):
            given = 'From: 山田 <a@b.example>\nSubject: 会議の件\nContent-Type: text/plain; charset=utf-8\n\n' + body
            done = self.run_program('mail', '--policy', policy, '-', input=given.encode())
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(done.stdout.isascii())
            mail = email.message_from_bytes(done.stdout, policy=email.policy.default)
            self.assertEqual([d for d in mail.defects], [])
            self.assertEqual((mail['Subject'], mail['From'].addresses[0].display_name), ('会議の件', '山田'))
            self.assertEqual(mail.get_body().get_content_charset(), charset)
            self.assertTrue(mail.get_body().get_content().replace('\r\n', '\n').startswith(body))
            self.assertIn(b'=?ISO-2022-JP?B?', done.stdout)

    def test_envelope_chooses_profile_and_trust(self):
        path = self.write('a.eml', b'Authentication-Results: mx.example; spf=pass\r\nX-Spam-Flag: NO\r\n' + self.MAIL)
        policy = self.write('p.ini', b'[mail]\nauthserv_ids = mx.example\ntrusted_headers = X-Spam-Flag\n'
                                     b'trusted_peers = 192.0.2.0/24\n[mail.rules]\nstrict = text-only to *@b.example\n')
        table = (([], 'standard;', None), (['--to', 'x@b.example', '--client', '192.0.2.7'], 'text-only;', 'NO'),
                 (['--to', 'x@c.example', '--to', 'x@b.example', '--id', 'k-1'], 'text-only (strictest);', None),
                 (['--profile', 'standard', '--to', 'x@b.example', '--client', '203.0.113.1'], 'standard;', None))
        for arguments, profile, flag in table:
            done = self.run_program('mail', '--policy', policy, *arguments, path)
            self.assertEqual(done.returncode, 0, done.stderr)
            mail = email.message_from_bytes(done.stdout, policy=email.policy.default)
            self.assertIn('profile=' + profile, mail['X-Mugaika'])
            self.assertEqual('id=k-1' in mail['X-Mugaika'], '--id' in arguments)
            self.assertEqual(mail['X-Spam-Flag'], flag)
            self.assertEqual('送信元認証: 成功' in mail.get_body().get_content(), flag is not None)
            self.assertEqual('p.png' in [part.get_filename() for part in mail.iter_attachments()], 'standard;' == profile)

    def test_what_is_no_mail_and_what_is_held_ends_with_1(self):
        self.write('a.png', png())
        self.write('e.eml', b'From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime\r\n\r\nMIAG\r\n')
        for name in ('a.png', 'e.eml'):
            done = self.run_program('mail', name)
            self.assertEqual((done.returncode, done.stdout), (1, b''), name)

    def test_misuse_and_missing_input(self):
        self.assertEqual(self.run_program('mail').returncode, 2)
        self.assertEqual(self.run_program('mail', 'a', 'b').returncode, 2)
        self.assertEqual(self.run_program('mail', '--profile', 'image', 'a').returncode, 2)
        self.assertEqual(self.run_program('mail', 'missing.eml').returncode, 66)


if __name__ == '__main__':
    if not PROGRAM:
        sys.exit('usage: cli.py MUGAIKA [unittest options]')
    unittest.main(verbosity=2)
