#include "engines/cfb_read.h"

#include <string.h>

#include "model/error.h"

#define HEADER_SIZE 512
#define ENTRY_SIZE 128
#define HEADER_FATS 109
#define MINI_SHIFT 6
#define MINI_CUTOFF 4096
#define MOST_ENTRIES 65536
#define MOST_DEPTH 32
#define LAST_REGULAR 0xfffffffau /* MAXREGSECT */
#define END_OF_CHAIN 0xfffffffeu
#define NO_ENTRY 0xffffffffu

enum { TYPE_STORAGE = 1, TYPE_STREAM = 2, TYPE_ROOT = 5 };

/* A table of numbers cut into sectors, made whole: the FAT or the mini FAT. */
typedef struct Table {
    guint32 *next; /* owned */
    gsize n;
    guint8 *taken; /* owned; one byte a sector: belongs to a chain already */
} Table;

typedef struct Item {
    MgkCfbItem shown;
    guint32 start;
} Item;

struct MgkCfb {
    const guint8 *data;
    gsize size;
    guint shift;
    gsize sectors; /* in the file, a last one that is cut off included */
    Table fat, mini;
    guint8 *directory; /* owned */
    guint32 entries;
    guint8 *seen;        /* owned; one byte an entry */
    guint8 *mini_stream; /* owned */
    gsize mini_size;
    GArray *items;     /* Item */
    GHashTable *paths; /* owned; of streams, small letters → place in items + 1 */
};

static guint32 u32(const guint8 *p)
{
    return (guint32)p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24;
}

static guint16 u16(const guint8 *p)
{
    return (guint16)(p[0] | p[1] << 8);
}

static gboolean malformed(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "compound file: %s", what);
    return FALSE;
}

/* Takes a sector of the file for one use; a second use is an attack or damage. */
static gboolean take(Table *table, guint32 id, GError **error)
{
    if (id > LAST_REGULAR || id >= table->n)
        return malformed(error, "a chain leaves the file");
    if (table->taken[id])
        return malformed(error, "a sector belongs to two chains");
    table->taken[id] = 1;
    return TRUE;
}

/* Copies what the file has of a sector; a last one that is cut off ends in zeros. */
static void copy_sector(const MgkCfb *cfb, guint32 id, guint8 *to, gsize max)
{
    gsize offset = ((gsize)id + 1) << cfb->shift;
    gsize there = MIN(cfb->size - offset, MIN(max, (gsize)1 << cfb->shift));
    memcpy(to, cfb->data + offset, there);
}

/* Walks and takes the sectors that `size` bytes need. */
static gboolean take_chain(Table *table, guint32 id, gsize size, guint shift, GError **error)
{
    gsize needed = (size >> shift) + ((size & (((gsize)1 << shift) - 1)) != 0);
    for (; needed > 0; needed--, id = table->next[id]) {
        if (!take(table, id, error))
            return FALSE;
    }
    return TRUE;
}

/* The length of a chain whose size is written nowhere (directory, mini FAT), taking its sectors. */
static gboolean measure_chain(Table *table, guint32 id, gsize *ret_sectors, GError **error)
{
    gsize n = 0;
    for (; id != END_OF_CHAIN; id = table->next[id], n++) {
        if (!take(table, id, error))
            return FALSE;
    }
    *ret_sectors = n;
    return TRUE;
}

/* Copies `size` bytes of a chain that has been taken. */
static guint8 *copy_chain(const MgkCfb *cfb, guint32 id, gsize size)
{
    guint8 *bytes = g_malloc0(MAX(size, 1));
    for (gsize got = 0; got < size; id = cfb->fat.next[id]) {
        copy_sector(cfb, id, bytes + got, size - got);
        got += MIN(size - got, (gsize)1 << cfb->shift);
    }
    return bytes;
}

static void table_init(Table *table, gsize n)
{
    table->n = n;
    table->next = g_new(guint32, MAX(n, 1));
    table->taken = g_malloc0(MAX(n, 1));
    for (gsize i = 0; i < n; i++)
        table->next[i] = NO_ENTRY;
}

/* Reads one sector of the FAT; numbers for sectors beyond the file have no meaning. */
static gboolean read_fat_sector(MgkCfb *cfb, guint32 id, gsize *at, GError **error)
{
    g_autofree guint8 *bytes = g_malloc0((gsize)1 << cfb->shift);
    if (!take(&cfb->fat, id, error))
        return FALSE;
    copy_sector(cfb, id, bytes, (gsize)1 << cfb->shift);
    for (gsize i = 0; i < (gsize)1 << cfb->shift && *at < cfb->fat.n; i += 4)
        cfb->fat.next[(*at)++] = u32(bytes + i);
    return TRUE;
}

/* [MS-CFB] 2.5: the sectors of the FAT are numbered in the header, the rest in a chain of their own. */
static gboolean read_fat(MgkCfb *cfb, GError **error)
{
    gsize untrusted_left = u32(cfb->data + 44), at = 0, numbers = ((gsize)1 << cfb->shift) / 4 - 1;
    guint32 id = u32(cfb->data + 68);
    g_autofree guint8 *bytes = g_malloc0((gsize)1 << cfb->shift);
    for (gsize i = 0; i < HEADER_FATS && untrusted_left > 0; i++, untrusted_left--) {
        if (!read_fat_sector(cfb, u32(cfb->data + 76 + i * 4), &at, error))
            return FALSE;
    }
    while (untrusted_left > 0) {
        if (!take(&cfb->fat, id, error))
            return FALSE;
        memset(bytes, 0xff, (gsize)1 << cfb->shift);
        copy_sector(cfb, id, bytes, (gsize)1 << cfb->shift);
        for (gsize i = 0; i < numbers && untrusted_left > 0; i++, untrusted_left--) {
            if (!read_fat_sector(cfb, u32(bytes + i * 4), &at, error))
                return FALSE;
        }
        id = u32(bytes + numbers * 4);
    }
    return TRUE;
}

static gboolean read_directory(MgkCfb *cfb, GError **error)
{
    guint32 start = u32(cfb->data + 48);
    gsize n = 0;
    if (!measure_chain(&cfb->fat, start, &n, error))
        return FALSE;
    gsize size = n << cfb->shift;
    if (size / ENTRY_SIZE > MOST_ENTRIES) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "compound file: too many entries");
        return FALSE;
    }
    cfb->directory = copy_chain(cfb, start, size);
    cfb->entries = (guint32)(size / ENTRY_SIZE);
    cfb->seen = g_malloc0(MAX(cfb->entries, 1));
    if (cfb->entries == 0 || cfb->directory[66] != TYPE_ROOT)
        return malformed(error, "no root storage");
    return TRUE;
}

static gboolean read_mini(MgkCfb *cfb, GError **error)
{
    guint32 start = u32(cfb->data + 60), stream = u32(cfb->directory + 116);
    gsize n = 0, size = u32(cfb->directory + 120);
    if (start != NO_ENTRY && !measure_chain(&cfb->fat, start, &n, error)) /* some writers say FREESECT for none */
        return FALSE;
    if (size > 0 && !take_chain(&cfb->fat, stream, size, cfb->shift, error))
        return FALSE;
    cfb->mini_stream = copy_chain(cfb, stream, size);
    cfb->mini_size = size;
    gsize units = (size + (1 << MINI_SHIFT) - 1) >> MINI_SHIFT;
    g_autofree guint8 *bytes = copy_chain(cfb, start, n << cfb->shift);
    table_init(&cfb->mini, MIN(units, (n << cfb->shift) / 4));
    for (gsize i = 0; i < cfb->mini.n; i++)
        cfb->mini.next[i] = u32(bytes + i * 4);
    return TRUE;
}

/* An entry's name; NULL when it is none ([MS-CFB] 2.6.1). */
static char *name_of(const guint8 *entry)
{
    gsize bytes = u16(entry + 64);
    gunichar2 units[32] = {0};
    if (bytes < 4 || bytes > 64 || bytes % 2 != 0)
        return NULL;
    for (gsize i = 0; i < bytes / 2 - 1; i++) {
        units[i] = u16(entry + i * 2);
        if (units[i] == '/')
            units[i] = 0xfffd;
    }
    return g_utf16_to_utf8(units, -1, NULL, NULL, NULL);
}

static gboolean add_item(MgkCfb *cfb, const guint8 *entry, const char *parent, GHashTable *names, GError **error)
{
    g_autofree char *name = name_of(entry), *key = name ? g_utf8_casefold(name, -1) : NULL;
    if (!name || (entry[66] != TYPE_STREAM && entry[66] != TYPE_STORAGE))
        return malformed(error, "a directory entry of no kind");
    if (!g_hash_table_add(names, g_steal_pointer(&key)))
        return malformed(error, "two entries of one name");
    Item item = {.shown = {.stream = entry[66] == TYPE_STREAM}, .start = u32(entry + 116)};
    memcpy(item.shown.class_id, entry + 80, 16);
    if (item.shown.stream) {
        gsize size = u32(entry + 120);
        gboolean small = size < MINI_CUTOFF;
        if (cfb->shift > 9 && u32(entry + 124) != 0)
            return malformed(error, "a stream is larger than the file");
        if (!take_chain(small ? &cfb->mini : &cfb->fat, item.start, size, small ? MINI_SHIFT : cfb->shift, error))
            return FALSE;
        item.shown.size = size;
    }
    item.shown.path = *parent ? g_strconcat(parent, "/", name, NULL) : g_steal_pointer(&name);
    g_array_append_val(cfb->items, item);
    if (item.shown.stream)
        g_hash_table_insert(cfb->paths, g_ascii_strdown(item.shown.path, -1), GUINT_TO_POINTER(cfb->items->len));
    return TRUE;
}

/* Reads one storage: the tree of siblings below `child`. Storages in it are appended to `pending`. */
static gboolean read_storage(MgkCfb *cfb, guint32 child, const char *path, GArray *pending, GError **error)
{
    g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(guint32));
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_array_append_val(stack, child);
    while (stack->len > 0) {
        guint32 id = g_array_index(stack, guint32, stack->len - 1);
        g_array_set_size(stack, stack->len - 1);
        if (id == NO_ENTRY)
            continue;
        if (id >= cfb->entries || cfb->seen[id])
            return malformed(error, "the directory is no tree");
        cfb->seen[id] = 1;
        const guint8 *entry = cfb->directory + (gsize)id * ENTRY_SIZE;
        guint32 left = u32(entry + 68), right = u32(entry + 72);
        if (!add_item(cfb, entry, path, names, error))
            return FALSE;
        if (entry[66] == TYPE_STORAGE) {
            guint32 storage[2] = {cfb->items->len - 1, u32(entry + 76)};
            g_array_append_vals(pending, storage, 2);
        }
        g_array_append_val(stack, right);
        g_array_append_val(stack, left);
    }
    return TRUE;
}

static gboolean read_tree(MgkCfb *cfb, GError **error)
{
    g_autoptr(GArray) pending = g_array_new(FALSE, FALSE, sizeof(guint32)); /* pairs: item, its first child */
    cfb->seen[0] = 1;
    if (!read_storage(cfb, u32(cfb->directory + 76), "", pending, error))
        return FALSE;
    for (guint i = 0; i + 1 < pending->len; i += 2) {
        guint32 child = g_array_index(pending, guint32, i + 1);
        g_autofree char *path = g_strdup(mgk_cfb_item(cfb, g_array_index(pending, guint32, i))->path);
        guint depth = 0;
        for (const char *p = path; *p; p++)
            depth += *p == '/';
        if (depth >= MOST_DEPTH) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "compound file: storages are nested too deeply");
            return FALSE;
        }
        if (!read_storage(cfb, child, path, pending, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean read_header(const guint8 *data, gsize size, guint *ret_shift, GError **error)
{
    if (size < HEADER_SIZE || memcmp(data, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) != 0)
        return malformed(error, "no header");
    guint version = u16(data + 26), shift = u16(data + 30);
    if (u16(data + 28) != 0xfffe || (shift != 9 && shift != 12) || (shift == 12) != (version == 4))
        return malformed(error, "unknown version");
    if (u16(data + 32) != MINI_SHIFT || u32(data + 56) != MINI_CUTOFF)
        return malformed(error, "unusual size of small sectors");
    *ret_shift = shift;
    return TRUE;
}

MgkCfb *mgk_cfb_open(const guint8 *data, gsize size, GError **error)
{
    guint shift = 0;
    if (!read_header(data, size, &shift, error))
        return NULL;
    g_autoptr(MgkCfb) cfb = g_new0(MgkCfb, 1);
    cfb->data = data;
    cfb->size = size;
    cfb->shift = shift;
    cfb->items = g_array_new(FALSE, FALSE, sizeof(Item));
    cfb->paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    gsize whole = (gsize)1 << shift;
    cfb->sectors = size > whole ? (size - whole + whole - 1) >> shift : 0;
    table_init(&cfb->fat, cfb->sectors);
    if (!read_fat(cfb, error) || !read_directory(cfb, error) || !read_mini(cfb, error) || !read_tree(cfb, error))
        return NULL;
    return g_steal_pointer(&cfb);
}

void mgk_cfb_free(MgkCfb *cfb)
{
    if (!cfb)
        return;
    for (guint i = 0; i < cfb->items->len; i++)
        g_free(g_array_index(cfb->items, Item, i).shown.path);
    g_array_unref(cfb->items);
    g_hash_table_unref(cfb->paths);
    g_free(cfb->fat.next);
    g_free(cfb->fat.taken);
    g_free(cfb->mini.next);
    g_free(cfb->mini.taken);
    g_free(cfb->directory);
    g_free(cfb->seen);
    g_free(cfb->mini_stream);
    g_free(cfb);
}

guint mgk_cfb_count(const MgkCfb *cfb)
{
    return cfb->items->len;
}

const MgkCfbItem *mgk_cfb_item(const MgkCfb *cfb, guint index)
{
    return &g_array_index(cfb->items, Item, index).shown;
}

const guint8 *mgk_cfb_root_class(const MgkCfb *cfb)
{
    return cfb->directory + 80;
}

gint mgk_cfb_find(const MgkCfb *cfb, const char *path)
{
    g_autofree char *key = g_ascii_strdown(path, -1);
    return GPOINTER_TO_INT(g_hash_table_lookup(cfb->paths, key)) - 1;
}

guint8 *mgk_cfb_read(const MgkCfb *cfb, guint index, gsize *ret_size)
{
    const Item *item = &g_array_index(cfb->items, Item, index);
    gsize size = item->shown.size;
    *ret_size = size;
    if (!item->shown.stream || size == 0) {
        *ret_size = 0;
        return NULL;
    }
    if (size >= MINI_CUTOFF)
        return copy_chain(cfb, item->start, size);
    guint8 *bytes = g_malloc0(size);
    guint32 id = item->start;
    for (gsize got = 0; got < size; id = cfb->mini.next[id]) {
        gsize from = (gsize)id << MINI_SHIFT, n = MIN(size - got, (gsize)1 << MINI_SHIFT);
        memcpy(bytes + got, cfb->mini_stream + from, MIN(n, cfb->mini_size - from));
        got += n;
    }
    return bytes;
}
