#!/usr/bin/python3
"""doctor.py MUGAIKA-MILTER: a private Postfix and filter that the doctor finds good, then each mistake planted.

Every check must be seen good and seen failing. Needs root and Postfix; exits 77 without.
"""
import grp
import json
import os
import shutil
import signal
import subprocess
import sys
import unittest

import private

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else ''
LIMIT = 52428800
POLICY = '[mail]\ndaily_word = さくら\nown_domains = town.example.jp\n'
GOOD = {'authorized_submit_users': 'root', 'queue_minfree': '83886080', 'smtputf8_enable': 'no', 'enable_long_queue_ids': 'yes',
        'milter_content_timeout': '300s', 'virtual_mailbox_limit': '0', 'smtpd_forbid_bare_newline_exclusions': '127.0.0.0/8'}
IMPOSTOR = """
import os, socket, struct, sys
path, group, user, actions = sys.argv[1], *map(int, sys.argv[2:])
if os.path.exists(path): os.unlink(path)
s = socket.socket(socket.AF_UNIX)
s.bind(path); os.chown(path, -1, group); os.chmod(path, 0o660); s.listen()
os.setuid(user)
print(flush=True)
while True:
    c, _ = s.accept()
    if c.recv(17): c.sendall(struct.pack('>IcIII', 13, b'O', 6, actions, 0))
"""


def setting(*settings):
    """A mistake in main.cf."""
    return lambda case: case.postconf('-e', *settings)


def override(*settings):
    """A mistake in master.cf: setting -o of the smtpd service."""
    return lambda case: case.postconf('-P', *(f'127.0.0.1:{case.postfix.port}/inet/{s}' for s in settings))


def service(text):
    return lambda case: case.postconf('-M', text)


def restart(*extra):
    """The filter with further options."""
    def plant(case):
        os.chmod(case.base + '/run', 0o2770)
        case.start_milter(extra)
    return plant


def no_filter(case):
    case.milter.stop()
    case.options += ['--policy=' + case.milter.policy, '--state=' + case.milter.state]


def policy(section, key, value):
    def plant(case):
        with open(case.milter.policy) as file:
            lines = [line for line in file if not line.startswith(key + ' =')]
        with open(case.milter.policy, 'w') as file:
            file.writelines([*lines, f'[{section}]\n{key} = {value}\n'])
    return plant


def other_program(actions, user):
    """Another program listens where the filter should, and asks for these changes."""
    def plant(case):
        no_filter(case)
        case.other = subprocess.Popen([sys.executable, '-c', IMPOSTOR, case.base + '/run/m.sock', str(grp.getgrnam('postfix').gr_gid),
                                       str(user), str(actions)], stdout=subprocess.PIPE)
        case.other.stdout.read(1)
    return plant


def chmod(path, mode):
    return lambda case: os.chmod(case.base + path, mode)


def credulous(case):
    policy('mail', 'trusted_peers', '0.0.0.0/0')(case)
    policy('mail', 'authserv_ids', 'gw.test.invalid')(case)


def small_disk(case):
    space = os.statvfs(case.base)
    policy('milter', 'spool_free_megabytes', space.f_bavail * space.f_frsize // 2 ** 21)(case)


def hide(folder):
    """The doctor in a name space of its own, in which a folder is empty."""
    return lambda case: case.before.extend(['unshare', '--mount', 'sh', '-c', f'mount -t tmpfs none {folder} && exec "$@"', 'sh'])


def broken_worker(case):
    """The doctor's own copy."""
    os.rename(case.doctors + '/mugaika-worker', case.doctors + '/worker')
    shutil.copy2('/bin/false', case.doctors + '/mugaika-worker')


NO_FILTER = {'reachable', 'socket_rights', 'filter_process', 'filter_user', 'dry_run'}
NO_WORKER = {'sandbox', 'landlock', 'libraries', 'test_mail'}
# (what must be found and nothing else, how the mistake is made)
MISTAKES = [
    ({'filter_everywhere', 'reachable'}, override('smtpd_milters=')),
    ({'filter_everywhere', 'reachable'}, setting('smtpd_milters=')),
    ({'filter_everywhere'}, service('127.0.0.1:1/inet=127.0.0.1:1 inet n - n - - smtpd -o smtpd_milters=')),
    ({'filter_last'}, lambda c: c.postconf('-e', f'smtpd_milters=unix:{c.base}/run/m.sock, inet:127.0.0.1:1')),
    ({'default_action'}, setting('milter_default_action=accept')),
    ({'default_action'}, override('milter_default_action=accept')),
    ({'default_action'}, lambda c: c.postconf('-e', f'smtpd_milters={{ unix:{c.base}/run/m.sock, default_action=accept }}')),
    ({'no_milters'}, setting('receive_override_options=no_milters')),
    ({'no_milters'}, override('receive_override_options=no_unknown_recipient_checks,no_milters')),
    ({'milter_maps'}, setting('smtpd_milter_maps=inline:{192.0.2.1=DISABLE}')),
    ({'proxy_filter'}, override('smtpd_proxy_filter=127.0.0.1:1')),
    ({'local_submission'}, setting('authorized_submit_users=static:anyone')),
    ({'marks'}, credulous),
    ({'qmqpd'}, service('127.0.0.1:2/inet=127.0.0.1:2 inet n - n - - qmqpd')),
    ({'protocol'}, setting('milter_protocol=3')),
    ({'content_timeout'}, setting('milter_content_timeout=100s')),
    ({'command_timeout'}, setting('milter_command_timeout=1s')),
    ({'message_size'}, setting('message_size_limit=10240000')),
    ({'message_size'}, policy('milter', 'message_bytes', 10000)),
    ({'mailbox_size'}, setting('virtual_mailbox_limit=1000')),
    ({'queue_minfree'}, setting('queue_minfree=0')),
    ({'bare_newline'}, setting('smtpd_forbid_bare_newline=no')),
    ({'bare_newline_exclusions'}, setting('smtpd_forbid_bare_newline_exclusions=192.0.2.0/24')),
    ({'smtputf8'}, setting('smtputf8_enable=yes')),
    ({'long_queue_ids'}, setting('enable_long_queue_ids=no')),
    ({'copies'}, setting('always_bcc=x@example.jp')),
    ({'rewrites'}, setting('content_filter=smtp:127.0.0.1:1')),
    ({'macros'}, setting('milter_end_of_data_macros=v')),
    ({'unused'}, setting('milter_defualt_action=tempfail')),
    ({'queue_disk'}, setting('queue_directory=/dev/shm')),
    ({'reachable'}, service('127.0.0.1:3/inet=127.0.0.1:3 inet n - y - - smtpd')),
    ({'reachable'}, chmod('/run/m.sock', 0o600)),
    (NO_FILTER, no_filter),
    ({'filter_process', 'state_rights'}, other_program(actions=0x13, user=65533)),
    ({'filter_process', 'reachable'}, other_program(actions=3, user=65534)),
    ({'filter_process', 'filter_user', 'reachable', 'state_rights'}, other_program(actions=0, user=0)),
    ({'dry_run'}, restart('--dry-run')),
    ({'filter_user'}, restart('--user=postfix', '--state={base}/state-postfix')),
    ({'socket_rights'}, chmod('/run/m.sock', 0o666)),
    ({'socket_rights'}, chmod('/run', 0o2757)),
    ({'state_rights'}, chmod('/state', 0o755)),
    ({'state_rights'}, chmod('', 0o777)),
    ({'state_rights'}, lambda c: os.chown(c.base + '/state', 0, 0)),
    ({'state_disk', 'state_rights'}, lambda c: c.options.append('--state=/dev/shm')),
    ({'state_space', 'state_room'}, policy('milter', 'spool_free_megabytes', 1048576)),
    ({'state_room'}, small_disk),
    ({'policy', 'daily_word', 'own_domains', 'message_size'}, policy('milter', 'nonsense', 1)),
    ({'policy_sizes'}, policy('limits', 'input_bytes', '1M')),
    ({'daily_word'}, policy('mail', 'daily_word', '')),
    ({'own_domains'}, policy('mail', 'own_domains', '')),
    ({'time_zone'}, lambda c: c.environment.update(TZ='UTC')),
    ({'fonts'}, hide('/usr/share/fonts')),
    (NO_WORKER, broken_worker),
]
# Seen failing only where the machine is so.
UNPLANTED = {'clock'}
OUTER = {'outer_size', 'outer_patience', 'outer_lifetime'}  # two_copies.py


class TestDoctor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = private.new_base()
        cls.addClassCleanup(shutil.rmtree, cls.base, ignore_errors=True)
        cls.programs = private.programs_for_nobody(PROGRAM, cls.base)
        cls.postfix = private.Postfix(cls.base, LIMIT)
        cls.postconf('-e', *(f'{name}={value}' for name, value in GOOD.items()))
        cls.milter = private.Milter(cls.programs, cls.base, '')
        shutil.copytree(cls.base + '/etc', cls.base + '/good')
        cls.doctors = cls.base + '/doctors'
        shutil.copytree(cls.programs, cls.doctors)
        cls.start_milter()
        cls.addClassCleanup(cls.milter.stop, signal.SIGKILL)
        cls.postfix.start()
        cls.addClassCleanup(cls.postfix.stop)
        cls.machine = set()

    def setUp(self):
        """Everything as it should be."""
        self.options, self.environment, self.before = [], {'TZ': 'Asia/Tokyo'}, []
        self.other = None
        shutil.copytree(self.base + '/good', self.base + '/etc', dirs_exist_ok=True)
        self.milter.write_policy(POLICY)
        if self.milter.process.poll() is not None or self.restarted:
            self.start_milter()
            type(self).restarted = False
        os.chmod(self.base, 0o755)
        os.chmod(self.base + '/run', 0o2750)
        os.chmod(self.base + '/run/m.sock', 0o660)
        os.chmod(self.base + '/state', 0o700)
        shutil.chown(self.base + '/state', private.NOBODY)

    def tearDown(self):
        if self.other:
            self.other.kill()
            self.other.wait()
            self.other.stdout.close()
        if os.path.exists(self.doctors + '/worker'):
            os.rename(self.doctors + '/worker', self.doctors + '/mugaika-worker')

    restarted = False

    @classmethod
    def postconf(cls, *arguments):
        subprocess.run(['postconf', '-c', cls.base + '/etc', *arguments], check=True, stderr=subprocess.DEVNULL)

    @classmethod
    def start_milter(cls, extra=()):
        if cls.milter.process:
            cls.milter.stop(signal.SIGKILL)
        cls.restarted = bool(extra)
        for name in ('control.sock', 'mails.jsonl', 'metrics.prom'):
            if os.path.exists(cls.base + '/run/' + name):
                os.unlink(cls.base + '/run/' + name)
        arguments = cls.milter.arguments
        cls.milter.arguments = arguments + [e.format(base=cls.base) for e in extra]
        try:
            cls.milter.start()
        finally:
            cls.milter.arguments = arguments

    def doctor(self, *extra):
        return subprocess.run([*self.before, self.doctors + '/mugaika', 'doctor', '-c', self.base + '/etc',
                               f'--socket=unix:{self.base}/run/m.sock', *self.options, *extra],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
                              env=dict(os.environ, **self.environment))

    def look(self, *extra):
        """(what is not good, the whole answer)"""
        run = self.doctor('--json', *extra)
        answer = json.loads(run.stdout)
        self.assertEqual(1 if answer['failure'] + answer['unknown'] else 0, run.returncode)
        bad = {r['check'] for r in answer['results'] if r['found'] != 'good'}
        return bad, answer

    def test_a_good_gateway_is_found_good_and_works(self):
        bad, answer = self.look()
        self.assertLessEqual(bad, UNPLANTED, answer)
        self.assertEqual('mugaika-doctor/1', answer['schema'])
        self.assertEqual((0, 0), (answer['failure'], answer['unknown']))
        for language, word in (('ja', '抜け道は見つかりませんでした。'), ('en', 'No way around the filter was found.')):
            self.assertIn(word, self.doctor('--lang=' + language).stdout)
        code, text = private.send(self.postfix.port, b'Subject: x\r\n\r\nhello\r\n')
        self.assertEqual(250, code, text)
        self.assertIn(b'X-Mugaika:', self.postfix.wait_mails(1)[0])

    def test_every_check_is_seen_failing(self):
        _, answer = self.look()
        table = {r['check'] for r in answer['results']}
        planted = set().union(*(checks for checks, _ in MISTAKES))
        self.assertEqual(set(), planted - table)
        self.assertEqual(set(), table - planted - UNPLANTED)

    def test_each_mistake_is_found_and_no_other(self):
        for checks, plant in MISTAKES:
            with self.subTest(sorted(checks)):
                self.setUp()
                try:
                    plant(self)
                    bad, answer = self.look()
                    self.assertEqual(checks, bad - UNPLANTED, [(r['check'], r['detail']) for r in answer['results'] if r['found'] != 'good'])
                    for result in answer['results']:
                        self.assertTrue(result['text'] and result['mend'])
                finally:
                    self.tearDown()

    def test_what_cannot_be_looked_at_is_not_good(self):
        self.before = ['setpriv', '--reuid=65533', '--regid=65533', '--clear-groups']
        bad, answer = self.look('--policy=' + self.milter.policy, '--state=' + self.milter.state)
        self.assertEqual(NO_FILTER | {'state_disk'}, bad - UNPLANTED)
        self.assertEqual(6, answer['unknown'])
        self.assertEqual(0, answer['failure'])

    def test_a_machine_without_postfix(self):
        answer = json.loads(self.doctor('--machine', '--json').stdout)
        self.assertNotIn('default_action', {r['check'] for r in answer['results']})
        self.assertIn('sandbox', {r['check'] for r in answer['results']})

    def test_no_configuration_is_66_and_nonsense_is_2(self):
        self.assertEqual(66, self.doctor('-c', '/nonexistent').returncode)
        self.assertEqual(2, self.doctor('--lang=fr').returncode)
        self.assertEqual(2, self.doctor('word').returncode)
        self.assertEqual(2, self.doctor('--unknown').returncode)


if __name__ == '__main__':
    if private.missing():
        print('skipped:', private.missing())
        sys.exit(77)
    unittest.main(verbosity=2)
