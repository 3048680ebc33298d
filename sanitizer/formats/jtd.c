/* jtd.c - JustSystems 一太郎 (a compound file with DocumentText and JSRV_SegmentInformation; no public specification):
 * recognised only, held. */
#include "engines/cfb_peek.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(probe->data, probe->size);
    return peek && (mgk_cfb_peek_has(peek, "DocumentText") ||
                    mgk_cfb_peek_has_anywhere(peek, "JSRV_SegmentInformation") ||
                    mgk_cfb_peek_has_prefix(peek, "JSRV_"))
               ? 94
               : 0;
}

const MgkHandler mgk_format_jtd = {.probe = probe};
