/* msg.c - Outlook items ([MS-OXMSG]: a compound file with __properties_version1.0): recognised only, held. */
#include "engines/cfb_peek.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(probe->data, probe->size);
    return peek && (mgk_cfb_peek_has(peek, "__properties_version1.0") || mgk_cfb_peek_has_prefix(peek, "__substg1.0_"))
               ? 93
               : 0;
}

const MgkHandler mgk_format_msg = {.probe = probe};
