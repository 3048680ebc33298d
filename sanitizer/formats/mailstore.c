/* mailstore.c - Outlook and Outlook Express folders ([MS-PST]): recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "!BDN"), MGK_MAGIC(0, "\xcf\xad\x12\xfe")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

const MgkHandler mgk_format_mailstore = {.probe = probe};
