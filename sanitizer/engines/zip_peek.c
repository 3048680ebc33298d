#include "engines/zip_peek.h"

#include <string.h>

#define MOST_NAMES 2000
#define END_SIZE 22
#define CENTRAL_SIZE 46
#define LOCAL_SIZE 30

static guint32 u32(const guint8 *p)
{
    return (guint32)p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24;
}

static guint16 u16(const guint8 *p)
{
    return (guint16)(p[0] | p[1] << 8);
}

/* The last end record (APPNOTE 4.3.16) within its largest possible comment; NULL when there is none. */
static const guint8 *find_end(const guint8 *data, gsize size)
{
    gsize reach = MIN(size, END_SIZE + 65535);
    for (gsize back = END_SIZE; back <= reach; back++) {
        const guint8 *p = data + size - back;
        if (p[0] == 'P' && memcmp(p, "PK\5\6", 4) == 0)
            return p;
    }
    return NULL;
}

/* Where the directory starts: right before its end records, else where these say (4.3.14 for the 64-bit ones). */
static gsize directory_offset(const guint8 *data, const guint8 *end)
{
    gsize room = (gsize)(end - data), untrusted_size = u32(end + 12), untrusted_offset = u32(end + 16);
    if (untrusted_offset == G_MAXUINT32 && room >= 20 && memcmp(end - 20, "PK\6\7", 4) == 0) {
        guint64 record = u32(end - 12) | (guint64)u32(end - 8) << 32;
        if (record < room && room - record >= 56 && memcmp(data + record, "PK\6\6", 4) == 0)
            return u32(data + record + 52) ? room : u32(data + record + 48);
    }
    gsize before = untrusted_size <= room ? room - untrusted_size : room;
    return room - before >= 4 && memcmp(data + before, "PK\1\2", 4) == 0 ? before : untrusted_offset;
}

char **mgk_zip_peek(const guint8 *data, gsize size)
{
    if (size < END_SIZE || memcmp(data, "PK", 2) != 0)
        return NULL;
    const guint8 *end = find_end(data, size);
    if (!end)
        return NULL;
    gsize room = (gsize)(end - data), at = directory_offset(data, end);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    while (names->len < MOST_NAMES && at < room && room - at >= CENTRAL_SIZE && memcmp(data + at, "PK\1\2", 4) == 0) {
        gsize name = u16(data + at + 28), rest = (gsize)u16(data + at + 30) + u16(data + at + 32);
        if (room - at - CENTRAL_SIZE < name)
            break;
        char *text = g_ascii_strdown((const char *)data + at + CENTRAL_SIZE, (gssize)name);
        g_ptr_array_add(names, g_strdelimit(text, "\\", '/'));
        at += MIN(room - at, CENTRAL_SIZE + name + rest);
    }
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

gboolean mgk_zip_peek_has(char **names, const char *name)
{
    return names && g_strv_contains((const char *const *)names, name);
}

gboolean mgk_zip_peek_has_suffix(char **names, const char *suffix)
{
    for (guint i = 0; names && names[i]; i++) {
        if (g_str_has_suffix(names[i], suffix))
            return TRUE;
    }
    return FALSE;
}

char *mgk_zip_peek_mimetype(const guint8 *data, gsize size)
{
    static const char name[] = "mimetype";
    gsize length = sizeof name - 1;
    if (size < LOCAL_SIZE + length || memcmp(data, "PK\3\4", 4) != 0 || u16(data + 8) != 0 ||
        u16(data + 26) != length || memcmp(data + LOCAL_SIZE, name, length) != 0)
        return g_strdup("");
    gsize start = LOCAL_SIZE + length + u16(data + 28), stored = u32(data + 18);
    if (start > size)
        return g_strdup("");
    /* a data descriptor leaves the size empty; the next header ends the text then */
    gsize left = MIN(size - start, 127);
    const guint8 *next = memchr(data + start, 'P', left);
    gsize used = stored ? MIN(stored, left) : next ? (gsize)(next - data) - start : left;
    return g_strndup((const char *)data + start, used);
}
