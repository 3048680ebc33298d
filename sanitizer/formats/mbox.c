/* mbox.c - mail folders in one file (RFC 4155: each message after a line "From "): recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    if (!g_str_has_prefix(head, "from ") || mgk_format_has_extension(MGK_FORMAT_ID_text, probe->extension))
        return 0;
    gboolean fields = mgk_recognise_line(head, "from:") || mgk_recognise_line(head, "received:") ||
                      mgk_recognise_line(head, "message-id:") || mgk_recognise_line(head, "return-path:");
    return fields && memchr(head, ':', strcspn(head, "\r\n")) ? 77 : 0; /* the time of the first line */
}

const MgkHandler mgk_format_mbox = {.probe = probe};
