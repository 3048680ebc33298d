#!/usr/bin/python3
"""people.py MUGAIKA: two people, departments, roles, releases and their log, on a real daemon with real accounts."""
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import place  # noqa: E402
from place import APPROVER, AUDITOR, CISO, CLERK, OPERATOR, OTHER_CLERK, STRANGER  # noqa: E402

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else ''
HELD = b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 CANARY-ORIGINAL ' + bytes(2000)


class People(unittest.TestCase):
    def setUp(self):
        self.place = place.Place(PROGRAM)
        self.place.start()

    def tearDown(self):
        self.place.remove()

    def hold(self, user, *words, ok=True):
        return self.place.ask(user, 'hold', *words, ok=ok)

    def request(self, user=CLERK, name='a.xls', data=HELD, *words):
        record = self.place.keep(user, name, data)
        answer = self.hold(user, 'request', record, '--reason', 'needed for the meeting', *words)
        return record, str(answer.json['number'])

    def events(self, *words):
        return [record['event'] for record in self.place.log(*words)]

    def test_a_release_takes_two_people_and_is_in_the_log(self):
        record, number = self.request()
        self.hold(CISO, 'approve', number)
        where = self.hold(CLERK, 'release', number).json['where']
        with open(where, 'rb') as file:
            self.assertEqual(file.read(), HELD)
        self.assertIn('未無害化', os.path.basename(where))
        self.assertEqual(self.hold(CLERK, 'show', record).json['record']['state'], 'released')
        chain = self.place.log('--record', record)
        people = {one['event']: one['actor'] for one in chain}
        self.assertEqual(people.get('release.begin'), CLERK, people)
        self.assertIn(CISO, people.values())
        self.assertTrue(all(one.get('sha256') in (None, hashlib.sha256(HELD).hexdigest()) for one in chain))
        self.assertTrue(self.place.ask(AUDITOR, 'log', 'verify').json['good'])

    def test_an_approval_is_used_once(self):
        _, number = self.request()
        self.hold(CISO, 'approve', number)
        self.hold(CLERK, 'release', number)
        self.assertIn('not approved, was used', self.hold(CLERK, 'release', number, ok=False).stderr)

    def test_nobody_approves_what_they_asked_for(self):
        """games is clerk and approver: whatever it tries, it cannot be both for one request."""
        record = self.place.keep(CLERK, 'b.xls', HELD)
        self.place.write('hold.ini', place.INI.format(base=self.place.base, more='', relay='').replace(
            'default = ciso', 'default = approver'))
        self.place.daemon.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 20
        while 'config.changed' not in self.events() and time.monotonic() < deadline:
            time.sleep(0.1)
        number = str(self.hold(CLERK, 'request', record, '--reason', 'mine').json['number'])
        self.hold(CLERK, 'approve', number, ok=False)
        self.hold(CLERK, 'approve', number, ok=False)
        self.hold(CLERK, 'release', number, ok=False)
        self.assertEqual(self.hold(CLERK, 'show', record).json['record']['state'], 'requested')
        self.hold(APPROVER, 'approve', number)
        self.hold(CLERK, 'release', number)

    def test_roles_are_kept_apart(self):
        record, number = self.request()
        for user, words in ((STRANGER, ('list',)), (OPERATOR, ('list',)), (STRANGER, ('approve', number)),
                            (AUDITOR, ('request', record, '--reason', 'x')), (APPROVER, ('approve', number)),
                            (CISO, ('request', record, '--reason', 'x')), (AUDITOR, ('approve', number))):
            with self.subTest(user=user, words=words):
                self.hold(user, *words, ok=False)
        self.assertEqual(self.hold(CLERK, 'show', record).json['record']['state'], 'requested')
        self.assertIn('access.refused', self.events())

    def test_departments_do_not_see_each_other(self):
        record, number = self.request()
        self.hold(OTHER_CLERK, 'show', record, ok=False)
        self.assertEqual(self.hold(OTHER_CLERK, 'list').json['rows'], [])
        self.assertEqual(self.hold(OTHER_CLERK, 'requests').json['requests'], [])
        self.hold(OTHER_CLERK, 'release', number, ok=False)
        self.assertEqual(len(self.hold(CLERK, 'list').json['rows']), 1)
        self.assertEqual(len(self.hold(CISO, 'list').json['rows']), 1)
        self.assertEqual(self.place.log(user=OTHER_CLERK), [])

    def test_what_an_auditor_reads_is_logged(self):
        self.request()
        self.assertEqual(len(self.hold(AUDITOR, 'list').json['rows']), 1)
        self.assertIn('audit.read', self.events('--actor', AUDITOR))

    def test_a_chain_of_two_takes_three_people(self):
        _, number = self.request(OTHER_CLERK)
        self.hold(CISO, 'approve', number, ok=False)  # not its turn
        self.hold(APPROVER, 'approve', number)
        self.hold(OTHER_CLERK, 'release', number, ok=False)
        self.hold(CISO, 'approve', number)
        self.hold(OTHER_CLERK, 'release', number)

    def test_agreement_is_to_the_bytes(self):
        _, number = self.request()
        self.assertIn('not the bytes', self.hold(CISO, 'approve', number, '--sha256', '0' * 64, ok=False).stderr)
        self.assertIn('decision.refused', self.events())

    def test_a_changed_original_is_never_released(self):
        _, number = self.request()
        self.hold(CISO, 'approve', number)
        blobs = [os.path.join(folder, name) for folder, _, names in os.walk(self.place.base + '/store/blobs')
                 for name in names if len(name) == 64]
        self.assertEqual(len(blobs), 1)
        with open(blobs[0], 'r+b') as file:
            file.seek(-20, 2)
            file.write(b'\xff')
        self.hold(CLERK, 'release', number, ok=False)
        self.assertEqual(os.listdir(self.place.base + '/released'), [])
        self.assertIn('release.refused', self.events())

    def test_a_program_is_never_released(self):
        _, number = self.request(CLERK, 'setup.exe', b'MZ' + bytes(58) + b'\x40\0\0\0PE\0\0' + bytes(400))
        self.hold(CISO, 'approve', number)
        self.assertIn('program', self.hold(CLERK, 'release', number, ok=False).stderr)
        self.assertEqual(os.listdir(self.place.base + '/released'), [])

    def test_a_request_needs_a_reason_and_a_rejection_too(self):
        record = self.place.keep(CLERK, 'c.xls', HELD)
        self.hold(CLERK, 'request', record, ok=False)
        number = str(self.hold(CLERK, 'request', record, '--reason', 'why').json['number'])
        self.hold(CISO, 'reject', number, ok=False)
        self.hold(CISO, 'reject', number, '--reason', 'no')
        self.hold(CISO, 'approve', number, ok=False)
        self.hold(CLERK, 'release', number, ok=False)

    def test_an_approval_can_be_taken_back(self):
        _, number = self.request()
        self.hold(CISO, 'approve', number)
        self.hold(CISO, 'revoke', number, '--reason', 'second thoughts')
        self.hold(CLERK, 'release', number, ok=False)

    def test_an_emergency_stays_on_the_list_until_it_is_reported(self):
        _, number = self.request(CLERK, 'd.xls', HELD, '--emergency')
        self.hold(CISO, 'approve', number)
        self.hold(CLERK, 'release', number)
        self.assertEqual(len(self.place.ask(CISO, 'log', 'report', '--exceptions').json['requests']), 1)
        self.hold(CISO, 'reported', number, '--reason', 'told the CISO on Monday')
        self.assertEqual(self.place.ask(CISO, 'log', 'report', '--exceptions').json['requests'], [])

    def test_a_crash_loses_nothing_that_was_acknowledged(self):
        record, number = self.request()
        self.place.stop(signal.SIGKILL)
        self.place.start()
        self.hold(CISO, 'approve', number)
        self.place.stop(signal.SIGKILL)
        self.place.start()
        self.hold(CLERK, 'release', number)
        self.assertTrue(self.place.ask(AUDITOR, 'log', 'verify').json['good'])
        self.assertEqual(self.hold(CLERK, 'show', record).json['record']['state'], 'released')

    def test_a_standby_takes_over_where_the_last_backup_was(self):
        standby = self.place.base + '/standby'
        os.mkdir(standby, 0o700)
        shutil.chown(standby, place.DAEMON)
        self.hold(CLERK, 'backup', standby, ok=False)
        self.hold(OPERATOR, 'backup', 'relative', ok=False)
        self.assertEqual(self.hold(OPERATOR, 'backup', standby).json['originals'], 0)
        record, number = self.request()
        self.place.ask(OPERATOR, 'log', 'seal')
        self.assertEqual(self.hold(OPERATOR, 'backup', standby).json['copied'], 1)
        self.place.stop(signal.SIGKILL)
        shutil.rmtree(self.place.base + '/store')
        os.rename(standby, self.place.base + '/store')
        self.place.start()
        self.assertTrue(self.place.ask(AUDITOR, 'log', 'verify').json['good'])
        self.assertEqual(self.hold(CLERK, 'show', record).json['record']['state'], 'requested')
        self.hold(CISO, 'approve', number)
        self.hold(CLERK, 'release', number)
        self.place.ask(OPERATOR, 'log', 'seal')

    def test_a_changed_log_is_found(self):
        self.request()
        self.place.ask(OPERATOR, 'log', 'seal')
        self.place.stop()
        folder = self.place.base + '/store/log'
        name = sorted(one for one in os.listdir(folder) if one[0].isdigit())[0]
        with open(folder + '/' + name, 'r+b') as file:
            data = file.read()
            at = data.index(b'needed for the meeting')
            file.seek(at)
            file.write(b'NEEDED')
        self.place.start()
        done = self.place.ask(AUDITOR, 'log', 'verify', ok=False)
        self.assertIn(name, done.json['where'])

    @unittest.skipUnless(shutil.which('zip'), 'no zip')
    def test_a_password_makes_a_clean_file_of_a_held_one(self):
        with open(self.place.base + '/memo.txt', 'wb') as file:
            file.write(b'VISIBLE\n')
        subprocess.run(['zip', '-q', '-P', 'himitsu', 'a.zip', 'memo.txt'], cwd=self.place.base, check=True)
        with open(self.place.base + '/a.zip', 'rb') as file:
            record = self.place.keep(CLERK, 'a.zip', file.read())
        self.place.unlock(CLERK, record, 'other', ok=False)
        self.place.unlock(OTHER_CLERK, record, 'himitsu', ok=False)
        where = self.place.unlock(CLERK, record, 'himitsu').json['where']
        with zipfile.ZipFile(where) as archive:
            self.assertEqual(archive.read('memo.txt'), b'VISIBLE\n')
        self.assertEqual(os.path.dirname(where), self.place.base + '/clean')

    def test_one_account_cannot_keep_the_others_out(self):
        """Connections that say nothing: the account's own next question is turned away, another's is answered."""
        idle = place.as_user(CLERK) + ['/usr/bin/python3', '-c', """
import socket, sys
all = [socket.socket(socket.AF_UNIX) for _ in range(40)]
for one in all:
    one.connect(sys.argv[1])
print('ready', flush=True)
sys.stdin.read()
""", self.place.base + '/run/hold.sock']
        with subprocess.Popen(idle, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            self.assertEqual(process.stdout.readline(), b'ready\n')
            time.sleep(0.5)
            self.hold(CLERK, 'list', ok=False)
            begin = time.monotonic()
            self.hold(OTHER_CLERK, 'list')
            self.assertLess(time.monotonic() - begin, 10)
            process.stdin.close()
        deadline = time.monotonic() + 20
        while self.hold(CLERK, 'list', ok=None).returncode != 0:
            self.assertLess(time.monotonic(), deadline, 'the account stays out')
            time.sleep(0.2)

    def test_originals_lie_encrypted(self):
        self.request()
        for folder, _, names in os.walk(self.place.base + '/store'):
            for name in names:
                with open(os.path.join(folder, name), 'rb') as file:
                    self.assertNotIn(b'CANARY-ORIGINAL', file.read(), name)


if __name__ == '__main__':
    why = place.missing()
    if why:
        print('skipped:', why)
        sys.exit(77)
    unittest.main(verbosity=2)
