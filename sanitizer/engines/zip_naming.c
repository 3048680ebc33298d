/* zip_naming.c - all names of one archive: decoded alike, compared with their unicode twins, duplicates found. */
#include "engines/zip_internal.h"
#include "engines/zip_names.h"

#include <string.h>

#define CENTRAL_SIZE 46
#define LOCAL_SIZE 30
#define FLAG_UTF8 (1 << 11)

static gboolean decodes(MgkZipCharset charset, const MgkZipEntry *entry)
{
    g_autofree char *text = mgk_zip_names_decode(charset, entry->raw_name, entry->raw_name_size);
    return text != NULL;
}

/* One archive has one maker: the first charset in which all unmarked names are text. */
static MgkZipCharset choose_charset(const MgkZip *zip)
{
    gboolean fits[MGK_ZIP_N_CHARSETS] = {TRUE, TRUE, TRUE};
    for (guint i = 0; i < zip->entries->len; i++) {
        const MgkZipEntry *entry = &g_array_index(zip->entries, MgkZipEntry, i);
        if ((entry->flags & FLAG_UTF8) || mgk_zip_names_ascii(entry->raw_name, entry->raw_name_size))
            continue;
        for (guint charset = MGK_ZIP_UTF8; charset < MGK_ZIP_CP437; charset++)
            fits[charset] = fits[charset] && decodes((MgkZipCharset)charset, entry);
    }
    return fits[MGK_ZIP_UTF8] ? MGK_ZIP_UTF8 : fits[MGK_ZIP_CP932] ? MGK_ZIP_CP932 : MGK_ZIP_CP437;
}

static char *decode(MgkZipEntry *entry, MgkZipCharset charset)
{
    const guint8 *bytes = entry->raw_name;
    gsize size = entry->raw_name_size;
    const guint8 *nul = memchr(bytes, 0, size);
    if (nul || size == 0)
        entry->anomalies |= MGK_ZIP_NAME_NUL;
    if (nul)
        size = (gsize)(nul - bytes);
    if (mgk_zip_names_ascii(bytes, size))
        return g_strndup((const char *)bytes, size);
    if (entry->flags & FLAG_UTF8) {
        char *text = mgk_zip_names_decode(MGK_ZIP_UTF8, bytes, size);
        if (text)
            return text;
        entry->anomalies |= MGK_ZIP_NAME_ENCODING;
        return mgk_zip_names_decode(MGK_ZIP_CP437, bytes, size);
    }
    entry->anomalies |= MGK_ZIP_NAME_LEGACY;
    char *text = mgk_zip_names_decode(charset, bytes, size);
    return text ? text : mgk_zip_names_decode(MGK_ZIP_CP437, bytes, size);
}

/* The unicode path extra (APPNOTE 4.6.9) of one header as text; NULL when absent or unusable (then *ret_bad). */
static char *unicode_path(const MgkZipEntry *entry, const guint8 *extra, gsize size, gboolean *ret_bad)
{
    MgkZipExtra fields = mgk_zip_extra_parse(extra, size);
    if (!fields.path)
        return NULL;
    gsize text_size = fields.path_size < 5 ? 0 : fields.path_size - 5u;
    *ret_bad = text_size == 0 || fields.path[0] != 1 ||
               mgk_zip_u32(fields.path + 1) != libdeflate_crc32(0, entry->raw_name, entry->raw_name_size);
    char *text = *ret_bad ? NULL : mgk_zip_names_decode(MGK_ZIP_UTF8, fields.path + 5, text_size);
    *ret_bad |= text == NULL || !mgk_zip_names_same(entry->raw_name, entry->raw_name_size, text);
    return text;
}

/* Returns the name to go by. The central record's extra and the local header's must both be true. */
static char *settle(const MgkZip *zip, MgkZipEntry *entry, char *decoded)
{
    const guint8 *central = entry->raw_name - CENTRAL_SIZE, *local = zip->data + entry->header_offset;
    gboolean bad[2] = {FALSE, FALSE};
    char *path = unicode_path(entry, entry->raw_name + entry->raw_name_size, mgk_zip_u16(central + 30), &bad[0]);
    g_autofree char *twin =
        unicode_path(entry, local + LOCAL_SIZE + mgk_zip_u16(local + 26), mgk_zip_u16(local + 28), &bad[1]);
    if (bad[0] || bad[1] || (path && twin && strcmp(path, twin) != 0))
        entry->anomalies |= MGK_ZIP_NAME_CONFLICT;
    if (!path || bad[0]) {
        g_free(path);
        return decoded;
    }
    g_free(decoded);
    return path;
}

static gboolean has_percent(const char *name)
{
    for (const char *p = strchr(name, '%'); p; p = strchr(p + 1, '%')) {
        if (g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2]))
            return TRUE;
    }
    return FALSE;
}

/* A folder and a file of one name collide, too. */
static char *comparison_key(const char *name)
{
    gsize size = strlen(name);
    while (size && name[size - 1] == '/')
        size--;
    return mgk_zip_names_key(name, size);
}

static void judge_duplicate(MgkZip *zip, GHashTable *keys, guint index)
{
    MgkZipEntry *entry = mgk_zip_entry(zip, index);
    char *key = comparison_key(entry->name);
    gboolean known_name = g_hash_table_contains(zip->names, entry->name);
    gboolean known_key = !g_hash_table_add(keys, key);
    if (known_name)
        entry->anomalies |= MGK_ZIP_DUPLICATE;
    else if (known_key)
        entry->anomalies |= MGK_ZIP_CASE_DUPLICATE;
    if (!known_name)
        g_hash_table_insert(zip->names, (gpointer)(gsize)entry->name, GUINT_TO_POINTER(index + 1));
}

void mgk_zip_naming_judge(MgkZip *zip)
{
    MgkZipCharset charset = choose_charset(zip);
    g_autoptr(GHashTable) keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < zip->entries->len; i++) {
        MgkZipEntry *entry = mgk_zip_entry(zip, i);
        g_autofree char *name = settle(zip, entry, decode(entry, charset));
        gsize size = strlen(name);
        if (strchr(name, '\\'))
            entry->anomalies |= MGK_ZIP_NAME_BACKSLASH;
        if (has_percent(name))
            entry->anomalies |= MGK_ZIP_NAME_PERCENT;
        if (entry->directory && (size == 0 || name[size - 1] != '/')) {
            g_autofree char *folder = g_strconcat(name, "/", NULL);
            entry->name = g_string_chunk_insert(zip->text, folder);
        } else {
            entry->name = g_string_chunk_insert(zip->text, name);
        }
        judge_duplicate(zip, keys, i);
    }
}
