"""judge.py - outputs of a corpus run judged by the oracle: no active content left, nothing newly broken."""
import json
import os
import subprocess
import tempfile

# The oracle takes every object inside an OpenDocument file for foreign; ours are charts and formulas, rebuilt. In flat files
# it takes a picture in base64 for one, too, and a link to the web for content from there.
EXPECTED = {'odf': {'ole.object', 'ole.embedding'}, 'flatxml': {'ole.object', 'external.other'}}
# A mail that was saved as .txt crosses as the text it is; the oracle reads it as a mail and looks at the pictures in it.
MAIL_AS_TEXT = {'image.truncated'}


def by_oracle(rows, corpus, problems):
    """rows: reports with outputs. Adds what the oracle finds wrong to problems; says so when it is not here."""
    oracle = os.path.join(corpus, '..', 'tools', 'oracle.py')
    probe = 'import olefile, lxml, html5lib, pikepdf, numpy'
    if not os.path.exists(oracle) or subprocess.run(['/usr/bin/python3', '-c', probe], capture_output=True).returncode:
        print('SKIPPED: the oracle or its packages are not here')
        return
    with tempfile.NamedTemporaryFile('w', suffix='.lst', errors='surrogateescape') as listing:
        listing.writelines('%s\t%s\n' % (row['input'], row['output']) for row in rows)
        listing.flush()
        judged = subprocess.run(['/usr/bin/python3', oracle, '--batch', listing.name, '-j', '2', '--no-render', '--no-clam'],
                                capture_output=True, timeout=1200).stdout.decode('utf-8', 'replace')
    answers = [json.loads(line) for line in judged.splitlines()]
    print('oracle judged %d of %d outputs' % (len(answers), len(rows)))
    if len(answers) < len(rows):
        problems.append('the oracle answered for %d of %d outputs only' % (len(answers), len(rows)))
    for answer in answers:
        if 'fatal' in answer:
            continue
        for what in ('residual_active', 'new_invalid'):
            expected = MAIL_AS_TEXT if answer['after']['file'].endswith('.txt') else EXPECTED.get(answer['after']['type'], set())
            found = sorted(set(answer.get(what) or ()) - expected)
            if found:
                problems.append('%s: %s %s' % (answer['before']['file'], what, found))
