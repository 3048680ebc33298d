"""machine.py: a machine of one's own inside this one: name spaces with its own network, /etc, /var and /run.

So the text of the documentation can be tried as it stands: ports, addresses, folders and users included. Nothing outside is
changed, and no packet can leave.
"""
import os
import re
import shutil
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time

INSIDE = 'MUGAIKA_TEST_MACHINE'
CONTROL = '/run/mugaika/control.sock'
ADDRESSES = ('203.0.113.5', '198.51.100.25', '192.0.2.25', '203.0.113.99')


def missing():
    """Why there can be no such machine, or None."""
    if os.geteuid() != 0:
        return 'name spaces need root'
    if not os.access('/usr/lib/postfix/sbin/master', os.X_OK):
        return 'Postfix is not installed'
    probe = subprocess.run(['unshare', '--mount', '--net', '--pid', '--fork', 'true'], stderr=subprocess.DEVNULL, check=False)
    return 'name spaces are not allowed here' if probe.returncode else None


def enter():
    """Runs this program again inside; in there, returns the machine's folder."""
    if INSIDE in os.environ:
        return os.environ[INSIDE]
    base = tempfile.mkdtemp(prefix='mugaika-machine-')
    os.chmod(base, 0o755)
    code = subprocess.run(['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', sys.executable, *sys.argv],
                          env=dict(os.environ, **{INSIDE: base}), check=False).returncode
    shutil.rmtree(base, ignore_errors=True)
    sys.exit(code)


def furnish(base):
    """Own folders in the places of the system's, own addresses."""
    shutil.copytree('/etc', base + '/etc', symlinks=True, ignore_dangling_symlinks=True)
    for name in ('var/lib', 'var/spool', 'var/log', 'run'):
        os.makedirs(base + '/' + name)
    for name in ('etc', 'var/lib', 'var/spool', 'var/log', 'run'):
        run('mount', '--bind', base + '/' + name, '/' + name)
    for folder in ('/var/lib/postfix', '/var/spool/postfix'):
        os.mkdir(folder)
    shutil.chown('/var/lib/postfix', 'postfix', 'postfix')
    run('ip', 'link', 'set', 'lo', 'up')
    for address in ADDRESSES:
        run('ip', 'addr', 'add', address + '/32', 'dev', 'lo')


def run(*arguments, **options):
    result = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if result.returncode:
        raise RuntimeError(f'{arguments}: {result.stdout}')
    return result.stdout


def blocks(path):
    """{title: text} of the fenced blocks "```kind title" of a document."""
    with open(path, encoding='utf-8') as file:
        return {title: text for _, title, text in re.findall(r'^ *```(\w+) (\S+)\n(.*?)^ *```$', file.read(), re.M | re.S)}


def install_milter(source, programs):
    """What docs/OPERATION.md installs and packaging/mugaika-milter.service makes; the filter's command line."""
    run('sh', '-ec', blocks(source + '/docs/OPERATION.md')['install'].replace('mugaika policy', programs + '/mugaika policy'))
    for folder, mode in (('/run/mugaika', 0o750), ('/var/lib/mugaika', 0o700), ('/var/log/mugaika', 0o750)):
        os.mkdir(folder, mode)
        shutil.chown(folder, 'mugaika-milter', 'postfix')
    with open(source + '/packaging/mugaika-milter.service', encoding='utf-8') as file:
        line = re.search(r'^ExecStart=(.*)$', file.read(), re.M).group(1)
    arguments = line.split()
    return ['unshare', '--net', 'setpriv', '--reuid=mugaika-milter', '--regid=postfix', '--clear-groups', '--no-new-privs',
            programs + '/' + os.path.basename(arguments[0]), *arguments[1:]]


class Milter:
    """The filter, in a network without any interface, as its unit has it (PrivateNetwork)."""

    def __init__(self, command):
        self.command, self.process = command, None

    def start(self):
        if os.path.exists(CONTROL):
            os.unlink(CONTROL)
        with open('/var/log/milter.log', 'ab') as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        for _ in range(400):
            if self.answers():
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        with open('/var/log/milter.log', encoding='utf-8') as log:
            raise RuntimeError('the filter does not start: ' + log.read())

    @staticmethod
    def answers():
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            try:
                client.connect(CONTROL)
                return b'mails_total' in client.recv(4096)
            except OSError:
                return False

    def kill(self):
        self.process.kill()
        self.process.wait()


class Sink(socketserver.ThreadingTCPServer):
    """A mail server that keeps every mail as it came: [(recipients, bytes)]."""
    allow_reuse_address = daemon_threads = True

    def __init__(self, address):
        self.mails = []
        super().__init__((address, 25), SinkSession)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait(self, count, seconds=30):
        end = time.time() + seconds
        while time.time() < end and len(self.mails) < count:
            time.sleep(0.05)
        return self.mails


class SinkSession(socketserver.StreamRequestHandler):
    def answer(self, text):
        self.wfile.write(text + b'\r\n')

    def take(self):
        self.answer(b'354 go')
        lines = []
        while (line := self.rfile.readline()) != b'.\r\n':
            lines.append(line[1:] if line.startswith(b'.') else line)
        return b''.join(lines)

    def handle(self):
        recipients = []
        self.answer(b'220 sink')
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b'EHLO':
                self.answer(b'250-sink\r\n250 8BITMIME')
            elif word == b'RCPT':
                recipients.append(line.decode().split('<')[1].split('>')[0])
                self.answer(b'250 ok')
            elif word == b'DATA':
                self.server.mails.append((recipients, self.take()))
                recipients = []
                self.answer(b'250 kept')
            elif word == b'QUIT':
                self.answer(b'221 bye')
                return
            else:
                self.answer(b'250 ok')
