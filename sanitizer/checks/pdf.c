/* pdf.c - the second look at a PDF: our own output's grammar and nothing else.
 *
 * Every byte is accounted for: header, objects one behind the other, cross-reference table, trailer. The objects are
 * walked from the trailer; each gets a role from what refers to it, each role has a table of its keys, and an object
 * that nothing refers to is wrong. So there is no place for scripts, actions (but http, https and mailto links), forms,
 * embedded files, object streams, foreign fonts or metadata. Streams are unpacked and read (pdf_streams.h). */
#include "checks/checks.h"
#include "checks/foreign.h"
#include "checks/pdf_look.h"
#include "checks/pdf_streams.h"

#include <string.h>

gboolean mgk_pdf_wrong(MgkPdfLook *look, const char *what)
{
    if (!look->wrong)
        look->wrong = what;
    return FALSE;
}

/* ---- the file as a row of objects ---- */

static MgkPdfCursor cursor_at(const MgkPdfLook *look, gsize offset)
{
    return (MgkPdfCursor){.at = look->job->data + offset, .end = look->job->data + look->job->size};
}

static gboolean take_stream(MgkPdfLook *look, MgkPdfCursor *cursor, const MgkPdfValue *dict, MgkPdfObject *object)
{
    const MgkPdfValue *length = mgk_pdf_get(dict, "Length");
    gsize left = (gsize)(cursor->end - cursor->at);
    if (!mgk_pdf_is_integer(length, 1, (double)left))
        return mgk_pdf_wrong(look, "length of a stream");
    object->stream = (gsize)(cursor->at - look->job->data);
    object->stream_size = (gsize)length->number;
    cursor->at += object->stream_size;
    return mgk_pdf_expect(cursor, "\nendstream") || mgk_pdf_wrong(look, "end of a stream");
}

static gboolean take_object(MgkPdfLook *look, MgkPdfCursor *cursor)
{
    MgkPdfObject object = {.offset = (gsize)(cursor->at - look->job->data)};
    guint64 number = 0;
    if (!mgk_pdf_unsigned(cursor, &number) || number < 1 || number > look->job->policy->limits.pdf_objects ||
        !mgk_pdf_expect(cursor, " 0 obj\n"))
        return mgk_pdf_wrong(look, "head of an object");
    object.body = (gsize)(cursor->at - look->job->data);
    g_auto(MgkPdfValue) value = {0};
    if (!mgk_pdf_value_read(cursor, TRUE, &value) || value.type != MGK_PDF_DICT)
        return mgk_pdf_wrong(look, "an object that is no dictionary");
    if (mgk_pdf_expect(cursor, "stream\n") && !take_stream(look, cursor, &value, &object))
        return FALSE;
    if (!mgk_pdf_expect(cursor, "\nendobj\n"))
        return mgk_pdf_wrong(look, "end of an object");
    if (number > look->objects->len)
        g_array_set_size(look->objects, (guint)number);
    MgkPdfObject *slot = &g_array_index(look->objects, MgkPdfObject, number - 1);
    if (slot->offset)
        return mgk_pdf_wrong(look, "an object twice");
    *slot = object;
    return TRUE;
}

static gboolean take_table(MgkPdfLook *look, MgkPdfCursor *cursor)
{
    char line[32];
    g_snprintf(line, sizeof line, "xref\n0 %u\n", look->objects->len + 1);
    if (!mgk_pdf_expect(cursor, line) || !mgk_pdf_expect(cursor, "0000000000 65535 f \n"))
        return mgk_pdf_wrong(look, "cross-reference table");
    for (guint i = 0; i < look->objects->len; i++) {
        const MgkPdfObject *object = &g_array_index(look->objects, MgkPdfObject, i);
        g_snprintf(line, sizeof line, "%010" G_GSIZE_FORMAT " 00000 n \n", object->offset);
        if (!object->offset || !mgk_pdf_expect(cursor, line))
            return mgk_pdf_wrong(look, "cross-reference entry");
    }
    return TRUE;
}

gboolean mgk_pdf_refer(MgkPdfLook *look, const MgkPdfValue *value, MgkPdfRole role)
{
    if (!value || value->type != MGK_PDF_REFERENCE || value->number > look->objects->len)
        return mgk_pdf_wrong(look, "a reference");
    MgkPdfObject *object = &g_array_index(look->objects, MgkPdfObject, (guint)value->number - 1);
    gboolean stream = role == MGK_PDF_ROLE_CONTENT || role == MGK_PDF_ROLE_PROCEDURE || role == MGK_PDF_ROLE_SPACES ||
                      role == MGK_PDF_ROLE_MASK || role == MGK_PDF_ROLE_IMAGE || role == MGK_PDF_ROLE_PROGRAM ||
                      role == MGK_PDF_ROLE_MAP || role == MGK_PDF_ROLE_UNICODE;
    if (role >= MGK_PDF_ROLE_SHAPES && !look->job->policy->pdf_outlines)
        return mgk_pdf_wrong(look, "a drawing");
    if (!object->offset || (object->stream != 0) != stream)
        return mgk_pdf_wrong(look, "a reference to something else");
    if (object->role == MGK_PDF_ROLE_NONE) {
        object->role = (guint8)role;
        g_queue_push_tail(&look->todo, GUINT_TO_POINTER((guint)value->number));
    }
    return object->role == role || mgk_pdf_wrong(look, "an object with two roles");
}

static gboolean take_trailer(MgkPdfLook *look, MgkPdfCursor *cursor, gsize table)
{
    g_auto(MgkPdfValue) trailer = {0};
    if (!mgk_pdf_expect(cursor, "trailer\n") || !mgk_pdf_value_read(cursor, TRUE, &trailer) ||
        trailer.type != MGK_PDF_DICT)
        return mgk_pdf_wrong(look, "trailer");
    const MgkPdfValue *info = mgk_pdf_get(&trailer, "Info");
    if (!mgk_pdf_is_integer(mgk_pdf_get(&trailer, "Size"), look->objects->len + 1, look->objects->len + 1) ||
        mgk_pdf_count(&trailer) != (info ? 3 : 2))
        return mgk_pdf_wrong(look, "trailer");
    if (!mgk_pdf_refer(look, mgk_pdf_get(&trailer, "Root"), MGK_PDF_ROLE_CATALOG) ||
        (info && !mgk_pdf_refer(look, info, MGK_PDF_ROLE_INFO)))
        return FALSE;
    g_autofree char *end = g_strdup_printf("\nstartxref\n%" G_GSIZE_FORMAT "\n%%%%EOF\n", table);
    return (mgk_pdf_expect(cursor, end) && cursor->at == cursor->end) || mgk_pdf_wrong(look, "end of the file");
}

static gboolean take_file(MgkPdfLook *look)
{
    MgkPdfCursor cursor = cursor_at(look, 0);
    if (!mgk_pdf_expect(&cursor, "%PDF-1.5\n%\xE2\xE3\xCF\xD3\n"))
        return mgk_pdf_wrong(look, "header");
    while (cursor.at < cursor.end && g_ascii_isdigit(*cursor.at)) {
        if (!take_object(look, &cursor))
            return FALSE;
    }
    gsize table = (gsize)(cursor.at - look->job->data);
    return take_table(look, &cursor) && take_trailer(look, &cursor, table);
}

static gboolean check_key(MgkPdfLook *look, const MgkPdfKey *key, const MgkPdfValue *value)
{
    if (key->name)
        return mgk_pdf_is(value, MGK_PDF_NAME, key->name) || mgk_pdf_wrong(look, key->key);
    return key->check ? key->check(look, value) : mgk_pdf_refer(look, value, key->role);
}

static gboolean check_dict(MgkPdfLook *look, const MgkPdfValue *dict, const MgkPdfKey *keys)
{
    guint known = 0;
    for (; keys->key; keys++) {
        const MgkPdfValue *value = mgk_pdf_get(dict, keys->key);
        if (!value && keys->required)
            return mgk_pdf_wrong(look, "a missing key");
        if (value && !check_key(look, keys, value))
            return FALSE;
        known += value != NULL;
    }
    return known == mgk_pdf_count(dict) || mgk_pdf_wrong(look, "an unknown key");
}

/* ---- the walk ---- */

static gboolean check_parent(MgkPdfLook *look, const MgkPdfValue *dict)
{
    const MgkPdfValue *parent = mgk_pdf_get(dict, "Parent");
    if (!parent || parent->type != MGK_PDF_REFERENCE || parent->number > look->objects->len)
        return mgk_pdf_wrong(look, "parent of an outline item");
    guint8 role = g_array_index(look->objects, MgkPdfObject, (guint)parent->number - 1).role;
    return role == MGK_PDF_ROLE_ITEM || role == MGK_PDF_ROLE_OUTLINES ||
           mgk_pdf_wrong(look, "parent of an outline item");
}

static gboolean check_page_content(MgkPdfLook *look, const MgkPdfValue *page)
{
    const MgkPdfValue *contents = mgk_pdf_get(page, "Contents");
    const MgkPdfObject *object = &g_array_index(look->objects, MgkPdfObject, (guint)contents->number - 1);
    const char *what = mgk_pdf_check_content(look->job, page, look->job->data + object->stream, object->stream_size);
    return !what || mgk_pdf_wrong(look, what);
}

static gboolean check_pages(MgkPdfLook *look, const MgkPdfValue *dict)
{
    return mgk_pdf_is_integer(mgk_pdf_get(dict, "Count"), MAX(look->pages, 1), look->pages) ||
           mgk_pdf_wrong(look, "number of pages");
}

static gboolean check_link(MgkPdfLook *look, const MgkPdfValue *dict)
{
    return !mgk_pdf_get(dict, "A") != !mgk_pdf_get(dict, "Dest") || mgk_pdf_wrong(look, "a link without one target");
}

static gboolean check_stream(MgkPdfLook *look, const MgkPdfObject *object, const MgkPdfValue *dict)
{
    const guint8 *stream = look->job->data + object->stream;
    const char *what = NULL;
    if (object->role == MGK_PDF_ROLE_IMAGE)
        what = mgk_pdf_check_image(look->job, dict, stream, object->stream_size);
    else if (object->role == MGK_PDF_ROLE_UNICODE)
        what = mgk_pdf_check_unicode(stream, object->stream_size);
    else if (object->role == MGK_PDF_ROLE_MAP)
        what = mgk_pdf_check_map(stream, object->stream_size);
    else if (object->role == MGK_PDF_ROLE_PROGRAM)
        what = mgk_pdf_check_program(stream, object->stream_size, (guint64)mgk_pdf_get(dict, "Length1")->number);
    else if (object->role == MGK_PDF_ROLE_PROCEDURE)
        what = mgk_pdf_check_procedure(stream, object->stream_size);
    else if (object->role == MGK_PDF_ROLE_SPACES)
        what = mgk_pdf_check_spaces(stream, object->stream_size);
    else if (object->role == MGK_PDF_ROLE_MASK)
        what = mgk_pdf_check_mask(look->job, dict, stream, object->stream_size);
    return !what || mgk_pdf_wrong(look, what);
}

static gboolean check_special(MgkPdfLook *look, const MgkPdfObject *object, const MgkPdfValue *dict)
{
    if (object->role == MGK_PDF_ROLE_PAGE)
        return check_page_content(look, dict);
    if (object->role == MGK_PDF_ROLE_ITEM)
        return check_parent(look, dict);
    if (object->role == MGK_PDF_ROLE_PAGES)
        return check_pages(look, dict);
    if (object->role == MGK_PDF_ROLE_LINK)
        return check_link(look, dict);
    if (object->role == MGK_PDF_ROLE_SHAPES)
        return mgk_pdf_shapes_font_ok(dict) || mgk_pdf_wrong(look, "a font of outlines");
    return check_stream(look, object, dict);
}

static gboolean check_next(MgkPdfLook *look)
{
    guint number = GPOINTER_TO_UINT(g_queue_pop_head(&look->todo));
    MgkPdfObject object = g_array_index(look->objects, MgkPdfObject, number - 1);
    MgkPdfCursor cursor = cursor_at(look, object.body);
    g_auto(MgkPdfValue) dict = {0};
    if (!mgk_pdf_value_read(&cursor, TRUE, &dict))
        return mgk_pdf_wrong(look, "an object");
    return check_dict(look, &dict, mgk_pdf_keys((MgkPdfRole)object.role)) && check_special(look, &object, &dict);
}

static gboolean check_graph(MgkPdfLook *look)
{
    while (!g_queue_is_empty(&look->todo)) {
        if (!check_next(look))
            return FALSE;
    }
    for (guint i = 0; i < look->objects->len; i++) {
        if (g_array_index(look->objects, MgkPdfObject, i).role == MGK_PDF_ROLE_NONE)
            return mgk_pdf_wrong(look, "an object that nothing refers to");
    }
    return TRUE;
}

gboolean mgk_check_pdf(MgkJob *job, GError **error)
{
    g_autoptr(GArray) objects = g_array_new(FALSE, TRUE, sizeof(MgkPdfObject));
    MgkPdfLook look = {.job = job, .objects = objects, .todo = G_QUEUE_INIT};
    gboolean ok = take_file(&look) && check_graph(&look);
    g_queue_clear(&look.todo);
    if (!ok) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "PDF check: %s", look.wrong ? look.wrong : "unknown");
        return FALSE;
    }
    return mgk_check_foreign(job->data, job->size, MGK_FOREIGN_PDF, error);
}
