/* odf_manifest.c - META-INF/manifest.xml (ODF 1.3 part 2, clause 4): read for media types and encryption, written
 * afresh; and what lies in a package without any document leading to it. */
#include "engines/odf_internal.h"

#include "rules/xml_rules.h"

#include <string.h>

#define SIGNATURES "meta-inf/documentsignatures.xml"
#define SIGNATURES_MAX (1u << 20)
#define SIGNER_MAX 200

static MgkOdf *odf_of(const MgkXmlFilter *filter)
{
    return mgk_odf_pass(filter)->odf;
}

static MgkXmlAction on_manifest(MgkXmlFilter *filter, MgkXmlElement *element)
{
    g_autofree char *version = mgk_xml_get(element, MGK_NS_MANIFEST, "version");
    if (version && strlen(version) == 3)
        g_strlcpy(odf_of(filter)->version, version, sizeof odf_of(filter)->version);
    return MGK_XML_KEEP;
}

static MgkXmlAction on_file_entry(MgkXmlFilter *filter, MgkXmlElement *element)
{
    char *path = mgk_xml_get(element, MGK_NS_MANIFEST, "full-path");
    char *type = mgk_xml_get(element, MGK_NS_MANIFEST, "media-type");
    if (path && type)
        g_hash_table_insert(odf_of(filter)->media, path, type);
    else
        g_free(path), g_free(type);
    return MGK_XML_KEEP;
}

static MgkXmlAction on_encryption(MgkXmlFilter *filter, MgkXmlElement *element)
{
    (void)element;
    odf_of(filter)->encrypted = TRUE;
    return MGK_XML_DROP;
}

static const MgkXmlHook hooks[MGK_N_XML_HOOKS] = {
    [MGK_XML_HOOK_ODF_MANIFEST] = {.start = on_manifest},
    [MGK_XML_HOOK_ODF_FILE_ENTRY] = {.start = on_file_entry},
    [MGK_XML_HOOK_ODF_ENCRYPTION] = {.start = on_encryption},
};

gboolean mgk_odf_read_manifest(MgkOdf *odf, GError **error)
{
    guint index = 0;
    const MgkZipEntry *entry = mgk_odf_entry(odf, "META-INF/manifest.xml", &index);
    MgkOdfPass pass = {.odf = odf, .survey = TRUE};
    return !entry || mgk_odf_feed(&pass, hooks, "META-INF/manifest.xml", index, "manifest:manifest", NULL, error);
}

/* ---- writing ---- */

void mgk_odf_list(MgkOdf *odf, const char *name, const char *media_type, const char *version)
{
    g_string_append_printf(odf->manifest, " <manifest:file-entry manifest:full-path=\"%s\"", name);
    if (version && *version)
        g_string_append_printf(odf->manifest, " manifest:version=\"%s\"", version);
    g_string_append_printf(odf->manifest, " manifest:media-type=\"%s\"/>\n", media_type);
}

gboolean mgk_odf_write_manifest(MgkOdf *odf, const char *version, GError **error)
{
    g_autoptr(GString) text = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
                                           "<manifest:manifest xmlns:manifest=\"");
    g_string_append(text, mgk_ns_info(MGK_NS_MANIFEST)->uri);
    if (*version)
        g_string_append_printf(text, "\" manifest:version=\"%s", version);
    g_string_append_printf(text, "\">\n%s</manifest:manifest>\n", odf->manifest->str);
    return mgk_zip_writer_add(odf->writer, "META-INF/manifest.xml", MGK_ZIP_PACK, MGK_ZIP_EPOCH, text->str, text->len,
                              error);
}

/* ---- what is left over ---- */

static char *text_after(const char *xml, gsize size, const char *tag)
{
    const char *at = g_strstr_len(xml, (gssize)size, tag);
    const char *open = at ? memchr(at, '>', size - (gsize)(at - xml)) : NULL;
    const char *close = open ? memchr(open, '<', size - (gsize)(open - xml)) : NULL;
    if (!close || close - open < 2 || close - open > SIGNER_MAX)
        return NULL;
    return g_utf8_make_valid(open + 1, close - open - 1);
}

/* Who signed, by what the signature says of itself: nobody has verified it. */
static void report_signature(MgkOdf *odf, MgkZipEntry *entry)
{
    g_autoptr(GBytes) bytes = mgk_zip_entry_bytes(odf->zip, entry, SIGNATURES_MAX, NULL);
    gsize size = 0;
    const char *xml = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    static const char *const tags[] = {"X509SubjectName", "PGPOwner", "X509IssuerName"};
    g_autofree char *signer = NULL;
    for (guint i = 0; xml && i < G_N_ELEMENTS(tags) && !signer; i++)
        signer = text_after(xml, size, tags[i]);
    mgk_job_find(odf->job, MGK_KIND_SIGNATURE_LOST, NULL, signer ? signer : "");
}

/* The name inside the innermost embedded document, and whether that document read it. */
static const char *name_inside(const MgkOdf *odf, const char *name, gboolean *ret_read)
{
    static const char *const members[] = {"content.xml", "styles.xml", "meta.xml", "settings.xml", NULL};
    const char *inside = name;
    *ret_read = g_strv_contains(members, name);
    for (guint i = 1; i < odf->documents->len; i++) {
        const MgkOdfDocument *document = g_ptr_array_index(odf->documents, i);
        const char *rest = name + strlen(document->prefix);
        if (!g_str_has_prefix(name, document->prefix) || rest < inside)
            continue;
        inside = rest;
        *ret_read = !document->refused && g_strv_contains(members, rest);
    }
    return inside;
}

/* Entries of pictures that documents show. */
static GHashTable *shown_entries(const MgkOdf *odf)
{
    GHashTable *shown = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < odf->pictures->len; i++) {
        const MgkOdfPicture *picture = g_ptr_array_index(odf->pictures, i);
        if (picture->entry)
            g_hash_table_add(shown, GUINT_TO_POINTER(picture->entry));
    }
    return shown;
}

void mgk_odf_report_rest(MgkOdf *odf)
{
    g_autoptr(GHashTable) shown = shown_entries(odf);
    for (guint i = 0; i < mgk_zip_count(odf->zip); i++) {
        MgkZipEntry *entry = mgk_zip_entry(odf->zip, i);
        gboolean read = FALSE;
        if (entry->directory || g_hash_table_contains(shown, GUINT_TO_POINTER(i + 1)))
            continue;
        if (g_ascii_strcasecmp(entry->name, SIGNATURES) == 0) {
            report_signature(odf, entry);
            continue;
        }
        const char *inside = name_inside(odf, entry->name, &read);
        guint kind = read || !entry->untrusted_size ? (guint)MGK_KIND_NONE : mgk_odf_member_kind(inside);
        if (kind != MGK_KIND_NONE)
            mgk_job_find(odf->job, (MgkKind)kind, entry->name, NULL);
    }
}
