#include "checks/odf.h"

#include "checks/checks.h"
#include "checks/odf_look.h"
#include "checks/picture.h"

#include <string.h>

#define TYPE "application/vnd.oasis.opendocument."
#define MANIFEST "META-INF/manifest.xml"

enum { MAX_COMPLAINT = 2000, MAX_DETAIL = 60 };

void mgk_odf_look_reject(MgkOdfLook *look, const char *part, const char *rule, const char *detail)
{
    if (look->complaint->len > MAX_COMPLAINT)
        return;
    g_autofree char *plain = g_strndup(detail ? detail : "", MAX_DETAIL);
    for (char *p = plain; *p; p++) {
        if (!g_ascii_isprint(*p))
            *p = '?';
    }
    g_string_append_printf(look->complaint, "%s%s (%s: %s)", look->complaint->len ? "; " : "", rule, part, plain);
}

static MgkFormatId picture_format(const guint8 *data, gsize size)
{
    switch (size ? data[0] : 0) {
    case 0x89:
        return MGK_FORMAT_ID_png;
    case 0xff:
        return MGK_FORMAT_ID_jpeg;
    case 'G':
        return MGK_FORMAT_ID_gif;
    case '<':
        return MGK_FORMAT_ID_svg;
    default:
        return size >= 4 && memcmp(data, "\1\0\0\0", 4) == 0 ? MGK_FORMAT_ID_emf : MGK_FORMAT_ID_wmf;
    }
}

void mgk_odf_look_picture(MgkOdfLook *look, const char *name, const guint8 *data, gsize size)
{
    g_autoptr(GError) why = NULL;
    if (!mgk_check_picture(look->job, name, picture_format(data, size), data, size, &why))
        mgk_odf_look_reject(look, name, "picture", why->message);
}

/* ---- members ---- */

static gboolean append_bytes(gpointer context, const guint8 *data, gsize size, GError **error)
{
    (void)error;
    g_byte_array_append(context, data, (guint)size);
    return TRUE;
}

static GByteArray *read_member(MgkOdfLook *look, const MgkZipWalkEntry *entry, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    if (entry->size > look->job->policy->limits.total_bytes || entry->size > G_MAXUINT / 2) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "total_bytes");
        return NULL;
    }
    return mgk_zip_walk_read(&look->zip, entry, append_bytes, bytes, error) ? g_steal_pointer(&bytes) : NULL;
}

/* Behind "Object 1/Object 2/": the name inside the innermost document. */
static const char *behind_folders(const char *name)
{
    while (g_str_has_prefix(name, "Object ")) {
        const char *p = name + strlen("Object ");
        gsize digits = strspn(p, "0123456789");
        if (!digits || p[digits] != '/')
            break;
        name = p + digits + 1;
    }
    return name;
}

typedef enum { KIND_NONE, KIND_XML, KIND_PICTURE } Kind;

static Kind kind_of(const char *name)
{
    static const char *const documents[] = {"content.xml", "styles.xml", "meta.xml", "settings.xml", NULL};
    const char *inside = behind_folders(name);
    if (g_strv_contains(documents, inside))
        return KIND_XML;
    if (!g_str_has_prefix(inside, "Pictures/"))
        return KIND_NONE;
    const char *file = inside + strlen("Pictures/");
    gsize stem = strspn(file, "0123456789");
    static const char *const extensions[] = {".png", ".jpg", ".gif", ".svg", ".emf", ".wmf", NULL};
    gboolean plain = stem && g_strv_contains(extensions, file + stem);
    return plain || strcmp(file, "removed.png") == 0 ? KIND_PICTURE : KIND_NONE;
}

static gboolean look_at_xml(MgkOdfLook *look, const MgkZipWalkEntry *entry, GError **error)
{
    static const struct {
        const char *name, *root;
    } roots[] = {{"content.xml", "document-content"},
                 {"styles.xml", "document-styles"},
                 {"meta.xml", "document-meta"},
                 {"settings.xml", "document-settings"}};
    const char *inside = behind_folders(entry->name);
    g_autofree char *folder = g_strndup(entry->name, (gsize)(inside - entry->name));
    MgkOdfLookPart part = {.look = look, .name = entry->name, .folder = folder, .root = ""};
    for (gsize i = 0; i < G_N_ELEMENTS(roots); i++) {
        if (strcmp(inside, roots[i].name) == 0)
            part.root = roots[i].root;
    }
    g_autoptr(MgkOdfReader) reader = mgk_odf_reader_new(&part);
    return mgk_zip_walk_read(&look->zip, entry, mgk_odf_reader_push, reader, error) &&
           mgk_odf_reader_finish(reader, error);
}

static gboolean look_at_member(MgkOdfLook *look, const MgkZipWalkEntry *entry, GError **error)
{
    Kind kind = kind_of(entry->name);
    if (kind == KIND_XML)
        return look_at_xml(look, entry, error);
    if (kind == KIND_NONE) {
        mgk_odf_look_reject(look, entry->name, "unknown-member", NULL);
        return TRUE;
    }
    g_autoptr(GByteArray) bytes = read_member(look, entry, error);
    if (bytes)
        mgk_odf_look_picture(look, entry->name, bytes->data, bytes->len);
    return bytes != NULL;
}

/* ---- the package ---- */

static const MgkZipWalkEntry *member(const MgkOdfLook *look, guint index)
{
    return &g_array_index(look->zip.entries, MgkZipWalkEntry, index);
}

/* mimetype comes first, stored, and says what the checker was asked for; the manifest comes last. */
static gboolean look_at_frame(MgkOdfLook *look, GError **error)
{
    guint n = look->zip.entries->len;
    if (n < 3 || strcmp(member(look, 0)->name, "mimetype") != 0 || member(look, 0)->method != 0 ||
        member(look, 0)->size > 100 || strcmp(member(look, n - 1)->name, MANIFEST) != 0) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "mimetype is not first, or the manifest not last");
        return FALSE;
    }
    g_autoptr(GByteArray) bytes = read_member(look, member(look, 0), error);
    if (!bytes)
        return FALSE;
    g_autofree char *type = g_strndup((const char *)bytes->data, bytes->len);
    g_autofree char *template = g_strconcat(look->media, "-template", NULL);
    if (strcmp(type, look->media) != 0 && strcmp(type, template) != 0)
        mgk_odf_look_reject(look, "mimetype", "wrong-type", type);
    return TRUE;
}

static gboolean listed_type_fits(const char *path, const char *type)
{
    if (g_str_has_suffix(path, "/"))
        return g_str_has_prefix(type, TYPE);
    const char *want = g_str_has_suffix(path, ".xml")   ? "text/xml"
                       : g_str_has_suffix(path, ".jpg") ? "image/jpeg"
                       : g_str_has_suffix(path, ".gif") ? "image/gif"
                       : g_str_has_suffix(path, ".svg") ? "image/svg+xml"
                       : g_str_has_suffix(path, ".emf") ? "image/x-emf"
                       : g_str_has_suffix(path, ".wmf") ? "image/x-wmf"
                                                        : "image/png";
    return strcmp(type, want) == 0;
}

/* The manifest is ours, line by line, so plain text tells what it lists. */
static gboolean look_at_manifest(MgkOdfLook *look, GError **error)
{
    g_autoptr(GByteArray) bytes = read_member(look, member(look, look->zip.entries->len - 1), error);
    if (!bytes)
        return FALSE;
    g_autofree char *text = g_strndup((const char *)bytes->data, bytes->len);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GHashTable) listed = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    for (char **line = lines; *line; line++) {
        if (!g_str_has_prefix(*line, " <manifest:file-entry "))
            continue;
        char **quoted = g_strsplit(*line, "\"", -1);
        g_ptr_array_add(kept, quoted);
        guint n = g_strv_length(quoted);
        if ((n != 5 && n != 7) || !listed_type_fits(quoted[1], quoted[n - 2]) || !g_hash_table_add(listed, quoted[1]))
            mgk_odf_look_reject(look, MANIFEST, "manifest-entry", *line);
        else if (!g_str_has_suffix(quoted[1], "/") && !g_hash_table_contains(look->members, quoted[1]))
            mgk_odf_look_reject(look, MANIFEST, "manifest-without-member", quoted[1]);
    }
    for (guint i = 1; i + 1 < look->zip.entries->len; i++) {
        if (!g_hash_table_contains(listed, member(look, i)->name))
            mgk_odf_look_reject(look, MANIFEST, "member-without-entry", member(look, i)->name);
    }
    return TRUE;
}

/* Pictures and embedded documents are there because a document shows them. */
static void look_for_strays(MgkOdfLook *look)
{
    for (guint i = 1; i + 1 < look->zip.entries->len; i++) {
        const char *name = member(look, i)->name;
        const char *inside = behind_folders(name);
        g_autofree char *folder = g_strndup(name, (gsize)(inside - name));
        gboolean picture = kind_of(name) == KIND_PICTURE;
        if ((picture && !g_hash_table_contains(look->reached, name)) ||
            (*folder && !g_hash_table_contains(look->reached, folder)))
            mgk_odf_look_reject(look, name, "unreachable-member", NULL);
    }
}

static gboolean look_at_package(MgkOdfLook *look, GError **error)
{
    const MgkLimits *limits = &look->job->policy->limits;
    if (!mgk_zip_walk_open(&look->zip, look->job->data, look->job->size, limits->zip_entries, error))
        return FALSE;
    guint64 total = 0;
    for (guint i = 0; i < look->zip.entries->len; i++) {
        total += member(look, i)->size;
        g_hash_table_insert(look->members, member(look, i)->name, (gpointer)(gsize)member(look, i));
    }
    if (total > limits->total_bytes) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "total_bytes");
        return FALSE;
    }
    if (!look_at_frame(look, error) || !look_at_manifest(look, error))
        return FALSE;
    for (guint i = 1; i + 1 < look->zip.entries->len; i++) {
        if (!look_at_member(look, member(look, i), error))
            return FALSE;
    }
    look_for_strays(look);
    return TRUE;
}

static gboolean look_at_flat(MgkOdfLook *look, GError **error)
{
    char folder[] = "";
    MgkOdfLookPart part = {.look = look, .name = "document", .folder = folder, .root = "document"};
    g_autoptr(MgkOdfReader) reader = mgk_odf_reader_new(&part);
    return mgk_odf_reader_push(reader, look->job->data, look->job->size, error) && mgk_odf_reader_finish(reader, error);
}

static gboolean check(MgkJob *job, const char *media, const char *body, GError **error)
{
    MgkOdfLook look = {.job = job,
                       .media = media,
                       .body = body,
                       .members = g_hash_table_new(g_str_hash, g_str_equal),
                       .reached = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                       .complaint = g_string_new(NULL)};
    gboolean ok = *media ? look_at_package(&look, error) : look_at_flat(&look, error);
    if (look.complaint->len && error && *error)
        g_prefix_error(error, "%s; ", look.complaint->str);
    else if (look.complaint->len)
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "%s", look.complaint->str);
    ok = ok && look.complaint->len == 0;
    g_hash_table_unref(look.members);
    g_hash_table_unref(look.reached);
    g_string_free(look.complaint, TRUE);
    mgk_zip_walk_clear(&look.zip);
    return ok;
}

gboolean mgk_check_odt(MgkJob *job, GError **error)
{
    return check(job, TYPE "text", "text", error);
}

gboolean mgk_check_ods(MgkJob *job, GError **error)
{
    return check(job, TYPE "spreadsheet", "spreadsheet", error);
}

gboolean mgk_check_odp(MgkJob *job, GError **error)
{
    return check(job, TYPE "presentation", "presentation", error);
}

gboolean mgk_check_odg(MgkJob *job, GError **error)
{
    return check(job, TYPE "graphics", "drawing", error);
}

gboolean mgk_check_odf(MgkJob *job, GError **error)
{
    return check(job, TYPE "formula", "", error);
}

gboolean mgk_check_fodt(MgkJob *job, GError **error)
{
    return check(job, "", "", error);
}
