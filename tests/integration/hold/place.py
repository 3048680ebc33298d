"""place.py: a hold of its own below a temporary folder, with real accounts of the system as its people.

The daemon and every person are different users, so this needs root; the accounts are ones that every Debian has and
nobody logs in to.
"""
import grp
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

DAEMON, CLERK, OTHER_CLERK, APPROVER, CISO, AUDITOR, OPERATOR, PROGRAM, STRANGER = (
    'backup', 'games', 'lp', 'man', 'news', 'list', 'proxy', 'uucp', 'nobody')

INI = """[hold]
store = {base}/store
key_file = {base}/keys/hold.key
seal_key = {base}/keys/seal.key
socket = {base}/run/hold.sock
recipients = {base}/recipients.csv
people = {base}/people.csv
release_folder = {base}/released
clean_folder = {base}/clean
relay = {relay}
mail_from = hold@city.example.jp
language = en
free_megabytes = 1
request_days = 7
{more}
[roles]
clerk = games lp
approver = man games
ciso = news
auditor = list
operator = proxy
depositor = uucp

[chain]
default = ciso
tax = approver ciso
"""


def as_user(name):
    user = pwd.getpwnam(name)
    return ['setpriv', '--reuid=%d' % user.pw_uid, '--regid=%d' % user.pw_gid, '--init-groups']


class Place:
    def __init__(self, program, more='', relay='127.0.0.1:1', people=None):
        self.base = tempfile.mkdtemp(prefix='mugaika-hold-')
        os.chmod(self.base, 0o755)
        build = os.path.dirname(os.path.dirname(program))
        os.mkdir(self.base + '/bin')
        for name in ('mugaika', 'mugaika-worker', 'mugaika-light', 'mugaika-holdd'):
            shutil.copy2(os.path.join(os.path.dirname(program), name), self.base + '/bin/' + name)
        if os.path.isdir(build + '/share/locale'):
            shutil.copytree(build + '/share/locale', self.base + '/share/locale')
        user = pwd.getpwnam(DAEMON)
        for folder, mode in (('store', 0o700), ('keys', 0o700), ('run', 0o755), ('released', 0o755), ('clean', 0o755)):
            os.mkdir(self.base + '/' + folder, mode)
            os.chmod(self.base + '/' + folder, mode)
            os.chown(self.base + '/' + folder, user.pw_uid, user.pw_gid)
        self.write('recipients.csv', 'tax-*@city.example.jp,tax,,\nsoumu@city.example.jp,general,,\n')
        self.write('people.csv', people or 'games,general,,\nlp,tax,,\nman,tax,,\nman,general,,\nnews,*,,\n')
        self.relay = relay
        self.configure(more)
        self.daemon = None
        self.anchor = self.run(DAEMON, ['mugaika-holdd', '--config', self.base + '/hold.ini', '--init', '--lang', 'en'])
        assert self.anchor.returncode == 0, self.anchor.stderr

    def configure(self, more=''):
        self.write('hold.ini', INI.format(base=self.base, more=more, relay=self.relay))

    def write(self, name, text):
        with open(self.base + '/' + name, 'w', encoding='utf-8') as file:
            file.write(text)
        os.chmod(self.base + '/' + name, 0o644)

    def run(self, user, command, **options):
        command = as_user(user) + [self.base + '/bin/' + command[0]] + command[1:]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd='/', **options)

    def start(self):
        with open(self.base + '/daemon.err', 'a') as errors:
            self.daemon = subprocess.Popen(
                as_user(DAEMON) + [self.base + '/bin/mugaika-holdd', '--config', self.base + '/hold.ini'],
                stderr=errors, cwd='/')
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.daemon.poll() is None:
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect(self.base + '/run/hold.sock')
                    os.chmod(self.base + '/run/hold.sock', 0o666)  # every account of the test, whatever its groups
                    return
                except OSError:
                    time.sleep(0.05)
        raise AssertionError('the daemon did not start: ' + self.errors())

    def errors(self):
        with open(self.base + '/daemon.err') as file:
            return file.read()

    def stop(self, how=signal.SIGTERM):
        if self.daemon:
            self.daemon.send_signal(how)
            self.daemon.wait(60)
            self.daemon = None

    def ask(self, user, command, *words, ok=True):
        """Runs `mugaika hold|log …` as a user; the answer as JSON when there is one."""
        done = self.run(user, ['mugaika', command, '--socket', self.base + '/run/hold.sock', '--lang', 'en',
                               '--json'] + list(words))
        if ok is not None:
            assert (done.returncode == 0) == ok, (user, words, done.returncode, done.stdout, done.stderr)
        try:
            done.json = json.loads(done.stdout)
        except ValueError:
            done.json = None
        return done

    def unlock(self, user, record, *passwords, ok=True):
        path = self.base + '/passwords'
        self.write('passwords', ''.join(word + '\n' for word in passwords))
        return self.ask(user, 'hold', 'unlock', record, '--password-file', path, ok=ok)

    def log(self, *words, user=AUDITOR):
        return [json.loads(line) for line in self.ask(user, 'log', 'search', *words).stdout.splitlines()]

    def keep(self, user, name, data):
        path = self.base + '/in-' + name
        with open(path, 'wb') as file:
            file.write(data)
        os.chmod(path, 0o644)
        return self.ask(user, 'hold', 'keep', path).json['id']

    def remove(self):
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.base)


def missing():
    """Why these tests cannot run here, or None."""
    if os.geteuid() != 0:
        return 'needs root: its people are different accounts'
    try:
        for name in (DAEMON, CLERK, OTHER_CLERK, APPROVER, CISO, AUDITOR, OPERATOR, PROGRAM, STRANGER):
            pwd.getpwnam(name)
    except KeyError as problem:
        return str(problem)
    return None if shutil.which('setpriv') else 'needs setpriv'
