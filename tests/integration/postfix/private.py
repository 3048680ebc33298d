"""private.py: a Postfix and a mugaika-milter of their own, below one folder, on loopback, without systemd or syslog."""
import mailbox
import os
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time

NOBODY = 65534
DAEMONS = '/usr/lib/postfix/sbin'

MAIN_CF = """compatibility_level = 3.6
queue_directory = {base}/spool
data_directory = {base}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {base}/log/mail.log
maillog_file_prefixes = {base}/log
myhostname = gw.test.invalid
mydomain = test.invalid
myorigin = $myhostname
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
local_transport = error:no local delivery
local_recipient_maps =
alias_maps =
alias_database =
virtual_mailbox_domains = in.test.invalid
virtual_mailbox_base = {base}/mail
virtual_mailbox_maps = static:u/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 1000
default_transport = error:no way out
relay_domains =
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
smtpd_forbid_bare_newline = yes
smtpd_milters = unix:{base}/run/m.sock
non_smtpd_milters =
milter_default_action = tempfail
milter_protocol = 6
milter_connect_timeout = 10s
milter_command_timeout = 30s
milter_content_timeout = 200s
message_size_limit = {limit}
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_message_rate_limit = 0
default_process_limit = {processes}
smtputf8_enable = yes
"""

MASTER_CF = """127.0.0.1:{port} inet n - n - {processes} smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp      unix - - n - - smtp
showq     unix n - n - - showq
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
virtual   unix - n n - - virtual
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


def missing():
    """Why no private Postfix can run here, or None."""
    if os.geteuid() != 0:
        return 'Postfix needs to be started as root'
    if not os.access(DAEMONS + '/master', os.X_OK):
        return 'Postfix is not installed'
    return None


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Postfix:
    def __init__(self, base, limit=52428800, processes=60):
        self.base, self.port = base, free_port()
        self.limit, self.processes = limit, processes
        for name, owner, mode in (('etc', 0, 0o755), ('spool', 0, 0o755), ('data', 'postfix', 0o755), ('log', 0, 0o755),
                                  ('mail', NOBODY, 0o755)):
            os.makedirs(base + '/' + name, exist_ok=True)
            os.chmod(base + '/' + name, mode)
            shutil.chown(base + '/' + name, owner)
        os.makedirs(base + '/run', exist_ok=True)
        shutil.chown(base + '/run', NOBODY, 'postfix')
        os.chmod(base + '/run', 0o2750)
        self.configure()

    def configure(self, extra=''):
        values = {'base': self.base, 'daemons': DAEMONS, 'port': self.port, 'limit': self.limit, 'processes': self.processes}
        with open(self.base + '/etc/main.cf', 'w') as file:
            file.write(MAIN_CF.format(**values) + extra)
        with open(self.base + '/etc/master.cf', 'w') as file:
            file.write(MASTER_CF.format(**values))

    def command(self, word):
        return subprocess.run(['postfix', '-c', self.base + '/etc', word], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=60, check=False)

    def start(self):
        """Up to three times: rarely, Postfix's postlogd logs into its own full socket at the start and waits for itself for
        ever, and every other daemon with it."""
        for _ in range(3):
            result = self.command('start')
            if self.answers(20):
                return
            self.kill()
        raise RuntimeError('Postfix does not start: ' + result.stdout + self.log())

    def answers(self, seconds):
        end = time.time() + seconds
        while time.time() < end:
            try:
                with socket.create_connection(('127.0.0.1', self.port), 5) as probe:
                    if probe.recv(1):
                        return True
            except OSError:
                time.sleep(0.1)
        return False

    def kill(self):
        try:
            with open(self.base + '/spool/pid/master.pid') as file:
                os.killpg(int(file.read()), signal.SIGKILL)
        except (OSError, ValueError):
            pass

    def stop(self):
        try:
            self.command('stop')
        except subprocess.TimeoutExpired:
            self.kill()

    def log(self):
        try:
            with open(self.base + '/log/mail.log', errors='replace') as file:
                return file.read()
        except OSError:
            return ''

    def queued(self):
        """Everything that is in the queue now, as bytes."""
        found = []
        for name in ('maildrop', 'incoming', 'active', 'deferred', 'hold', 'corrupt'):
            for folder, _, files in os.walk(self.base + '/spool/' + name):
                for file in files:
                    try:
                        with open(os.path.join(folder, file), 'rb') as handle:
                            found.append(handle.read())
                    except FileNotFoundError:
                        pass
        return found

    def mails(self):
        """Delivered mails, as bytes."""
        found = []
        for folder in ('new', 'cur'):
            path = self.base + '/mail/u/' + folder
            for name in sorted(os.listdir(path)) if os.path.isdir(path) else []:
                with open(os.path.join(path, name), 'rb') as file:
                    found.append(file.read())
        return found

    def wait_mails(self, n, seconds=30):
        end = time.time() + seconds
        while time.time() < end and len(self.mails()) < n:
            time.sleep(0.05)
        return self.mails()

    def clear(self, seconds=30):
        """Waits until nothing is queued, then empties the mailbox."""
        end = time.time() + seconds
        while time.time() < end and self.queued():
            time.sleep(0.05)
        shutil.rmtree(self.base + '/mail/u', ignore_errors=True)


class Milter:
    def __init__(self, programs, base, policy='', extra=(), env=None):
        self.base, self.env = base, env or {}
        self.program = programs + '/mugaika-milter'
        self.policy = base + '/policy.ini'
        self.state = base + '/state'
        self.write_policy(policy)
        self.arguments = ['--socket=unix:' + base + '/run/m.sock', '--socket-mode=0660', '--socket-group=postfix',
                          '--user=nobody', '--policy=' + self.policy, '--state=' + self.state,
                          '--control=' + base + '/run/control.sock', '--json-log=' + base + '/run/mails.jsonl',
                          '--metrics=' + base + '/run/metrics.prom', *extra]
        self.process = None

    def write_policy(self, text):
        with open(self.policy, 'w') as file:
            file.write('[milter]\nmessage_bytes = 52428800\nspool_free_megabytes = 16\n' + text)

    def start(self, env=None):
        with open(self.base + '/milter.log', 'ab') as log:
            self.process = subprocess.Popen([self.program, *self.arguments], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            env=dict(os.environ, **self.env, **(env or {})))
        end = time.time() + 20
        while time.time() < end and self.process.poll() is None:
            try:
                if 'mails_total' in self.stats():
                    return self
            except (OSError, subprocess.SubprocessError):
                pass
            time.sleep(0.05)
        raise RuntimeError('the milter does not start: ' + self.log())

    def stats(self):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(5)
            s.connect(self.base + '/run/control.sock')
            text = b''
            while data := s.recv(4096):
                text += data
        return {k: int(v) for k, v in (line.split() for line in text.decode().splitlines())}

    def stop(self, number=signal.SIGTERM, seconds=40):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(seconds) if self.process else None

    def log(self):
        with open(self.base + '/milter.log', errors='replace') as file:
            return file.read()

    def originals(self):
        """Kept originals: {path: bytes}."""
        found = {}
        for folder, _, files in os.walk(self.state + '/mail'):
            for name in files:
                if name.endswith('.eml'):
                    with open(os.path.join(folder, name), 'rb') as file:
                        found[os.path.join(folder, name)] = file.read()
        return found


def programs_for_nobody(milter, base):
    """A copy of the programs that an unprivileged user can run; the folder."""
    source, target = os.path.dirname(milter), base + '/bin'
    os.makedirs(target, exist_ok=True)
    for name in ('mugaika-milter', 'mugaika-worker', 'mugaika-light', 'mugaika'):
        if name != 'mugaika' or os.path.exists(os.path.join(source, name)):
            shutil.copy2(os.path.join(source, name), target)
    locale = os.path.join(os.path.dirname(source), 'share/locale')
    if os.path.isdir(locale):
        shutil.copytree(locale, base + '/share/locale', dirs_exist_ok=True)
    return target


def new_base():
    base = tempfile.mkdtemp(prefix='mugaika-postfix-')
    os.chmod(base, 0o755)
    return base


def send(port, data, sender='a@example.com', recipients=('u@in.test.invalid',), seconds=240, options=()):
    """(code, text) of the server's last answer to one mail."""
    try:
        with smtplib.SMTP('127.0.0.1', port, timeout=seconds, local_hostname='client.test.invalid') as smtp:
            smtp.ehlo()
            code, text = smtp.mail(sender, options)
            if code != 250:
                return code, text
            for recipient in recipients:
                code, text = smtp.rcpt(recipient)
                if code != 250:
                    return code, text
            return smtp.data(data)
    except smtplib.SMTPResponseException as problem:
        return problem.smtp_code, problem.smtp_error
    except (smtplib.SMTPServerDisconnected, OSError) as problem:
        return 0, str(problem).encode()
