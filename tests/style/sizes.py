#!/usr/bin/env python3
"""Files stop at 600 lines, headers at 140, functions at 60; tests, which are mostly tables, are free. Prints what is over, exits 1. Needs universal-ctags."""
import os
import subprocess
import sys

LIMITS = {'.c': 600, '.h': 140}
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
        limit = LIMITS[os.path.splitext(path)[1]]
        if lines > limit and '/tests/' not in path:
            over.append('%s: %d lines (at most %d)' % (os.path.relpath(path, root), lines, limit))
    listing = subprocess.run(['ctags', '-x', '--c-kinds=f', '--fields=+ne', '--_xformat=%{end} %{line} %N %F'] +
                             [p for p in paths if p.endswith('.c')], capture_output=True, text=True, check=True).stdout
    for row in listing.splitlines():
        end, line, name, path = row.split(None, 3)
        if int(end) - int(line) + 1 > FUNCTION and '/tests/' not in path:
            over.append('%s: %s has %d lines (at most %d)' % (os.path.relpath(path, root), name, int(end) - int(line) + 1, FUNCTION))
    print('\n'.join(over) or 'sizes: %d files, %d functions within bounds' % (len(paths), len(listing.splitlines())))
    sys.exit(1 if over or not listing else 0)


main()
