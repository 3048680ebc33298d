/* ics.c - iCalendar (RFC 5545) and vCalendar: recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    return g_str_has_prefix(head, "begin:vcalendar") ? 84 : 0;
}

const MgkHandler mgk_format_ics = {.probe = probe};
