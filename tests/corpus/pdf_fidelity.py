#!/usr/bin/python3
"""pdf_fidelity.py MUGAIKA CORPUS|FILE… [--every N] [--pages N] [--jobs N] [--rows FILE] [--floors]: what PDFs keep.

Each PDF is cleaned and held against its original, by programs that share nothing with ours but the renderer's library:

words       of the original that a reader can see: pdftotext has them, and the original rendered by pdftocairo shows ink where
            it says they are. How many of them pdftotext finds on the same page of the output; characters likewise. Chinese and
            Japanese have no words: there each character is one. Punctuation counts as characters only.
pages       their number, and the size of each within a point.
look        structural similarity (SSIM, 7 x 7) of each page at about 96 dpi. Both are rendered by pdftocairo at the resolution that
            the output's page has, and shrunk: the renderer moves each letter to a whole pixel, so that at any other resolution
            the original would be measured against itself.

The policy keeps the invisible words over scans, which a reader sees as well, in the picture; the totals are given with and
without such files. With --floors the exit code is 1 when a total falls below its floor. Exit 77: no corpus, skipped.
"""
import argparse
import collections
import concurrent.futures
import html
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import unicodedata

try:
    import numpy
    from PIL import Image
except ImportError:
    print('SKIPPED: python3-numpy and python3-pil are not here')
    sys.exit(77)

FLOORS = {'crossed': 0.98, 'words': 0.99, 'characters': 0.995, 'pages equal': 1.0, 'sizes equal': 0.99, 'alike': 0.98}
POLICY = '[actions]\npdf.text.layer = keep\n'
DPI = 96        # at which pages are compared: a screen's
SIDE = 5000     # pixels of a page's longer side, at most
INK = 24        # difference of brightness, of 255, that shows
ALIKE = 0.98    # SSIM from which two pages look the same
WORD = re.compile(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>')
IDEOGRAPH = '\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0003ffff'
TOKEN = re.compile('[%s]|[^\\W_%s]+' % (IDEOGRAPH, IDEOGRAPH))
PAGE = re.compile(r'<page width="([-\d.]+)" height="([-\d.]+)">(.*?)</page>', re.S)


def output_of(*command):
    try:
        done = subprocess.run(command, capture_output=True, timeout=120)
        return done.stdout.decode('utf-8', 'replace')
    except subprocess.TimeoutExpired:
        return ''


def words_of(path, last):
    """[(width, height, [(box, word)])], a page each"""
    text = output_of('pdftotext', '-q', '-bbox', '-cropbox', '-l', str(last), path, '-')
    return [(float(width), float(height), [(tuple(map(float, row[:4])), html.unescape(row[4])) for row in WORD.findall(body)])
            for width, height, body in PAGE.findall(text)]


def sizes_of(path, last):
    text = output_of('pdfinfo', '-l', str(last), path)
    count = re.search(r'^Pages:\s+(\d+)', text, re.M)
    sizes = [(float(w), float(h), int(turn)) for w, h, turn in
             re.findall(r'^Page\s+\d+ size:\s+([\d.]+) x ([\d.]+).*\nPage\s+\d+ rot:\s+(\d+)', text, re.M)]
    return int(count.group(1)) if count else 0, [(h, w) if turn % 180 else (w, h) for w, h, turn in sizes]


def resolutions_of(path, last):
    """{page: dpi of its picture}, of an output"""
    return {int(page): int(dpi) for page, dpi in re.findall(r'^ +(\d+) +\d+ +image(?: +\S+){8,9} +(\d+) +\d+ ', output_of('pdfimages', '-list', '-l', str(last), path), re.M)}


def picture_of(path, page, dpi, folder):
    """A page in gray, at about DPI; None when it cannot be rendered"""
    root = os.path.join(folder, '%d.%s' % (page, os.path.basename(path)[:100]))
    output_of('pdftocairo', '-q', '-png', '-gray', '-cropbox', '-singlefile', '-r', str(dpi), '-f', str(page), '-l', str(page), path, root)
    try:
        with Image.open(root + '.png') as picture:
            return numpy.asarray(picture.convert('L').reduce(max(1, round(dpi / DPI))), dtype=numpy.float64)
    except OSError: # it took too long, or the page is nothing that can be rendered
        return None


def box_mean(a, n=7):
    total = numpy.pad(a, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    return (total[n:, n:] - total[:-n, n:] - total[n:, :-n] + total[:-n, :-n]) / (n * n)


def similarity(a, b):
    height, width = max(a.shape[0], b.shape[0], 8), max(a.shape[1], b.shape[1], 8)
    a, b = (numpy.pad(x, ((0, height - x.shape[0]), (0, width - x.shape[1])), constant_values=255) for x in (a, b))
    mean_a, mean_b = box_mean(a), box_mean(b)
    sample = 49 / 48
    var_a, var_b = sample * (box_mean(a * a) - mean_a ** 2), sample * (box_mean(b * b) - mean_b ** 2)
    both = sample * (box_mean(a * b) - mean_a * mean_b)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float(numpy.mean((2 * mean_a * mean_b + c1) * (2 * both + c2) / ((mean_a ** 2 + mean_b ** 2 + c1) * (var_a + var_b + c2))))


def shows(picture, page, box):
    """Ink in the middle of the box: its edges reach into the neighbours' lines."""
    width, height = page[:2]
    x1, y1, x2, y2 = box
    if y2 - y1 > x2 - x1:
        x1, x2 = x1 + 0.2 * (x2 - x1), x2 - 0.2 * (x2 - x1)
    else:
        y1, y2 = y1 + 0.2 * (y2 - y1), y2 - 0.2 * (y2 - y1)
    rows, columns = picture.shape
    left, right = int(x1 * columns / width), int(numpy.ceil(x2 * columns / width))
    top, bottom = int(y1 * rows / height), int(numpy.ceil(y2 * rows / height))
    cut = picture[max(top, 0):max(bottom, 0), max(left, 0):max(right, 0)]
    return cut.size > 0 and cut.max() - cut.min() >= INK


def plain(word):
    return ''.join(character for character in word if unicodedata.category(character) not in ('Cc', 'Zs'))


def count_words(picture, page, words_after, row):
    seen = [word for box, word in page[2] if shows(picture, page, box)]
    wanted, got = (collections.Counter(token for word in words for token in TOKEN.findall(word)) for words in (seen, [word for _, word in words_after]))
    letters, letters_got = (collections.Counter(plain(''.join(words))) for words in (seen, [word for _, word in words_after]))
    row['visible'] += sum(wanted.values())
    row['unseen'] += len(page[2]) - len(seen)
    row['found'] += sum((wanted & got).values())
    row['letters'] += sum(letters.values())
    row['letters_found'] += sum((letters & letters_got).values())
    row['lost'] += list((wanted - got).elements())[:20 - len(row['lost'])]


def compare(source, result, last):
    (pages_a, sizes_a), (pages_b, sizes_b) = sizes_of(source, last), sizes_of(result, last)
    words_a, words_b = words_of(source, last), words_of(result, last)
    resolutions = resolutions_of(result, last)
    row = {'pages': [pages_a, pages_b], 'visible': 0, 'found': 0, 'letters': 0, 'letters_found': 0, 'unseen': 0, 'lost': [], 'ssim': [], 'unmeasured': 0}
    row['sizes_equal'] = len(sizes_a) == len(sizes_b) and all(abs(a - b) <= 1 for pair in zip(sizes_a, sizes_b) for a, b in zip(*pair))
    with tempfile.TemporaryDirectory(prefix='mugaika-fidelity.') as folder:
        for n, page in enumerate(words_a):
            dpi = min(resolutions.get(n + 1, 150), SIDE * 72 / max(page[0], page[1], 1))
            before, after = (picture_of(path, n + 1, dpi, folder) for path in (source, result))
            if before is None or after is None or not page[0] or not page[1]:
                row['unmeasured'] += 1
                continue
            row['ssim'].append(round(similarity(before, after), 4))
            count_words(before, page, words_b[n][2] if n < len(words_b) else [], row)
    return row


def inputs(places):
    for place in places:
        if not os.path.isdir(place):
            yield place
            continue
        for folder, _, files in sorted(os.walk(place)):
            for name in sorted(files):
                path = os.path.join(folder, name)
                with open(path, 'rb') as handle:
                    if b'%PDF-' in handle.read(1024) and 'LICENSES' not in folder:
                        yield path


def clean(program, paths, out, policy):
    """One run for all; a report a line."""
    with open(policy, 'w', encoding='utf-8') as handle:
        handle.write(POLICY)
    rows = []
    for begin in range(0, len(paths), 100):
        done = subprocess.run([program, 'clean', '--report=jsonl', '--jobs', '2', '--policy', policy, '-o', '%s/%d' % (out, begin)]
                              + paths[begin:begin + 100], capture_output=True)
        rows += [json.loads(line) for line in done.stdout.decode('utf-8').splitlines()]
    return rows


def opens(path):
    return bool(re.search(r'^Pages:\s+[1-9]', output_of('pdfinfo', path), re.M))


def ratio(part, whole):
    return part / whole if whole else 1.0


def totals(rows):
    compared = [row for row in rows if 'ssim' in row]
    pages = [value for row in compared for value in row['ssim']]
    each = [ratio(row['found'], row['visible']) for row in compared if row['visible']]
    figures = {'words': ratio(sum(row['found'] for row in compared), sum(row['visible'] for row in compared)),
               'characters': ratio(sum(row['letters_found'] for row in compared), sum(row['letters'] for row in compared)),
               'pages equal': ratio(sum(row['pages'][0] == row['pages'][1] for row in compared), len(compared)),
               'sizes equal': ratio(sum(row['sizes_equal'] for row in compared), len(compared)),
               'alike': ratio(sum(min(row['ssim'], default=1) >= ALIKE for row in compared), len(compared))}
    print('  files %d, visible words %d, mean word recall of a file %.4f, files below 0.99: %d' %
          (len(compared), sum(row['visible'] for row in compared), statistics.mean(each) if each else 1, sum(value < 0.99 for value in each)))
    print('  recall over visible: words %(words).5f, characters %(characters).5f; pages equal %(pages equal).4f, sizes equal %(sizes equal).4f, '
          'files with all pages alike %(alike).4f' % figures)
    print('  SSIM: mean %.4f, lowest %.4f, of %d pages; not measured: %d' %
          (statistics.mean(pages) if pages else 1, min(pages, default=1), len(pages), sum(row['unmeasured'] for row in compared)))
    return figures


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('program')
    arguments.add_argument('places', nargs='+')
    arguments.add_argument('--every', type=int, default=1)
    arguments.add_argument('--pages', type=int, default=6)
    arguments.add_argument('--jobs', type=int, default=2)
    arguments.add_argument('--rows')
    arguments.add_argument('--floors', action='store_true')
    asked = arguments.parse_args()
    paths = [path for place in asked.places if os.path.exists(place) for path in inputs([place])][::asked.every]
    if not paths:
        print('SKIPPED: no corpus at %s' % asked.places)
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix='mugaika-fidelity.') as out:
        rows = clean(os.path.abspath(asked.program), [os.path.abspath(path) for path in paths], out, out + '/policy.ini')
        with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
            crossed = [row for row in rows if row['output'] and row['format'] == 'pdf']
            for row, found in zip(crossed, pool.map(lambda row: compare(row['input'], row['output'], asked.pages), crossed)):
                row.update(found)
    if asked.rows:
        with open(asked.rows, 'w', encoding='utf-8') as handle:
            handle.writelines(json.dumps(row) + '\n' for row in rows)
    for row in sorted((row for row in crossed if row['visible']), key=lambda row: row['found'] - row['visible'])[:60]:
        if row['found'] < row['visible']:
            print('%5d of %5d words lost, %s %s' % (row['visible'] - row['found'], row['visible'], row['input'], row['lost'][:5]))
    for row in crossed:
        if min(row['ssim'], default=1) < ALIKE or not row['sizes_equal'] or row['pages'][0] != row['pages'][1]:
            print('look: lowest SSIM %.4f, pages %s, sizes %s, %s' % (min(row['ssim'], default=1), row['pages'], row['sizes_equal'], row['input']))
    readable = [row for row in rows if row in crossed or opens(row['input'])]
    for row in readable:
        if not row['output']:
            print('not crossed: %s: %s (%s)' % (row['input'], row['reason'], row['reason_detail']))
    print('files that poppler opens: %d, crossed: %d' % (len(readable), len(crossed)))
    print('all:')
    figures = totals(crossed)
    print('without invisible text over scans and text that cannot be seen:')
    totals([row for row in crossed if not any(found['kind'] in ('pdf.text.layer', 'pdf.text.hidden') for found in row['findings'])])
    figures['crossed'] = ratio(len(crossed), len(readable))
    missed = ['%s %.4f, at least %.4f' % (name, figures[name], floor) for name, floor in FLOORS.items() if figures[name] < floor]
    print('below the floor: %s' % (', '.join(missed) or 'nothing'))
    sys.exit(1 if missed and asked.floors else 0)


main()
