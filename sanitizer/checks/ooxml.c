#include "checks/ooxml.h"

#include "checks/checks.h"
#include "checks/foreign.h"
#include "checks/ooxml_counts.h"
#include "checks/ooxml_package.h"
#include "checks/ooxml_part.h"
#include "checks/picture.h"
#include "checks/xlsb.h"

#include <string.h>

enum { MAX_COMPLAINT = 2000, MAX_DETAIL = 60 };

static const char *place(const MgkLook *look)
{
    return look->part ? look->part->name : "package";
}

void mgk_look_reject(MgkLook *look, const char *rule, const char *detail)
{
    if (!g_hash_table_add(look->rules, (gpointer)(gsize)rule) || look->complaint->len > MAX_COMPLAINT)
        return;
    g_autofree char *plain = g_strndup(detail ? detail : "", MAX_DETAIL);
    for (char *p = plain; *p; p++) {
        if (!g_ascii_isprint(*p))
            *p = '?';
    }
    g_string_append_printf(look->complaint, "%s%s (%s: %s)", look->complaint->len ? "; " : "", rule, place(look),
                           plain);
}

void mgk_look_deviation(MgkLook *look, const char *rule, const char *detail)
{
    g_autofree char *text = g_strdup_printf("%s: %s", rule, detail ? detail : "");
    mgk_job_report(look->job, MGK_KIND_SCHEMA_DEVIATION, MGK_ACTION_KEEP, place(look), text);
}

gboolean mgk_look_link_is_safe(const char *target)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:"};
    for (const char *p = target; *p; p++) {
        if ((guchar)*p < ' ' || *p == 0x7f)
            return FALSE;
    }
    while (*target == ' ')
        target++;
    if (*target == '\0' || *target == '#')
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++) {
        if (g_ascii_strncasecmp(target, schemes[i], strlen(schemes[i])) == 0)
            return TRUE;
    }
    return FALSE;
}

const char *mgk_look_value(const MgkLookElement *element, MgkLookNs ns, const char *local)
{
    for (guint i = 0; i < element->n_attributes; i++) {
        if (element->attributes[i].ns == ns && strcmp(element->attributes[i].local, local) == 0)
            return element->attributes[i].value;
    }
    return NULL;
}

static void judge_root(gpointer context, const MgkLookElement *element, guint depth)
{
    MgkLook *look = context;
    const MgkLookPartRow *row = mgk_look_part_row(look->part->row);
    if (depth == 0 && row && (row->root_ns != element->ns || strcmp(row->root, element->local) != 0))
        mgk_look_reject(look, "wrong-root", element->local);
}

static gboolean append_bytes(gpointer context, const guint8 *data, gsize size, GError **error)
{
    (void)error;
    g_byte_array_append(context, data, (guint)size);
    return TRUE;
}

static MgkFormatId picture_format(const char *type)
{
    static const struct {
        const char *type;
        MgkFormatId format;
    } table[] = {{"image/png", MGK_FORMAT_ID_png},   {"image/jpeg", MGK_FORMAT_ID_jpeg},
                 {"image/gif", MGK_FORMAT_ID_gif},   {"image/svg+xml", MGK_FORMAT_ID_svg},
                 {"image/x-emf", MGK_FORMAT_ID_emf}, {"image/x-wmf", MGK_FORMAT_ID_wmf}};
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        if (strcmp(type, table[i].type) == 0)
            return table[i].format;
    }
    return MGK_FORMAT_ID_NONE;
}

/* Pictures must be what our encoders write: the checkers of those formats decide. */
static gboolean look_at_picture(MgkLook *look, const char *type, GError **error)
{
    const MgkZipWalkEntry *entry = look->part->entry;
    if (entry->size > look->job->policy->limits.total_bytes || entry->size > G_MAXUINT / 2) {
        mgk_look_reject(look, "picture", "too large");
        return TRUE;
    }
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    if (!mgk_zip_walk_read(&look->zip, entry, append_bytes, bytes, error))
        return FALSE;
    g_autoptr(GError) why = NULL;
    if (!mgk_check_picture(look->job, look->part->name, picture_format(type), bytes->data, bytes->len, &why))
        mgk_look_reject(look, "picture", why->message);
    return TRUE;
}

static gboolean look_at_binary(MgkLook *look, const char *type, GError **error)
{
    const MgkZipWalkEntry *entry = look->part->entry;
    if (entry->size > look->job->policy->limits.total_bytes || entry->size > G_MAXUINT / 2) {
        mgk_look_reject(look, "records", "too large");
        return TRUE;
    }
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    if (!mgk_zip_walk_read(&look->zip, entry, append_bytes, bytes, error))
        return FALSE;
    const char *why = mgk_check_xlsb_part(type, bytes->data, bytes->len, look->part->rels);
    if (why)
        mgk_look_reject(look, "records", why);
    return TRUE;
}

/* What lies in the container as it is: a picture's own check has seen to pictures. */
static void look_at_stored(MgkLook *look)
{
    const MgkZipWalkEntry *entry = look->part->entry;
    g_autoptr(GError) why = NULL;
    if (entry->method == 0 &&
        !mgk_check_foreign(look->job->data + entry->offset, (gsize)entry->size, MGK_FOREIGN_PART, &why))
        mgk_look_reject(look, "stored-bytes", why->message);
}

static gboolean look_at_part(MgkLook *look, MgkLookPart *part, GError **error)
{
    const MgkLookPartRow *row = mgk_look_part_row(part->row);
    look->part = part;
    if (row && *row->root == '\0')
        return look_at_picture(look, row->content_type, error);
    look_at_stored(look);
    if (row && strcmp(row->root, "*") == 0)
        return look_at_binary(look, row->content_type, error);
    if (!row && !g_str_has_suffix(part->name, ".xml"))
        return TRUE; /* a relationship part, read before; anything else has been rejected, and only XML can tell more */
    mgk_look_counts_part(look);
    return mgk_look_read_xml(look, judge_root, look, error);
}

/* Tables name the header cells to watch for in sheets, sheets the shared strings to watch for. */
static guint pass_of(const MgkLookPart *part)
{
    const MgkLookPartRow *row = mgk_look_part_row(part->row);
    if (row && row->root_ns == MGK_LOOK_NS_X && strcmp(row->root, "table") == 0)
        return 0;
    return row && row->root_ns == MGK_LOOK_NS_X && strcmp(row->root, "sst") == 0 ? 2 : 1;
}

static gboolean look_at_parts(MgkLook *look, GError **error)
{
    for (guint pass = 0; pass < 3; pass++) {
        for (guint i = 1; i < look->zip.entries->len; i++) {
            const char *name = g_array_index(look->zip.entries, MgkZipWalkEntry, i).name;
            MgkLookPart *part = g_hash_table_lookup(look->parts, name);
            if (pass_of(part) == pass && !look_at_part(look, part, error))
                return FALSE;
        }
    }
    mgk_look_counts_finish(look);
    return TRUE;
}

static gboolean look_at_all(MgkLook *look, GError **error)
{
    const MgkLimits *limits = &look->job->policy->limits;
    if (!mgk_zip_walk_open(&look->zip, look->job->data, look->job->size, limits->zip_entries, error))
        return FALSE;
    guint64 total = 0;
    for (guint i = 0; i < look->zip.entries->len; i++)
        total += g_array_index(look->zip.entries, MgkZipWalkEntry, i).size;
    if (total > limits->total_bytes) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "total_bytes");
        return FALSE;
    }
    return mgk_check_foreign(look->job->data, look->job->size, MGK_FOREIGN_PACKAGE, error) &&
           mgk_look_read_package(look, error) && look_at_parts(look, error);
}

static gboolean check_family(MgkJob *job, MgkLookFamily family, GError **error)
{
    MgkLook look = {.job = job,
                    .family = family,
                    .complaint = g_string_new(NULL),
                    .rules = g_hash_table_new(NULL, NULL),
                    .ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                    .counts = mgk_look_counts_new()};
    gboolean ok = look_at_all(&look, error);
    if (look.complaint->len && error && *error)
        g_prefix_error(error, "%s; ", look.complaint->str);
    else if (look.complaint->len)
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "%s", look.complaint->str);
    ok = ok && look.complaint->len == 0;
    mgk_look_counts_free(look.counts);
    g_hash_table_unref(look.ids);
    g_hash_table_unref(look.rules);
    g_string_free(look.complaint, TRUE);
    if (look.parts)
        g_hash_table_unref(look.parts);
    mgk_zip_walk_clear(&look.zip);
    return ok;
}

gboolean mgk_check_docx(MgkJob *job, GError **error)
{
    return check_family(job, MGK_LOOK_D, error);
}

gboolean mgk_check_xlsx(MgkJob *job, GError **error)
{
    return check_family(job, MGK_LOOK_X, error);
}

gboolean mgk_check_xlsb(MgkJob *job, GError **error)
{
    return check_family(job, MGK_LOOK_B, error);
}

gboolean mgk_check_pptx(MgkJob *job, GError **error)
{
    return check_family(job, MGK_LOOK_P, error);
}
