/* executable.c - programs of every platform: recognised only, blocked.
 * Windows (MZ with a PE, NE, LE header, or a DOS program), ELF, Mach-O, Java and Dalvik classes and archives,
 * WebAssembly, Flash, compiled Lua and Python. Known limits: DOS .com files have no signature; their extension is
 * blocked by name. */
#include "engines/recognise.h"
#include "engines/zip_peek.h"
#include "formats/formats.h"

#include <string.h>

static gboolean is_mz(const MgkProbe *probe)
{
    const guint8 *p = probe->data;
    if (probe->size < 28 || memcmp(p, "MZ", 2) != 0)
        return FALSE;
    guint32 untrusted_header = probe->size >= 64 ? mgk_recognise_u32le(p + 60) : 0;
    if (untrusted_header && untrusted_header < probe->size && probe->size - untrusted_header >= 2) {
        static const char *const kinds[] = {"PE", "NE", "LE", "LX"};
        for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
            if (memcmp(p + untrusted_header, kinds[i], 2) == 0)
                return TRUE;
        }
    }
    return memchr(p, 0, 28) != NULL; /* a DOS header has zero bytes, prose that starts with MZ has not */
}

static gboolean is_archive(const MgkProbe *probe)
{
    g_auto(GStrv) names = mgk_zip_peek(probe->data, probe->size);
    if (!names)
        return FALSE;
    gboolean classes = mgk_zip_peek_has_suffix(names, ".class") && mgk_zip_peek_has(names, "meta-inf/manifest.mf");
    gboolean android = mgk_zip_peek_has(names, "androidmanifest.xml") && mgk_zip_peek_has_suffix(names, ".dex");
    gboolean browser = mgk_zip_peek_has(names, "manifest.json") && mgk_zip_peek_has(names, "meta-inf/mozilla.rsa");
    return classes || android || browser ||
           (mgk_zip_peek_has(names, "meta-inf/manifest.mf") && strcmp(probe->extension, "jar") == 0);
}

/* Magic of a compiled Python module: a number, then CR LF, then flags. */
static gboolean is_python(const MgkProbe *probe)
{
    return probe->size > 16 && memcmp(probe->data + 2, "\r\n", 2) == 0 && memchr(probe->data + 4, 0, 4) &&
           g_str_has_prefix(probe->extension, "py");
}

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {
        MGK_MAGIC(0, "\177ELF"),          MGK_MAGIC(0, "\xfe\xed\xfa\xce"), MGK_MAGIC(0, "\xfe\xed\xfa\xcf"),
        MGK_MAGIC(0, "\xce\xfa\xed\xfe"), MGK_MAGIC(0, "\xcf\xfa\xed\xfe"), MGK_MAGIC(0, "\xca\xfe\xba\xbe"),
        MGK_MAGIC(0, "dex\n0"),           MGK_MAGIC(0, "dey\n0"),           MGK_MAGIC(0, "\0asm"),
        MGK_MAGIC(0, "\033Lua"),          MGK_MAGIC(0, "BC\xc0\xde"),       MGK_MAGIC(0, "\xca\xfe\xd0\x0d")};
    gboolean flash = probe->size > 8 && memcmp(probe->data + 1, "WS", 2) == 0 && strchr("FCZ", probe->data[0]) &&
                     probe->data[0] && probe->data[3] < 64 && probe->data[3] > 0;
    if (MGK_MAGIC_ANY(probe, table) || is_mz(probe) || is_python(probe))
        return 95;
    return flash || is_archive(probe) ? 93 : 0;
}

const MgkHandler mgk_format_executable = {.probe = probe};
