#!/usr/bin/env python3
"""second_look.py SECOND_LOOK UNBOXED CORPUS: the checker of Office documents on real files that nobody cleaned.

Each original with something to remove (kinds.tsv: what an independent judge found) is packed afresh without the habits
of other ZIP writers, so that only its content speaks, and must be refused by a rule that names what it has. And what we
make of a document must not depart from the schema where the original did not. Exits 77 without the corpus."""
import collections
import os
import subprocess
import sys
import tempfile
import zipfile

RULES = {
    'macro.vba': 'content-type relationship-type', 'macro.vbadata': 'content-type relationship-type',
    'macro.rel': 'content-type relationship-type', 'macro.xlm': 'content-type relationship-type',
    'macro.autoexec': 'macro-name content-type', 'ole.activex': 'content-type relationship-type',
    'ole.object': 'ole-object', 'ole.embedding': 'content-type relationship-type',
    'external.ole': 'external-target', 'external.workbook': 'content-type relationship-type relationship',
    'external.dataconnection': 'content-type relationship-type', 'external.querytable': 'content-type relationship-type',
    'external.template': 'external-target', 'external.subdoc': 'external-target', 'external.datasource': 'external-target',
    'altchunk': 'altchunk', 'field.macrobutton': 'field', 'dde': 'field dde formula content-type',
    'metadata.docvar': 'document-variables', 'metadata.thumbnail': 'relationship-type',
    'metadata.printersettings': 'content-type relationship-type', 'customxml': 'content-type relationship-type',
    'link.dangerous-scheme': 'external-target field formula', 'signature': 'content-type relationship-type',
    'image.metadata': 'picture part-without-type', 'xml.dtd': 'malformed-xml', 'form.control': 'content-type relationship-type',
}
FORMATS = ('docx', 'xlsx', 'pptx')


def repack(source, target):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED) as new:
        names = [name for name in old.namelist() if not name.endswith('/')]
        for name in sorted(names, key=lambda name: name != '[Content_Types].xml'):
            new.writestr(zipfile.ZipInfo(name.lstrip('/')), old.read(name), zipfile.ZIP_DEFLATED)


def look(program, kind, path):
    run = subprocess.run([program, kind, path], capture_output=True, timeout=120)
    lines = run.stdout.decode('utf-8', 'replace').splitlines() or ['crash %d' % run.returncode]
    return run.returncode, lines[-1], {line.split(' ', 2)[2] for line in lines[:-1] if line.startswith('schema.')}


def main():
    second_look, unboxed, corpus = sys.argv[1:]
    if not os.path.exists(os.path.join(corpus, 'kinds.tsv')):
        print('skipped: no corpus')
        return 77
    count, bad = collections.Counter(), []
    with tempfile.TemporaryDirectory() as folder, open(os.path.join(corpus, 'kinds.tsv'), encoding='utf-8') as table:
        packed, cleaned = os.path.join(folder, 'packed'), os.path.join(folder, 'cleaned')
        for row in table:
            path, kind, _, _, kinds = row.rstrip('\n').split('\t')
            if kind not in FORMATS:
                continue
            try:
                repack(os.path.join(corpus, path), packed)
            except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError, KeyError):
                count['not readable'] += 1
                continue
            code, verdict, before = look(second_look, kind, packed)
            count['originals'] += 1
            if code not in (0, 1):
                bad.append('%s: %s' % (path, verdict))
            for found in kinds.split(','):
                rules = RULES.get(found)
                if not rules or 'malformed-xml' in verdict or 'entry' in verdict or 'zip:' in verdict:
                    continue
                count['kinds looked for'] += 1
                if code == 0 or not any(rule + ' (' in verdict for rule in rules.split()):
                    bad.append('%s: %s not refused: %s' % (path, found, verdict[:200]))
            if os.path.exists(cleaned):
                os.unlink(cleaned)
            run = subprocess.run([unboxed, os.path.join(corpus, path), cleaned], capture_output=True, timeout=120)
            if run.returncode == 0 and os.path.exists(cleaned):
                count['outputs'] += 1
                code, verdict, after = look(second_look, kind, cleaned)
                if code:
                    bad.append('%s: output refused: %s' % (path, verdict))
                if after - before:
                    bad.append('%s: new in the output: %s' % (path, sorted(after - before)[:3]))
    print(', '.join('%d %s' % (n, what) for what, n in count.items()))
    print('\n'.join(bad))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
