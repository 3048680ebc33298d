#!/bin/sh
# tidy.sh SOURCE BUILD: run-clang-tidy over all our C with the project's .clang-tidy. Fails at any warning, when
# run-clang-tidy itself fails or is missing, and when it looked at fewer files than there are.
set -eu
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cd "$1"
if ! run-clang-tidy -quiet -j "$(nproc)" -p "$2" "^$1/(sanitizer|cli|milter|tests)/.*\.c\$" >"$log" 2>&1; then
    grep -vE '^clang-tidy|warnings? generated|^$' "$log" || true
    exit 1
fi
wanted=$(find sanitizer cli milter tests -name '*.c' | wc -l)
looked=$(grep -cE '^clang-tidy' "$log")
[ "$looked" -ge "$wanted" ] || { echo "tidy: $looked files of $wanted are in $2/compile_commands.json"; exit 1; }
echo "tidy: $looked files without a warning"
