#!/usr/bin/env python3
"""Files stop at 600 lines, headers at 140 (in tests, where they build files, at 240), functions at 60,
scripts at 600. Prints what is over, exits 1. Needs universal-ctags."""
import os
import subprocess
import sys

LIMITS = {'.c': 600, '.h': 140, '.py': 600}
TEST_HEADER = 240
FUNCTION = 60


def sources(root):
    for top in ('sanitizer', 'cli', 'milter', 'tests'):
        for folder, _, files in os.walk(os.path.join(root, top)):
            for file in sorted(files):
                if os.path.splitext(file)[1] in LIMITS:
                    yield os.path.join(folder, file)


def main():
    root = sys.argv[1]
    paths = list(sources(root))
    over = []
    for path in paths:
        with open(path, encoding='utf-8') as handle:
            lines = sum(1 for _ in handle)
        name, extension = os.path.relpath(path, root), os.path.splitext(path)[1]
        limit = TEST_HEADER if name.startswith('tests') and extension == '.h' else LIMITS[extension]
        if lines > limit:
            over.append('%s: %d lines (at most %d)' % (name, lines, limit))
    listing = subprocess.run(['ctags', '-x', '--c-kinds=f', '--fields=+ne', '--_xformat=%{end} %{line} %N %F'] +
                             [p for p in paths if not p.endswith('.py')], capture_output=True, text=True, check=True).stdout
    for row in listing.splitlines():
        end, line, name, path = row.split(None, 3)
        if int(end) - int(line) + 1 > FUNCTION:
            over.append('%s: %s has %d lines (at most %d)' % (os.path.relpath(path, root), name, int(end) - int(line) + 1, FUNCTION))
    print('\n'.join(over) or 'sizes: %d files, %d functions within bounds' % (len(paths), len(listing.splitlines())))
    sys.exit(1 if over or not listing else 0)


main()
