#!/usr/bin/python3
"""corpus.py MUGAIKA-MILTER CORPUS: every real mail of the corpus through Postfix and the filter.

Wanted for each: 250 and a mail without defects (rebuilt, or the notice with the reason for which it was kept), or 451; the
original kept byte for byte apart from the ends of lines; nothing active left for the oracle, where it is. Exits 77 without
Postfix or corpus.
"""
import collections
import concurrent.futures
import json
import os
import re
import sys
import tempfile

CORPUS = os.path.abspath(sys.argv.pop(2)) if len(sys.argv) > 2 else ''
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../corpus'))

import cases  # noqa: E402
import judge  # noqa: E402
from cases import Case  # noqa: E402


def mails():
    with open(CORPUS + '/kinds.tsv', encoding='utf-8') as file:
        rows = [line.split('\t') for line in file]
    return [os.path.join(CORPUS, row[0]) for row in rows if row[1] == 'eml']


class TestCorpus(Case):
    policy = 'sessions = 8\nclean_seconds = 60\n'

    def deliver(self, path):
        """(path, code). The envelope's recipient names the mail."""
        with open(path, 'rb') as file:
            data = re.sub(rb'\r?\n', b'\r\n', file.read())
        return path, self.send(data, recipients=[f'n{mails().index(path)}@in.test.invalid'])

    def test_a_result_or_a_reason_for_each(self):
        paths = mails()
        self.assertGreater(len(paths), 200)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = dict(pool.map(self.deliver, paths))
        self.assertEqual({250}, {code for code, _ in answers.values()}, [p for p in paths if answers[p][0] != 250])
        found = {}
        for raw in self.postfix.wait_mails(len(paths), 120):
            message = self.check_delivered(raw)
            found[paths[int(re.match(r'n(\d+)@', message['Delivered-To'])[1])]] = raw
        self.assertEqual(set(paths), set(found), 'each has arrived')
        outcomes, reasons = collections.Counter(), collections.Counter()
        with open(self.base + '/run/mails.jsonl') as file:
            for line in file:
                record = json.loads(line)
                outcomes[record['outcome']] += 1
                if record['outcome'] == 'notice':
                    reasons[record['reason']] += 1
        self.assertEqual(len(paths), sum(outcomes.values()))
        self.assertNotIn('none', reasons)
        self.assertLess(outcomes['notice'], len(paths) / 10)
        print(dict(outcomes), 'kept because:', dict(reasons), file=sys.stderr)
        self.judge(found)

    def judge(self, found):
        problems = []
        with tempfile.TemporaryDirectory() as folder:
            rows = []
            for n, (path, raw) in enumerate(found.items()):
                output = f'{folder}/{n}.eml'
                with open(output, 'wb') as file:
                    file.write(raw)
                rows.append({'input': path, 'output': output})
            judge.by_oracle(rows, CORPUS, problems)
        self.assertEqual([], problems)


if __name__ == '__main__':
    if not os.path.exists(CORPUS + '/kinds.tsv'):
        print('skipped: there is no corpus')
        sys.exit(77)
    cases.main()
