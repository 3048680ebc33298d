#include "engines/odf_hooks.h"

#include "engines/package_zip.h"
#include "engines/zip_peek.h"

#include <string.h>

#define FEED_BYTES 65536
#define TYPE_MAX 127
#define MANIFEST_MAX (1u << 20)
#define TYPE_PREFIX "application/vnd."

/* ---- members and references ---- */

MgkZipEntry *mgk_odf_entry(const MgkOdf *odf, const char *name, guint *ret_index)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    guint found = GPOINTER_TO_UINT(g_hash_table_lookup(odf->entries, lower));
    if (!found)
        return NULL;
    *ret_index = found - 1;
    return mgk_zip_entry(odf->zip, found - 1);
}

/* IRI references relative to the document's own folder (ODF 1.3 part 2, 3.7). */
char *mgk_odf_resolve(const MgkOdfDocument *document, const char *href)
{
    while (g_str_has_prefix(href, "./"))
        href += 2;
    if (*href == '#') /* as OpenOffice.org 1 wrote it */
        href++;
    if (!*href || *href == '/' || strpbrk(href, ":\\?#"))
        return NULL;
    g_autofree char *plain = g_uri_unescape_string(href, "/");
    const char *path = plain ? plain : href;
    g_auto(GStrv) steps = g_strsplit(path, "/", -1);
    for (guint i = 0; steps[i]; i++) {
        if (strcmp(steps[i], "..") == 0 || strcmp(steps[i], ".") == 0)
            return NULL;
    }
    return g_strconcat(document->prefix, path, NULL);
}

static void picture_free(gpointer data)
{
    MgkOdfPicture *picture = data;
    g_free(picture->source);
    g_free(picture->out_name);
    g_free(picture);
}

MgkOdfPicture *mgk_odf_picture_new(MgkOdf *odf, const MgkOdfDocument *owner, const char *source)
{
    MgkOdfPicture *picture = g_new0(MgkOdfPicture, 1);
    picture->owner = owner;
    picture->source = g_strdup(source);
    g_ptr_array_add(odf->pictures, picture);
    return picture;
}

static void document_free(gpointer data)
{
    MgkOdfDocument *document = data;
    g_free(document->prefix);
    g_free(document->out_prefix);
    g_hash_table_unref(document->pictures);
    g_hash_table_unref(document->objects);
    g_hash_table_unref(document->hidden);
    g_hash_table_unref(document->lost);
    g_ptr_array_unref(document->frames);
    g_free(document);
}

MgkOdfDocument *mgk_odf_document_new(MgkOdf *odf, const char *prefix, guint depth)
{
    MgkOdfDocument *document = g_new0(MgkOdfDocument, 1);
    document->prefix = g_strdup(prefix);
    document->depth = depth;
    document->pictures = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    document->objects = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    document->hidden = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    document->lost = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    document->frames = g_ptr_array_new();
    g_ptr_array_add(odf->documents, document);
    return document;
}

/* ---- reading one member ---- */

static gboolean push_all(const MgkOdf *odf, guint entry, MgkXmlFilter *filter, GError **error)
{
    if (odf->flat)
        return mgk_xml_filter_push(filter, odf->job->data, odf->job->size, error);
    g_autoptr(MgkZipStream) stream = mgk_zip_stream_new(odf->zip, mgk_zip_entry(odf->zip, entry), error);
    if (!stream)
        return FALSE;
    g_autofree guint8 *buffer = g_malloc(FEED_BYTES);
    for (gsize size = 1; size;) {
        if (!mgk_zip_stream_read(stream, buffer, FEED_BYTES, &size, error))
            return FALSE;
        if (size && !mgk_xml_filter_push(filter, buffer, size, error))
            return FALSE;
    }
    return TRUE;
}

gboolean mgk_odf_feed(MgkOdfPass *pass, const MgkXmlHook *hooks, const char *where, guint entry, const char *roots,
                      MgkOdfSink sink, GError **error)
{
    static const MgkNs in_values[] = {MGK_NS_OF, MGK_NS_OOOC, MGK_NS_OOOW, MGK_NS_MSOXL, MGK_NS_OOO, MGK_NS_DOM};
    MgkXmlFilterOptions options = {.job = pass->odf->job,
                                   .where = where,
                                   .root = roots,
                                   .family = MGK_NS_ODF,
                                   .quiet = pass->survey,
                                   .capture_bytes = pass->odf->job->policy->limits.input_bytes,
                                   .hooks = hooks,
                                   .user = pass,
                                   .sink = sink};
    for (guint i = 0; i < G_N_ELEMENTS(in_values); i++)
        options.declare[in_values[i] >> 6] |= G_GUINT64_CONSTANT(1) << (in_values[i] & 63);
    g_autoptr(MgkXmlFilter) filter = mgk_xml_filter_new(&options);
    return push_all(pass->odf, entry, filter, error) && mgk_xml_filter_finish(filter, error);
}

typedef struct Member {
    const char *name, *roots;
    char scope;
} Member;

/* In the order in which they are read and written: styles first, for what they hide. */
static const Member members[] = {
    {"styles.xml", "office:document-styles", 's'},
    {"content.xml", "office:document-content math:math", 'c'},
    {"meta.xml", "office:document-meta", 'm'},
    {"settings.xml", "office:document-settings", 'm'},
};
static const Member flat_member = {"", "office:document", 'f'};

static void pass_begin(MgkOdfPass *pass, const Member *member)
{
    pass->scope = member->scope;
    pass->open = g_array_new(FALSE, TRUE, sizeof(guint));
    pass->marks = g_array_new(FALSE, TRUE, sizeof(gboolean));
}

static void pass_end(MgkOdfPass *pass)
{
    g_array_unref(pass->open);
    g_array_unref(pass->marks);
    g_clear_pointer(&pass->style, g_free);
    pass->pilot = 0;
}

static gboolean read_member(MgkOdfPass *pass, const Member *member, guint entry, MgkOdfSink sink, GError **error)
{
    g_autofree char *where = g_strconcat(pass->document->prefix, member->name, NULL);
    pass_begin(pass, member);
    gboolean ok = mgk_odf_feed(pass, mgk_odf_hooks, where, entry, member->roots, sink, error);
    pass_end(pass);
    return ok;
}

/* ---- pass 1 ---- */

static gboolean survey_members(MgkOdf *odf, MgkOdfDocument *document, GError **error)
{
    guint frames = 0;
    MgkOdfPass pass = {.odf = odf, .document = document, .survey = TRUE, .frame = &frames};
    for (guint i = 0; i < 2; i++) {
        g_autofree char *name = g_strconcat(document->prefix, members[i].name, NULL);
        guint entry = 0;
        if (mgk_odf_entry(odf, name, &entry) && !read_member(&pass, &members[i], entry, NULL, error))
            return FALSE;
    }
    return TRUE;
}

/* An embedded document is what its body says; a damaged one is dropped like an object of another program. */
static gboolean survey_object(MgkOdf *odf, MgkOdfDocument *document, GError **error)
{
    g_autoptr(GError) local = NULL;
    if (!survey_members(odf, document, &local)) {
        if (!g_error_matches(local, MGK_ERROR, MGK_ERROR_MALFORMED)) {
            g_propagate_error(error, g_steal_pointer(&local));
            return FALSE;
        }
        document->refused = TRUE;
        return TRUE;
    }
    document->type = document->body ? mgk_odf_type_of_body(document->body) : NULL;
    document->refused = !document->type;
    return TRUE;
}

static gboolean survey(MgkOdf *odf, GError **error)
{
    if (!survey_members(odf, g_ptr_array_index(odf->documents, 0), error))
        return FALSE;
    for (guint i = 1; i < odf->documents->len; i++) {
        if (!survey_object(odf, g_ptr_array_index(odf->documents, i), error))
            return FALSE;
    }
    return TRUE;
}

/* ---- pass 2 ---- */

static gboolean append(gpointer user, const void *data, gsize size, GError **error)
{
    return mgk_zip_writer_append(((MgkOdfPass *)user)->odf->writer, data, size, error);
}

static gboolean write_member(MgkOdfPass *pass, const Member *member, GError **error)
{
    MgkOdf *odf = pass->odf;
    g_autofree char *source = g_strconcat(pass->document->prefix, member->name, NULL);
    g_autofree char *name = g_strconcat(pass->document->out_prefix, member->name, NULL);
    guint entry = 0;
    if (!mgk_odf_entry(odf, source, &entry))
        return TRUE;
    if (!mgk_zip_writer_begin(odf->writer, name, MGK_ZIP_PACK, MGK_ZIP_EPOCH, error) ||
        !read_member(pass, member, entry, append, error) || !mgk_zip_writer_end(odf->writer, error))
        return FALSE;
    mgk_odf_list(odf, name, "text/xml", NULL);
    return TRUE;
}

static gboolean write_document(MgkOdf *odf, MgkOdfDocument *document, GError **error)
{
    guint frames = 0;
    MgkOdfPass pass = {.odf = odf, .document = document, .frame = &frames};
    if (*document->out_prefix)
        mgk_odf_list(odf, document->out_prefix, document->type->media_type, document->version);
    for (guint i = 0; i < G_N_ELEMENTS(members); i++) {
        if (!write_member(&pass, &members[i], error))
            return FALSE;
    }
    return TRUE;
}

/* Names of embedded documents: "Object 1/" below the document that shows them. */
static void name_documents(MgkOdf *odf)
{
    g_autoptr(GHashTable) counts = g_hash_table_new(NULL, NULL);
    MgkOdfDocument *root = g_ptr_array_index(odf->documents, 0);
    root->out_prefix = g_strdup("");
    for (guint d = 1; d < odf->documents->len; d++) {
        MgkOdfDocument *document = g_ptr_array_index(odf->documents, d);
        MgkOdfDocument *owner = root;
        for (guint i = 1; i < d; i++) {
            MgkOdfDocument *other = g_ptr_array_index(odf->documents, i);
            if (other->depth + 1 == document->depth && g_str_has_prefix(document->prefix, other->prefix))
                owner = other;
        }
        document->refused = document->refused || owner->refused;
        if (document->refused)
            continue;
        guint number = GPOINTER_TO_UINT(g_hash_table_lookup(counts, owner)) + 1;
        g_hash_table_insert(counts, owner, GUINT_TO_POINTER(number));
        document->out_prefix = g_strdup_printf("%sObject %u/", owner->out_prefix, number);
    }
}

/* Programs demand a version in the manifest from 1.2 on, and know none before. */
static const char *manifest_version(const MgkOdf *odf)
{
    const MgkOdfDocument *root = g_ptr_array_index(odf->documents, 0);
    const char *version = *root->version ? root->version : odf->version;
    return strcmp(version, "1.2") >= 0 && strlen(version) == 3 ? version : "";
}

static gboolean write_all(MgkOdf *odf, GError **error)
{
    const MgkOdfDocument *root = g_ptr_array_index(odf->documents, 0);
    const char *type = root->type->media_type;
    odf->writer = mgk_zip_writer_new_for_job(odf->job);
    if (!mgk_zip_writer_add(odf->writer, "mimetype", MGK_ZIP_STORE, MGK_ZIP_EPOCH, type, strlen(type), error))
        return FALSE;
    mgk_odf_list(odf, "/", type, manifest_version(odf));
    if (!mgk_odf_rebuild_pictures(odf, error))
        return FALSE;
    for (guint i = 0; i < odf->documents->len; i++) {
        MgkOdfDocument *document = g_ptr_array_index(odf->documents, i);
        if (!document->refused && !write_document(odf, document, error))
            return FALSE;
    }
    return mgk_odf_write_manifest(odf, manifest_version(odf), error) && mgk_zip_writer_finish(odf->writer, error);
}

/* ---- the job ---- */

static MgkOdf *odf_new(MgkJob *job)
{
    MgkOdf *odf = g_new0(MgkOdf, 1);
    odf->job = job;
    odf->media = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    odf->documents = g_ptr_array_new_with_free_func(document_free);
    odf->pictures = g_ptr_array_new_with_free_func(picture_free);
    odf->manifest = g_string_new(NULL);
    return odf;
}

static void odf_free(MgkOdf *odf)
{
    mgk_zip_writer_free(odf->writer);
    g_clear_pointer(&odf->entries, g_hash_table_unref);
    g_hash_table_unref(odf->media);
    g_ptr_array_unref(odf->documents);
    g_ptr_array_unref(odf->pictures);
    g_string_free(odf->manifest, TRUE);
    mgk_zip_free(odf->zip);
    g_free(odf);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkOdf, odf_free)

/* The media type: the mimetype member's, else the manifest's. Owned by the caller; NULL when nothing says. */
static char *media_type(MgkOdf *odf)
{
    guint index = 0;
    MgkZipEntry *entry = mgk_odf_entry(odf, "mimetype", &index);
    g_autoptr(GBytes) bytes = entry ? mgk_zip_entry_bytes(odf->zip, entry, TYPE_MAX, NULL) : NULL;
    gsize size = 0;
    const char *text = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    const char *listed = g_hash_table_lookup(odf->media, "/");
    return size ? g_strstrip(g_strndup(text, size)) : g_strdup(listed);
}

static gboolean still_crosses(const MgkOdf *odf)
{
    return mgk_verdict_crosses(odf->job->outcome.verdict);
}

/* The type of the document when it is what it says it is; else NULL, and the job is held. */
static const MgkOdfType *true_type(MgkOdf *odf, gboolean flat)
{
    const MgkOdfDocument *root = g_ptr_array_index(odf->documents, 0);
    if (!root->type || root->type->format == MGK_FORMAT_ID_NONE || (flat && !*root->type->body))
        mgk_job_hold(odf->job, MGK_REASON_UNSUPPORTED_FORMAT, "media type");
    else if (g_strcmp0(root->body, root->type->body) != 0)
        mgk_job_hold(odf->job, MGK_REASON_AMBIGUOUS, "media type and body disagree");
    else
        return root->type;
    return NULL;
}

gboolean mgk_odf_clean(MgkJob *job, GError **error)
{
    g_autoptr(MgkOdf) odf = odf_new(job);
    if (!mgk_package_open(job, 0, &odf->zip, &odf->entries, error))
        return FALSE;
    if (!odf->zip)
        return TRUE;
    if (!mgk_odf_read_manifest(odf, error))
        return FALSE;
    if (odf->encrypted)
        return mgk_job_hold(job, MGK_REASON_ENCRYPTED, "encryption-data in the manifest");
    MgkOdfDocument *root = mgk_odf_document_new(odf, "", 0);
    g_autofree char *type = media_type(odf);
    root->type = type ? mgk_odf_type(type) : NULL;
    if (!survey(odf, error))
        return FALSE;
    const MgkOdfType *kind = still_crosses(odf) ? true_type(odf, FALSE) : NULL;
    if (!kind)
        return TRUE;
    job->outcome.format = kind->format;
    job->outcome.extension = kind->extension;
    name_documents(odf);
    mgk_odf_report_rest(odf);
    return write_all(odf, error);
}

static gboolean write_flat(gpointer user, const void *data, gsize size, GError **error)
{
    MgkJob *job = ((MgkOdfPass *)user)->odf->job;
    return job->write(job, data, size, error);
}

gboolean mgk_odf_clean_flat(MgkJob *job, GError **error)
{
    g_autoptr(MgkOdf) odf = odf_new(job);
    odf->flat = TRUE;
    MgkOdfDocument *root = mgk_odf_document_new(odf, "", 0);
    guint frames = 0;
    MgkOdfPass pass = {.odf = odf, .document = root, .survey = TRUE, .frame = &frames};
    if (!read_member(&pass, &flat_member, 0, NULL, error))
        return FALSE;
    const MgkOdfType *kind = still_crosses(odf) ? true_type(odf, TRUE) : NULL;
    if (!kind)
        return TRUE;
    job->outcome.extension = kind->flat;
    frames = 0;
    pass.survey = FALSE;
    return read_member(&pass, &flat_member, 0, write_flat, error);
}

/* ---- the first look ---- */

static char *manifest_type(const MgkProbe *probe)
{
    MgkLimits limits;
    mgk_limits_init(&limits);
    g_autoptr(MgkZip) zip = mgk_zip_open(probe->data, probe->size, &limits, NULL);
    MgkZipEntry *entry = zip ? mgk_zip_find(zip, "mimetype") : NULL;
    gboolean alone = entry != NULL;
    if (!entry && zip)
        entry = mgk_zip_find(zip, "META-INF/manifest.xml");
    g_autoptr(GBytes) bytes = entry ? mgk_zip_entry_bytes(zip, entry, MANIFEST_MAX, NULL) : NULL;
    gsize size = 0;
    const char *text = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    const char *type = text ? g_strstr_len(text, (gssize)size, TYPE_PREFIX) : NULL;
    if (!type || (alone && type != text))
        return g_strdup("");
    gsize length = 0, left = size - (gsize)(type - text);
    while (length < left && length < TYPE_MAX && (g_ascii_isalnum(type[length]) || strchr(".-/+", type[length])))
        length++;
    return g_strndup(type, length);
}

char *mgk_odf_peek_type(const MgkProbe *probe)
{
    g_autofree char *type = mgk_zip_peek_mimetype(probe->data, probe->size);
    if (g_str_has_prefix(type, TYPE_PREFIX))
        return g_strdup(g_strchomp(type));
    g_auto(GStrv) names = mgk_zip_peek(probe->data, probe->size);
    gboolean looks = mgk_zip_peek_has(names, "content.xml") &&
                     (mgk_zip_peek_has(names, "meta-inf/manifest.xml") || mgk_zip_peek_has(names, "mimetype"));
    return looks ? manifest_type(probe) : g_strdup("");
}

guint mgk_odf_probe(const MgkProbe *probe, MgkFormatId format)
{
    g_autofree char *media = mgk_odf_peek_type(probe);
    const MgkOdfType *type = mgk_odf_type(media);
    return type && type->format == format ? 96 : 0;
}
