/* doc_art.c - pictures and shapes ([MS-ODRAW]): what a picture shows is handed on as it is, for the cleaning of docx;
 * of other shapes the text stays, in a box of the same place and size. */
#include "engines/blip.h"
#include "engines/doc_write.h"

enum {
    HEADER = 8,
    TYPE_STORE = 0xf001,
    TYPE_SHAPE = 0xf004,
    TYPE_ENTRY = 0xf007,
    TYPE_SHAPE_ID = 0xf00a,
    TYPE_OPTIONS = 0xf00b,
    OPTION_PICTURE = 0x104,
    OPTION_FILL = 0x181,
    OPTION_FILLED = 0x1bf,
    OPTION_LINE = 0x1c0,
    OPTION_LINED = 0x1ff,
    MAX_DEPTH = 8,
    MAX_METAFILE = 64 << 20,
    SPA_BYTES = 26,
    TEXT_BOX_BYTES = 22,
    MAX_STEPS = 200 * 1000 * 1000,
};

typedef struct Record {
    guint type, instance, version;
    MgkDocBytes body;
} Record;

static gboolean next_record(MgkDocBytes *bytes, Record *ret_record)
{
    if (bytes->size < HEADER)
        return FALSE;
    guint16 head = mgk_doc_u16(*bytes, 0);
    gsize size = MIN(mgk_doc_u32(*bytes, 4), bytes->size - HEADER);
    *ret_record = (Record){mgk_doc_u16(*bytes, 2), head >> 4, head & 15u, {bytes->data + HEADER, size}};
    *bytes = (MgkDocBytes){bytes->data + HEADER + size, bytes->size - HEADER - size};
    return TRUE;
}

/* Thousands of marks may each look through thousands of records. FALSE when that is enough. */
static gboolean spend(MgkDocWriter *writer, guint64 steps)
{
    writer->steps += steps;
    if (writer->steps > MAX_STEPS)
        writer->exceeded = TRUE;
    return !writer->exceeded;
}

/* ---- pictures ---- */

static GBytes *blip_bytes(const Record *record, const char **ret_extension)
{
    return mgk_blip_file(record->type, record->instance, record->body.data, record->body.size, MAX_METAFILE,
                         ret_extension);
}

/* A picture, or a store's entry for one (2.2.32 OfficeArtFBSE), whose picture may lie in the other stream. */
static GBytes *picture_bytes(const MgkDocFile *file, const Record *record, const char **ret_extension)
{
    if (record->type != TYPE_ENTRY)
        return blip_bytes(record, ret_extension);
    if (record->body.size < 36)
        return NULL;
    gsize name = record->body.data[33], delay = mgk_doc_u32(record->body, 28);
    MgkDocBytes rest = mgk_doc_slice(record->body, 36 + name, record->body.size - MIN(record->body.size, 36 + name));
    if (rest.size < HEADER && delay < file->word.size)
        rest = mgk_doc_slice(file->word, delay, file->word.size - delay);
    Record inner = {0};
    return next_record(&rest, &inner) ? blip_bytes(&inner, ret_extension) : NULL;
}

/* Puts a picture into the package; the number of its relationship, 0 when there is no room. */
static guint add_picture(MgkDocWriter *writer, MgkDocPart *part, GBytes *bytes, const char *extension)
{
    writer->picture_bytes += g_bytes_get_size(bytes);
    if (writer->picture_bytes > writer->job->policy->limits.input_bytes) {
        writer->exceeded = TRUE;
        return 0;
    }
    MgkDocPicture *picture = g_new0(MgkDocPicture, 1);
    picture->name = g_strdup_printf("media/image%u.%s", writer->pictures->len + 1, extension);
    picture->bytes = g_bytes_ref(bytes);
    g_ptr_array_add(writer->pictures, picture);
    g_string_append_printf(part->relations,
                           "<Relationship Id=\"rId%u\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/"
                           "relationships/image\" Target=\"%s\"/>",
                           ++part->n_relations, picture->name);
    return part->n_relations;
}

static void put_graphic(MgkDocWriter *writer, GString *xml, guint relation, gint64 width, gint64 height)
{
    guint id = ++writer->next_id;
    g_string_append_printf(
        xml,
        "<wp:docPr id=\"%u\" name=\"Picture %u\"/><a:graphic><a:graphicData "
        "uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic><pic:nvPicPr><pic:cNvPr id=\"%u\" "
        "name=\"Picture %u\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed=\"rId%u\"/><a:stretch>"
        "<a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext "
        "cx=\"%" G_GINT64_FORMAT "\" cy=\"%" G_GINT64_FORMAT "\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/>"
        "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>",
        id, id, id, id, relation, width, height);
}

static gint64 emu(gint64 twips)
{
    return CLAMP(twips, 1, 31680) * 635;
}

static void put_inline(MgkDocWriter *writer, MgkDocPart *part, GBytes *bytes, const char *extension, gint64 width,
                       gint64 height)
{
    guint relation = add_picture(writer, part, bytes, extension);
    if (!relation)
        return;
    g_string_append_printf(part->xml,
                           "<w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent "
                           "cx=\"%" G_GINT64_FORMAT "\" cy=\"%" G_GINT64_FORMAT "\"/>",
                           emu(width), emu(height));
    put_graphic(writer, part->xml, relation, emu(width), emu(height));
    g_string_append(part->xml, "</wp:inline></w:drawing>");
}

/* PICFAndOfficeArtData (2.9.192): size, scale, then a shape and its picture. */
void mgk_doc_put_picture(MgkDocWriter *writer, MgkDocPart *part, guint32 offset)
{
    MgkDocBytes data = writer->file->data;
    gsize size = mgk_doc_u32(data, offset), head = mgk_doc_u16(data, (gsize)offset + 4);
    MgkDocBytes picf = mgk_doc_slice(data, offset, MIN(size, data.size - MIN(data.size, offset)));
    if (head < 68 || head >= picf.size)
        return;
    if (mgk_doc_u16(picf, 6) == 0x66)
        head += 1 + (gsize)picf.data[head];
    gint64 width = (gint64)mgk_doc_u16(picf, 28) * mgk_doc_u16(picf, 32) / 1000;
    gint64 height = (gint64)mgk_doc_u16(picf, 30) * mgk_doc_u16(picf, 34) / 1000;
    MgkDocBytes records = head < picf.size ? mgk_doc_slice(picf, head, picf.size - head) : (MgkDocBytes){0};
    Record record = {0};
    while (spend(writer, 1) && next_record(&records, &record)) {
        const char *extension = "";
        g_autoptr(GBytes) bytes = picture_bytes(writer->file, &record, &extension);
        if (bytes) {
            put_inline(writer, part, bytes, extension, width, height);
            return;
        }
    }
    mgk_job_find(writer->job, MGK_KIND_UNKNOWN_PART, "drawing", NULL);
}

/* ---- shapes ---- */

typedef struct Shape {
    guint32 id, picture;
    guint type; /* MSOSPT */
    guint32 fill, line;
    gboolean filled, lined;
} Shape;

/* A property of a shape (2.3); of the boolean ones the upper half says which bits of the lower one count. */
static void read_option(Shape *shape, guint id, guint32 value)
{
    if (id == OPTION_PICTURE)
        shape->picture = value;
    else if (id == OPTION_FILL)
        shape->fill = value;
    else if (id == OPTION_LINE)
        shape->line = value;
    else if (id == OPTION_FILLED && (value & 0x00100000))
        shape->filled = (value & 0x10) != 0;
    else if (id == OPTION_LINED && (value & 0x00080000))
        shape->lined = (value & 8) != 0;
}

static void read_shape(MgkDocBytes body, Shape *shape)
{
    Record record = {0};
    while (next_record(&body, &record)) {
        if (record.type == TYPE_SHAPE_ID) {
            shape->id = mgk_doc_u32(record.body, 0);
            shape->type = record.instance;
        }
        for (guint i = 0; record.type == TYPE_OPTIONS && i < record.instance; i++)
            read_option(shape, mgk_doc_u16(record.body, 6 * (gsize)i) & 0x3fffu,
                        mgk_doc_u32(record.body, 6 * (gsize)i + 2));
    }
}

/* Looks for a shape by its number, and for entry `wanted` of the store; drawings hold groups hold shapes. */
static gboolean find_shape(MgkDocWriter *writer, MgkDocBytes records, guint32 id, guint depth, Shape *ret_shape)
{
    Record record = {0};
    while (spend(writer, 1) && next_record(&records, &record)) {
        Shape shape = {.fill = 0xffffff, .filled = TRUE, .lined = TRUE};
        if (record.type == TYPE_SHAPE)
            read_shape(record.body, &shape);
        if (record.type == TYPE_SHAPE && shape.id == id) {
            *ret_shape = shape;
            return TRUE;
        }
        if (record.type != TYPE_SHAPE && record.version == 15 && depth < MAX_DEPTH &&
            find_shape(writer, record.body, id, depth + 1, ret_shape))
            return TRUE;
    }
    return FALSE;
}

/* OfficeArtContent (2.9.172): the store's container, then for each document a byte and its drawing. */
static gboolean shape_of(MgkDocWriter *writer, guint32 id, Shape *ret_shape)
{
    MgkDocBytes content = mgk_doc_structure(writer->file, MGK_DOC_DRAWINGS);
    Record record = {0};
    if (!next_record(&content, &record))
        return FALSE;
    while (content.size > 1) {
        content = (MgkDocBytes){content.data + 1, content.size - 1};
        if (!next_record(&content, &record))
            return FALSE;
        if (find_shape(writer, record.body, id, 0, ret_shape))
            return TRUE;
    }
    return FALSE;
}

static GBytes *stored_picture(const MgkDocFile *file, guint32 number, const char **ret_extension)
{
    MgkDocBytes content = mgk_doc_structure(file, MGK_DOC_DRAWINGS);
    Record record = {0}, store = {0};
    if (number == 0 || !next_record(&content, &record))
        return NULL;
    MgkDocBytes inside = record.body;
    while (next_record(&inside, &store) && store.type != TYPE_STORE)
        ;
    if (store.type != TYPE_STORE)
        return NULL;
    for (guint32 i = 0; i < number; i++) {
        if (!next_record(&store.body, &record))
            return NULL;
    }
    return picture_bytes(file, &record, ret_extension);
}

typedef struct Anchor {
    guint32 id;
    gint32 left, top, right, bottom;
    guint flags;
} Anchor;

static gboolean anchor_at(MgkDocWriter *writer, const MgkDocPart *part, guint32 position, Anchor *ret_anchor)
{
    gboolean header = part->story == MGK_DOC_STORY_HEADERS || part->story == MGK_DOC_STORY_HEADER_TEXT_BOXES;
    MgkDocStory base = header ? MGK_DOC_STORY_HEADERS : MGK_DOC_MAIN;
    MgkDocBytes plc = mgk_doc_structure(writer->file, header ? MGK_DOC_HEADER_SHAPES : MGK_DOC_SHAPES);
    guint n = mgk_doc_plc_count(plc, SPA_BYTES);
    for (guint i = 0; i < n && spend(writer, 1); i++) {
        if (mgk_doc_u32(plc, 4 * (gsize)i) + writer->file->story[base] != position)
            continue;
        gsize at = 4 * ((gsize)n + 1) + SPA_BYTES * (gsize)i;
        *ret_anchor = (Anchor){mgk_doc_u32(plc, at),
                               (gint32)mgk_doc_u32(plc, at + 4),
                               (gint32)mgk_doc_u32(plc, at + 8),
                               (gint32)mgk_doc_u32(plc, at + 12),
                               (gint32)mgk_doc_u32(plc, at + 16),
                               mgk_doc_u16(plc, at + 20)};
        return TRUE;
    }
    return FALSE;
}

static gint32 bounded(gint32 twips)
{
    return CLAMP(twips, -31680, 31680);
}

static void put_floating(MgkDocWriter *writer, MgkDocPart *part, GBytes *bytes, const char *extension,
                         const Anchor *anchor)
{
    static const char *const across[] = {"margin", "page", "column", "column"};
    static const char *const down[] = {"margin", "page", "paragraph", "paragraph"};
    guint relation = add_picture(writer, part, bytes, extension);
    if (!relation)
        return;
    gint64 width = emu((gint64)bounded(anchor->right) - bounded(anchor->left));
    gint64 height = emu((gint64)bounded(anchor->bottom) - bounded(anchor->top));
    guint wrap = anchor->flags >> 5 & 15;
    g_string_append_printf(part->xml,
                           "<w:drawing><wp:anchor distT=\"0\" distB=\"0\" distL=\"114300\" distR=\"114300\" "
                           "simplePos=\"0\" relativeHeight=\"%u\" behindDoc=\"%u\" locked=\"0\" layoutInCell=\"1\" "
                           "allowOverlap=\"1\"><wp:simplePos x=\"0\" y=\"0\"/>",
                           writer->next_id + 1, anchor->flags >> 14 & 1);
    g_string_append_printf(part->xml,
                           "<wp:positionH relativeFrom=\"%s\"><wp:posOffset>%d</wp:posOffset></wp:positionH>"
                           "<wp:positionV relativeFrom=\"%s\"><wp:posOffset>%d</wp:posOffset></wp:positionV>"
                           "<wp:extent cx=\"%" G_GINT64_FORMAT "\" cy=\"%" G_GINT64_FORMAT "\"/>%s",
                           across[anchor->flags >> 1 & 3], bounded(anchor->left) * 635, down[anchor->flags >> 3 & 3],
                           bounded(anchor->top) * 635, width, height,
                           wrap == 3   ? "<wp:wrapNone/>"
                           : wrap == 1 ? "<wp:wrapTopAndBottom/>"
                                       : "<wp:wrapSquare wrapText=\"bothSides\"/>");
    put_graphic(writer, part->xml, relation, width, height);
    g_string_append(part->xml, "</wp:anchor></w:drawing>");
}

/* FTXBXS (2.9.106) names the shape that its text belongs to. */
static gboolean text_of(MgkDocWriter *writer, const MgkDocPart *part, guint32 id, guint32 *ret_start, guint32 *ret_end)
{
    gboolean header = part->story == MGK_DOC_STORY_HEADERS;
    MgkDocStory base = header ? MGK_DOC_STORY_HEADER_TEXT_BOXES : MGK_DOC_STORY_TEXT_BOXES;
    MgkDocBytes plc = mgk_doc_structure(writer->file, header ? MGK_DOC_HEADER_TEXT_BOXES : MGK_DOC_TEXT_BOXES);
    guint n = mgk_doc_plc_count(plc, TEXT_BOX_BYTES);
    guint32 first = writer->file->story[base], limit = writer->file->story[base + 1];
    for (guint i = 0; i < n && spend(writer, 1); i++) {
        gsize at = 4 * ((gsize)n + 1) + TEXT_BOX_BYTES * (gsize)i;
        guint32 start = mgk_doc_u32(plc, 4 * (gsize)i), end = mgk_doc_u32(plc, 4 * (gsize)i + 4);
        if (mgk_doc_u32(plc, at + 14) != id || start >= end || end > limit - first)
            continue;
        *ret_start = first + start;
        *ret_end = first + end;
        return TRUE;
    }
    return FALSE;
}

static void put_text_box(MgkDocWriter *writer, MgkDocPart *part, const Anchor *anchor, guint32 start, guint32 end)
{
    static const char *const across[] = {"margin", "page", "text", "text"};
    MgkDocStory story = part->story;
    g_string_append_printf(
        part->xml,
        "<w:pict><v:rect id=\"_x0000_s%u\" style=\"position:absolute;margin-left:%dpt;margin-top:%dpt;"
        "width:%dpt;height:%dpt;mso-position-horizontal-relative:%s;"
        "mso-position-vertical-relative:%s\"><v:textbox><w:txbxContent>",
        ++writer->next_id, bounded(anchor->left) / 20, bounded(anchor->top) / 20,
        MAX(1, (bounded(anchor->right) - bounded(anchor->left)) / 20),
        MAX(1, (bounded(anchor->bottom) - bounded(anchor->top)) / 20), across[anchor->flags >> 1 & 3],
        across[anchor->flags >> 3 & 3]);
    part->story = MGK_DOC_STORY_TEXT_BOXES;
    mgk_doc_put_story(writer, part, start, end, NULL);
    part->story = story;
    g_string_append(part->xml, "</w:txbxContent></v:textbox></v:rect></w:pict>");
}

/* Boxes and ovals are drawn anew; of other shapes there is only the word that they are gone. */
static void put_drawing(MgkDocWriter *writer, MgkDocPart *part, const Anchor *anchor, const Shape *shape)
{
    static const char *const names[] = {NULL, "rect", "roundrect", "oval"};
    static const char *const across[] = {"margin", "page", "text", "text"};
    const char *name = shape->type < G_N_ELEMENTS(names) ? names[shape->type] : shape->type == 202 ? "rect" : NULL;
    if (!name) {
        mgk_job_find(writer->job, MGK_KIND_UNKNOWN_PART, "drawing", NULL);
        return;
    }
    g_string_append_printf(part->xml,
                           "<w:pict><v:%s id=\"_x0000_s%u\" style=\"position:absolute;margin-left:%dpt;margin-top:%dpt;"
                           "width:%dpt;height:%dpt;mso-position-horizontal-relative:%s;"
                           "mso-position-vertical-relative:%s\" fillcolor=\"#%06X\" strokecolor=\"#%06X\" "
                           "filled=\"%c\" stroked=\"%c\"/></w:pict>",
                           name, ++writer->next_id, bounded(anchor->left) / 20, bounded(anchor->top) / 20,
                           MAX(1, (bounded(anchor->right) - bounded(anchor->left)) / 20),
                           MAX(1, (bounded(anchor->bottom) - bounded(anchor->top)) / 20),
                           across[anchor->flags >> 1 & 3], across[anchor->flags >> 3 & 3],
                           (guint)MAX(mgk_doc_color(shape->fill), 0), (guint)MAX(mgk_doc_color(shape->line), 0),
                           shape->filled ? 't' : 'f', shape->lined ? 't' : 'f');
}

void mgk_doc_put_shape(MgkDocWriter *writer, MgkDocPart *part, guint32 position)
{
    Anchor anchor = {0};
    Shape shape = {0};
    const char *extension = "";
    guint32 start = 0, end = 0;
    if (writer->depth || !anchor_at(writer, part, position, &anchor)) { /* inside a text box, or nowhere */
        mgk_job_find(writer->job, MGK_KIND_UNKNOWN_PART, "drawing", NULL);
        return;
    }
    writer->depth++;
    if (text_of(writer, part, anchor.id, &start, &end)) {
        put_text_box(writer, part, &anchor, start, end);
    } else if (shape_of(writer, anchor.id, &shape)) {
        g_autoptr(GBytes) bytes = stored_picture(writer->file, shape.picture, &extension);
        if (bytes)
            put_floating(writer, part, bytes, extension, &anchor);
        else
            put_drawing(writer, part, &anchor, &shape);
    } else {
        mgk_job_find(writer->job, MGK_KIND_UNKNOWN_PART, "drawing", NULL);
    }
    writer->depth--;
}
