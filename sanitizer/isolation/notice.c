#include "isolation/notice.h"

#include "model/names.h"

#include <libintl.h>

#define _(text) dgettext("mugaika", text)
#define NAME_COLUMNS 80

char *mgk_notice_text(const MgkReport *report)
{
    g_autofree char *name = mgk_names_display(report->name, -1, NAME_COLUMNS);
    const char *words = mgk_reason_text(report->reason);
    GString *text = g_string_new("\xef\xbb\xbf");
    g_string_append_printf(text, "%s「%s」", _("This file was kept back: "), name);
    g_string_append_printf(text, "\r\n%s%s\r\n", _("Reason: "), *words ? _(words) : "");
    g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, report->size_in); /* msgids are literals */
    g_string_append_printf(text, _("Size: %s bytes"), size);
    g_string_append_printf(text, "\r\nSHA-256: %s\r\n", report->sha256_in);
    return g_string_free(text, FALSE);
}

char *mgk_notice_name(const char *name)
{
    /* the stem is cut, the marker never: mgk_names_with_extension keeps the extension whole */
    g_autofree char *base = g_strdup_printf("%s.x", name);
    return mgk_names_with_extension(base, "無害化保留.txt");
}
