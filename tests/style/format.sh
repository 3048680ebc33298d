#!/bin/sh
# The layout is clang-format's (14, as in Debian 12): prints the files that differ, exits 1.
set -eu
cd "$1"
command -v clang-format >/dev/null || { echo "clang-format is missing"; exit 1; }
bad=$(find sanitizer cli tests $(ls -d milter 2>/dev/null) -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run 2>&1 | grep -o '^[^:]*\.[ch]' | sort -u || true)
[ -z "$bad" ] || { echo "$bad"; echo "run: clang-format -i on these"; exit 1; }
echo "layout: all files as clang-format writes them"
