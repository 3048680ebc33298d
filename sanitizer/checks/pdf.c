/* pdf.c - the second look at a PDF: our own output's grammar and nothing else.
 *
 * Every byte is accounted for: header, objects one behind the other, cross-reference table, trailer. The objects are
 * walked from the trailer; each gets a role from what refers to it, each role has a table of its keys, and an object
 * that nothing refers to is wrong. So there is no place for scripts, actions (but http, https and mailto links), forms,
 * embedded files, object streams, foreign fonts or metadata. Streams are unpacked and read (pdf_streams.h). */
#include "checks/checks.h"
#include "checks/foreign.h"
#include "checks/pdf_streams.h"

#include <string.h>

typedef enum {
    ROLE_NONE,
    ROLE_CATALOG,
    ROLE_INFO,
    ROLE_PAGES,
    ROLE_PAGE,
    ROLE_CONTENT,
    ROLE_IMAGE,
    ROLE_FONT,
    ROLE_DESCENDANT,
    ROLE_DESCRIPTOR,
    ROLE_PROGRAM,
    ROLE_MAP,
    ROLE_UNICODE,
    ROLE_OUTLINES,
    ROLE_ITEM,
    ROLE_LINK,
} Role;

typedef struct Object {
    gsize offset; /* of its number; 0: not there */
    gsize body;
    gsize stream, stream_size; /* stream 0: none */
    guint8 role;
} Object;

typedef struct Look {
    MgkJob *job;
    GArray *objects; /* of Object, by number - 1 */
    GQueue todo;     /* numbers whose role is new */
    guint pages;     /* as /Count says */
    const char *wrong;
} Look;

static gboolean wrong(Look *look, const char *what)
{
    if (!look->wrong)
        look->wrong = what;
    return FALSE;
}

/* ---- the file as a row of objects ---- */

static MgkPdfCursor cursor_at(const Look *look, gsize offset)
{
    return (MgkPdfCursor){.at = look->job->data + offset, .end = look->job->data + look->job->size};
}

static gboolean take_stream(Look *look, MgkPdfCursor *cursor, const MgkPdfValue *dict, Object *object)
{
    const MgkPdfValue *length = mgk_pdf_get(dict, "Length");
    gsize left = (gsize)(cursor->end - cursor->at);
    if (!mgk_pdf_is_integer(length, 1, (double)left))
        return wrong(look, "length of a stream");
    object->stream = (gsize)(cursor->at - look->job->data);
    object->stream_size = (gsize)length->number;
    cursor->at += object->stream_size;
    return mgk_pdf_expect(cursor, "\nendstream") || wrong(look, "end of a stream");
}

static gboolean take_object(Look *look, MgkPdfCursor *cursor)
{
    Object object = {.offset = (gsize)(cursor->at - look->job->data)};
    guint64 number = 0;
    if (!mgk_pdf_unsigned(cursor, &number) || number < 1 || number > look->job->policy->limits.pdf_objects ||
        !mgk_pdf_expect(cursor, " 0 obj\n"))
        return wrong(look, "head of an object");
    object.body = (gsize)(cursor->at - look->job->data);
    g_auto(MgkPdfValue) value = {0};
    if (!mgk_pdf_value_read(cursor, TRUE, &value) || value.type != MGK_PDF_DICT)
        return wrong(look, "an object that is no dictionary");
    if (mgk_pdf_expect(cursor, "stream\n") && !take_stream(look, cursor, &value, &object))
        return FALSE;
    if (!mgk_pdf_expect(cursor, "\nendobj\n"))
        return wrong(look, "end of an object");
    if (number > look->objects->len)
        g_array_set_size(look->objects, (guint)number);
    Object *slot = &g_array_index(look->objects, Object, number - 1);
    if (slot->offset)
        return wrong(look, "an object twice");
    *slot = object;
    return TRUE;
}

static gboolean take_table(Look *look, MgkPdfCursor *cursor)
{
    char line[32];
    g_snprintf(line, sizeof line, "xref\n0 %u\n", look->objects->len + 1);
    if (!mgk_pdf_expect(cursor, line) || !mgk_pdf_expect(cursor, "0000000000 65535 f \n"))
        return wrong(look, "cross-reference table");
    for (guint i = 0; i < look->objects->len; i++) {
        const Object *object = &g_array_index(look->objects, Object, i);
        g_snprintf(line, sizeof line, "%010" G_GSIZE_FORMAT " 00000 n \n", object->offset);
        if (!object->offset || !mgk_pdf_expect(cursor, line))
            return wrong(look, "cross-reference entry");
    }
    return TRUE;
}

static gboolean refer(Look *look, const MgkPdfValue *value, Role role)
{
    if (!value || value->type != MGK_PDF_REFERENCE || value->number > look->objects->len)
        return wrong(look, "a reference");
    Object *object = &g_array_index(look->objects, Object, (guint)value->number - 1);
    gboolean stream =
        role == ROLE_CONTENT || role == ROLE_IMAGE || role == ROLE_PROGRAM || role == ROLE_MAP || role == ROLE_UNICODE;
    if (!object->offset || (object->stream != 0) != stream)
        return wrong(look, "a reference to something else");
    if (object->role == ROLE_NONE) {
        object->role = (guint8)role;
        g_queue_push_tail(&look->todo, GUINT_TO_POINTER((guint)value->number));
    }
    return object->role == role || wrong(look, "an object with two roles");
}

static gboolean take_trailer(Look *look, MgkPdfCursor *cursor, gsize table)
{
    g_auto(MgkPdfValue) trailer = {0};
    if (!mgk_pdf_expect(cursor, "trailer\n") || !mgk_pdf_value_read(cursor, TRUE, &trailer) ||
        trailer.type != MGK_PDF_DICT)
        return wrong(look, "trailer");
    const MgkPdfValue *info = mgk_pdf_get(&trailer, "Info");
    if (!mgk_pdf_is_integer(mgk_pdf_get(&trailer, "Size"), look->objects->len + 1, look->objects->len + 1) ||
        mgk_pdf_count(&trailer) != (info ? 3 : 2))
        return wrong(look, "trailer");
    if (!refer(look, mgk_pdf_get(&trailer, "Root"), ROLE_CATALOG) || (info && !refer(look, info, ROLE_INFO)))
        return FALSE;
    g_autofree char *end = g_strdup_printf("\nstartxref\n%" G_GSIZE_FORMAT "\n%%%%EOF\n", table);
    return (mgk_pdf_expect(cursor, end) && cursor->at == cursor->end) || wrong(look, "end of the file");
}

static gboolean take_file(Look *look)
{
    MgkPdfCursor cursor = cursor_at(look, 0);
    if (!mgk_pdf_expect(&cursor, "%PDF-1.5\n%\xE2\xE3\xCF\xD3\n"))
        return wrong(look, "header");
    while (cursor.at < cursor.end && g_ascii_isdigit(*cursor.at)) {
        if (!take_object(look, &cursor))
            return FALSE;
    }
    gsize table = (gsize)(cursor.at - look->job->data);
    return take_table(look, &cursor) && take_trailer(look, &cursor, table);
}

/* ---- what the keys of each role may be ---- */

typedef gboolean (*CheckValue)(Look *look, const MgkPdfValue *value);

typedef struct Key {
    const char *key;
    gboolean required;
    const char *name; /* the value must be this name … */
    Role role;        /* … or a reference to such an object … */
    CheckValue check; /* … or pass this */
} Key;

static gboolean check_count(Look *look, const MgkPdfValue *value)
{
    return mgk_pdf_is_integer(value, -100000, 100000) || wrong(look, "a count");
}

static gboolean check_size(Look *look, const MgkPdfValue *value)
{
    return mgk_pdf_is_integer(value, 1, 4e9) || wrong(look, "a size");
}

static gboolean check_numbers(Look *look, const MgkPdfValue *value, guint n, double bound)
{
    if (!value || value->type != MGK_PDF_ARRAY || mgk_pdf_count(value) != n)
        return wrong(look, "a list of numbers");
    for (guint i = 0; i < n; i++) {
        const MgkPdfValue *item = mgk_pdf_item(value, i);
        if (item->type != MGK_PDF_NUMBER || item->number < -bound || item->number > bound)
            return wrong(look, "a number");
    }
    return TRUE;
}

static gboolean check_text(Look *look, const MgkPdfValue *value)
{
    /* UTF-16 after its byte order mark; no controls */
    if (value->type != MGK_PDF_HEX || value->length % 4 || value->length < 4 || memcmp(value->text, "FEFF", 4) != 0)
        return wrong(look, "a text");
    for (gsize i = 4; i < value->length; i += 4) {
        if (memcmp(value->text + i, "00", 2) == 0 &&
            (value->text[i + 2] < '2' || value->text[i + 2] == '8' || value->text[i + 2] == '9'))
            return wrong(look, "a control character in a text");
    }
    return TRUE;
}

static gboolean check_dest(Look *look, const MgkPdfValue *value)
{
    guint n = mgk_pdf_count(value);
    if (value->type != MGK_PDF_ARRAY || n < 2 || !refer(look, mgk_pdf_item(value, 0), ROLE_PAGE))
        return wrong(look, "a destination");
    if (n == 2)
        return mgk_pdf_is(mgk_pdf_item(value, 1), MGK_PDF_NAME, "Fit") || wrong(look, "a destination");
    const MgkPdfValue *x = mgk_pdf_item(value, 2), *y = mgk_pdf_item(value, 3), *zoom = mgk_pdf_item(value, 4);
    gboolean ok = n == 5 && mgk_pdf_is(mgk_pdf_item(value, 1), MGK_PDF_NAME, "XYZ") &&
                  (x->type == MGK_PDF_NUMBER || x->type == MGK_PDF_NULL) && y->type == MGK_PDF_NUMBER &&
                  zoom->type == MGK_PDF_NULL;
    return ok || wrong(look, "a destination");
}

static gboolean check_action(Look *look, const MgkPdfValue *value)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:"};
    const MgkPdfValue *uri = mgk_pdf_get(value, "URI");
    if (mgk_pdf_count(value) != 2 || !mgk_pdf_is(mgk_pdf_get(value, "S"), MGK_PDF_NAME, "URI") || !uri ||
        uri->type != MGK_PDF_STRING)
        return wrong(look, "an action");
    for (guint i = 0; i < G_N_ELEMENTS(schemes); i++) {
        if (uri->length > strlen(schemes[i]) &&
            g_ascii_strncasecmp((const char *)uri->text, schemes[i], strlen(schemes[i])) == 0)
            return TRUE;
    }
    return wrong(look, "a link that is no web or mail address");
}

static gboolean check_box(Look *look, const MgkPdfValue *value)
{
    return check_numbers(look, value, 4, 200000) &&
           ((mgk_pdf_item(value, 0)->number == 0 && mgk_pdf_item(value, 1)->number == 0 &&
             mgk_pdf_item(value, 2)->number > 0 && mgk_pdf_item(value, 3)->number > 0) ||
            wrong(look, "a page's size"));
}

static gboolean check_rect(Look *look, const MgkPdfValue *value)
{
    return check_numbers(look, value, 4, 400000);
}

static gboolean check_border(Look *look, const MgkPdfValue *value)
{
    return check_numbers(look, value, 3, 0);
}

static gboolean check_print_flag(Look *look, const MgkPdfValue *value)
{
    return mgk_pdf_is_integer(value, 4, 4) || wrong(look, "flags of a link");
}

static gboolean check_references(Look *look, const MgkPdfValue *value, Role role)
{
    if (value->type != MGK_PDF_ARRAY)
        return wrong(look, "a list of references");
    for (guint i = 0; i < mgk_pdf_count(value); i++) {
        if (!refer(look, mgk_pdf_item(value, i), role))
            return FALSE;
    }
    return TRUE;
}

static gboolean check_kids(Look *look, const MgkPdfValue *value)
{
    look->pages = mgk_pdf_count(value);
    return check_references(look, value, ROLE_PAGE);
}

static gboolean check_links(Look *look, const MgkPdfValue *value)
{
    return check_references(look, value, ROLE_LINK);
}

static gboolean check_descendants(Look *look, const MgkPdfValue *value)
{
    return mgk_pdf_count(value) == 1 ? check_references(look, value, ROLE_DESCENDANT) : wrong(look, "a font");
}

static gboolean check_category(Look *look, const MgkPdfValue *dict, Role role)
{
    for (guint i = 0; i < mgk_pdf_count(dict); i++) {
        if (!refer(look, mgk_pdf_item(dict, 2 * i + 1), role))
            return FALSE;
    }
    return dict->type == MGK_PDF_DICT || wrong(look, "resources");
}

static gboolean check_resources(Look *look, const MgkPdfValue *value)
{
    const MgkPdfValue *images = mgk_pdf_get(value, "XObject"), *fonts = mgk_pdf_get(value, "Font");
    if (value->type != MGK_PDF_DICT || mgk_pdf_count(value) != (images ? 1u : 0) + (fonts ? 1u : 0))
        return wrong(look, "resources");
    return (!images || check_category(look, images, ROLE_IMAGE)) && (!fonts || check_category(look, fonts, ROLE_FONT));
}

static gboolean check_label(Look *look, const MgkPdfValue *label)
{
    const MgkPdfValue *prefix = mgk_pdf_get(label, "P");
    if (label->type != MGK_PDF_DICT)
        return wrong(look, "a page label");
    if (prefix)
        return mgk_pdf_count(label) == 1 ? check_text(look, prefix) : wrong(look, "a page label");
    return (mgk_pdf_count(label) == 2 && mgk_pdf_is(mgk_pdf_get(label, "S"), MGK_PDF_NAME, "D") &&
            mgk_pdf_is_integer(mgk_pdf_get(label, "St"), 1, 1e9)) ||
           wrong(look, "a page label");
}

static gboolean check_labels(Look *look, const MgkPdfValue *value)
{
    const MgkPdfValue *entries = mgk_pdf_get(value, "Nums");
    double last = -1;
    if (mgk_pdf_count(value) != 1 || !entries || entries->type != MGK_PDF_ARRAY || mgk_pdf_count(entries) % 2)
        return wrong(look, "page labels");
    for (guint i = 0; i < mgk_pdf_count(entries); i += 2) {
        const MgkPdfValue *page = mgk_pdf_item(entries, i);
        if (!mgk_pdf_is_integer(page, last + 1, 1e6) || !check_label(look, mgk_pdf_item(entries, i + 1)))
            return wrong(look, "page labels");
        last = page->number;
    }
    return TRUE;
}

static gboolean check_preferences(Look *look, const MgkPdfValue *value)
{
    const MgkPdfValue *title = mgk_pdf_get(value, "DisplayDocTitle");
    return (mgk_pdf_count(value) == 1 && title && title->type == MGK_PDF_BOOLEAN) || wrong(look, "preferences");
}

static gboolean check_system(Look *look, const MgkPdfValue *value)
{
    return (mgk_pdf_count(value) == 3 && mgk_pdf_is(mgk_pdf_get(value, "Registry"), MGK_PDF_STRING, "Adobe") &&
            mgk_pdf_is(mgk_pdf_get(value, "Ordering"), MGK_PDF_STRING, "Identity") &&
            mgk_pdf_is_integer(mgk_pdf_get(value, "Supplement"), 0, 0)) ||
           wrong(look, "a font's character collection");
}

static gboolean check_widths(Look *look, const MgkPdfValue *value)
{
    const MgkPdfValue *list = mgk_pdf_item(value, 1);
    if (value->type != MGK_PDF_ARRAY || mgk_pdf_count(value) != 2 ||
        !mgk_pdf_is_integer(mgk_pdf_item(value, 0), 1, 1) || list->type != MGK_PDF_ARRAY || mgk_pdf_count(list) > 65535)
        return wrong(look, "widths");
    for (guint i = 0; i < mgk_pdf_count(list); i++) {
        if (!mgk_pdf_is_integer(mgk_pdf_item(list, i), 0, 10000))
            return wrong(look, "a width");
    }
    return TRUE;
}

static gboolean check_metric(Look *look, const MgkPdfValue *value)
{
    return mgk_pdf_is_integer(value, -1000, 1000) || wrong(look, "a font's measure");
}

static gboolean check_font_box(Look *look, const MgkPdfValue *value)
{
    return check_numbers(look, value, 4, 1000);
}

static gboolean check_nothing(Look *look, const MgkPdfValue *value)
{
    (void)look;
    (void)value;
    return TRUE; /* pdf_streams.h looks at it */
}

static gboolean check_filter(Look *look, const MgkPdfValue *value)
{
    return mgk_pdf_is(value, MGK_PDF_NAME, "FlateDecode") || mgk_pdf_is(value, MGK_PDF_NAME, "DCTDecode") ||
           wrong(look, "a filter");
}

#define FONT_NAME "MugaikaInvisible"

static const Key catalog_keys[] = {{"Type", TRUE, "Catalog", 0, NULL},
                                   {"Pages", TRUE, NULL, ROLE_PAGES, NULL},
                                   {"Outlines", FALSE, NULL, ROLE_OUTLINES, NULL},
                                   {"PageMode", FALSE, "UseOutlines", 0, NULL},
                                   {"PageLabels", FALSE, NULL, 0, check_labels},
                                   {"ViewerPreferences", FALSE, NULL, 0, check_preferences},
                                   {NULL, 0, NULL, 0, NULL}};
static const Key info_keys[] = {{"Title", TRUE, NULL, 0, check_text}, {NULL, 0, NULL, 0, NULL}};
static const Key pages_keys[] = {{"Type", TRUE, "Pages", 0, NULL},
                                 {"Count", TRUE, NULL, 0, check_count},
                                 {"Kids", TRUE, NULL, 0, check_kids},
                                 {NULL, 0, NULL, 0, NULL}};
static const Key page_keys[] = {{"Type", TRUE, "Page", 0, NULL},
                                {"Parent", TRUE, NULL, ROLE_PAGES, NULL},
                                {"MediaBox", TRUE, NULL, 0, check_box},
                                {"Contents", TRUE, NULL, ROLE_CONTENT, NULL},
                                {"Resources", TRUE, NULL, 0, check_resources},
                                {"Annots", FALSE, NULL, 0, check_links},
                                {NULL, 0, NULL, 0, NULL}};
static const Key link_keys[] = {{"Type", TRUE, "Annot", 0, NULL},        {"Subtype", TRUE, "Link", 0, NULL},
                                {"Border", TRUE, NULL, 0, check_border}, {"F", TRUE, NULL, 0, check_print_flag},
                                {"Rect", TRUE, NULL, 0, check_rect},     {"Dest", FALSE, NULL, 0, check_dest},
                                {"A", FALSE, NULL, 0, check_action},     {NULL, 0, NULL, 0, NULL}};
static const Key outlines_keys[] = {{"Type", TRUE, "Outlines", 0, NULL},
                                    {"First", TRUE, NULL, ROLE_ITEM, NULL},
                                    {"Last", TRUE, NULL, ROLE_ITEM, NULL},
                                    {"Count", TRUE, NULL, 0, check_count},
                                    {NULL, 0, NULL, 0, NULL}};
static const Key item_keys[] = {{"Title", TRUE, NULL, 0, check_text},
                                {"Parent", TRUE, NULL, ROLE_NONE, check_nothing},
                                {"Prev", FALSE, NULL, ROLE_ITEM, NULL},
                                {"Next", FALSE, NULL, ROLE_ITEM, NULL},
                                {"First", FALSE, NULL, ROLE_ITEM, NULL},
                                {"Last", FALSE, NULL, ROLE_ITEM, NULL},
                                {"Count", FALSE, NULL, 0, check_count},
                                {"Dest", FALSE, NULL, 0, check_dest},
                                {NULL, 0, NULL, 0, NULL}};
static const Key font_keys[] = {{"Type", TRUE, "Font", 0, NULL},
                                {"Subtype", TRUE, "Type0", 0, NULL},
                                {"BaseFont", TRUE, FONT_NAME, 0, NULL},
                                {"Encoding", TRUE, "Identity-H", 0, NULL},
                                {"DescendantFonts", TRUE, NULL, 0, check_descendants},
                                {"ToUnicode", TRUE, NULL, ROLE_UNICODE, NULL},
                                {NULL, 0, NULL, 0, NULL}};
static const Key descendant_keys[] = {{"Type", TRUE, "Font", 0, NULL},
                                      {"Subtype", TRUE, "CIDFontType2", 0, NULL},
                                      {"BaseFont", TRUE, FONT_NAME, 0, NULL},
                                      {"CIDSystemInfo", TRUE, NULL, 0, check_system},
                                      {"FontDescriptor", TRUE, NULL, ROLE_DESCRIPTOR, NULL},
                                      {"CIDToGIDMap", TRUE, NULL, ROLE_MAP, NULL},
                                      {"DW", TRUE, NULL, 0, check_metric},
                                      {"W", TRUE, NULL, 0, check_widths},
                                      {NULL, 0, NULL, 0, NULL}};
static const Key descriptor_keys[] = {{"Type", TRUE, "FontDescriptor", 0, NULL},
                                      {"FontName", TRUE, FONT_NAME, 0, NULL},
                                      {"Flags", TRUE, NULL, 0, check_print_flag},
                                      {"FontBBox", TRUE, NULL, 0, check_font_box},
                                      {"ItalicAngle", TRUE, NULL, 0, check_metric},
                                      {"Ascent", TRUE, NULL, 0, check_metric},
                                      {"Descent", TRUE, NULL, 0, check_metric},
                                      {"CapHeight", TRUE, NULL, 0, check_metric},
                                      {"StemV", TRUE, NULL, 0, check_metric},
                                      {"FontFile2", TRUE, NULL, ROLE_PROGRAM, NULL},
                                      {NULL, 0, NULL, 0, NULL}};
static const Key image_keys[] = {{"Type", TRUE, "XObject", 0, NULL},
                                 {"Subtype", TRUE, "Image", 0, NULL},
                                 {"Width", TRUE, NULL, 0, check_size},
                                 {"Height", TRUE, NULL, 0, check_size},
                                 {"ColorSpace", TRUE, NULL, 0, check_nothing},
                                 {"BitsPerComponent", TRUE, NULL, 0, check_size},
                                 {"Filter", TRUE, NULL, 0, check_filter},
                                 {"Length", TRUE, NULL, 0, check_size},
                                 {NULL, 0, NULL, 0, NULL}};
static const Key plain_keys[] = {
    {"Filter", TRUE, "FlateDecode", 0, NULL}, {"Length", TRUE, NULL, 0, check_size}, {NULL, 0, NULL, 0, NULL}};
static const Key program_keys[] = {{"Length1", TRUE, NULL, 0, check_size},
                                   {"Filter", TRUE, "FlateDecode", 0, NULL},
                                   {"Length", TRUE, NULL, 0, check_size},
                                   {NULL, 0, NULL, 0, NULL}};

static const Key *const keys_of[] = {
    [ROLE_CATALOG] = catalog_keys,
    [ROLE_INFO] = info_keys,
    [ROLE_PAGES] = pages_keys,
    [ROLE_PAGE] = page_keys,
    [ROLE_CONTENT] = plain_keys,
    [ROLE_IMAGE] = image_keys,
    [ROLE_FONT] = font_keys,
    [ROLE_DESCENDANT] = descendant_keys,
    [ROLE_DESCRIPTOR] = descriptor_keys,
    [ROLE_PROGRAM] = program_keys,
    [ROLE_MAP] = plain_keys,
    [ROLE_UNICODE] = plain_keys,
    [ROLE_OUTLINES] = outlines_keys,
    [ROLE_ITEM] = item_keys,
    [ROLE_LINK] = link_keys,
};

static gboolean check_key(Look *look, const Key *key, const MgkPdfValue *value)
{
    if (key->name)
        return mgk_pdf_is(value, MGK_PDF_NAME, key->name) || wrong(look, key->key);
    return key->check ? key->check(look, value) : refer(look, value, key->role);
}

static gboolean check_dict(Look *look, const MgkPdfValue *dict, const Key *keys)
{
    guint known = 0;
    for (; keys->key; keys++) {
        const MgkPdfValue *value = mgk_pdf_get(dict, keys->key);
        if (!value && keys->required)
            return wrong(look, "a missing key");
        if (value && !check_key(look, keys, value))
            return FALSE;
        known += value != NULL;
    }
    return known == mgk_pdf_count(dict) || wrong(look, "an unknown key");
}

/* ---- the walk ---- */

static gboolean check_parent(Look *look, const MgkPdfValue *dict)
{
    const MgkPdfValue *parent = mgk_pdf_get(dict, "Parent");
    if (!parent || parent->type != MGK_PDF_REFERENCE || parent->number > look->objects->len)
        return wrong(look, "parent of an outline item");
    guint8 role = g_array_index(look->objects, Object, (guint)parent->number - 1).role;
    return role == ROLE_ITEM || role == ROLE_OUTLINES || wrong(look, "parent of an outline item");
}

static gboolean check_page_content(Look *look, const MgkPdfValue *page)
{
    const MgkPdfValue *contents = mgk_pdf_get(page, "Contents");
    const Object *object = &g_array_index(look->objects, Object, (guint)contents->number - 1);
    const char *what =
        mgk_pdf_check_content(mgk_pdf_get(page, "Resources"), look->job->data + object->stream, object->stream_size);
    return !what || wrong(look, what);
}

static gboolean check_special(Look *look, const Object *object, const MgkPdfValue *dict)
{
    const guint8 *stream = look->job->data + object->stream;
    const char *what = NULL;
    if (object->role == ROLE_PAGE)
        return check_page_content(look, dict);
    if (object->role == ROLE_ITEM)
        return check_parent(look, dict);
    if (object->role == ROLE_PAGES)
        return mgk_pdf_is_integer(mgk_pdf_get(dict, "Count"), MAX(look->pages, 1), look->pages) ||
               wrong(look, "number of pages");
    if (object->role == ROLE_LINK)
        return !mgk_pdf_get(dict, "A") != !mgk_pdf_get(dict, "Dest") || wrong(look, "a link without one target");
    if (object->role == ROLE_IMAGE)
        what = mgk_pdf_check_image(look->job, dict, stream, object->stream_size);
    else if (object->role == ROLE_UNICODE)
        what = mgk_pdf_check_unicode(stream, object->stream_size);
    else if (object->role == ROLE_MAP)
        what = mgk_pdf_check_map(stream, object->stream_size);
    else if (object->role == ROLE_PROGRAM)
        what = mgk_pdf_check_program(stream, object->stream_size, (guint64)mgk_pdf_get(dict, "Length1")->number);
    return !what || wrong(look, what);
}

static gboolean check_next(Look *look)
{
    guint number = GPOINTER_TO_UINT(g_queue_pop_head(&look->todo));
    Object object = g_array_index(look->objects, Object, number - 1);
    MgkPdfCursor cursor = cursor_at(look, object.body);
    g_auto(MgkPdfValue) dict = {0};
    if (!mgk_pdf_value_read(&cursor, TRUE, &dict))
        return wrong(look, "an object");
    return check_dict(look, &dict, keys_of[object.role]) && check_special(look, &object, &dict);
}

static gboolean check_graph(Look *look)
{
    while (!g_queue_is_empty(&look->todo)) {
        if (!check_next(look))
            return FALSE;
    }
    for (guint i = 0; i < look->objects->len; i++) {
        if (g_array_index(look->objects, Object, i).role == ROLE_NONE)
            return wrong(look, "an object that nothing refers to");
    }
    return TRUE;
}

gboolean mgk_check_pdf(MgkJob *job, GError **error)
{
    g_autoptr(GArray) objects = g_array_new(FALSE, TRUE, sizeof(Object));
    Look look = {.job = job, .objects = objects, .todo = G_QUEUE_INIT};
    gboolean ok = take_file(&look) && check_graph(&look);
    g_queue_clear(&look.todo);
    if (!ok) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "PDF check: %s", look.wrong ? look.wrong : "unknown");
        return FALSE;
    }
    return mgk_check_foreign(job->data, job->size, MGK_FOREIGN_PDF, error);
}
