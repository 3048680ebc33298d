#!/bin/sh
# service.sh ROOT PROGRAM: systemd understands the unit of the mail filter, with PROGRAM in the place of the installed one,
# and finds it well locked (exposure below 2.0 of 10). Exits 77 without systemd-analyze.
set -eu
command -v systemd-analyze >/dev/null || exit 77
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed "s#=/usr/sbin/mugaika-milter #=$2 #" "$1/packaging/mugaika-milter.service" >"$folder/mugaika-milter.service"
grep -q "^ExecStart=$2 " "$folder/mugaika-milter.service"
words=$(systemd-analyze verify --man=no "$folder/mugaika-milter.service" 2>&1)
[ -z "$words" ] || { echo "$words"; exit 1; }
systemd-analyze security --offline=true --threshold=20 --no-pager "$folder/mugaika-milter.service" | tail -n 1
