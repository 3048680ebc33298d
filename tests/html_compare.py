#!/usr/bin/env python3
"""Writes docs/HTML-TO-TEXT.md: every page of fixtures/html as mugaika and as w3m turn it into text, and a hostile set with
times. Usage: html_compare.py HTML2TEXT > docs/HTML-TO-TEXT.md (HTML2TEXT: build/dev/tests/html2text; needs w3m)."""
import os
import re
import subprocess
import sys
import tempfile
import time

COLUMNS = 76
PATIENCE = 20  # seconds
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

INTRO = """# HTML to text

How HTML mail becomes text (`engines/html_text.h`), beside w3m, which has the best layout of the converters we tried.
Written by `tests/html_compare.py` from `fixtures/html/`; run it again after a change.

What the reader of a graphical client sees comes out, in source order, and nothing else:

| | mugaika | w3m 0.5.3 |
|---|---|---|
| links | text with the true target, numbered at the end when long or in a table | text only |
| text that shows another host than the target | flagged in the text and in the report | not seen |
| hidden text (display, visibility, size, colour, opacity, clipping, far outside) | dropped and counted | shown as if it were there |
| `javascript:`, `data:`, `file:`, shares, unknown schemes | dropped and counted | – |
| deceptive layout (bdo, overridden direction, ::before words, transforms, tiny or pale text) | counted, source order kept | not seen |
| bidi, zero-width and tag characters | dropped and counted | kept |
| tables | aligned columns, heads ruled off; too wide: one record a row; layout tables: one cell after the other | boxes; cells wrapped to two or three characters |
| line breaking | 禁則: no 。ー々っ」％ at the start of a line, no 「（￥ at its end, numbers keep their unit | none but …… (seen: 。 and ー begin lines) |
| addresses | never broken | broken after // |
| ruby | 漢字(かな) | 漢字(かな) only with rp |
| paragraph margins that the page sets (Outlook: none) | followed | always a blank line |

## Rules worth knowing

* Charset: Content-Type, byte order mark, `<meta>`, detection; the first that fits every byte wins.
* CSS is read as far as it takes to tell what is hidden: style attributes, and rules with one element, class, id, or
  element.class as their selector. Rules in `@media` with features are left out: newsletters hide things on telephones with
  them. A page that sets backgrounds by selectors we do not read keeps text that would be white on the page's white.
* `mso-hide:all` hides, unless the page has conditional comments: then it is one half of a pair made for Outlook, and the
  other half, inside the comment, is what we drop.
* Outlook's conditional comments are comments. `<noscript>` is shown: no mail client runs scripts.
* A table is set in columns when it has borders or head cells, or is small enough to be read so. Otherwise its cells
  follow each other. Tables deeper than 8 are set as blocks, tables with more than 40 columns likewise.
* Limits: 256 open elements with style of their own, 8 KiB an attribute, 2,000 targets, 64 MB of text (above: held).

Known limits: only Japanese charsets, Unicode and Windows-1252 are decoded here (others come out as U+FFFD and are counted,
unless the caller hands them over as UTF-8); descendant selectors, floats and positions do not move text; `<svg>` text is taken as it stands; text in
pictures stays in the pictures.

"""


def run(command, path):
    began = time.monotonic()
    try:
        done = subprocess.run(command + [path], capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return None, None, PATIENCE
    return done.returncode, done, time.monotonic() - began


def visible(text):
    """Characters that change what stands around them, by number: the document is read in browsers."""
    return re.sub('[\u200b-\u200f\u202a-\u202e\u2066-\u2069]',
                  lambda m: m.group() if m.group() == '\u200d' else '<U+%04X>' % ord(m.group()), text)


def page(path, ours, w3m):
    name = os.path.basename(path)
    print('### %s\n' % name)
    for title, command in (('mugaika', ours), ('w3m', w3m)):
        _, done, _ = run(command, path)
        print('%s\n\n```text\n%s```\n' % (title, visible(done.stdout.decode('utf-8', 'replace'))))
        if title == 'mugaika':
            print('Counted: %s\n' % done.stderr.decode().strip().rsplit(', steps', 1)[0])


HOSTILE = [
    ('200,000 nested div', '<div>' * 200000),
    ('70,000 nested tables', '<table><tr><td>x' * 70000),
    ('60,000 attributes on one tag', '<p ' + ' '.join('a%d=%d' % (i, i) for i in range(60000)) + '>hi'),
    ('1 MB of NULs', '\0' * 1000000 + 'x'),
    ('12 MB of Japanese text', 'あいうえお、かきくけこ。' * 333000),
    ('12 MB of one word', 'a' * 12000000),
    ('100,000 cells in rows of three', '<table>' + '<tr><td>a<td>b<td>c' * 33334),
    ('100,000 cells in one row', '<table><tr>' + '<td>a' * 100000),
    ('30,000 colspan=1000 rowspan=1000', '<table>' + '<tr><td colspan=1000 rowspan=1000>a' * 30000),
    ('80,000 nested quotations', '<blockquote>a' * 80000),
    ('100,000 unclosed lists', '<ul><li>a' * 100000),
    ('250,000 unclosed comments', '<!--' * 250000),
    ('1 MB of &', '&' * 1000000),
    ('300,000 stray end tags', '<td><b>' + '</b></i>' * 150000),
    ('50,000 rules and 100,000 classes', '<style>' + ''.join('.a%d{display:none}' % i for i in range(50000)) + '</style>'
     + ('<p class="%s">x' % ' '.join('a%d' % i for i in range(2000))) * 50),
    ('30,000 links that deceive', ''.join('<a href=http://h%d.example/>www.b%d.jp</a> ' % (i, i) for i in range(30000))),
    ('300,000 tabs in pre', '<pre>' + '\t' * 300000),
]


def outcome(code, done, seconds):
    if code is None:
        return 'not within %d s' % PATIENCE
    if code != 0:
        return 'exit %d after %.2f s' % (code, seconds)
    return '%.2f s, %d KB' % (seconds, len(done.stdout) // 1000)


def hostile(ours, w3m):
    print('## The hostile set\n\nOne run on a busy machine, ours built without optimisation, w3m as the distribution builds it; time and size of the text.\n')
    print('| page | size | mugaika | w3m |\n|---|---|---|---|')
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'page.html')
        for name, text in HOSTILE:
            with open(path, 'w', encoding='utf-8') as handle:
                handle.write(text)
            size = os.path.getsize(path)
            print('| %s | %.1f MB | %s | %s |' % (name, size / 1e6, outcome(*run(ours, path)), outcome(*run(w3m, path))),
                  flush=True)


def main():
    ours = [sys.argv[1]]
    w3m = ['w3m', '-dump', '-T', 'text/html', '-I', 'UTF-8', '-O', 'UTF-8', '-cols', str(COLUMNS)]
    folder = os.path.join(ROOT, 'fixtures', 'html')
    print(INTRO + '## Page by page\n')
    for name in sorted(os.listdir(folder)):
        page(os.path.join(folder, name), ours, w3m)
    hostile(ours, w3m)


main()
