#!/usr/bin/python3
"""network.py MUGAIKA-MILTER: no program of ours opens a network socket, whatever the mail says; and all works where there is no
interface at all (docs/NETWORK.md). Needs root, Postfix, strace and name spaces; exits 77 without.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import unittest

import private

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else ''
# Those that came to be. The self-test of the workers asks for others and is killed for it; strace shows the call all the same.
SOCKETS = re.compile(r'^(?:socket|socketpair)\((AF_\w+).*\) = \d+$(?!\n\+\+\+ killed by SIGSYS)', re.M)
TRACE = ['strace', '-ff', '-qq', '-e', 'trace=socket,socketpair', '-o']


def families(log):
    """The families of all sockets in strace's files of that name, one a process; and removes them."""
    found = set()
    for path in glob.glob(log + '.*'):
        with open(path, encoding='utf-8', errors='replace') as file:
            found |= set(SOCKETS.findall(file.read()))
        os.unlink(path)
    return found
MAIL = b'''From: <a@example.com>\r\nTo: <u@in.test.invalid>\r\nSubject: links\r\nMIME-Version: 1.0\r
DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=x; h=from; bh=AAAA; b=AAAA\r
Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r
<base href="http://example.com/"><img src="http://192.0.2.1/pixel.png"><link rel=stylesheet href="//example.com/x.css">
<a href="https://example.com/login">login</a><script src="http://example.com/x.js"></script>\r
--b\r\nContent-Type: message/external-body; access-type=URL; URL="http://example.com/x"\r\n\r\nContent-Type: text/plain\r\n\r\n\r
--b\r\nContent-Type: image/svg+xml; name=a.svg\r\n\r
<!DOCTYPE svg SYSTEM "http://example.com/svg.dtd"><svg xmlns="http://www.w3.org/2000/svg"><image href="http://example.com/a"/></svg>\r
--b\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment\r\n\r\nhttp://example.com/\r\n--b--\r\n'''


class TestNetwork(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = private.new_base()
        cls.addClassCleanup(shutil.rmtree, cls.base, ignore_errors=True)
        cls.programs = private.programs_for_nobody(PROGRAM, cls.base)
        cls.mail = cls.base + '/links.eml'
        with open(cls.mail, 'wb') as file:
            file.write(MAIL)

    def setUp(self):
        with open(self.base + '/policy.txt', 'w', encoding='utf-8') as file:
            file.write('http://example.com/\n')

    def trace(self, command):
        """The families of all sockets that a command and its children open."""
        log = self.base + '/strace'
        run = subprocess.run([*TRACE, log, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
        self.assertEqual(0, run.returncode, run.stderr)
        return families(log), run.stdout

    def test_strace_sees_network_sockets(self):
        """So that the next tests can fail."""
        found, _ = self.trace([sys.executable, '-c', 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)'])
        self.assertIn('AF_INET', found)

    def test_commands_open_unix_sockets_only(self):
        found, converted = self.trace([self.programs + '/mugaika', 'mail', self.mail])
        self.assertIn(b'X-Mugaika', converted)
        self.assertEqual({'AF_UNIX'}, found)
        found, _ = self.trace([self.programs + '/mugaika', 'clean', '-o', self.base + '/out', self.base + '/policy.txt'])
        self.assertEqual({'AF_UNIX'}, found)

    def test_commands_work_without_any_interface(self):
        run = subprocess.run(['unshare', '--net', self.programs + '/mugaika', 'mail', self.mail], stdout=subprocess.PIPE, check=True,
                             stderr=subprocess.DEVNULL, timeout=60)
        self.assertIn(b'X-Mugaika', run.stdout)

    def test_the_filter_opens_unix_sockets_only(self):
        postfix = private.Postfix(self.base)
        milter = private.Milter(self.programs, self.base)
        log = self.base + '/milter.strace'
        milter.arguments = ['--net', *TRACE, log, milter.program, *milter.arguments]
        milter.program = 'unshare'
        try:
            milter.start()
            postfix.start()
            code, text = private.send(postfix.port, MAIL)
            self.assertEqual(250, code, text)
            self.assertIn(b'X-Mugaika:', postfix.wait_mails(1)[0])
        finally:
            postfix.stop()
            children = subprocess.run(['pgrep', '-P', str(milter.process.pid)], stdout=subprocess.PIPE, text=True, check=False)
            for pid in children.stdout.split():  # strace leaves its child to itself
                os.kill(int(pid), 15)
            milter.stop()
        self.assertEqual({'AF_UNIX'}, families(log))


if __name__ == '__main__':
    if private.missing() or not shutil.which('strace') or subprocess.run(['unshare', '--net', 'true'], check=False).returncode:
        print('skipped:', private.missing() or 'needs strace and name spaces')
        sys.exit(77)
    unittest.main(verbosity=2)
