/* doc_package.c - the parts of the package: body with its sections, headers, notes, lists, settings, pictures. */
#include "engines/doc_write.h"
#include "engines/zip_writer.h"

#include <string.h>

#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define WORD "application/vnd.openxmlformats-officedocument.wordprocessingml."
#define NAMESPACES \
    " xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"" OFFICE \
    "\" xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\"" \
    " xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\"" \
    " xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\" " \
    "xmlns:v=\"urn:schemas-microsoft-com:vml\""
#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"

enum { SED_BYTES = 12, HEADERS_BEFORE = 6, HEADERS_PER_SECTION = 6 };

typedef struct Package {
    MgkDocWriter writer;
    MgkZipWriter *zip; /* owned */
    GByteArray *bytes; /* owned */
    GString *types;    /* owned; overrides */
    MgkDocPart body;
    guint n_headers;
} Package;

static void picture_free(gpointer data)
{
    MgkDocPicture *picture = data;
    g_free(picture->name);
    g_bytes_unref(picture->bytes);
    g_free(picture);
}

static void string_free(gpointer data)
{
    g_string_free(data, TRUE);
}

static gboolean sink(gpointer user, const void *data, gsize size, GError **error)
{
    Package *package = user;
    if (size > G_MAXUINT / 2 - package->bytes->len) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "output_bytes");
        return FALSE;
    }
    g_byte_array_append(package->bytes, data, (guint)size);
    return TRUE;
}

static gboolean put_entry(Package *package, const char *name, const char *text, gsize size, GError **error)
{
    return mgk_zip_writer_add(package->zip, name, MGK_ZIP_STORE, MGK_ZIP_EPOCH, text, size, error);
}

static void part_init(MgkDocPart *part, MgkDocStory story)
{
    *part = (MgkDocPart){.xml = g_string_new(NULL), .relations = g_string_new(NULL), .story = story};
}

static void part_clear(MgkDocPart *part)
{
    g_string_free(part->xml, TRUE);
    g_string_free(part->relations, TRUE);
}

static void relate(MgkDocPart *part, const char *kind, const char *target)
{
    g_string_append_printf(part->relations, "<Relationship Id=\"rId%u\" Type=\"" OFFICE "/%s\" Target=\"%s\"/>",
                           ++part->n_relations, kind, target);
}

/* Writes word/<name>, its relationships, and says what it is. */
static gboolean put_part(Package *package, const char *name, const char *root, const char *type, const MgkDocPart *part,
                         GError **error)
{
    g_autofree char *path = g_strconcat("word/", name, NULL);
    g_autofree char *xml = g_strconcat(XML "<w:", root, NAMESPACES ">", part->xml->str, "</w:", root, ">", NULL);
    g_string_append_printf(package->types, "<Override PartName=\"/%s\" ContentType=\"" WORD "%s+xml\"/>", path, type);
    if (!put_entry(package, path, xml, strlen(xml), error))
        return FALSE;
    if (part->n_relations == 0)
        return TRUE;
    g_autofree char *rels_path = g_strconcat("word/_rels/", name, ".rels", NULL);
    g_autofree char *rels =
        g_strconcat(XML "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
                    part->relations->str, "</Relationships>", NULL);
    return put_entry(package, rels_path, rels, strlen(rels), error);
}

/* ---- sections ---- */

static guint section_count(const MgkDocFile *file)
{
    return mgk_doc_plc_count(mgk_doc_structure(file, MGK_DOC_SECTIONS), SED_BYTES);
}

static void section_props(MgkDocWriter *writer, guint index, MgkDocProps *ret_props)
{
    MgkDocBytes plc = mgk_doc_structure(writer->file, MGK_DOC_SECTIONS);
    guint n = section_count(writer->file);
    guint32 at = mgk_doc_u32(plc, 4 * ((gsize)n + 1) + SED_BYTES * (gsize)index + 2);
    mgk_doc_props_init(ret_props);
    if (index < n && at != 0xffffffff)
        mgk_doc_props_apply(writer->styles,
                            mgk_doc_slice(writer->file->word, (gsize)at + 2, mgk_doc_u16(writer->file->word, at)),
                            ret_props);
}

/* One of the six stories of a section; FALSE when it is not there and the section before is meant. */
static gboolean header_story(const MgkDocFile *file, guint index, guint32 *ret_start, guint32 *ret_end)
{
    MgkDocBytes plc = mgk_doc_structure(file, MGK_DOC_HEADERS);
    guint32 first = file->story[MGK_DOC_STORY_HEADERS], limit = file->story[MGK_DOC_STORY_HEADERS + 1];
    guint32 start = mgk_doc_u32(plc, 4 * (gsize)index), end = mgk_doc_u32(plc, 4 * (gsize)index + 4);
    if (4 * ((gsize)index + 2) > plc.size || start + 1 >= end || end > limit - first)
        return FALSE;
    *ret_start = first + start;
    *ret_end = first + end - 1; /* a paragraph mark guards the end */
    return TRUE;
}

static gboolean put_headers(Package *package, guint section, GString *references, GError **error)
{
    static const char *const types[] = {"even", "default", "even", "default", "first", "first"};
    static const char *const kinds[] = {"header", "header", "footer", "footer", "header", "footer"};
    for (guint i = 0; i < HEADERS_PER_SECTION; i++) {
        guint32 start = 0, end = 0;
        if (!header_story(package->writer.file, HEADERS_BEFORE + HEADERS_PER_SECTION * section + i, &start, &end))
            continue;
        MgkDocPart part;
        part_init(&part, MGK_DOC_STORY_HEADERS);
        mgk_doc_put_story(&package->writer, &part, start, end, NULL);
        g_autofree char *name = g_strdup_printf("%s%u.xml", kinds[i], ++package->n_headers);
        gboolean ok = put_part(package, name, kinds[i][0] == 'h' ? "hdr" : "ftr", kinds[i], &part, error);
        part_clear(&part);
        if (!ok)
            return FALSE;
        relate(&package->body, kinds[i], name);
        g_string_append_printf(references, "<w:%sReference w:type=\"%s\" r:id=\"rId%u\"/>", kinds[i], types[i],
                               package->body.n_relations);
    }
    return TRUE;
}

static gboolean put_sections(Package *package, GError **error)
{
    guint n = MAX(section_count(package->writer.file), 1);
    for (guint i = 0; i < n; i++) {
        MgkDocProps props;
        g_autoptr(GString) xml = g_string_new("<w:sectPr>");
        if (!put_headers(package, i, xml, error))
            return FALSE;
        section_props(&package->writer, i, &props);
        mgk_doc_put_section_props(xml, &props);
        g_string_append(xml, "</w:sectPr>");
        g_ptr_array_add(package->writer.sections, g_strdup(xml->str));
    }
    return TRUE;
}

const char *mgk_doc_section_at(const MgkDocWriter *writer, guint32 end)
{
    MgkDocBytes plc = mgk_doc_structure(writer->file, MGK_DOC_SECTIONS);
    guint low = 0, high = section_count(writer->file);
    while (low + 1 < high) { /* the last section ends with the body */
        guint middle = (low + high - 1) / 2;
        guint32 at = mgk_doc_u32(plc, 4 * ((gsize)middle + 1));
        if (at == end)
            return g_ptr_array_index(writer->sections, middle);
        if (at < end)
            low = middle + 1;
        else
            high = middle + 1;
    }
    return NULL;
}

/* ---- notes and comments ---- */

static void put_note(Package *package, MgkDocPart *part, const char *element, const char *mark, guint index, guint refs,
                     guint texts)
{
    const MgkDocFile *file = package->writer.file;
    MgkDocBytes plc = mgk_doc_structure(file, texts);
    guint32 first = file->story[part->story], limit = file->story[part->story + 1] - first;
    guint32 start = MIN(mgk_doc_u32(plc, 4 * (gsize)index), limit);
    guint32 end = MIN(mgk_doc_u32(plc, 4 * (gsize)index + 4), limit);
    gboolean comment = refs == MGK_DOC_COMMENT_REFS;
    g_string_append_printf(part->xml, "<w:%s w:id=\"%u\"%s>", element, comment ? index : index + 2,
                           comment ? " w:author=\"\"" : "");
    mgk_doc_put_story(&package->writer, part, first + start, first + MAX(start, end), mark);
    g_string_append_printf(part->xml, "</w:%s>", element);
}

typedef struct NoteKind {
    MgkDocStory story;
    guint refs, texts, element_bytes;
    const char *element, *mark, *part, *kind;
} NoteKind;

static gboolean put_notes(Package *package, const NoteKind *kind, GError **error)
{
    guint n = mgk_doc_plc_count(mgk_doc_structure(package->writer.file, kind->refs), kind->element_bytes);
    n = MIN(n, mgk_doc_plc_count(mgk_doc_structure(package->writer.file, kind->texts), 0));
    if (n == 0)
        return TRUE;
    MgkDocPart part;
    part_init(&part, kind->story);
    if (kind->refs != MGK_DOC_COMMENT_REFS)
        g_string_append_printf(part.xml,
                               "<w:%s w:type=\"separator\" w:id=\"0\"><w:p><w:r><w:separator/></w:r></w:p></w:%s>"
                               "<w:%s w:type=\"continuationSeparator\" w:id=\"1\"><w:p><w:r><w:continuationSeparator/>"
                               "</w:r></w:p></w:%s>",
                               kind->element, kind->element, kind->element, kind->element);
    for (guint i = 0; i < n; i++)
        put_note(package, &part, kind->element, kind->mark, i, kind->refs, kind->texts);
    gboolean ok = put_part(package, kind->part, kind->kind, kind->kind, &part, error);
    part_clear(&part);
    relate(&package->body, kind->kind, kind->part);
    return ok;
}

static gboolean put_all_notes(Package *package, GError **error)
{
    static const NoteKind kinds[] = {
        {MGK_DOC_STORY_FOOTNOTES, MGK_DOC_FOOTNOTE_REFS, MGK_DOC_FOOTNOTES, 2, "footnote", "<w:footnoteRef/>",
         "footnotes.xml", "footnotes"},
        {MGK_DOC_STORY_ENDNOTES, MGK_DOC_ENDNOTE_REFS, MGK_DOC_ENDNOTES, 2, "endnote", "<w:endnoteRef/>",
         "endnotes.xml", "endnotes"},
        {MGK_DOC_STORY_COMMENTS, MGK_DOC_COMMENT_REFS, MGK_DOC_COMMENTS, 30, "comment", NULL, "comments.xml",
         "comments"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!put_notes(package, &kinds[i], error))
            return FALSE;
    }
    return TRUE;
}

/* ---- the package ---- */

static gboolean put_settings(Package *package, GError **error)
{
    MgkDocBytes dop = mgk_doc_structure(package->writer.file, MGK_DOC_DOP);
    MgkDocPart part;
    part_init(&part, MGK_DOC_MAIN);
    guint tab = mgk_doc_u16(dop, 10);
    g_string_append_printf(part.xml, "<w:defaultTabStop w:val=\"%u\"/>", tab ? MIN(tab, 31680) : 720);
    if (dop.size && (dop.data[0] & 1))
        g_string_append(part.xml, "<w:evenAndOddHeaders/>");
    gboolean ok = put_part(package, "settings.xml", "settings", "settings", &part, error);
    part_clear(&part);
    relate(&package->body, "settings", "settings.xml");
    return ok;
}

static gboolean put_styles(Package *package, GError **error)
{
    MgkDocPart part;
    part_init(&part, MGK_DOC_MAIN);
    g_string_append(part.xml, "<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val=\"20\"/><w:szCs w:val=\"20\"/>"
                              "<w:lang w:val=\"en-US\" w:eastAsia=\"ja-JP\"/></w:rPr></w:rPrDefault><w:pPrDefault/>"
                              "</w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"a\"><w:name "
                              "w:val=\"Normal\"/><w:qFormat/></w:style>");
    gboolean ok = put_part(package, "styles.xml", "styles", "styles", &part, error);
    part_clear(&part);
    relate(&package->body, "styles", "styles.xml");
    return ok;
}

static gboolean put_numbering(Package *package, GError **error)
{
    MgkDocPart part = {.relations = g_string_new(NULL)};
    part.xml = mgk_doc_numbering(&package->writer);
    gboolean ok = !part.xml || put_part(package, "numbering.xml", "numbering", "numbering", &part, error);
    if (part.xml) {
        relate(&package->body, "numbering", "numbering.xml");
        g_string_free(part.xml, TRUE);
    }
    g_string_free(part.relations, TRUE);
    return ok;
}

static gboolean put_body(Package *package, GError **error)
{
    MgkDocWriter *writer = &package->writer;
    g_string_append(package->body.xml, "<w:body>");
    mgk_doc_put_story(writer, &package->body, 0, writer->file->story[1], NULL);
    g_string_append(package->body.xml, g_ptr_array_index(writer->sections, writer->sections->len - 1));
    g_string_append(package->body.xml, "</w:body>");
    return put_part(package, "document.xml", "document", "document.main", &package->body, error);
}

static gboolean put_pictures(Package *package, GError **error)
{
    for (guint i = 0; i < package->writer.pictures->len; i++) {
        const MgkDocPicture *picture = g_ptr_array_index(package->writer.pictures, i);
        g_autofree char *path = g_strconcat("word/", picture->name, NULL);
        gsize size = 0;
        const char *data = g_bytes_get_data(picture->bytes, &size);
        if (!put_entry(package, path, data, size, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean put_types(Package *package, GError **error)
{
    static const char *const pictures[][2] = {{"png", "png"},   {"jpeg", "jpeg"}, {"bmp", "bmp"},  {"tiff", "tiff"},
                                              {"emf", "x-emf"}, {"wmf", "x-wmf"}, {"pict", "pict"}};
    static const char root[] =
        XML "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship "
            "Id=\"rId1\" Type=\"" OFFICE "/officeDocument\" Target=\"word/document.xml\"/></Relationships>";
    g_autoptr(GString) xml = g_string_new(
        XML "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" "
            "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" "
            "ContentType=\"application/xml\"/>");
    for (gsize i = 0; i < G_N_ELEMENTS(pictures); i++)
        g_string_append_printf(xml, "<Default Extension=\"%s\" ContentType=\"image/%s\"/>", pictures[i][0],
                               pictures[i][1]);
    g_string_append(xml, package->types->str);
    g_string_append(xml, "</Types>");
    return put_entry(package, "[Content_Types].xml", xml->str, xml->len, error) &&
           put_entry(package, "_rels/.rels", root, sizeof root - 1, error);
}

static gboolean put_all(Package *package, GError **error)
{
    mgk_doc_survey(&package->writer);
    return put_styles(package, error) && put_settings(package, error) && put_numbering(package, error) &&
           put_sections(package, error) && put_all_notes(package, error) && put_body(package, error) &&
           put_pictures(package, error) && put_types(package, error) && mgk_zip_writer_finish(package->zip, error);
}

static void package_init(Package *package, MgkJob *job, const MgkDocFile *file)
{
    *package = (Package){.bytes = g_byte_array_new(), .types = g_string_new(NULL)};
    package->zip = mgk_zip_writer_new(sink, package);
    part_init(&package->body, MGK_DOC_MAIN);
    MgkDocWriter *writer = &package->writer;
    writer->job = job;
    writer->file = file;
    writer->styles = mgk_doc_styles_new(file);
    writer->fonts = mgk_doc_fonts(file);
    writer->pictures = g_ptr_array_new_with_free_func(picture_free);
    writer->sections = g_ptr_array_new_with_free_func(g_free);
    writer->fields = g_hash_table_new(NULL, NULL);
    writer->notes = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    writer->bookmarks = g_hash_table_new_full(NULL, NULL, NULL, string_free);
}

static void package_clear(Package *package)
{
    MgkDocWriter *writer = &package->writer;
    mgk_doc_styles_free(writer->styles);
    g_ptr_array_unref(writer->fonts);
    g_ptr_array_unref(writer->pictures);
    g_ptr_array_unref(writer->sections);
    g_hash_table_unref(writer->fields);
    g_hash_table_unref(writer->notes);
    g_hash_table_unref(writer->bookmarks);
    part_clear(&package->body);
    g_string_free(package->types, TRUE);
    mgk_zip_writer_free(package->zip);
}

gboolean mgk_doc_goes_on(MgkDocWriter *writer)
{
    writer->exceeded = writer->exceeded || mgk_doc_styles_exhausted(writer->styles);
    return !writer->exceeded;
}

GByteArray *mgk_doc_write(MgkJob *job, const MgkDocFile *file, GError **error)
{
    Package package;
    package_init(&package, job, file);
    gboolean ok = put_all(&package, error);
    if (ok && package.writer.exceeded) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "total_bytes: text or pictures used again and again");
        ok = FALSE;
    }
    package_clear(&package);
    if (!ok)
        g_clear_pointer(&package.bytes, g_byte_array_unref);
    return package.bytes;
}
