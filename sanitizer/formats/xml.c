/* xml.c - any other XML, flat OpenDocument and Word 2003 documents among them: recognised only, held. A root element
 * alone, without declaration, counts where the extension is no text's. */
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    if (g_str_has_prefix(head, "<?xml"))
        return 72;
    g_autofree char *root = mgk_recognise_root(head);
    gboolean text = mgk_format_has_extension(MGK_FORMAT_ID_text, probe->extension);
    gboolean doctype = g_str_has_prefix(head, "<!doctype");
    return *root && (doctype || (!text && (strstr(head, "xmlns") || strstr(head, "</")))) ? 60 : 0;
}

const MgkHandler mgk_format_xml = {.probe = probe};
