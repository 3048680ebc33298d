#!/usr/bin/env python3
"""Includes point down only (docs/ARCHITECTURE.md, "Layers"). Prints every include that does not, exits 1."""
import os
import re
import sys

# layer -> layers it may include; "lib" stands for any library that parses hostile bytes
ALLOWED = {
    'model': {'model', 'formats/formats.def'},
    'rules': {'model', 'rules'},
    'engines': {'model', 'rules', 'engines', 'lib'},
    'checks': {'model', 'checks', 'lib'},
    'formats': {'model', 'rules', 'engines', 'checks', 'formats', 'lib'},
    'io': {'io'},
    'isolation': {'model', 'io', 'isolation'},
    'facade': {'model', 'io', 'isolation', 'sanitizer.h'},
    'store': {'model', 'io', 'store'},
    'cli': {'model', 'io', 'store', 'sanitizer.h', 'cli'},
    'milter': {'model', 'io', 'store', 'sanitizer.h', 'milter'},
    'holdd': {'model', 'io', 'store', 'sanitizer.h', 'holdd'},
}
# The worker's half of isolation/ is the one place where processes and formats meet.
WORKER = {'worker.c', 'port.c', 'light.c', 'resfs.c', 'zygote.c', 'sandbox.c'}
PARSERS = re.compile(r'^(poppler|cairo|lhasa|qpdf/|libxml/|archive|libdeflate|isa-l|zlib|jpeglib|jerror|png|magic|lcms2|ft2build|'
                     r'fontconfig/|gnutls/|gmime/|gsf/|iconv)')
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def layer_of(path, root):
    parts = os.path.relpath(path, root).split(os.sep)
    if parts[0] in ('cli', 'milter', 'holdd'):
        return parts[0]
    if parts[0] == 'sanitizer':
        return parts[1] if len(parts) > 2 else 'facade'
    return None


def target(kind, name, layer):
    if kind == '<':
        return 'lib' if PARSERS.match(name) else None
    head = name.split('/')[0]
    if head in ALLOWED or head == 'formats':
        return name if name in ALLOWED.get(layer, ()) else head
    return name if name in ('sanitizer.h',) else layer  # a header beside the file


def violations(root):
    for top in ('sanitizer', 'cli', 'milter', 'holdd'):
        for folder, _, files in os.walk(os.path.join(root, top)):
            for file in sorted(files):
                path = os.path.join(folder, file)
                layer = layer_of(path, root)
                if not file.endswith(('.c', '.h')) or layer not in ALLOWED:
                    continue
                allowed = set(ALLOWED[layer])
                if layer == 'isolation' and file in WORKER:
                    allowed |= {'engines', 'formats', 'checks', 'lib'}
                with open(path, encoding='utf-8') as handle:
                    for kind, name in INCLUDE.findall(handle.read()):
                        if name.endswith('config.h'):
                            continue
                        to = target(kind, name, layer)
                        if to is not None and to not in allowed:
                            yield '%s: %s may not include %s' % (os.path.relpath(path, root), layer, name)


def main():
    root = sys.argv[1]
    seen = sum(len(files) for _, _, files in os.walk(os.path.join(root, 'sanitizer')))
    bad = list(violations(root))
    print('\n'.join(bad) or 'includes point down: %d files below sanitizer/' % seen)
    sys.exit(1 if bad or seen < 20 else 0)


main()
