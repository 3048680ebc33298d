#include "engines/cfb_peek.h"

#include <string.h>

#define HEADER_SIZE 512
#define ENTRY_SIZE 128
#define MOST_ENTRIES 4096
#define LAST_REGULAR 0xfffffffau /* MAXREGSECT */
#define NO_ENTRY 0xffffffffu

enum { TYPE_STREAM = 2 };

typedef struct Entry {
    char *name; /* owned, UTF-8 */
    guint8 type;
    guint32 left, right, child, start;
    guint64 untrusted_size;
    gboolean top; /* in the root storage */
} Entry;

struct MgkCfbPeek {
    const guint8 *data;
    gsize size;
    guint shift, mini_shift;
    guint64 mini_cutoff;
    guint32 mini_fat;
    guint8 root_class[16];
    guint n;
    Entry *entries; /* owned */
};

static guint32 u32(const guint8 *p)
{
    return (guint32)p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24;
}

static guint16 u16(const guint8 *p)
{
    return (guint16)(p[0] | p[1] << 8);
}

/* The bytes of a sector, NULL when it lies outside; the last one may be cut off: *ret_size. */
static const guint8 *sector(const MgkCfbPeek *peek, guint32 id, gsize *ret_size)
{
    guint64 offset = ((guint64)id + 1) << peek->shift;
    if (id > LAST_REGULAR || offset >= peek->size)
        return NULL;
    *ret_size = MIN(peek->size - (gsize)offset, (gsize)1 << peek->shift);
    return peek->data + offset;
}

/* The index-th number of a sector, or NO_ENTRY. */
static guint32 number_in(const MgkCfbPeek *peek, guint32 id, gsize index)
{
    gsize size = 0;
    const guint8 *p = sector(peek, id, &size);
    return p && size / 4 > index ? u32(p + index * 4) : NO_ENTRY;
}

/* The sector of the file allocation table that holds part `index` (MS-CFB 2.5: 109 in the header, the rest chained). */
static guint32 fat_sector(const MgkCfbPeek *peek, gsize index)
{
    if (index < 109)
        return u32(peek->data + 76 + index * 4);
    gsize numbers = ((gsize)1 << peek->shift) / 4 - 1, left = index - 109;
    guint32 id = u32(peek->data + 68);
    gsize hops = peek->size >> peek->shift;
    for (; left >= numbers && hops > 0; hops--, left -= numbers)
        id = number_in(peek, id, numbers);
    return left < numbers ? number_in(peek, id, left) : NO_ENTRY;
}

static guint32 next_sector(const MgkCfbPeek *peek, guint32 id)
{
    gsize place = (gsize)id * 4, size = (gsize)1 << peek->shift; /* in the table's bytes */
    return number_in(peek, fat_sector(peek, place >> peek->shift), (place & (size - 1)) / 4);
}

static Entry *entry_at(const MgkCfbPeek *peek, guint32 id)
{
    return id < peek->n ? &peek->entries[id] : NULL;
}

static void parse_entry(Entry *entry, const guint8 *p, gboolean large)
{
    gsize bytes = u16(p + 64);
    gunichar2 units[32] = {0};
    for (gsize i = 0; i < 31 && (i + 1) * 2 < MIN(bytes, 64) + 1 && (p[i * 2] || p[i * 2 + 1]); i++)
        units[i] = u16(p + i * 2);
    entry->name = g_utf16_to_utf8(units, -1, NULL, NULL, NULL);
    if (!entry->name)
        entry->name = g_strdup("");
    entry->type = p[66];
    entry->left = u32(p + 68);
    entry->right = u32(p + 72);
    entry->child = u32(p + 76);
    entry->start = u32(p + 116);
    entry->untrusted_size = u32(p + 120) | (large ? (guint64)u32(p + 124) << 32 : 0);
}

static void read_directory(MgkCfbPeek *peek)
{
    guint32 id = u32(peek->data + 48);
    gsize hops = peek->size >> peek->shift;
    peek->entries = g_new0(Entry, MOST_ENTRIES);
    for (; peek->n < MOST_ENTRIES && hops > 0; hops--, id = next_sector(peek, id)) {
        gsize size = 0;
        const guint8 *p = sector(peek, id, &size);
        if (!p)
            return;
        for (gsize at = 0; size - at >= ENTRY_SIZE && peek->n < MOST_ENTRIES; at += ENTRY_SIZE) {
            parse_entry(&peek->entries[peek->n], p + at, peek->shift > 9);
            if (peek->n++ == 0)
                memcpy(peek->root_class, p + at + 80, sizeof peek->root_class);
        }
    }
}

/* Marks the red-black tree of siblings below the root; each entry once, so a loop ends. */
static void mark_top(MgkCfbPeek *peek)
{
    g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(guint32));
    if (peek->n > 0)
        g_array_append_val(stack, peek->entries[0].child);
    while (stack->len > 0) {
        guint32 id = g_array_index(stack, guint32, stack->len - 1);
        g_array_set_size(stack, stack->len - 1);
        Entry *entry = entry_at(peek, id);
        if (!entry || entry->top)
            continue;
        entry->top = TRUE;
        g_array_append_val(stack, entry->left);
        g_array_append_val(stack, entry->right);
    }
}

gboolean mgk_cfb_peek_is(const guint8 *data, gsize size)
{
    return size >= HEADER_SIZE && memcmp(data, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) == 0;
}

MgkCfbPeek *mgk_cfb_peek_open(const guint8 *data, gsize size)
{
    if (!mgk_cfb_peek_is(data, size))
        return NULL;
    guint shift = u16(data + 30), mini_shift = u16(data + 32);
    if ((shift != 9 && shift != 12) || mini_shift < 4 || mini_shift > 9)
        return NULL;
    g_autoptr(MgkCfbPeek) peek = g_new0(MgkCfbPeek, 1);
    peek->data = data;
    peek->size = size;
    peek->shift = shift;
    peek->mini_shift = mini_shift;
    peek->mini_cutoff = u32(data + 56);
    peek->mini_fat = u32(data + 60);
    read_directory(peek);
    mark_top(peek);
    return peek->n > 0 ? g_steal_pointer(&peek) : NULL;
}

void mgk_cfb_peek_free(MgkCfbPeek *peek)
{
    if (!peek)
        return;
    for (guint i = 0; i < peek->n; i++)
        g_free(peek->entries[i].name);
    g_free(peek->entries);
    g_free(peek);
}

static const Entry *find_top(const MgkCfbPeek *peek, const char *name)
{
    for (guint i = 1; i < peek->n; i++) {
        if (peek->entries[i].top && g_ascii_strcasecmp(peek->entries[i].name, name) == 0)
            return &peek->entries[i];
    }
    return NULL;
}

gboolean mgk_cfb_peek_has(const MgkCfbPeek *peek, const char *name)
{
    return find_top(peek, name) != NULL;
}

gboolean mgk_cfb_peek_has_anywhere(const MgkCfbPeek *peek, const char *name)
{
    for (guint i = 1; i < peek->n; i++) {
        if (peek->entries[i].type != 0 && g_ascii_strcasecmp(peek->entries[i].name, name) == 0)
            return TRUE;
    }
    return FALSE;
}

gboolean mgk_cfb_peek_has_prefix(const MgkCfbPeek *peek, const char *prefix)
{
    for (guint i = 1; i < peek->n; i++) {
        if (peek->entries[i].top && g_ascii_strncasecmp(peek->entries[i].name, prefix, strlen(prefix)) == 0)
            return TRUE;
    }
    return FALSE;
}

const guint8 *mgk_cfb_peek_root_class(const MgkCfbPeek *peek)
{
    return peek->root_class;
}

/* Copies from a chain of big sectors, starting `skip` bytes into it. */
static gsize read_chain(const MgkCfbPeek *peek, guint32 id, guint64 skip, guint8 *buffer, gsize max)
{
    gsize got = 0, hops = peek->size >> peek->shift;
    for (; got < max && hops > 0; hops--, id = next_sector(peek, id)) {
        gsize size = 0;
        const guint8 *p = sector(peek, id, &size);
        if (!p)
            break;
        if (skip >= size) {
            skip -= size;
            continue;
        }
        gsize n = MIN(size - (gsize)skip, max - got);
        memcpy(buffer + got, p + skip, n);
        got += n;
        skip = 0;
    }
    return got;
}

static gsize read_mini(const MgkCfbPeek *peek, guint32 id, guint8 *buffer, gsize max)
{
    gsize got = 0, unit = (gsize)1 << peek->mini_shift, hops = max / unit + 1;
    for (; got < max && id <= LAST_REGULAR && hops > 0; hops--) {
        gsize want = MIN(unit, max - got);
        gsize n = read_chain(peek, peek->entries[0].start, (guint64)id << peek->mini_shift, buffer + got, want);
        got += n;
        if (n < want)
            break;
        guint8 next[4];
        if (read_chain(peek, peek->mini_fat, (guint64)id * 4, next, 4) < 4)
            break;
        id = u32(next);
    }
    return got;
}

gsize mgk_cfb_peek_read(const MgkCfbPeek *peek, const char *name, guint8 *buffer, gsize max)
{
    const Entry *entry = find_top(peek, name);
    if (!entry || entry->type != TYPE_STREAM)
        return 0;
    if (entry->untrusted_size < max)
        max = (gsize)entry->untrusted_size;
    if (entry->untrusted_size < peek->mini_cutoff)
        return read_mini(peek, entry->start, buffer, max);
    return read_chain(peek, entry->start, 0, buffer, max);
}
