/* eml.c - mail messages (RFC 5322), by their header fields: recognised only, held. Under a text's extension a pasted
 * message is text. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const char *const sure[] = {"received:",     "message-id:",     "mime-version:",     "return-path:",
                                       "delivered-to:", "dkim-signature:", "x-mozilla-status:", "content-type:"};
    static const char *const usual[] = {"from:", "to:", "subject:", "date:", "cc:", "reply-to:", "sender:"};
    if (mgk_format_has_extension(MGK_FORMAT_ID_text, probe->extension))
        return 0;
    g_autofree char *head = mgk_recognise_head(probe);
    gsize name = strcspn(head, ": \t\r\n");
    gboolean field = name > 0 && head[name] == ':';
    guint marks = 0, fields = 0;
    for (guint i = 0; i < G_N_ELEMENTS(sure); i++)
        marks += mgk_recognise_line(head, sure[i]);
    for (guint i = 0; i < G_N_ELEMENTS(usual); i++)
        fields += mgk_recognise_line(head, usual[i]);
    gboolean named = mgk_format_has_extension(MGK_FORMAT_ID_eml, probe->extension);
    if (named && marks + fields > 0)
        return 74;
    return field && marks > 0 && marks + fields >= 3 ? 72 : 0;
}

const MgkHandler mgk_format_eml = {.probe = probe};
