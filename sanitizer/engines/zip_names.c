#include "engines/zip_names.h"

#include "engines/charset.h"

#include <string.h>

/* The upper half of code page 437, what the specification calls the historical encoding. */
static const gunichar2 cp437[128] = {
    0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8, 0x00ef, 0x00ee,
    0x00ec, 0x00c4, 0x00c5, 0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9, 0x00ff, 0x00d6,
    0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192, 0x00e1, 0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa,
    0x00ba, 0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb, 0x2591, 0x2592, 0x2593, 0x2502,
    0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510, 0x2514,
    0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f, 0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550,
    0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b, 0x256a, 0x2518, 0x250c,
    0x2588, 0x2584, 0x258c, 0x2590, 0x2580, 0x03b1, 0x00df, 0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4,
    0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e, 0x03c6, 0x03b5, 0x2229, 0x2261, 0x00b1, 0x2265, 0x2264, 0x2320,
    0x2321, 0x00f7, 0x2248, 0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0,
};

static char *decode_cp437(const guint8 *bytes, gsize size)
{
    GString *text = g_string_sized_new(size);
    for (gsize i = 0; i < size; i++)
        g_string_append_unichar(text, bytes[i] < 0x80 ? bytes[i] : cp437[bytes[i] - 0x80]);
    return g_string_free(text, FALSE);
}

char *mgk_zip_names_decode(MgkZipCharset charset, const guint8 *bytes, gsize size)
{
    gsize length = 0;
    switch (charset) {
    case MGK_ZIP_UTF8:
        return g_utf8_validate_len((const char *)bytes, size, NULL) ? g_strndup((const char *)bytes, size) : NULL;
    case MGK_ZIP_CP932:
        return mgk_charset_to_utf8(MGK_CHARSET_CP932, bytes, size, &length, NULL);
    case MGK_ZIP_CP437:
    case MGK_ZIP_N_CHARSETS:
        break;
    }
    return decode_cp437(bytes, size);
}

/* Characters that the header's charset lacked stand there as one '?' or '_' each, or as some bytes of any charset. */
static gboolean same_skeleton(const guint8 *header, gsize size, const char *path)
{
    gsize i = 0;
    while (*path) {
        gunichar c = g_utf8_get_char(path);
        if (i == size)
            return FALSE;
        if (c < 0x80) {
            if (header[i++] != c)
                return FALSE;
            path++;
            continue;
        }
        const char *run = path;
        gsize characters = 0, bytes = 0;
        for (; g_utf8_get_char(run) >= 0x80; run = g_utf8_next_char(run))
            characters++;
        while (i < size && (header[i] >= 0x80 || header[i] == '?' || header[i] == '_') && bytes < characters * 4) {
            i++;
            bytes++;
        }
        if (bytes < characters && bytes == 0)
            return FALSE;
        path = run;
    }
    return i == size;
}

gboolean mgk_zip_names_same(const guint8 *header, gsize header_size, const char *path)
{
    for (guint charset = 0; charset < MGK_ZIP_N_CHARSETS; charset++) {
        g_autofree char *text = mgk_zip_names_decode((MgkZipCharset)charset, header, header_size);
        if (text && strcmp(text, path) == 0)
            return TRUE;
    }
    return same_skeleton(header, header_size, path);
}

gboolean mgk_zip_names_ascii(const guint8 *bytes, gsize size)
{
    for (gsize i = 0; i < size; i++) {
        if (bytes[i] >= 0x80)
            return FALSE;
    }
    return TRUE;
}

char *mgk_zip_names_key(const char *name, gsize size)
{
    if (mgk_zip_names_ascii((const guint8 *)name, size))
        return g_ascii_strdown(name, (gssize)size);
    g_autofree char *composed = g_utf8_normalize(name, (gssize)size, G_NORMALIZE_NFC);
    return g_utf8_casefold(composed ? composed : name, composed ? -1 : (gssize)size);
}
