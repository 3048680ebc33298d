/* gz.c - gzip (RFC 1952): recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "\x1f\x8b\x08")};
    return MGK_MAGIC_ANY(probe, table) ? 92 : 0;
}

const MgkHandler mgk_format_gz = {.probe = probe};
