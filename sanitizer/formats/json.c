/* json.c - JSON (RFC 8259), by extension or by how it begins; under a text's extension it is text: recognised only,
 * held. */
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

/* An object's or array's beginning: {"name": or [{ or []. */
static gboolean begins(const char *head)
{
    const char *at = head;
    while (*at == '[' || *at == '{' || g_ascii_isspace(*at))
        at++;
    if (at == head || *at != '"')
        return FALSE;
    const char *end = strchr(at + 1, '"');
    if (!end)
        return FALSE;
    end++;
    end += strspn(end, " \t\r\n");
    return *end == ':' || (*head == '[' && (*end == ',' || *end == ']'));
}

static guint probe(const MgkProbe *probe)
{
    if (mgk_format_has_extension(MGK_FORMAT_ID_text, probe->extension))
        return 0;
    g_autofree char *head = mgk_recognise_head(probe);
    gboolean named = mgk_format_has_extension(MGK_FORMAT_ID_json, probe->extension);
    return (named && (*head == '{' || *head == '[')) || begins(head) ? 66 : 0;
}

const MgkHandler mgk_format_json = {.probe = probe};
