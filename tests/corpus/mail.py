#!/usr/bin/python3
"""mail.py MUGAIKA CORPUS: converts every mail of the corpus and checks the results with Python's own mail library.

Each ends with a result or a reason. A result is pure 7-bit with lines below 998 octets and parses without a defect; its
text holds at least FLOOR of the words of the input's text/plain parts as Python decodes them (of an alternative: of its
best version). Words of HTML parts are measured likewise, with a floor of their own. Mails whose text is not shown on
purpose are listed in EXCUSED with the reason. Exit 77: no corpus, skipped.
"""
import collections
import email
import email.policy
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

import judge

FLOOR = 0.99
FLOOR_HTML = 0.98
CROSSES = ('cleaned', 'confirmed', 'converted')
BAD_REASONS = ('crash', 'security-event', 'internal', 'timeout')
REPORT_TYPES = ('message/delivery-status', 'message/disposition-notification', 'message/feedback-report')
EXCUSED = {'messages/phish_sender2.eml': "Python ends the header at a field with a blank in its name; what it calls text are header fields"}


class Words(html.parser.HTMLParser):
    """What a page says, without what nobody reads."""
    SKIPPED = ('script', 'style', 'title', 'template', 'noscript', 'object', 'select')

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.skip, self.text = 0, []

    def handle_starttag(self, tag, attrs):
        self.text.append(' ' if tag not in ('b', 'i', 'em', 'strong', 'span', 'a', 'font', 'u', 'wbr', 'sub', 'sup') else '')
        self.skip += tag in self.SKIPPED

    def handle_endtag(self, tag):
        self.text.append(' ' if tag in ('p', 'div', 'td', 'th', 'li', 'tr') else '')
        self.skip = max(0, self.skip - (tag in self.SKIPPED))

    def handle_data(self, data):
        if not self.skip:
            self.text.append(data)


def words_of(text):
    wide = '\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af'
    text = ''.join(c for c in unicodedata.normalize('NFKC', text) if unicodedata.category(c) not in ('Cf', 'Co'))
    return collections.Counter(re.findall('[%s]|[^\\W_%s]+' % (wide, wide), text.lower()))


def decoded(part):
    data = part.get_payload(decode=True) or b''
    label = str(part.get_content_charset() or 'us-ascii')
    for name in ({'iso-2022-jp': 'iso2022_jp_ext', 'shift_jis': 'cp932', 'gb2312': 'gb18030'}.get(label, label), 'utf-8', 'cp1252'):
        try:
            return data.decode(name)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return data.decode('latin-1')


def is_file(part):
    return part.get_content_disposition() == 'attachment' or bool(part.get_filename())


class Collect:
    """plain and html: counters of the words that the converted mail must hold."""

    def __init__(self, shown):
        self.shown = shown
        self.plain, self.html = collections.Counter(), collections.Counter()

    def share(self, wanted):
        total = sum(wanted.values())
        return sum((wanted & self.shown).values()) / total if total else 1.0

    def walk(self, part, returned=False):
        kind = part.get_content_type()
        if kind == 'multipart/alternative' and part.is_multipart():
            self.best_of(part, returned)
        elif kind == 'multipart/signed' and part.is_multipart() and part.get_payload():
            self.walk(part.get_payload(0), returned)
        elif kind in ('message/partial', 'message/external-body', 'multipart/encrypted') or kind in REPORT_TYPES:
            return
        elif kind == 'message/rfc822' and (returned or is_file(part)):
            return
        elif part.is_multipart():
            for i, child in enumerate(part.get_payload()):
                self.walk(child, returned or (kind == 'multipart/report' and i > 0))
        elif part.get_content_maintype() == 'text' and not is_file(part):
            self.leaf(part, kind)

    def leaf(self, part, kind):
        if kind == 'text/html':
            page = Words()
            page.feed(decoded(part))
            self.html += words_of(''.join(page.text))
        elif kind in ('text/plain', 'text/enriched', 'text/richtext'):
            text = re.sub(r'(?ms)^begin [0-7]{3,4} .*?^end\s*$', '', decoded(part))
            self.plain += words_of(text)

    def best_of(self, part, returned):
        best = None
        for child in part.get_payload():
            version = Collect(self.shown)
            version.walk(child, returned)
            score = version.share(version.plain + version.html)
            if version.plain + version.html and (best is None or score > best[0]):
                best = (score, version)
        if best:
            self.plain += best[1].plain
            self.html += best[1].html


def convert(program, paths, out):
    listing = ['--report=jsonl', '--jobs', '2', '-o', out]
    done = subprocess.run([program, 'clean', *listing, *paths], capture_output=True, timeout=900)
    return [json.loads(line) for line in done.stdout.decode('utf-8').splitlines()]


def check_wire(name, data, problems):
    if any(byte >= 0x80 or byte == 0 for byte in data):
        problems.append('%s: not 7-bit' % name)
    if any(len(line) > 997 for line in data.split(b'\r\n')) or data.replace(b'\r\n', b'').strip(b'\r\n') != data.replace(b'\r\n', b''):
        problems.append('%s: long or broken lines' % name)
    for policy in (email.policy.default, email.policy.compat32):
        mail = email.message_from_bytes(data, policy=policy)
        defects = [type(d).__name__ for part in mail.walk() for d in part.defects]
        defects += [type(d).__name__ for value in mail.values() for d in getattr(value, 'defects', ())]
        if defects:
            problems.append('%s: defects %s' % (name, defects))


def shown_words(data):
    mail = email.message_from_bytes(data, policy=email.policy.default)
    shown = collections.Counter()
    for part in mail.walk():
        if part.get_content_type() == 'text/plain' and not is_file(part):
            text = part.get_content()
            text = re.sub(r'\n(?:[│ ]+)(?=\S)', '\n', text)
            shown += words_of(text)
    return shown


def measure(row, totals, problems):
    name = row['input']
    with open(row['output'], 'rb') as handle:
        data = handle.read()
    check_wire(name, data, problems)
    with open(row['input'], 'rb') as handle:
        given = handle.read()
    collect = Collect(shown_words(data))
    collect.walk(email.message_from_bytes(given, policy=email.policy.compat32))
    for what, wanted, floor in (('plain', collect.plain, FLOOR), ('html', collect.html, FLOOR_HTML)):
        if not wanted:
            continue
        missing = wanted - collect.shown
        share = collect.share(wanted)
        excuse = next((why for part, why in EXCUSED.items() if name.endswith(part)), None)
        totals[what].append((sum(wanted.values()), sum(missing.values()), share >= floor, excuse))
        if share < floor:
            print('%s %s %.3f of %d words, missing %s%s' % (name[-70:], what, share, sum(wanted.values()),
                                                       list(missing)[:12], ' EXCUSED: ' + excuse if excuse else ''))


def main():
    program, corpus = sys.argv[1:3]
    if not os.path.isdir(corpus):
        print('SKIPPED: no corpus at %s' % corpus)
        sys.exit(77)
    paths = sorted(os.path.join(folder, name) for folder, _, names in os.walk(corpus) for name in names if name.endswith('.eml'))
    problems, totals = [], collections.defaultdict(list)
    with tempfile.TemporaryDirectory(prefix='mugaika-mail.') as out:
        rows = convert(program, paths, out)
        if len(rows) != len(paths):
            problems.append('%d reports for %d mails' % (len(rows), len(paths)))
        for row in rows:
            if row['verdict'] not in CROSSES:
                if row['reason'] in BAD_REASONS + ('none',):
                    problems.append('%s: %s' % (row['input'], row['reason']))
            elif row['format'] == 'eml':
                measure(row, totals, problems)
        judge.by_oracle([row for row in rows if row['output']], corpus, problems)
        held = collections.Counter(row['reason'] for row in rows if row['verdict'] not in CROSSES)
    print('%d mails, %d cross, not: %s' % (len(rows), sum(row['verdict'] in CROSSES for row in rows), dict(held)))
    for what, floor in (('plain', FLOOR), ('html', FLOOR_HTML)):
        wanted, missing = (sum(t[i] for t in totals[what] if not t[3]) for i in (0, 1))
        share = 1 - missing / wanted if wanted else 0
        good = sum(t[2] for t in totals[what])
        print('%s: recall %.4f over %d words of %d mails, %d of them at or above %.2f, %d excused' %
              (what, share, wanted, len(totals[what]), good, floor, sum(bool(t[3]) for t in totals[what])))
        if share < floor:
            problems.append('%s: recall %.4f is below %.2f' % (what, share, floor))
    print('\n'.join(problems[:60]))
    sys.exit(1 if problems else 0)


main()
