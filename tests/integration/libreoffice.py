#!/usr/bin/env python3
"""libreoffice.py MUGAIKA FIXTURES: people can work with what comes out. Documents made here and those in FIXTURES go through
the program; LibreOffice then makes a PDF of each input and each output, one run for all, each with a profile of its own. Every
output must open, with as many pages and the same words as its input. Exits 77 where soffice or pdftotext is missing."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unicodedata
import zipfile

REL = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
PACKAGE = 'http://schemas.openxmlformats.org/package/2006/'
WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
SHEET = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
OFFICE = 'application/vnd.openxmlformats-officedocument.'
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
SUFFIXES = ('.docx', '.docm', '.xlsx', '.pptx', '.csv', '.pdf', '.odt', '.ott', '.ods', '.odp', '.odg', '.fodt', '.fods')
# What may differ, and why: a neutralised formula in a table of text is shown with its mark; a list made for a printer with
# attacks in it loses the words of the attack; formulas that reach out show their last value, not the error that they come to here.
WORDS_MAY_DIFFER = {'名簿.csv', 'budget.ods', 'flat-budget.fods'}


def relationships(*rows):
    return HEAD + '<Relationships xmlns="%srelationships">%s</Relationships>' % (PACKAGE, ''.join(
        '<Relationship Id="rId%d" Type="%s/%s" Target="%s"/>' % (i + 1, REL, kind, target)
        for i, (kind, target) in enumerate(rows)))


def package(path, main, main_type, parts):
    types = {main: main_type, **{name: kind for name, (kind, _) in parts.items() if kind}}
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as out:
        out.writestr('[Content_Types].xml', HEAD + '<Types xmlns="%scontent-types"><Default Extension="rels" ContentType='
                     '"application/vnd.openxmlformats-package.relationships+xml"/>%s</Types>' % (PACKAGE, ''.join(
                         '<Override PartName="/%s" ContentType="%s%s+xml"/>' % (n, OFFICE, t) for n, t in types.items())))
        out.writestr('_rels/.rels', relationships(('officeDocument', main)))
        for name, (_, text) in parts.items():
            out.writestr(name, text)


def make_docx(path):
    def p(text, properties=''):
        return '<w:p><w:pPr>%s</w:pPr><w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p>' % (properties, text)
    row = '<w:tr>' + ''.join('<w:tc><w:tcPr><w:tcW w:w="2000" w:type="dxa"/></w:tcPr>%s</w:tc>' % p(t) for t in ('品名', '数量', '１２個')) + '</w:tr>'
    body = p('お知らせ', '<w:jc w:val="center"/>') + ''.join(p('第%d項　窓口は九時から開きます。The office opens at nine.' % i) for i in range(90))
    body += '<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid>%s</w:tblGrid>%s</w:tbl>' % ('<w:gridCol w:w="2000"/>' * 3, row * 4)
    body += p('次の頁', '<w:pageBreakBefore/>') + '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1701" w:right="1701" w:bottom="1701" w:left="1701" w:header="851" w:footer="992" w:gutter="0"/></w:sectPr>'
    package(path, 'word/document.xml', 'wordprocessingml.document.main', {
        'word/document.xml': ('', HEAD + '<w:document xmlns:w="%s"><w:body>%s</w:body></w:document>' % (WORD, body))})


def make_xlsx(path):
    def cell(column, row):
        if column == 0:
            return '<c r="A%d" t="inlineStr"><is><t>項目%d</t></is></c>' % (row, row)
        if column == 1:
            return '<c r="B%d"><v>%d</v></c>' % (row, row * 37)
        return '<c r="C%d"><f>B%d*2</f><v>%d</v></c>' % (row, row, row * 74)
    rows = ''.join('<row r="%d">%s</row>' % (r, ''.join(cell(c, r) for c in range(3))) for r in range(1, 121))
    package(path, 'xl/workbook.xml', 'spreadsheetml.sheet.main', {
        'xl/workbook.xml': ('', HEAD + '<workbook xmlns="%s" xmlns:r="%s"><sheets><sheet name="予算" sheetId="1" r:id="rId1"/></sheets></workbook>' % (SHEET, REL)),
        'xl/_rels/workbook.xml.rels': ('', relationships(('worksheet', 'worksheets/sheet1.xml'))),
        'xl/worksheets/sheet1.xml': ('spreadsheetml.worksheet', HEAD + '<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (SHEET, rows))})


def make_csv(path):
    with open(path, 'w', encoding='utf-8-sig', newline='') as out:
        out.write('番号,氏名,住所\r\n' + ''.join('%d,"山田, 太郎",千代田区%d丁目\r\n' % (i, i) for i in range(60)))


def gather(folder, fixtures):
    make_docx(os.path.join(folder, '通知.docx'))
    make_xlsx(os.path.join(folder, '集計.xlsx'))
    make_csv(os.path.join(folder, '一覧.csv'))
    for below in ('samples', 'fuzz/pptx', 'odf'):
        for name in sorted(os.listdir(os.path.join(fixtures, below))):
            if name.endswith(SUFFIXES):
                shutil.copy(os.path.join(fixtures, below, name), folder)


def to_pdf(folder, profile):
    """PDFs beside each other in folder/pdf; what is a PDF already is taken as it is."""
    target = os.path.join(folder, 'pdf')
    os.mkdir(target)
    files = [os.path.join(folder, n) for n in sorted(os.listdir(folder)) if n.endswith(SUFFIXES)]
    subprocess.run(['soffice', '-env:UserInstallation=file://' + profile, '--headless', '--norestore', '--convert-to', 'pdf',
                    '--outdir', target] + [f for f in files if not f.endswith('.pdf')], check=True, timeout=200,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for path in files:
        if path.endswith('.pdf'):
            shutil.copy(path, target)
    return target


def words(pdf):
    if not os.path.exists(pdf):
        return None, ''
    info = subprocess.run(['pdfinfo', pdf], capture_output=True, text=True, check=False).stdout
    pages = next((int(line.split()[1]) for line in info.splitlines() if line.startswith('Pages:')), None)
    text = subprocess.run(['pdftotext', '-enc', 'UTF-8', pdf, '-'], capture_output=True, check=False).stdout.decode('utf-8', 'replace')
    return pages, ''.join(sorted(unicodedata.normalize('NFKC', ''.join(text.split()))))


def stem(name):
    return os.path.splitext(name)[0] + '.pdf'


def compare(name, output, before, after):
    """A complaint, or None."""
    want_pages, want = words(os.path.join(before, stem(name)))
    got_pages, got = words(os.path.join(after, stem(output)))
    if want_pages is None:
        return '%s: the input itself does not open' % name
    if got_pages is None:
        return '%s: the output does not open' % name
    if got_pages != want_pages:
        return '%s: got %d pages, want %d' % (name, got_pages, want_pages)
    if got != want and name not in WORDS_MAY_DIFFER:
        return '%s: other words: got %d characters, want %d' % (name, len(got), len(want))
    return None


def main():
    program, fixtures = os.path.abspath(sys.argv[1]), sys.argv[2]
    missing = [tool for tool in ('soffice', 'pdftotext', 'pdfinfo') if not shutil.which(tool)]
    if missing:
        print('SKIPPED: no ' + ', '.join(missing))
        return 77
    with tempfile.TemporaryDirectory(prefix='mugaika-lo-') as base:
        source, clean = os.path.join(base, 'in'), os.path.join(base, 'out')
        os.mkdir(source)
        os.mkdir(clean)
        gather(source, fixtures)
        names = sorted(os.listdir(source))
        run = subprocess.run([program, 'clean', '--report=jsonl', '-o', clean] + [os.path.join(source, n) for n in names],
                             capture_output=True, text=True, check=False)
        reports = {os.path.basename(r['input']): r for r in map(json.loads, run.stdout.splitlines())}
        complaints = ['%s: %s, %s' % (n, reports[n]['verdict'], reports[n]['reason']) for n in names if not reports[n]['output']]
        before, after = to_pdf(source, base + '/profile-in'), to_pdf(clean, base + '/profile-out')
        for name in names:
            if reports[name]['output']:
                complaints.append(compare(name, os.path.basename(reports[name]['output']), before, after))
        complaints = [c for c in complaints if c]
        print('\n'.join(complaints) or 'libreoffice: %d documents open, pages and words alike' % len(names))
        return 1 if complaints else 0


sys.exit(main())
