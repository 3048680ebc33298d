/* archive.c - packers without a row of their own (pack, lzh of Unix, lzop, lrzip, ARJ, ACE, Unix ar, WARC, uuencode,
 * RPM's cousins): recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {
        MGK_MAGIC(0, "\x1f\xa0"), MGK_MAGIC(0, "\x1f\x1e"),  MGK_MAGIC(0, "\x89LZO\0\r\n"),
        MGK_MAGIC(0, "LRZI"),     MGK_MAGIC(0, "\x60\xea"),  MGK_MAGIC(7, "**ACE**"),
        MGK_MAGIC(0, "WARC/"),    MGK_MAGIC(0, "!<arch>\n"), MGK_MAGIC(20, "\xdc\xa7\xc4\xfd")};
    if (MGK_MAGIC_ANY(probe, table))
        return 87;
    g_autofree char *head = mgk_recognise_head(probe);
    gboolean begin = g_str_has_prefix(head, "begin ") && g_ascii_isdigit(head[6]) && g_ascii_isdigit(head[7]) &&
                     g_ascii_isdigit(head[8]) && head[9] == ' ';
    return begin || g_str_has_prefix(head, "begin-base64 ") ? 68 : 0;
}

const MgkHandler mgk_format_archive = {.probe = probe};
