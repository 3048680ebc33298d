#!/bin/sh
# service.sh ROOT PROGRAM…: systemd understands the unit of each program, with PROGRAM in the place of the installed one,
# and finds it well locked (exposure below 2.0 of 10). Exits 77 without systemd-analyze.
set -eu
command -v systemd-analyze >/dev/null || exit 77
root=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for program; do
    name=$(basename "$program")
    unit=$root/packaging/$name.service
    sed "s#=/usr/sbin/$name #=$program #" "$unit" >"$folder/$name.service"
    grep -q "^ExecStart=$program " "$folder/$name.service"
    words=$(systemd-analyze verify --man=no "$folder/$name.service" 2>&1)
    [ -z "$words" ] || { echo "$words"; exit 1; }
    systemd-analyze security --offline=true --threshold=20 --no-pager "$folder/$name.service" >"$folder/out" || { tail -n 1 "$folder/out"; exit 1; }
    tail -n 1 "$folder/out"
done
