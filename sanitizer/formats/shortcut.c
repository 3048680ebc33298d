/* shortcut.c - files that point a computer elsewhere or change its settings: recognised only, blocked.
 * Windows shell links ([MS-SHLLINK]), internet shortcuts, registry files, autorun and desktop.ini, remote desktop,
 * library, search connector and settings-content XML, Java web start, freedesktop entries, mac OS aliases and web
 * locations. */
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "L\0\0\0\1\x14\2\0\0\0\0\0\xc0\0\0\0"),
                                     MGK_MAGIC(0, "book\0\0\0\0mark"), MGK_MAGIC(0, "regf")};
    static const char *const starts[] = {"[internetshortcut",
                                         "[{000214a0-",
                                         "[autorun]",
                                         "[.shellclassinfo]",
                                         "windows registry editor version",
                                         "regedit4",
                                         "[desktop entry]",
                                         "screen mode id:i:",
                                         "full address:s:"};
    static const char *const roots[] = {
        "librarydescription", "searchconnectordescription", "persistedquery", "pcsettings", "jnlp", "deskthemepack",
        "asmv1:assembly"};
    if (MGK_MAGIC_ANY(probe, table))
        return 95;
    g_autofree char *head = mgk_recognise_head(probe);
    if (MGK_HEAD_STARTS(head, starts) || mgk_recognise_line(head, "[internetshortcut]"))
        return 86;
    g_autofree char *root = mgk_recognise_root(head);
    for (guint i = 0; i < G_N_ELEMENTS(roots); i++) {
        if (strcmp(root, roots[i]) == 0)
            return 86;
    }
    return strstr(head, "<key>url</key>") && strcmp(root, "plist") == 0 ? 86 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    (void)error;
    return mgk_job_block(job, MGK_REASON_DANGEROUS_FORMAT, "shortcut or settings file");
}

const MgkHandler mgk_format_shortcut = {.probe = probe, .clean = clean};
