#!/usr/bin/python3
"""make_mails.py DIR: folders of everyday mails: small/ (10 KB: text and page), page/ (107 KB: a newsletter), large/ (4.8 MB:
three attached texts). Every mail of a folder is different."""
import base64
import os
import random
import sys
import textwrap

OUT = sys.argv[1]
COUNTS = {'small': 400, 'page': 100, 'large': 12}
random.seed(20261120)
WORDS = ('住民税 窓口 申請書 届出 会計年度 予算 決算 議会 条例 規則 要綱 様式 別紙 担当課 課長 確認 承認 決裁 回覧 通知 照会 回答 お知らせ 説明会 '
         'report budget section town office form annex notice meeting please before and the with from').split()


def sentence(words):
    return ' '.join(random.choices(WORDS, k=words)) + '。'


def page(size):
    """A newsletter: nested tables, inline styles, links, counting pixels."""
    rows, length = [], 0
    while length < size:
        n = len(rows)
        rows.append('<tr><td align="left" style="padding:10px 20px;font-family:Helvetica,Arial,sans-serif;font-size:14px;line-height:20px;'
                    'color:#333333"><p class="a"><b>%s</b> %s <a href="https://example.com/c?id=%d&amp;u=%d" style="color:#0066cc" '
                    'onclick="x()">read more</a></p><p>%s</p></td></tr><tr><td><img src="https://t.example.com/p.gif?i=%d" width="1" '
                    'height="1"></td></tr>' % (sentence(4), sentence(25), n, n * 17, sentence(12), n))
        length += len(rows[-1].encode())
    return ('<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><style>.a{color:#333}td{font-family:Arial}'
            '</style></head><body bgcolor="#ffffff"><script>var a=1;</script><table width="600">%s</table></body></html>' % ''.join(rows))


def encoded(text):
    return base64.encodebytes(text.encode()).decode()


def mail(number, page_bytes, attached_bytes):
    head = ['Received: from mx%d.example.com (mx%d.example.com [192.0.2.%d]) by mx.example.org (Postfix) with ESMTPS id ABC%d\n'
            '\tfor <bob@example.org>; Mon, 1 Sep 2025 10:00:0%d +0900' % (i, i, i, i, i) for i in range(6)]
    head += ['DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1; h=from:to:subject;\n\tbh=%s=; b=%s' % ('A' * 43, 'B' * 344),
             'From: Alice Example <alice@example.com>', 'To: bob@example.org',
             'Subject: =?UTF-8?B?%s?= report %d' % (base64.b64encode('お知らせ'.encode()).decode(), number),
             'Date: Mon, 01 Sep 2025 10:00:00 +0900', 'Message-ID: <%d@example.com>' % number, 'MIME-Version: 1.0',
             'Content-Type: multipart/mixed; boundary="m"']
    text = textwrap.fill(sentence(120), 72)
    parts = ['--m\nContent-Type: multipart/alternative; boundary="a"\n\n--a\nContent-Type: text/plain; charset="utf-8"\n'
             'Content-Transfer-Encoding: base64\n\n%s\n--a\nContent-Type: text/html; charset="utf-8"\n'
             'Content-Transfer-Encoding: base64\n\n%s\n--a--\n' % (encoded(text), encoded(page(page_bytes)))]
    for n in range(3 if attached_bytes else 0):
        lines = '\r\n'.join(sentence(20) for _ in range(attached_bytes // 3 // 190))
        parts.append('--m\nContent-Type: text/plain; charset="utf-8"; name="file%d.txt"\nContent-Transfer-Encoding: base64\n'
                     'Content-Disposition: attachment; filename="file%d.txt"\n\n%s\n' % (n, n, encoded(lines)))
    return '\n'.join(head) + '\n\n' + ''.join(parts) + '--m--\n'


def main():
    for name, sizes in (('small', (4800, 0)), ('page', (76000, 0)), ('large', (20000, 4600000))):
        folder = os.path.join(OUT, name)
        os.makedirs(folder)
        for number in range(COUNTS[name]):
            with open('%s/%04d.eml' % (folder, number), 'w', encoding='ascii') as handle:
                handle.write(mail(number, *sizes))


main()
