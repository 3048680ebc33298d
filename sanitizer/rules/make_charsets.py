#!/usr/bin/python3
"""make_charsets.py > charset_single.def: upper halves of single-byte encodings, out of Python's codecs."""
import codecs
import unicodedata

SETS = (
    ('iso8859_2', 'iso-8859-2 iso8859-2 latin2 l2 csisolatin2 iso-ir-101'),
    ('iso8859_3', 'iso-8859-3 iso8859-3 latin3 csisolatin3'),
    ('iso8859_4', 'iso-8859-4 iso8859-4 latin4 csisolatin4'),
    ('iso8859_5', 'iso-8859-5 iso8859-5 cyrillic csisolatincyrillic'),
    ('iso8859_6', 'iso-8859-6 iso8859-6 iso-8859-6-i iso-8859-6-e arabic asmo-708'),
    ('iso8859_7', 'iso-8859-7 iso8859-7 greek greek8 csisolatingreek'),
    ('iso8859_8', 'iso-8859-8 iso8859-8 iso-8859-8-i iso-8859-8-e hebrew logical visual'),
    ('cp1254', 'windows-1254 cp1254 x-cp1254 iso-8859-9 iso8859-9 latin5 csisolatin5'),
    ('iso8859_10', 'iso-8859-10 iso8859-10 latin6'),
    ('cp874', 'windows-874 cp874 dos-874 tis-620 tis620 iso-8859-11 iso8859-11'),
    ('iso8859_13', 'iso-8859-13 iso8859-13 latin7'),
    ('iso8859_14', 'iso-8859-14 iso8859-14 latin8'),
    ('iso8859_15', 'iso-8859-15 iso8859-15 latin9 latin-9 l9'),
    ('iso8859_16', 'iso-8859-16 iso8859-16 latin10'),
    ('cp1250', 'windows-1250 cp1250 x-cp1250'),
    ('cp1251', 'windows-1251 cp1251 x-cp1251'),
    ('cp1253', 'windows-1253 cp1253 x-cp1253'),
    ('cp1255', 'windows-1255 cp1255 x-cp1255'),
    ('cp1256', 'windows-1256 cp1256 x-cp1256'),
    ('cp1257', 'windows-1257 cp1257 x-cp1257'),
    ('cp1258', 'windows-1258 cp1258 x-cp1258'),
    ('koi8_r', 'koi8-r koi8 koi cskoi8r'),
    ('koi8_u', 'koi8-u koi8-ru'),
    ('koi8_t', 'koi8-t'),
    ('cp437', 'ibm437 cp437 437'),
    ('cp850', 'ibm850 cp850 850'),
    ('cp852', 'ibm852 cp852 852'),
    ('cp855', 'ibm855 cp855 855'),
    ('cp857', 'ibm857 cp857 857'),
    ('cp858', 'ibm00858 cp858 858 pc-multilingual-850+euro'),
    ('cp862', 'ibm862 cp862 862 dos-862'),
    ('cp866', 'ibm866 cp866 866 csibm866'),
    ('mac_roman', 'macintosh mac x-mac-roman csmacintosh'),
    ('mac_cyrillic', 'x-mac-cyrillic x-mac-ukrainian mac-cyrillic'),
    ('mac_greek', 'x-mac-greek'),
    ('mac_latin2', 'x-mac-ce x-mac-centraleurroman mac-latin2'),
    ('mac_turkish', 'x-mac-turkish'),
    ('kz1048', 'kz-1048 strk1048-2002 rk1048'),
    ('ptcp154', 'ptcp154 pt154 cp154 cyrillic-asian'),
)


def shown(byte, codec):
    try:
        character = codecs.decode(bytes([byte]), codec)
    except UnicodeDecodeError:
        return '\ufffd'
    if 0x80 <= ord(character) < 0xa0 or unicodedata.category(character) == 'Co':
        return '\ufffd'  # controls, and Apple's own sign
    plain = unicodedata.category(character)[0] in 'LNPS' and unicodedata.bidirectional(character) not in ('R', 'AL')
    return character if plain else '\\u%04x' % ord(character)


print('/* charset_single.def - made by make_charsets.py: MGK_CHARSET_SINGLE("labels", "characters of the bytes 80 to FF"). */')
for codec, labels in SETS:
    print('MGK_CHARSET_SINGLE("%s",' % labels)
    for row in range(0x80, 0x100, 32):
        print('    "%s"%s' % (''.join(shown(byte, codec) for byte in range(row, row + 32)), ')' if row == 0xe0 else ''))
