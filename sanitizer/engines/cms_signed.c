#include "engines/cms_signed.h"

#include <string.h>

#define DEPTH_MAX 16

enum {
    TAG_INTEGER = 0x02,
    TAG_OCTETS = 0x04,
    TAG_OID = 0x06,
    TAG_OCTETS_MANY = 0x24,
    TAG_SEQUENCE = 0x30,
    TAG_SET = 0x31,
    TAG_CONTENT = 0xa0
};

typedef struct Cursor {
    const guint8 *p, *end; /* borrowed */
} Cursor;

/* One element's head. */
typedef struct Head {
    guint8 tag;
    gboolean open; /* of indefinite length: ends by two zero bytes */
    gsize length;
} Head;

static gsize left(const Cursor *c)
{
    return (gsize)(c->end - c->p);
}

/* Takes tag and length (X.690 8.1.2, 8.1.3); long tags are nowhere on our way. */
static gboolean take_head(Cursor *c, Head *ret)
{
    if (left(c) < 2 || (c->p[0] & 0x1f) == 0x1f)
        return FALSE;
    guint8 first = c->p[1];
    gsize more = first > 0x80 ? first & 0x7fu : 0, untrusted_length = first < 0x80 ? first : 0;
    *ret = (Head){.tag = c->p[0], .open = first == 0x80};
    c->p += 2;
    if (more > 4 || more > left(c))
        return FALSE;
    for (gsize i = 0; i < more; i++)
        untrusted_length = untrusted_length << 8 | *c->p++;
    ret->length = untrusted_length;
    return ret->open ? (ret->tag & 0x20) != 0 : untrusted_length <= left(c);
}

static gboolean at_end_mark(const Cursor *c)
{
    return left(c) >= 2 && c->p[0] == 0 && c->p[1] == 0;
}

static gboolean skip(Cursor *c, guint depth)
{
    Head head;
    if (depth > DEPTH_MAX || !take_head(c, &head))
        return FALSE;
    if (!head.open) {
        c->p += head.length;
        return TRUE;
    }
    while (!at_end_mark(c)) {
        if (!skip(c, depth + 1))
            return FALSE;
    }
    c->p += 2;
    return TRUE;
}

/* Steps into an element; where its length is known, c ends with it. */
static gboolean enter(Cursor *c, guint8 tag)
{
    Head head;
    if (!take_head(c, &head) || head.tag != tag)
        return FALSE;
    if (!head.open)
        c->end = c->p + head.length;
    return TRUE;
}

static gboolean skip_tagged(Cursor *c, guint8 tag)
{
    return left(c) > 0 && *c->p == tag && skip(c, 0);
}

static gboolean is_signed_data(Cursor *c)
{
    static const guint8 oid[] = {TAG_OID, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2};
    gboolean same = left(c) >= sizeof oid && memcmp(c->p, oid, sizeof oid) == 0;
    c->p += same ? sizeof oid : 0;
    return same;
}

/* An octet string, whole or in pieces (X.690 8.7). */
static gboolean take_octets(Cursor *c, GByteArray *out, guint depth)
{
    Head head;
    if (depth > DEPTH_MAX || !take_head(c, &head))
        return FALSE;
    if (head.tag == TAG_OCTETS) {
        g_byte_array_append(out, c->p, (guint)head.length);
        c->p += head.length;
        return TRUE;
    }
    if (head.tag != TAG_OCTETS_MANY)
        return FALSE;
    Cursor inner = {.p = c->p, .end = head.open ? c->end : c->p + head.length};
    while (head.open ? !at_end_mark(&inner) : left(&inner) > 0) {
        if (!take_octets(&inner, out, depth + 1))
            return FALSE;
    }
    c->p = inner.p + (head.open ? 2 : 0);
    return TRUE;
}

GBytes *mgk_cms_signed_content(GBytes *bytes)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    if (size > G_MAXINT || size == 0) /* data may be NULL */
        return NULL;
    Cursor c = {.p = data, .end = data + size};
    g_autoptr(GByteArray) out = g_byte_array_new();
    gboolean found = enter(&c, TAG_SEQUENCE) && is_signed_data(&c) && enter(&c, TAG_CONTENT) &&
                     enter(&c, TAG_SEQUENCE) && skip_tagged(&c, TAG_INTEGER) && skip_tagged(&c, TAG_SET) &&
                     enter(&c, TAG_SEQUENCE) && skip_tagged(&c, TAG_OID) && enter(&c, TAG_CONTENT) &&
                     take_octets(&c, out, 0);
    return found && out->len ? g_byte_array_free_to_bytes(g_steal_pointer(&out)) : NULL;
}
