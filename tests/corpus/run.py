#!/usr/bin/python3
"""run.py MUGAIKA CORPUS: cleans every file of the corpus (real files nobody here wrote) and checks what must hold for all of them.

One report a file, no crash, no hang, no security event; outputs exist, hash as reported, and carry one of their format's
extensions; re-reading them finds no foreign signature; per format the share that crosses does not fall. When the oracle is
there, a sample of outputs is judged by it: no active content left, nothing newly broken. Exit 77: no corpus, skipped.
"""
import collections
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time

import judge

CROSSES = ('cleaned', 'confirmed', 'converted')
BAD_REASONS = ('crash', 'security-event', 'internal', 'timeout')
# of the files of a detected format, the share that must cross; what is damaged or encrypted among them is held
FLOORS = {'docx': 0.80, 'xlsx': 0.80, 'pptx': 0.80, 'pdf': 0.85, 'png': 0.80, 'jpeg': 0.90, 'text': 0.65, 'odt': 0.95, 'ods': 0.95, 'odp': 0.95,
          'fodt': 0.95, 'rtf': 0.95, 'svg': 0.90, 'xls': 0.90, 'mbox': 1.0, 'ppt': 0.80}
ORACLE_EVERY = 6


def inputs(corpus):
    for folder, _, files in os.walk(corpus):
        if 'LICENSES' not in folder:
            yield from (os.path.join(folder, name) for name in files if name not in ('manifest.tsv', 'kinds.tsv'))


def run(program, corpus, out):
    begin = time.time()
    done = subprocess.run([program, 'clean', '--report=jsonl', '--jobs', '2', '-o', out, corpus], capture_output=True,
                          timeout=1500)
    print('cleaned in %.0f s, exit %d' % (time.time() - begin, done.returncode))
    return done.returncode, [json.loads(line) for line in done.stdout.decode('utf-8').splitlines()]


def walk(row):
    yield row
    for child in row['children']:
        yield from walk(child)


def check_rows(rows, problems):
    for row in rows:
        if row['output'] is None:
            if row['verdict'] in CROSSES:
                problems.append('%s: crosses without output' % row['input'])
            continue
        if row['verdict'] not in CROSSES:
            problems.append('%s: %s with output' % (row['input'], row['verdict']))
        with open(row['output'], 'rb') as handle:
            data = handle.read()
        if hashlib.sha256(data).hexdigest() != row['sha256_out']:
            problems.append('%s: output is not what the report says' % row['input'])
        old_office = row['output'].lower().endswith(('.xls', '.xlt', '.ppt', '.pps', '.pot'))  # a compound file by right
        if data[:2] == b'MZ' or data[:4] == b'\x7fELF' or (data[:4] == b'\xd0\xcf\x11\xe0' and not old_office):
            problems.append('%s: output starts like a program or compound file' % row['input'])
    for row in rows:
        for node in walk(row):
            if node['reason'] in BAD_REASONS:
                problems.append('%s: %s (%s)' % (row['input'], node['reason'], node['reason_detail']))


def check_shares(rows, problems):
    count = collections.defaultdict(collections.Counter)
    for row in rows:
        count[row['format']][row['verdict'] in CROSSES] += 1
    for name, tally in sorted(count.items(), key=lambda item: -sum(item[1].values())):
        share = tally[True] / (tally[True] + tally[False])
        if tally[True] or name in FLOORS:
            print('%-8s %4d files, %5.1f%% cross' % (name, tally[True] + tally[False], 100 * share))
        if share < FLOORS.get(name, 0):
            problems.append('%s: only %.1f%% cross, at least %.0f%% must' % (name, 100 * share, 100 * FLOORS[name]))


def main():
    program, corpus = sys.argv[1:3]
    if not os.path.isdir(corpus):
        print('SKIPPED: no corpus at %s' % corpus)
        sys.exit(77)
    expected = sum(1 for _ in inputs(corpus))
    problems = []
    with tempfile.TemporaryDirectory(prefix='mugaika-corpus.') as out:
        code, rows = run(program, corpus, out)
        rows = [row for row in rows if os.path.basename(row['input']) not in ('manifest.tsv', 'kinds.tsv') and '/LICENSES/' not in row['input']]
        if code not in (0, 1):
            problems.append('exit code %d' % code)
        if len(rows) != expected:
            problems.append('%d reports for %d files' % (len(rows), expected))
        check_rows(rows, problems)
        check_shares(rows, problems)
        judge.by_oracle([row for row in rows if row['output']][::ORACLE_EVERY], corpus, problems)
    print('%d files, %d cross, %d problems' % (len(rows), sum(r['verdict'] in CROSSES for r in rows), len(problems)))
    print('\n'.join(problems[:60]))
    sys.exit(1 if problems else 0)


main()
