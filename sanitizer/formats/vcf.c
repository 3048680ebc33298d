/* vcf.c - vCard (RFC 6350): recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    return g_str_has_prefix(head, "begin:vcard") ? 84 : 0;
}

const MgkHandler mgk_format_vcf = {.probe = probe};
