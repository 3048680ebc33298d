/* webp.c - WebP (RFC 9649: RIFF with the form WEBP): recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic riff[] = {MGK_MAGIC(0, "RIFF")}, form[] = {MGK_MAGIC(8, "WEBP")};
    return MGK_MAGIC_ANY(probe, riff) && MGK_MAGIC_ANY(probe, form) ? 93 : 0;
}

const MgkHandler mgk_format_webp = {.probe = probe};
