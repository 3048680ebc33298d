/* doc.c - Word 97-2003 documents and templates ([MS-DOC], in a compound file [MS-CFB]).
 *
 * Nothing of the file is patched: what is understood (text, runs, paragraphs, tables, lists, sections, headers, notes,
 * comments, fields, bookmarks, pictures, text boxes) is written anew as docx, and the cleaning of docx has the last
 * word on it (fields, hidden text, comments, pictures). What is not understood has no way into the result: macros,
 * objects, controls, the template's name, command tables, variables, authors, other drawings.
 * Output: docx (verdict `converted`), held to the second look of docx.
 * Limits: styles become what they look like (outline levels stay), drawings other than boxes
 * and ovals are lost (and reported), as is the choice in a drop-down list; Word 6 and 95, and documents obfuscated by
 * XOR (2.2.6.1), are held. Others behind a password (2.2.6) are opened with the given one. */
#include "engines/cfb_peek.h"
#include "engines/doc_write.h"
#include "engines/office_crypt.h"
#include "engines/property_set.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic bare[] = {MGK_MAGIC(0, "\xdb\xa5\x2d\0\0\0"), MGK_MAGIC(0, "\x31\xbe\0\0\0\xab"),
                                    MGK_MAGIC(0, "\xfe\x37\0\x23")};
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(probe->data, probe->size);
    if (peek && mgk_cfb_peek_has(peek, "WordDocument"))
        return 93;
    return MGK_MAGIC_ANY(probe, bare) ? 90 : 0;
}

/* What is in the container beside the text; none of it crosses. */
static void find_item(MgkJob *job, const MgkCfbItem *item)
{
    static const char *const known[] = {"WordDocument", "0Table", "1Table", "Data", "\1CompObj", "\1Ole", "\3ObjInfo"};
    static const struct {
        const char *prefix;
        MgkKind kind;
    } prefixes[] = {{"Macros", MGK_KIND_MACRO_VBA},          {"_VBA_PROJECT", MGK_KIND_MACRO_VBA},
                    {"ObjectPool/", MGK_KIND_OLE_OBJECT},    {"\1Ole10Native", MGK_KIND_OLE_OBJECT},
                    {"MsoDataStore/", MGK_KIND_CUSTOM_XML},  {"_xmlsignatures", MGK_KIND_SIGNATURE_LOST},
                    {"_signatures", MGK_KIND_SIGNATURE_LOST}};
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        if (g_ascii_strcasecmp(item->path, known[i]) == 0)
            return;
    }
    gboolean inside = strchr(item->path, '/') && strchr(strchr(item->path, '/') + 1, '/');
    for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        if (g_ascii_strncasecmp(item->path, prefixes[i].prefix, strlen(prefixes[i].prefix)) != 0)
            continue;
        if (!inside && (strchr(prefixes[i].prefix, '/') || !strchr(item->path, '/')))
            mgk_job_find(job, prefixes[i].kind, item->path, NULL);
        return;
    }
    if (item->stream && !strchr(item->path, '/') && item->path[0] != '\5')
        mgk_job_find(job, MGK_KIND_UNKNOWN_PART, item->path, NULL);
}

static void find_properties(MgkJob *job, const MgkDocFile *file)
{
    static const MgkProperties sets[] = {MGK_PROPERTIES_SUMMARY, MGK_PROPERTIES_DOCUMENT};
    for (gsize i = 0; i < G_N_ELEMENTS(sets); i++) {
        gint index = mgk_cfb_find(file->cfb, mgk_properties_stream(sets[i]));
        if (index < 0 || !mgk_cfb_item(file->cfb, (guint)index)->stream)
            continue;
        gsize size = 0;
        g_autofree guint8 *data = mgk_cfb_read(file->cfb, (guint)index, &size);
        GByteArray *kept = mgk_properties_rebuild(job, sets[i], data, size);
        if (kept)
            g_byte_array_unref(kept);
    }
}

/* SttbfAssoc (2.9.269): the second string is the template's path; a bare name is no place elsewhere. */
static void find_template(MgkJob *job, const MgkDocFile *file)
{
    MgkDocBytes names = mgk_doc_structure(file, MGK_DOC_NAMES);
    gsize first = mgk_doc_u16(names, 6), at = 8 + 2 * first, length = mgk_doc_u16(names, at);
    gboolean elsewhere = FALSE;
    for (gsize i = 0; i < MIN(length, 1024); i++) {
        guint16 c = mgk_doc_u16(names, at + 2 + 2 * i);
        elsewhere = elsewhere || c == '/' || c == '\\' || c == ':';
    }
    if (elsewhere)
        mgk_job_find(job, MGK_KIND_EXTERNAL_TEMPLATE, "SttbfAssoc", NULL);
}

static void find_tables(MgkJob *job, const MgkDocFile *file)
{
    if (mgk_doc_structure(file, MGK_DOC_COMMANDS).size > 2)
        mgk_job_find(job, MGK_KIND_CUSTOM_UI, "Cmds", NULL);
    if (mgk_doc_structure(file, MGK_DOC_VARIABLES).size)
        mgk_job_find(job, MGK_KIND_DOCUMENT_VARIABLES, "StwUser", NULL);
    find_template(job, file);
}

/* The docx that was written becomes the job's input for the cleaning of docx. */
static gboolean clean_package(MgkJob *job, GByteArray *package, GError **error)
{
    const guint8 *data = job->data;
    gsize size = job->size;
    MgkFormatId format = job->format;
    job->data = package->data;
    job->size = package->len;
    job->format = MGK_FORMAT_ID_docx;
    gboolean ok = mgk_format_docx.clean(job, error);
    job->data = data;
    job->size = size;
    job->format = format;
    return ok;
}

/* why: owned. */
static gboolean hold_for(MgkJob *job, gboolean locked, GError *why, GError **error)
{
    gboolean unsupported = g_error_matches(why, MGK_ERROR, MGK_ERROR_UNSUPPORTED);
    if (g_error_matches(why, MGK_ERROR, MGK_ERROR_LIMIT)) {
        g_propagate_error(error, why);
        return FALSE;
    }
    g_autoptr(GError) known = why;
    if (locked)
        return mgk_office_crypt_hold(job, known);
    return mgk_job_hold(job, unsupported ? MGK_REASON_UNSUPPORTED_FORMAT : MGK_REASON_MALFORMED, known->message);
}

static gboolean clean(MgkJob *job, GError **error)
{
    g_autoptr(GError) why = NULL;
    gboolean locked = FALSE;
    g_autoptr(MgkDocFile) file = mgk_doc_file_open(job, &locked, &why);
    if (!file)
        return hold_for(job, locked, g_steal_pointer(&why), error);
    if (locked)
        mgk_job_find(job, MGK_KIND_DOCUMENT_UNLOCKED, NULL, NULL);
    for (guint i = 0; i < mgk_cfb_count(file->cfb); i++)
        find_item(job, mgk_cfb_item(file->cfb, i));
    find_properties(job, file);
    find_tables(job, file);
    g_autoptr(GByteArray) package = mgk_doc_write(job, file, error);
    if (!package)
        return FALSE;
    if (!mgk_verdict_crosses(job->outcome.verdict)) /* the policy holds what was found */
        return TRUE;
    job->outcome.verdict = MGK_VERDICT_CONVERTED;
    job->outcome.format = MGK_FORMAT_ID_docx;
    job->outcome.extension = 0;
    return clean_package(job, package, error);
}

const MgkHandler mgk_format_doc = {.probe = probe, .clean = clean};
