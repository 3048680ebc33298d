#!/bin/sh
# tidy.sh SOURCE BUILD: run-clang-tidy over all our C with the project's .clang-tidy. Fails at any warning, when
# run-clang-tidy itself fails or is missing, and when it has missed a file.
set -eu
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cd "$1"
if ! run-clang-tidy -quiet -j "$(nproc)" -p "$2" "^$1/(sanitizer|cli|milter|holdd|tests)/.*\.c\$" >"$log" 2>&1; then
    grep -vE '^clang-tidy|warnings? generated|^$' "$log" || true
    exit 1
fi
# these are built by the presets `tsan` and `asan` alone
missed=$(find sanitizer cli milter holdd tests -name '*.c' ! -name tsan_glib.c ! -name asan_worker.c | while read -r file; do
    grep -qF "/$file" "$log" || echo "$file"
done)
[ -z "$missed" ] || { echo "not in $2/compile_commands.json:"; echo "$missed"; exit 1; }
echo "tidy: no warning in $(grep -cE '^clang-tidy' "$log") files"
