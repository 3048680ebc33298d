#!/usr/bin/python3
"""translations.py ROOT: fails when a sentence for people has no Japanese translation, and lists what is missing.

Collects every N_("…"), _("…") and mgk_words_n("…", "…") of the sources and tables with xgettext, reads
sanitizer/po/ja.po and compares. The list is printed as PO entries, ready to be filled in.
"""
import os
import subprocess
import sys

KEYWORDS = ['-k', '-kN_', '-k_', '-kmgk_words_n:1,2']
FOLDERS = ['sanitizer', 'cli', 'milter', 'holdd']


def sources(root):
    for folder in FOLDERS:
        for where, _, files in os.walk(os.path.join(root, folder)):
            yield from (os.path.join(where, f) for f in sorted(files) if f.endswith(('.c', '.h', '.def')))


def unquote(text):
    return text.strip()[1:-1].encode().decode('unicode_escape').encode('latin-1').decode()


def entries(lines):
    """Yields (msgid, [msgstr…], fuzzy, obsolete lines skipped) of a PO file."""
    message, field, fuzzy = {}, None, False
    for line in list(lines) + ['']:
        if line.startswith('#,') and 'fuzzy' in line:
            fuzzy = True
        if line.startswith('#'):
            continue
        if not line.strip():
            if 'msgid' in message:
                yield message['msgid'], [v for k, v in message.items() if k.startswith('msgstr')], fuzzy
            message, field, fuzzy = {}, None, False
        elif line.startswith('"'):
            message[field] += unquote(line)
        else:
            field, text = line.split(' ', 1)
            message[field] = unquote(text)


def main():
    root = sys.argv[1]
    environment = dict(os.environ, LC_ALL='C.UTF-8')
    pot = subprocess.run(['xgettext', '--from-code=UTF-8', '-L', 'C', '--no-location', '--no-wrap',
                          '-o', '-', *KEYWORDS, *sources(root)],
                         env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout
    with open(os.path.join(root, 'sanitizer/po/ja.po'), encoding='utf-8') as file:
        known = {msgid: all(texts) and not fuzzy for msgid, texts, fuzzy in entries(file.read().split('\n'))}
    wanted = [msgid for msgid, _, _ in entries(pot.split('\n')) if msgid]
    missing = [msgid for msgid in wanted if not known.get(msgid)]
    unused = [msgid for msgid in known if msgid and msgid not in wanted]
    for msgid in missing:
        escaped = msgid.replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n').replace('\t', '\\t')
        print(f'msgid "{escaped}"\nmsgstr ""\n')
    for msgid in unused:
        print('# no longer in the sources:', repr(msgid))
    print(f'{len(wanted)} sentences, {len(missing)} without a translation, {len(unused)} translations unused')
    return 1 if missing or not wanted else 0


if __name__ == '__main__':
    sys.exit(main())
