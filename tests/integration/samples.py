#!/usr/bin/env python3
"""samples.py MUGAIKA SAMPLES: what the README promises of fixtures/samples, seen on the real program in its real sandbox."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

PROGRAM, SAMPLES = sys.argv[1:3]
# name: (verdict, output name, kinds that must be reported)
WANT = {
    '説明会案内.docm': ('cleaned', '説明会案内.docx', {'macro.vba', 'field.active'}),
    '予算書.xlsx': ('cleaned', '予算書.xlsx', set()),
    'お知らせ.pdf': ('converted', 'お知らせ.pdf', set()),
    '現場写真.jpg': ('cleaned', '現場写真.jpg', set()),
    '名簿.csv': ('cleaned', '名簿.csv', set()),
    '議事録.txt': ('cleaned', '議事録.txt', set()),
    '資料一式.zip': ('cleaned', '資料一式.zip', {'member.held'}),
    '請求書.exe': ('blocked', None, set()),
    'notice.odt': ('cleaned', 'notice.odt', {'macro.odf', 'link.dangerous', 'external.content', 'field.active'}),
    'budget.ods': ('cleaned', 'budget.ods', {'formula.dangerous', 'formula.external', 'formula.unknown'}),
    'flat-budget.fods': ('cleaned', 'flat-budget.fods', {'formula.dangerous', 'macro.odf'}),
}


def source(name):
    own = os.path.join(SAMPLES, name)
    return own if os.path.exists(own) else os.path.join(SAMPLES, '..', 'odf', name)


def parts(path):
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def check_contents(out, rows):
    docx = b''.join(parts(out + '/説明会案内.docx').values())
    for gone in (b'vbaProject', b'DDEAUTO', b'template.example.invalid', b'macroEnabled'):
        assert gone not in docx, gone
    for kept in ('令和８年度', '髙橋・﨑山・神田（神）', '開催日：４月１５日（水）', 'https://www.town.example.jp/'):
        assert kept.encode() in docx, kept
    book = b''.join(parts(out + '/予算書.xlsx').values())
    for gone in (b'WEBSERVICE', b'externalLink', b'server.example.invalid', b'[1]'):
        assert gone not in book, gone
    for kept in (b'SUM(B2:B3)', b'>149<', b'>19800<', '会場費'.encode()):
        assert kept in book, kept
    with open(out + '/名簿.csv', 'rb') as handle:
        table = handle.read().decode('cp932')
    assert "'=cmd" in table and "'=HYPERLINK" in table and '+81-3-0000-0000' in table and ',-なし' in table and ',－,' in table, table
    with open(out + '/現場写真.jpg', 'rb') as handle:
        photo = handle.read()
    assert b'taken at home' not in photo and b'Exif' not in photo and photo.endswith(b'\xff\xd9')
    check_opendocument(out)
    archive = parts(out + '/資料一式.zip')
    assert set(archive) == {'資料/表説明会案内.docx', '資料/表名簿.csv', '資料/表お知らせ.pdf', '資料/請求書.pdf.exe.無害化保留.txt'}, sorted(archive)
    assert '請求書' in archive['資料/請求書.pdf.exe.無害化保留.txt'].decode('utf-8-sig')
    with open(out + '/議事録.txt', 'rb') as one, open(SAMPLES + '/議事録.txt', 'rb') as other:
        assert one.read() == other.read()


def check_opendocument(out):
    for name, kept in (('notice.odt', '髙橋・﨑山'), ('budget.ods', 'table:formula="of:=[.B60]*2"')):
        members = parts(out + '/' + name)
        everything = b''.join(members.values())
        assert next(iter(members)) == 'mimetype' and 'Object 1/content.xml' in members and 'Pictures/1.png' in members, sorted(members)
        assert b'CANARY' not in everything and kept.encode() in everything, name
    assert '>19800<'.encode() in everything


def check_pdf(out):
    if not shutil.which('pdftotext'):
        print('SKIPPED: pdftotext is not here')
        return
    with open(out + '/お知らせ.pdf', 'rb') as handle:
        assert b'JavaScript' not in handle.read()
    text = subprocess.run(['pdftotext', out + '/お知らせ.pdf', '-'], capture_output=True, check=True).stdout.decode()
    assert 'Notice of the spring meeting' in text, text
    fonts = subprocess.run(['fc-list', ':lang=ja'], capture_output=True).stdout if shutil.which('fc-list') else b''
    if fonts:  # drawn in a font that the file does not bring along
        assert '京都市役所' in text, text
    else:
        print('SKIPPED: no Japanese font is here')


def check_passwords(out):
    """A locked PDF opens with the second of two candidates, and with none of wrong ones; poppler once died of those."""
    if not shutil.which('qpdf'):
        print('SKIPPED: qpdf is not here')
        return
    locked, candidates = out + '/locked.pdf', out + '/candidates.txt'
    subprocess.run(['qpdf', '--encrypt', 'himitsu', 'owner', '256', '--', SAMPLES + '/お知らせ.pdf', locked], check=True)
    for words, want in (('chigau\nhimitsu\n', ('converted', None)), ('chigau\nmou\n', ('held', 'wrong-password'))):
        with open(candidates, 'w', encoding='utf-8') as handle:
            handle.write(words)
        done = subprocess.run([PROGRAM, 'inspect', '--report=jsonl', '--password-file', candidates, locked], capture_output=True, timeout=60)
        row = json.loads(done.stdout)
        assert (row['verdict'], row['reason']) == want, (words, row['verdict'], row['reason'], row['reason_detail'])


def run_profile(profile, out):
    """The samples by a profile: name → report."""
    done = subprocess.run([PROGRAM, 'clean', '--profile', profile, '--report=jsonl', '-o', out,
                           *(source(name) for name in WANT)], capture_output=True, timeout=120)
    assert done.returncode == 1, (done.returncode, done.stderr.decode())
    return {os.path.basename(row['input']): row for row in map(json.loads, done.stdout.decode().splitlines())}


def check_text_profile(out):
    rows = run_profile('text', out)
    want = {'説明会案内.docm': ('converted', '説明会案内.txt'), '予算書.xlsx': ('converted', '予算書.txt'),
            'お知らせ.pdf': ('converted', 'お知らせ.txt'), '名簿.csv': ('cleaned', '名簿.csv'),
            '議事録.txt': ('cleaned', '議事録.txt'), '資料一式.zip': ('cleaned', '資料一式.zip'),
            'notice.odt': ('converted', 'notice.txt'), 'flat-budget.fods': ('converted', 'flat-budget.txt')}
    for name, (verdict, output) in want.items():
        assert (rows[name]['verdict'], os.path.basename(rows[name]['output'])) == (verdict, output), rows[name]
    assert (rows['現場写真.jpg']['verdict'], rows['現場写真.jpg']['reason']) == ('held', 'no-text'), rows['現場写真.jpg']
    assert {'macro.vba', 'field.active'} <= {finding['kind'] for finding in rows['説明会案内.docm']['findings']}
    with open(out + '/説明会案内.txt', 'rb') as handle:
        text = handle.read().decode('utf-8-sig')
    assert text.startswith('令和８年度　説明会のご案内\r\n髙橋・﨑山・神田（神）各位') and 'DDE' not in text, text
    with open(out + '/予算書.txt', 'rb') as handle:
        assert '会場費\t12000\r\n' in handle.read().decode('utf-8-sig')
    with open(out + '/お知らせ.txt', 'rb') as handle:
        assert 'Notice of the spring meeting' in handle.read().decode('utf-8-sig')
    inside = parts(out + '/資料一式.zip')
    assert {'資料/表説明会案内.txt', '資料/表名簿.csv', '資料/表お知らせ.txt'} <= set(inside), sorted(inside)


def check_confirm_profile(out):
    rows = run_profile('confirm', out)
    assert rows['議事録.txt']['verdict'] == 'confirmed', rows['議事録.txt']
    assert rows['議事録.txt']['sha256_in'] == rows['議事録.txt']['sha256_out']
    for name, (verdict, _, _) in WANT.items():  # whatever holds something, or is no type of the closed list
        if name != '議事録.txt':
            assert rows[name]['verdict'] == verdict, rows[name]


def check_web_page_as_image(out):
    """[html] as = image: the page's text as pictures of pages, nothing else of the policy changes."""
    for name, text in (('policy.ini', '[html]\nas = image\n'), ('案内.html', '<p>髙橋の案内</p><script>x</script>')):
        with open(os.path.join(out, name), 'w', encoding='utf-8') as handle:
            handle.write(text)
    done = subprocess.run([PROGRAM, 'clean', '--policy', out + '/policy.ini', '--report=jsonl', '-o', out, out + '/案内.html',
                           SAMPLES + '/議事録.txt'], capture_output=True, timeout=120)
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [(row['verdict'], row['output_name']) for row in rows] == [('converted', '案内.pdf'), ('cleaned', '議事録.txt')], rows
    text = subprocess.run(['pdftotext', out + '/案内.pdf', '-'], capture_output=True, check=True).stdout.decode()
    assert '髙橋の案内' in text, text


def check_image_profile(out):
    box = shutil.which('bwrap') and subprocess.run(['bwrap', '--unshare-all', '--ro-bind', '/', '/', 'true'], stderr=subprocess.DEVNULL).returncode == 0
    if not box or not os.path.exists('/usr/bin/soffice'):
        done = subprocess.run([PROGRAM, 'clean', '--profile', 'image', '-o', out, SAMPLES + '/議事録.txt'], capture_output=True)
        assert done.returncode != 0 and not os.listdir(out), done
        print('SKIPPED: bubblewrap or LibreOffice is not here')
        return
    rows = run_profile('image', out)
    for name in ('説明会案内.docm', '予算書.xlsx', 'お知らせ.pdf', '名簿.csv', '議事録.txt'):
        assert rows[name]['verdict'] == 'converted' and rows[name]['output'].endswith('.pdf'), rows[name]
    assert rows['現場写真.jpg']['verdict'] == 'cleaned' and rows['資料一式.zip']['verdict'] == 'cleaned', rows
    assert {'macro.vba', 'field.active'} <= {finding['kind'] for finding in rows['説明会案内.docm']['findings']}
    for name, words in (('説明会案内', '髙橋・﨑山・神田（神）各位'), ('名簿', '髙橋')):  # the table comes in CP932
        text = subprocess.run(['pdftotext', '%s/%s.pdf' % (out, name), '-'], capture_output=True, check=True).stdout.decode()
        assert words in text, text
    with open(out + '/説明会案内.pdf', 'rb') as handle:
        data = handle.read()
    check_web_page_as_image(out)
    assert b'LibreOffice' not in data and data.count(b'/Subtype /Image') + data.count(b'/Subtype/Image') > 0, 'not our pixels'


def main():
    with tempfile.TemporaryDirectory(prefix='mugaika-samples.') as out:
        done = subprocess.run([PROGRAM, 'clean', '--report=jsonl', '-o', out, *(source(name) for name in WANT)], capture_output=True, timeout=120)
        assert done.returncode == 1, (done.returncode, done.stderr.decode())
        rows = {os.path.basename(row['input']): row for row in map(json.loads, done.stdout.decode().splitlines())}
        assert set(rows) == set(WANT), sorted(rows)
        for name, (verdict, output, kinds) in WANT.items():
            row = rows[name]
            got = os.path.basename(row['output']) if row['output'] else None
            found = {finding['kind'] for finding in row['findings']}
            assert (row['verdict'], got) == (verdict, output), (name, row['verdict'], row['reason'], got)
            assert kinds <= found, (name, kinds, found)
        check_contents(out, rows)
        check_pdf(out)
        check_passwords(out)
    for check in (check_text_profile, check_confirm_profile, check_image_profile):
        with tempfile.TemporaryDirectory(prefix='mugaika-samples.') as out:
            check(out)
    print('samples: %d files as promised' % len(WANT))


main()
