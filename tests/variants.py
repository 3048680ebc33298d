#!/usr/bin/python3
"""variants.py: how many planted attacks the unit tests hold, by format, as a table for tests/README.md.

A variant is one row of a table, or one test outside tables, that plants the word CANARY, which must not come out. Rows that a test puts in
several places (a formula in every site that takes one) count once.
"""
import glob
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
# which format a program of tests/unit is about, where its name does not say it
ABOUT = {'archives': '7z, RAR, tar, cab, cpio, gz, bz2, xz', 'cfb': 'compound files', 'content_lines': 'ics, vcf', 'docx_fields': 'docx',
         'metafile': 'EMF, WMF', 'odf': 'ODF', 'odf_formula': 'ODF', 'odf_package': 'ODF', 'page': 'HTML, MHTML', 'pptx_parts': 'pptx',
         'flat_opc': 'XML of Office', 'office_text': 'text profile', 'office_lock': 'behind a password', 'office_unlock': 'behind a password',
         'xml_filter': 'XML', 'xlsb': 'xlsb', 'blobs': 'store'}


def without_comments(text):
    return re.sub(r'("(?:\\.|[^"\\])*")|/\*.*?\*/|//[^\n]*', lambda m: m.group(1) or ' ', text, flags=re.S)


def pieces(text):
    """(depth, token) with string literals whole, so that their braces do not count."""
    depth = 0
    for match in re.finditer(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[{}(),;]|[^"\'{}(),;]+', text, flags=re.S):
        token = match.group(0)
        if token in '})':
            depth -= 1
        yield depth, token
        if token in '{(':
            depth += 1


def rows(body):
    """The elements of an initialiser, separated by commas at its own depth."""
    row = ''
    for depth, token in pieces(body):
        if depth == 0 and token == ',':
            yield row
            row = ''
        else:
            row += token
    yield row


def closing(text, start):
    """Where the brace at start ends."""
    at = start
    depth = 0
    for match in re.finditer(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[{}]', text[start:]):
        depth += {'{': 1, '}': -1}.get(match.group(0), 0)
        if depth == 0:
            at = start + match.end()
            break
    return at


def count(text):
    """Rows with a canary; tests with one outside their tables."""
    macros = '|'.join(re.findall(r'#define (\w+)[^\n]*(?:\\\n[^\n]*)*CANARY', text))
    planted = re.compile('CANARY' + (r'|\b(?:%s)\b' % macros if macros else ''), re.I)
    text = re.sub(r'#define (?:[^\n]*\\\n)*[^\n]*', '', text)
    total, rest, at = 0, '', 0
    for table in re.finditer(r'\[\w*\]\s*=\s*\{', text):
        if table.start() < at:
            continue
        end = closing(text, table.end() - 1)
        total += sum(1 for row in rows(text[table.end():end - 1]) if planted.search(row))
        rest += text[at:table.start()]
        at = end
    rest += text[at:]
    tests = re.findall(r'START_TEST\(\w+\)(.*?)END_TEST', rest, flags=re.S)
    looks = re.compile(r'holds?\w*\(|strstr|memmem|ck_assert')
    return total + sum(1 for test in tests if any(planted.search(line) and not looks.search(line) for line in test.split('\n')))


def main():
    found = {}
    for path in sorted(glob.glob(os.path.join(HERE, 'unit', 'test_*.c'))):
        name = os.path.basename(path)[5:-2]
        with open(path, encoding='utf-8') as handle:
            number = count(without_comments(handle.read()))
        if number:
            about = ABOUT.get(name, 'mail' if name.startswith('mail') else name)
            found[about] = found.get(about, 0) + number
    print('| format | planted variants |\n|---|---|')
    for about, number in sorted(found.items(), key=lambda row: (-row[1], row[0])):
        print('| %s | %d |' % (about, number))
    print('| **together** | **%d** |' % sum(found.values()))


main()
