#include "engines/heif_box.h"

#include <string.h>

#define MAX_ITEMS 5000u
#define MAX_EXTENTS 4096u
#define MAX_BYTES (1024u << 20)
#define MAX_REFERENCES 40000u
#define MAX_ITEM_PROPERTIES 255u

/* A range of bytes that is read from its front. */
typedef struct Span {
    const guint8 *data;
    gsize size;
    gboolean short_of; /* something was read beyond the end */
} Span;

typedef struct Box {
    guint32 type;
    Span body;
} Box;

typedef struct Parser {
    MgkHeif *heif;
    Span file, idat, iloc;
    guint64 left; /* bytes that items may still claim: overlapping extents must not multiply the file */
    guint associations;
} Parser;

static guint64 number(Span *span, guint bytes)
{
    guint64 value = 0;
    if (bytes > span->size) {
        span->short_of = TRUE;
        span->size = 0;
        return 0;
    }
    for (guint i = 0; i < bytes; i++)
        value = value << 8 | span->data[i];
    span->data += bytes;
    span->size -= bytes;
    return value;
}

/* The next box of a span. FALSE at its end, or where the boxes stop making sense. */
static gboolean next_box(Span *span, Box *box)
{
    if (span->size < 8)
        return FALSE;
    Span at = *span;
    guint64 untrusted_size = number(&at, 4);
    box->type = (guint32)number(&at, 4);
    if (untrusted_size == 1)
        untrusted_size = number(&at, 8);
    else if (untrusted_size == 0)
        untrusted_size = span->size;
    gsize head = span->size - at.size;
    if (at.short_of || untrusted_size < head || untrusted_size > span->size)
        return FALSE;
    box->body = (Span){.data = span->data + head, .size = (gsize)untrusted_size - head};
    span->data += untrusted_size;
    span->size -= (gsize)untrusted_size;
    return TRUE;
}

/* Version and flags of a full box. */
static guint version(Span *span, guint32 *ret_flags)
{
    guint32 both = (guint32)number(span, 4);
    *ret_flags = both & 0xffffff;
    return both >> 24;
}

static MgkHeifItem *find_item(const MgkHeif *heif, guint32 id)
{
    for (guint i = 0; i < heif->items->len; i++) {
        MgkHeifItem *item = g_ptr_array_index(heif->items, i);
        if (item->id == id)
            return item;
    }
    return NULL;
}

static void item_free(gpointer data)
{
    MgkHeifItem *item = data;
    if (item->bytes)
        g_bytes_unref(item->bytes);
    g_array_unref(item->properties);
    g_free(item);
}

/* ---- the boxes of meta ---- */

static void read_primary(Parser *parser, Span body)
{
    guint32 flags;
    guint bytes = version(&body, &flags) == 0 ? 2 : 4;
    parser->heif->primary = (guint32)number(&body, bytes);
}

static void read_item_info(Parser *parser, Span body)
{
    guint32 flags;
    Box entry;
    number(&body, version(&body, &flags) == 0 ? 2 : 4); /* the boxes are counted by themselves */
    while (next_box(&body, &entry) && parser->heif->items->len < MAX_ITEMS) {
        if (entry.type != MGK_FOURCC('i', 'n', 'f', 'e'))
            continue;
        guint form = version(&entry.body, &flags);
        if (form < 2)
            continue;
        MgkHeifItem *item = g_new0(MgkHeifItem, 1);
        item->id = (guint32)number(&entry.body, form == 2 ? 2 : 4);
        number(&entry.body, 2); /* protection */
        item->type = (guint32)number(&entry.body, 4);
        item->hidden = flags & 1;
        item->properties = g_array_new(FALSE, FALSE, sizeof(guint));
        g_ptr_array_add(parser->heif->items, item);
    }
}

static void read_properties(Parser *parser, Span body)
{
    Box box;
    while (next_box(&body, &box) && parser->heif->properties->len < MAX_ITEMS) {
        MgkHeifProperty property = {.type = box.type, .data = box.body.data, .size = box.body.size};
        g_array_append_val(parser->heif->properties, property);
    }
}

static void read_associations(Parser *parser, Span body)
{
    guint32 flags;
    guint form = version(&body, &flags);
    guint64 untrusted_n = number(&body, 4);
    for (guint64 i = 0; i < untrusted_n && !body.short_of && parser->associations++ < MAX_ITEMS; i++) {
        MgkHeifItem *item = find_item(parser->heif, (guint32)number(&body, form == 0 ? 2 : 4));
        for (guint64 n = number(&body, 1); n > 0 && !body.short_of; n--) {
            guint index = (guint)number(&body, flags & 1 ? 2 : 1) & (flags & 1 ? 0x7fff : 0x7f);
            gboolean room = item && item->properties->len < MAX_ITEM_PROPERTIES;
            if (room && index > 0 && index <= parser->heif->properties->len) {
                index--;
                g_array_append_val(item->properties, index);
            }
        }
    }
}

static void read_all_properties(Parser *parser, Span body)
{
    Box box;
    while (next_box(&body, &box)) {
        if (box.type == MGK_FOURCC('i', 'p', 'c', 'o'))
            read_properties(parser, box.body);
        else if (box.type == MGK_FOURCC('i', 'p', 'm', 'a'))
            read_associations(parser, box.body);
    }
}

static void read_references(Parser *parser, Span body)
{
    guint32 flags;
    Box box;
    guint bytes = version(&body, &flags) == 0 ? 2 : 4;
    while (next_box(&body, &box)) {
        MgkHeifReference reference = {.type = box.type, .from = (guint32)number(&box.body, bytes)};
        for (guint64 n = number(&box.body, 2); n > 0 && parser->heif->references->len < MAX_REFERENCES; n--) {
            reference.to = (guint32)number(&box.body, bytes);
            if (box.body.short_of)
                break;
            g_array_append_val(parser->heif->references, reference);
        }
    }
}

static void read_meta(Parser *parser, Span body)
{
    guint32 flags;
    Box box;
    version(&body, &flags);
    Span again = body; /* items first: the other boxes speak of them */
    while (next_box(&body, &box)) {
        if (box.type == MGK_FOURCC('i', 'i', 'n', 'f'))
            read_item_info(parser, box.body);
    }
    while (next_box(&again, &box)) {
        if (box.type == MGK_FOURCC('p', 'i', 't', 'm'))
            read_primary(parser, box.body);
        else if (box.type == MGK_FOURCC('i', 'p', 'r', 'p'))
            read_all_properties(parser, box.body);
        else if (box.type == MGK_FOURCC('i', 'r', 'e', 'f'))
            read_references(parser, box.body);
        else if (box.type == MGK_FOURCC('i', 'd', 'a', 't'))
            parser->idat = box.body;
        else if (box.type == MGK_FOURCC('i', 'l', 'o', 'c'))
            parser->iloc = box.body;
    }
}

/* ---- where the items' bytes are ---- */

typedef struct Places {
    guint form, offset_bytes, length_bytes, base_bytes, index_bytes;
} Places;

/* Appends one extent. FALSE when it lies outside. */
static gboolean collect(Parser *parser, const Span *source, guint64 untrusted_at, guint64 untrusted_size,
                        GByteArray *out)
{
    if (untrusted_at > source->size)
        return FALSE;
    if (untrusted_size == 0)
        untrusted_size = source->size - untrusted_at;
    if (untrusted_size > source->size - untrusted_at || untrusted_size > parser->left)
        return FALSE;
    parser->left -= untrusted_size;
    g_byte_array_append(out, source->data + untrusted_at, (guint)untrusted_size);
    return TRUE;
}

static void read_place(Parser *parser, Span *iloc, const Places *places)
{
    MgkHeifItem *item = find_item(parser->heif, (guint32)number(iloc, places->form < 2 ? 2 : 4));
    guint method = places->form ? (guint)number(iloc, 2) & 15 : 0;
    number(iloc, 2); /* data reference: files of others are never opened */
    guint64 untrusted_base = number(iloc, places->base_bytes), n = number(iloc, 2);
    const Span *source = method == 0 ? &parser->file : &parser->idat;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    gboolean good = item && !item->bytes && method <= 1 && n <= MAX_EXTENTS;
    for (; n > 0 && !iloc->short_of; n--) {
        number(iloc, places->index_bytes);
        guint64 untrusted_at = number(iloc, places->offset_bytes), size = number(iloc, places->length_bytes);
        good = good && untrusted_at <= G_MAXUINT64 - untrusted_base &&
               collect(parser, source, untrusted_base + untrusted_at, size, bytes);
    }
    if (good && !iloc->short_of)
        item->bytes = g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

static void read_places(Parser *parser)
{
    guint32 flags;
    Span iloc = parser->iloc;
    Places places = {.form = version(&iloc, &flags)};
    guint sizes = (guint)number(&iloc, 1), more = (guint)number(&iloc, 1);
    places.offset_bytes = MIN(sizes >> 4, 8);
    places.length_bytes = MIN(sizes & 15, 8);
    places.base_bytes = MIN(more >> 4, 8);
    places.index_bytes = places.form ? MIN(more & 15, 8) : 0;
    guint64 untrusted_n = number(&iloc, places.form < 2 ? 2 : 4);
    for (guint64 n = MIN(untrusted_n, MAX_ITEMS); n > 0 && !iloc.short_of; n--)
        read_place(parser, &iloc, &places);
}

MgkHeif *mgk_heif_new(const guint8 *data, gsize size, GError **error)
{
    g_autoptr(MgkHeif) heif = g_new0(MgkHeif, 1);
    heif->items = g_ptr_array_new_with_free_func(item_free);
    heif->properties = g_array_new(FALSE, FALSE, sizeof(MgkHeifProperty));
    heif->references = g_array_new(FALSE, FALSE, sizeof(MgkHeifReference));
    Parser parser = {.heif = heif, .file = {.data = data, .size = size}, .left = MIN(size, MAX_BYTES)};
    Span file = parser.file;
    Box box;
    while (next_box(&file, &box)) {
        if (box.type == MGK_FOURCC('m', 'e', 't', 'a') && heif->items->len == 0)
            read_meta(&parser, box.body);
    }
    read_places(&parser);
    if (mgk_heif_item(heif, heif->primary))
        return g_steal_pointer(&heif);
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "HEIF: no still picture inside");
    return NULL;
}

void mgk_heif_free(MgkHeif *heif)
{
    if (!heif)
        return;
    g_ptr_array_unref(heif->items);
    g_array_unref(heif->properties);
    g_array_unref(heif->references);
    g_free(heif);
}

const MgkHeifItem *mgk_heif_item(const MgkHeif *heif, guint32 id)
{
    return find_item(heif, id);
}

const MgkHeifProperty *mgk_heif_property(const MgkHeif *heif, const MgkHeifItem *item, guint32 type)
{
    for (guint i = 0; i < item->properties->len; i++) {
        const MgkHeifProperty *property =
            &g_array_index(heif->properties, MgkHeifProperty, g_array_index(item->properties, guint, i));
        if (property->type == type)
            return property;
    }
    return NULL;
}
