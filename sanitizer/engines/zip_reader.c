#include "engines/zip_reader.h"

#include "engines/zip_internal.h"

#include <string.h>

static MgkZip *zip_new(const guint8 *data, gsize size, const MgkLimits *limits)
{
    MgkZip *zip = g_new0(MgkZip, 1);
    *zip = (MgkZip){.data = data, .size = size, .limits = *limits};
    zip->entries = g_array_new(FALSE, FALSE, sizeof(MgkZipEntry));
    zip->order = g_array_new(FALSE, FALSE, sizeof(guint));
    zip->text = g_string_chunk_new(4096);
    zip->names = g_hash_table_new(g_str_hash, g_str_equal);
    return zip;
}

MgkZip *mgk_zip_open(const guint8 *data, gsize size, const MgkLimits *limits, GError **error)
{
    g_autoptr(MgkZip) zip = zip_new(data, size, limits);
    MgkZipPlan plan;
    if (!mgk_zip_end_find(zip, &plan, error) || !mgk_zip_directory_read(zip, &plan, error)) {
        g_prefix_error(error, "zip: ");
        return NULL;
    }
    mgk_zip_layout_judge(zip, &plan);
    mgk_zip_naming_judge(zip);
    mgk_zip_end_judge(zip, &plan);
    for (guint i = 0; i < zip->entries->len; i++)
        zip->anomalies |= g_array_index(zip->entries, MgkZipEntry, i).anomalies;
    return g_steal_pointer(&zip);
}

void mgk_zip_free(MgkZip *zip)
{
    if (!zip)
        return;
    g_array_unref(zip->entries);
    g_array_unref(zip->order);
    g_hash_table_unref(zip->names);
    g_string_chunk_free(zip->text);
    if (zip->decompressor)
        libdeflate_free_decompressor(zip->decompressor);
    g_free(zip);
}

guint mgk_zip_count(const MgkZip *zip)
{
    return zip->entries->len;
}

MgkZipEntry *mgk_zip_entry(const MgkZip *zip, guint index)
{
    g_return_val_if_fail(index < zip->entries->len, NULL);
    return &g_array_index(zip->entries, MgkZipEntry, index);
}

MgkZipEntry *mgk_zip_find(const MgkZip *zip, const char *name)
{
    guint index = GPOINTER_TO_UINT(g_hash_table_lookup(zip->names, name));
    return index ? mgk_zip_entry(zip, index - 1) : NULL;
}

guint32 mgk_zip_anomalies(const MgkZip *zip)
{
    return zip->anomalies;
}

const guint8 *mgk_zip_packed(const MgkZip *zip, const MgkZipEntry *entry)
{
    return zip->data + entry->offset;
}

char *mgk_zip_anomalies_text(guint32 anomalies)
{
    static const char *const words[] = {
        "prefix",       "trailing",       "gap",           "comment",        "second-end",
        "end-mismatch", "hidden-entry",   "multi-disk",    "local-mismatch", "overlap",
        "duplicate",    "case-duplicate", "name-conflict", "name-encoding",  "name-legacy",
        "name-nul",     "name-backslash", "name-percent",  "zip64-odd",      "descriptor",
        "extra",        "encrypted",      "method",        "link",
    };
    GString *text = g_string_new("");
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        if (anomalies >> i & 1)
            g_string_append_printf(text, "%s%s", text->len ? "," : "", words[i]);
    }
    return g_string_free(text, FALSE);
}
