/* installer.c - packages that install programs: recognised only, blocked.
 * Windows Installer databases and patches (compound files, by the class of their root), app packages (ZIP), Debian, RPM
 * and mac OS packages. */
#include "engines/cfb_peek.h"
#include "engines/recognise.h"
#include "engines/zip_peek.h"
#include "formats/formats.h"

#include <string.h>

static gboolean is_msi(const MgkProbe *probe)
{
    /* {000C1084,82,86}-0000-0000-C000-000000000046: database, transform, patch */
    static const guint8 tail[] = {0x10, 0x0c, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46};
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(probe->data, probe->size);
    if (!peek)
        return FALSE;
    const guint8 *class = mgk_cfb_peek_root_class(peek);
    return (class[0] == 0x84 || class[0] == 0x82 || class[0] == 0x86) && memcmp(class + 1, tail, sizeof tail) == 0;
}

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "!<arch>\ndebian-binary"), MGK_MAGIC(0, "\xed\xab\xee\xdb"),
                                     MGK_MAGIC(0, "xar!\0\x1c"), MGK_MAGIC(0, "ISc(")};
    if (MGK_MAGIC_ANY(probe, table) || is_msi(probe))
        return 96;
    g_auto(GStrv) names = mgk_zip_peek(probe->data, probe->size);
    gboolean app =
        mgk_zip_peek_has(names, "appxmanifest.xml") || mgk_zip_peek_has_suffix(names, "/appxbundlemanifest.xml");
    return app ? 93 : 0;
}

const MgkHandler mgk_format_installer = {.probe = probe};
