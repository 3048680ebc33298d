#!/usr/bin/python3
"""make_documents.py DIR: documents of known shape for the benchmark. Needs python3-pil; the rest is the standard library."""
import io
import os
import random
import subprocess
import sys
import zipfile
import zlib

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps, TiffImagePlugin

OUT = sys.argv[1]
random.seed(20260401)
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
RELS = 'http://schemas.openxmlformats.org/package/2006/relationships'
OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
WORDS = ('住民 税務 窓口 申請 届出 会計 年度 予算 決算 議会 条例 規則 要綱 様式 別紙 担当 課長 確認 承認 決裁 回覧 通知 照会 回答 '
         'report budget section town office form annex notice').split()


def prose(words):
    """Words of an office, and as many that never repeat: text deflates about as real text does."""
    fresh = (''.join(chr(random.randrange(0x4e00, 0x7fff)) for _ in range(3)) for _ in range(words // 2))
    return ' '.join(random.choices(WORDS, k=words - words // 2)) + ' ' + ' '.join(fresh)


def package(name, parts):
    with zipfile.ZipFile(os.path.join(OUT, name), 'w', zipfile.ZIP_DEFLATED) as out:
        for path, data, method in parts:
            out.writestr(path, data, method)


def rels(*rows):
    items = ''.join('<Relationship Id="%s" Type="%s/%s" Target="%s"/>' % (i, OFFICE, t, target) for i, t, target in rows)
    return HEAD + '<Relationships xmlns="%s">%s</Relationships>' % (RELS, items)


def types(*rows):
    items = ''.join('<Override PartName="%s" ContentType="application/vnd.openxmlformats-officedocument.%s+xml"/>' % row for row in rows)
    return (HEAD + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="jpeg" ContentType="image/jpeg"/>%s</Types>' % items)


def docx(name, paragraphs):
    body = []
    for _ in range(paragraphs):
        runs = ''.join('<w:r w:rsidR="00A1B2C3"><w:rPr><w:rFonts w:hint="eastAsia"/><w:sz w:val="21"/></w:rPr><w:t xml:space="preserve">%s '
                       '</w:t></w:r>' % prose(9) for _ in range(4))
        body.append('<w:p w:rsidR="00A1B2C3"><w:pPr><w:jc w:val="both"/></w:pPr>%s</w:p>' % runs)
    document = (HEAD + '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>%s<w:sectPr><w:pgSz '
                'w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>' % ''.join(body))
    deflated = zipfile.ZIP_DEFLATED
    package(name, [('[Content_Types].xml', types(('/word/document.xml', 'wordprocessingml.document.main')), deflated),
                   ('_rels/.rels', rels(('rId1', 'officeDocument', 'word/document.xml')), deflated), ('word/document.xml', document, deflated)])


def xlsx(name, rows):
    lines = []
    for r in range(1, rows + 1):
        cells = ['<c r="%s%d"><v>%d</v></c>' % (c, r, random.randrange(10 ** 6)) for c in 'ABCDE']
        cells += ['<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>' % (c, r, prose(2)) for c in 'FG']
        cells.append('<c r="H%d"><f>SUM(A%d:E%d)</f><v>%d</v></c>' % (r, r, r, r))
        lines.append('<row r="%d">%s</row>' % (r, ''.join(cells)))
    main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
    deflated = zipfile.ZIP_DEFLATED
    package(name, [
        ('[Content_Types].xml', types(('/xl/workbook.xml', 'spreadsheetml.sheet.main'), ('/xl/worksheets/sheet1.xml', 'spreadsheetml.worksheet')), deflated),
        ('_rels/.rels', rels(('rId1', 'officeDocument', 'xl/workbook.xml')), deflated),
        ('xl/workbook.xml', HEAD + '<workbook xmlns="%s" xmlns:r="%s"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>' % (main, OFFICE), deflated),
        ('xl/_rels/workbook.xml.rels', rels(('rId1', 'worksheet', 'worksheets/sheet1.xml')), deflated),
        ('xl/worksheets/sheet1.xml', HEAD + '<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (main, ''.join(lines)), deflated)])


def picture(width, height, noise):
    image = Image.new('RGB', (width // 8, height // 8))
    image.putdata([(random.randrange(256), random.randrange(256), random.randrange(256)) for _ in range((width // 8) * (height // 8))])
    image = image.resize((width, height), Image.BICUBIC).filter(ImageFilter.GaussianBlur(noise))
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = random.randrange(width), random.randrange(height)
        draw.rectangle([x, y, x + random.randrange(200), y + random.randrange(120)], outline=(20, 20, 20), width=3)
    return image


def pdf(name, pages, stream_of, objects_of):
    """A PDF of `pages` pages: objects_of() gives the shared resource dictionary's objects, stream_of(n) a page's content."""
    shared, resources = objects_of()
    bodies = [b'<</Type/Catalog/Pages 2 0 R>>', None] + shared
    kids = []
    for n in range(pages):
        content = zlib.compress(stream_of(n))
        bodies.append(b'<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream' % (len(content), content))
        bodies.append(b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<<%s>>>>' % (len(bodies), resources(n)))
        kids.append(b'%d 0 R' % len(bodies))
    bodies[1] = b'<</Type/Pages/Kids[%s]/Count %d>>' % (b' '.join(kids), pages)
    out, offsets = bytearray(b'%PDF-1.5\n'), []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += b'%d 0 obj\n%s\nendobj\n' % (number, body)
    start = len(out)
    out += b'xref\n0 %d\n0000000000 65535 f \n' % (len(bodies) + 1) + b''.join(b'%010d 00000 n \n' % o for o in offsets)
    out += b'trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n' % (len(bodies) + 1, start)
    with open(os.path.join(OUT, name), 'wb') as handle:
        handle.write(out)


def text_pdf(name, pages):
    def content(n):
        lines = ['BT /F1 10.5 Tf 13 TL 72 770 Td'] + ['(%s) Tj T*' % ' '.join(random.choices([w for w in WORDS if w.isascii()], k=13)) for _ in range(52)]
        return ('\n'.join(lines) + ' ET').encode('ascii')
    pdf(name, pages, content, lambda: ([b'<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>'], lambda n: b'/Font<</F1 3 0 R>>'))


def japanese_pdf(name, pages):
    def content(n):
        def line():
            return ''.join(random.choices([w for w in WORDS if not w.isascii()], k=18)).encode('utf-16-be').hex()
        return ('BT /F1 10.5 Tf 17 TL 60 780 Td ' + ' '.join('<%s> Tj T*' % line() for _ in range(42)) + ' ET').encode('ascii')
    fonts = [b'<</Type/Font/Subtype/Type0/BaseFont/Ryumin-Light/Encoding/UniJIS-UTF16-H/DescendantFonts[4 0 R]>>',
             b'<</Type/Font/Subtype/CIDFontType0/BaseFont/Ryumin-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 6>>/FontDescriptor 5 0 R>>',
             b'<</Type/FontDescriptor/FontName/Ryumin-Light/Flags 6/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 700/StemV 80>>']
    pdf(name, pages, content, lambda: (fonts, lambda n: b'/Font<</F1 3 0 R>>'))


def typed_page(dpi):
    """A page as it lies in the office: lines of type, a table's rules, a stamp; white paper, RGB."""
    width, height = round(8.27 * dpi), round(11.69 * dpi)
    page = Image.new('RGB', (width, height), (246, 244, 240))
    draw = ImageDraw.Draw(page)
    found = subprocess.run(['fc-match', '-f', '%{file}', 'serif:lang=ja'], capture_output=True, text=True).stdout
    font = ImageFont.truetype(found, round(10.5 * dpi / 72)) if os.path.exists(found) else ImageFont.load_default()
    for y in range(dpi, height - dpi, dpi // 4):
        draw.text((dpi, y), ''.join(random.choices(WORDS[:24], k=21)), fill=(40, 38, 44), font=font)
    for y in range(height // 2, height // 2 + dpi * 2, dpi // 2):
        draw.line((dpi, y, width - dpi, y), fill=(60, 60, 60), width=3)
    draw.ellipse((width - 2 * dpi, dpi // 2, width - dpi, dpi * 3 // 2), outline=(200, 40, 40), width=8)
    return page


def scanned(page, turn):
    """What a scanner makes of it: askew, a little out of focus, grainy."""
    image = page.rotate(turn, Image.BICUBIC, fillcolor=(246, 244, 240)).filter(ImageFilter.GaussianBlur(0.8))
    grain = Image.effect_noise(image.size, 9).convert('RGB')
    return ImageChops.add(image, grain, 1, -128)


def jpeg_object(image, quality):
    data = io.BytesIO()
    image.save(data, 'JPEG', quality=quality)
    return (b'<</Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/Device%s/Filter/DCTDecode/Length %d>>stream\n%s\nendstream'
            % (image.width, image.height, b'Gray' if image.mode == 'L' else b'RGB', len(data.getvalue()), data.getvalue()))


def fax_object(image):
    """Black and white, ITU-T T.6, as copiers store it; the strip out of a TIFF file."""
    data = io.BytesIO()
    bits = ImageOps.invert(image.convert('L')).point(lambda level: 255 * (level > 100)).convert('1')
    TiffImagePlugin.STRIP_SIZE = 1 << 30  # one strip
    bits.save(data, 'TIFF', compression='group4')
    with Image.open(data) as tiff:
        offset, size = tiff.tag_v2[273][0], tiff.tag_v2[279][0]
    strip = data.getvalue()[offset:offset + size]
    return (b'<</Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/CCITTFaxDecode'
            b'/DecodeParms<</K -1/Columns %d/Rows %d>>/Length %d>>stream\n%s\nendstream' % (image.width, image.height, image.width, image.height, size, strip))


def scan_pdf(name, pages, dpi, encode):
    originals = [typed_page(dpi) for _ in range(4)]
    images = [encode(scanned(originals[n % 4], random.uniform(-0.8, 0.8))) for n in range(pages)]
    pdf(name, pages, lambda n: b'q 595.44 0 0 841.68 0 0 cm /I Do Q', lambda: (images, lambda n: b'/XObject<</I %d 0 R>>' % (3 + n)))


def screenshot(name):
    """A full HD screen: window frames, flat areas, a shaded title bar, lines of small type."""
    image = Image.new('RGB', (1920, 1080), (240, 240, 240))
    draw = ImageDraw.Draw(image)
    for y in range(60):
        draw.line((0, y, 1920, y), fill=(30 + y, 60 + y, 120 + y))
    draw.rectangle((40, 100, 1880, 1040), fill='white', outline=(120, 120, 120))
    for y in range(110, 1030, 16):
        text = ' '.join(random.choices([w for w in WORDS if w.isascii()], k=40))
        draw.text((60, y), text, fill=random.choice([(20, 20, 20), (20, 20, 160)]))
    image.save(os.path.join(OUT, name))


def main():
    os.makedirs(OUT, exist_ok=True)
    docx('text-small.docx', 200)
    docx('text-large.docx', 26000)
    xlsx('book-large.xlsx', 110000)
    photo = picture(4000, 3000, 1.2)
    photo.save(os.path.join(OUT, 'photo.jpg'), 'JPEG', quality=90)
    photo.save(os.path.join(OUT, 'photo.png'))
    screenshot('screen.png')
    text_pdf('text.pdf', 60)
    japanese_pdf('japanese.pdf', 60)
    scan_pdf('scan-gray.pdf', 20, 200, lambda image: jpeg_object(image.convert('L'), 75))
    scan_pdf('scan-colour.pdf', 20, 300, lambda image: jpeg_object(image, 75))
    scan_pdf('scan-fax.pdf', 20, 300, fax_object)
    text_pdf('short.pdf', 200)
    text_pdf('long.pdf', 2000)


main()
