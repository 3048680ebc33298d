#!/bin/sh
# The layout is clang-format's (14, as in Debian 12): prints the files that differ, exits 1.
set -eu
cd "$1"
command -v clang-format >/dev/null || { echo "clang-format is missing"; exit 1; }
files() { find sanitizer cli milter tests -name '*.[ch]' -print0; }
if log=$(files | xargs -0 clang-format --dry-run -Werror 2>&1); then
    echo "layout: all $(files | tr -cd '\0' | wc -c) files as clang-format writes them"
    exit 0
fi
echo "$log" | grep -o '^[^:]*\.[ch]' | sort -u
echo "run: clang-format -i on these"
exit 1
