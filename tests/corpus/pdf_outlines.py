#!/usr/bin/python3
"""pdf_outlines.py MUGAIKA CORPUS|FILE… [--every N]: what of a PDF's own bytes survives its becoming a drawing: nothing.

Each PDF is cleaned with [pdf] pages = outlines. Of the output: every font program but our own invisible one, and every
picture whose stream (as pdfimages takes it out) one of the original has byte for byte, is a failure. Then, for the
record: how many pages became pixels. Exit 1 for a failure or a file that only the pixel way lets cross; 77: no corpus.
"""
import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

OWN = re.compile(rb'/Type/FontDescriptor/FontName/MugaikaInvisible/')
SMALL = 64  # bytes: streams below can be alike by chance


def inputs(places):
    for place in places:
        if os.path.isfile(place):
            yield place
        for folder, _, files in sorted(os.walk(place)):
            yield from (os.path.join(folder, name) for name in sorted(files) if name.endswith('.pdf') and 'LICENSES' not in folder)


def clean(program, paths, out, policy):
    rows = []
    for begin in range(0, len(paths), 100):
        done = subprocess.run([program, 'clean', '--report=jsonl', '--jobs', '2', '--policy', policy, '-o', '%s/%d' % (out, begin)] + paths[begin:begin + 100],
                              capture_output=True)
        rows += [json.loads(line) for line in done.stdout.decode('utf-8').splitlines()]
    return rows


def streams(path):
    """Hashes of the pictures' streams as they stand in the file."""
    with tempfile.TemporaryDirectory(prefix='mugaika-images.') as folder:
        subprocess.run(['pdfimages', '-q', '-all', '-l', '20', path, folder + '/i'], capture_output=True, timeout=120)
        found = set()
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), 'rb') as handle:
                data = handle.read()
            if len(data) > SMALL and not name.endswith('.png'): # pdfimages makes those of pixels itself
                found.add(hashlib.sha256(data).hexdigest())
        return found


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('program')
    arguments.add_argument('places', nargs='+')
    arguments.add_argument('--every', type=int, default=1)
    asked = arguments.parse_args()
    paths = list(inputs(os.path.abspath(place) for place in asked.places))[::asked.every]
    if not paths:
        print('SKIPPED: no corpus at %s' % asked.places)
        sys.exit(77)
    failures, before_fonts, before_streams, pixels, drawn = [], 0, 0, 0, 0
    with tempfile.TemporaryDirectory(prefix='mugaika-outlines.') as out:
        with open(out + '/policy.ini', 'w', encoding='utf-8') as handle:
            handle.write('[pdf]\npages = outlines\n')
        rows = [row for row in clean(os.path.abspath(asked.program), paths, out, out + '/policy.ini') if row['format'] == 'pdf']
        lost = [row['input'] for row in rows if not row['output']]
        pixel_way = {row['input']: row for row in clean(os.path.abspath(asked.program), lost, out + '/again', '/dev/null')} if lost else {}
        failures += ['%s: %s %s' % (path, row['reason'], row['reason_detail']) for row in rows if not row['output']
                     for path in [row['input']] if pixel_way.get(path, {}).get('output')]
        for row in rows:
            if not row['output']:
                continue
            with open(row['output'], 'rb') as handle:
                data = handle.read()
            with open(row['input'], 'rb') as handle:
                before_fonts += len(re.findall(rb'/FontFile', handle.read()))
            if len(re.findall(rb'/FontFile', data)) != len(OWN.findall(data)):
                failures.append('%s: a font program' % row['input'])
            original = streams(row['input'])
            before_streams += len(original)
            if original & streams(row['output']):
                failures.append('%s: a picture as it was' % row['input'])
            pixels += sum(found['count'] for found in row['findings'] if found['kind'] == 'pdf.page.pixels')
            drawn += data.count(b'/Subtype/Type3') > 0
    print('files %d, crossed %d, with outlines %d, pages that became pixels %d; of the originals: font programs (seen) %d, picture streams %d' %
          (len(rows), len(rows) - len(lost), drawn, pixels, before_fonts, before_streams))
    print('\n'.join(failures) or 'nothing of them survives')
    sys.exit(1 if failures else 0)


main()
