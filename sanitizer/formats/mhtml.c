/* mhtml.c - web pages saved as one MIME message (RFC 2557): recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    gboolean named = mgk_format_has_extension(MGK_FORMAT_ID_mhtml, probe->extension);
    gboolean mime = mgk_recognise_line(head, "mime-version:") || mgk_recognise_line(head, "content-type:");
    gboolean saved = strstr(head, "<saved by") || mgk_recognise_line(head, "snapshot-content-location:");
    return mime && (named || saved) ? 78 : 0;
}

const MgkHandler mgk_format_mhtml = {.probe = probe};
