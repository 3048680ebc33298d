/* svg.c - Scalable Vector Graphics, by root element: recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    g_autofree char *root = mgk_recognise_root(head);
    if (strcmp(root, "svg") == 0 || g_str_has_suffix(root, ":svg"))
        return 82;
    /* a doctype with entities or a long comment may hide the root */
    return head[0] == '<' &&
                   (strstr(head, "<!doctype svg") || (strcmp(probe->extension, "svg") == 0 && strstr(head, "<svg")))
               ? 82
               : 0;
}

const MgkHandler mgk_format_svg = {.probe = probe};
