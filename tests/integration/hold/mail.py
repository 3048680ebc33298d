#!/usr/bin/python3
"""mail.py MUGAIKA: a real Postfix, the mail filter and the hold together. Exits 77 where one of them cannot run."""
import email
import email.message
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), 'postfix')]
import place  # noqa: E402
import private  # noqa: E402
from place import AUDITOR, CISO, CLERK  # noqa: E402

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else ''
RECIPIENT = 'soumu@city.example.jp'


def mail(subject='会議の案内', body='本文', attachment=None, name='a.bin', sender='a@example.com'):
    message = email.message.EmailMessage()
    message['From'], message['To'], message['Subject'] = sender, RECIPIENT, subject
    message['Message-ID'] = '<%d@example.com>' % time.time_ns()
    message['Date'] = email.utils.formatdate()
    message.set_content(body)
    if attachment is not None:
        message.add_attachment(attachment, maintype='application', subtype='octet-stream', filename=name)
    return message.as_bytes(policy=email.policy.SMTP)


def locked_zip(password, name='資料.txt', data=b'inside VISIBLE\n'):
    """As `zip -e` makes it: the mail that PPAP sends first."""
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + '/' + name, 'wb') as file:
            file.write(data)
        subprocess.run(['zip', '-q', '-P', password, 'a.zip', name], cwd=folder, check=True)
        with open(folder + '/a.zip', 'rb') as file:
            return file.read()


def script_zip():
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as archive:
        archive.writestr('run.js', 'WScript.Echo("CANARY-SCRIPT")')
    return out.getvalue()


class Gateway(unittest.TestCase):
    """The filter runs as nobody and is the hold's depositor."""

    @classmethod
    def setUpClass(cls):
        cls.base = private.new_base()
        cls.addClassCleanup(shutil.rmtree, cls.base, ignore_errors=True)
        cls.postfix = private.Postfix(cls.base)
        cls.postfix.configure('virtual_mailbox_domains = in.test.invalid city.example.jp\n')
        cls.postfix.start()
        cls.addClassCleanup(cls.postfix.stop)
        cls.relay = private.Postfix(cls.base + '/relay')  # the LGWAN side: no filter there
        cls.relay.configure('virtual_mailbox_domains = city.example.jp\nsmtpd_milters =\n')
        cls.relay.start()
        cls.addClassCleanup(cls.relay.stop)

    def setUp(self):
        self.place = place.Place(PROGRAM, relay='127.0.0.1:%d' % self.relay.port)
        self.addCleanup(self.place.remove)
        self.configure()
        self.place.start()
        programs = private.programs_for_nobody(os.path.join(os.path.dirname(PROGRAM), 'mugaika-milter'), self.base)
        shutil.rmtree(self.base + '/state', ignore_errors=True)
        self.milter = private.Milter(programs, self.base, extra=('--hold=' + self.place.base + '/run/hold.sock',))
        self.milter.start()
        self.addCleanup(self.milter.stop)
        self.postfix.clear()

    def configure(self, more=''):
        text = place.INI.format(base=self.place.base, more=more, relay=self.place.relay)
        self.place.write('hold.ini', text.replace('depositor = uucp', 'depositor = nobody'))

    def send(self, data, **options):
        return private.send(self.postfix.port, data, recipients=(RECIPIENT,), **options)

    def wait(self, what, seconds=40):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = what()
            if found:
                return found
            time.sleep(0.2)
        self.fail('did not happen: %s\n%s' % (self.milter.log()[-3000:], self.place.errors()))

    def records(self, *words):
        return self.place.ask(CLERK, 'hold', 'list', *words).json['rows']

    def test_a_mail_goes_from_the_spool_into_the_hold(self):
        data = mail()
        self.assertEqual(self.send(data)[0], 250)
        row = self.wait(lambda: [one for one in self.records() if one['state'] == 'kept'])[0]
        self.assertEqual((row['subject'], row['department'], row['origin']), ('会議の案内', 'general', 'mail'))
        self.assertIn('a@example.com', row['sender'])
        self.wait(lambda: not self.milter.originals())
        self.assertEqual(self.place.ask(CLERK, 'hold', 'list', '--state', 'held').json['rows'], [])

    def test_what_does_not_cross_is_held_with_its_parts(self):
        self.assertEqual(self.send(mail(attachment=script_zip(), name='資料.zip'))[0], 250)
        row = self.wait(lambda: self.records('--state', 'held'))[0]
        shown = self.place.ask(CLERK, 'hold', 'show', row['id']).json
        names = [part.get('name') for part in shown['parts']]
        self.assertIn('資料.zip', names, shown)
        queue = shown['more']['queue-id']
        self.assertEqual(self.place.ask(CLERK, 'hold', 'show', queue).json['record']['id'], row['id'],
                         'the number in the notice finds the record')

    def test_a_hold_that_is_away_delays_nothing_and_loses_nothing(self):
        self.place.stop(signal.SIGKILL)
        self.assertEqual(self.send(mail('first'))[0], 250)
        self.assertEqual(len(self.postfix.wait_mails(1)), 1)
        self.assertEqual(len(self.milter.originals()), 1)
        self.milter.stop(signal.SIGKILL)
        self.place.start()
        self.milter.start()
        self.wait(lambda: len(self.records()) == 1, 90)
        self.wait(lambda: not self.milter.originals())

    def test_a_source_that_has_too_much_on_hold_gets_452(self):
        self.configure('open_holds = 1\n')
        self.place.daemon.send_signal(signal.SIGHUP)
        self.wait(lambda: 'config.changed' in [one['event'] for one in self.place.log()])
        bad = mail(attachment=script_zip(), name='a.zip')
        self.assertEqual(self.send(bad, sender='x@flood.example')[0], 250)
        self.wait(lambda: self.records('--state', 'held'))
        self.assertEqual(self.send(mail(), sender='x@flood.example')[0], 452)

    @unittest.skipUnless(shutil.which('zip'), 'no zip')
    def test_a_password_lets_the_clean_files_through_as_one_thread(self):
        data = mail('見積書', attachment=locked_zip('himitsu-CANARY'), name='見積書.zip')
        self.assertEqual(self.send(data)[0], 250)
        row = self.wait(lambda: self.records('--state', 'held'))[0]
        self.place.unlock(CLERK, row['id'], 'wrong', ok=False)
        self.assertEqual(self.records('--state', 'held')[0]['id'], row['id'])
        self.relay.clear()
        self.place.unlock(CLERK, row['id'], 'wrong', 'himitsu-CANARY')
        message = email.message_from_bytes(self.relay.wait_mails(1)[-1], policy=email.policy.default)
        original = email.message_from_bytes(data, policy=email.policy.default)
        self.assertEqual(message['In-Reply-To'], original['Message-ID'])
        self.assertNotEqual(message['Message-ID'], original['Message-ID'])
        self.assertEqual(message['Subject'], original['Subject'])
        attached = [part for part in message.walk() if (part.get_filename() or '').endswith('.zip')]
        with zipfile.ZipFile(io.BytesIO(attached[0].get_content())) as archive:
            self.assertIn(b'inside VISIBLE', b''.join(archive.read(name) for name in archive.namelist()))
        self.assertEqual(self.place.ask(CLERK, 'hold', 'show', row['id']).json['record']['state'], 'released')
        self.place.unlock(CLERK, row['id'], 'himitsu-CANARY', ok=False)
        self.assertIn('unlock.failed', [one['event'] for one in self.place.log()])
        for folder, _, names in os.walk(self.place.base + '/store'):
            for name in names:
                with open(os.path.join(folder, name), 'rb') as file:
                    self.assertNotIn(b'himitsu-CANARY', file.read(), 'the password stays in ' + name)

    def test_a_released_mail_reaches_its_recipient_marked(self):
        data = mail('重要', attachment=b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' + bytes(3000), name='old.bin')
        self.assertEqual(self.send(data)[0], 250)
        row = self.wait(lambda: self.records('--state', 'held'))[0]
        number = str(self.place.ask(CLERK, 'hold', 'request', row['id'], '--reason', 'needed').json['number'])
        self.place.ask(CISO, 'hold', 'approve', number)
        self.place.ask(CLERK, 'hold', 'release', number)
        raw = self.relay.wait_mails(1)[-1]
        message = email.message_from_bytes(raw, policy=email.policy.default)
        self.assertIn('未無害化', message['Subject'])
        self.assertIn('request=' + number, message['X-Mugaika-Released'])
        parts = [part for part in message.walk() if part.get_filename()]
        self.assertIn('未無害化', parts[0].get_filename())
        self.assertIn(data.split(b'Subject')[1][:20], parts[0].get_content())
        self.assertEqual(self.place.ask(AUDITOR, 'log', 'verify').json['good'], True)


if __name__ == '__main__':
    why = place.missing() or private.missing()
    if why:
        print('skipped:', why)
        sys.exit(77)
    unittest.main(verbosity=2)
