#include "engines/tnef.h"

#include "engines/mail_charset.h"
#include "engines/mail_render.h"

#include <string.h>

#define SIGNATURE 0x223e9f78u
#define FILES_MAX 100
#define PROPS_MAX 4096

/* Attributes (MS-OXTNEF 2.1.3.2). */
enum {
    ATTR_BODY = 0x0002800c,
    ATTR_CODEPAGE = 0x00069007,
    ATTR_RENDER = 0x00069002, /* begins an attachment */
    ATTR_TITLE = 0x00018010,
    ATTR_DATA = 0x0006800f,
    ATTR_PROPS = 0x00069005, /* MAPI properties of an attachment */
};
/* MAPI property ids and types. */
enum {
    ID_DATA = 0x3701,
    ID_LONG_NAME = 0x3707,
    TYPE_STRING = 0x1e,
    TYPE_UNICODE = 0x1f,
    TYPE_OBJECT = 0x0d,
    TYPE_BINARY = 0x102
};

typedef struct Cursor {
    const guint8 *data; /* borrowed */
    gsize left;
} Cursor;

static gboolean take(Cursor *c, gsize size, const guint8 **ret_data)
{
    if (size > c->left)
        return FALSE;
    *ret_data = c->data;
    c->data += size;
    c->left -= size;
    return TRUE;
}

static gboolean take_u16(Cursor *c, guint *ret_value)
{
    const guint8 *p;
    if (!take(c, 2, &p))
        return FALSE;
    *ret_value = (guint)(p[0] | p[1] << 8);
    return TRUE;
}

static gboolean take_u32(Cursor *c, guint32 *ret_value)
{
    const guint8 *p;
    if (!take(c, 4, &p))
        return FALSE;
    *ret_value = (guint32)p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24;
    return TRUE;
}

typedef struct Envelope {
    GPtrArray *files;  /* borrowed */
    char *label;       /* owned; encoding of 8-bit strings */
    MgkMailFile *file; /* borrowed; the one being read */
    char *body;        /* owned */
} Envelope;

static char *text_of(const Envelope *e, const guint8 *data, gsize size)
{
    gsize length = 0;
    const guint8 *end = size ? memchr(data, 0, size) : NULL;
    return mgk_mail_to_utf8(e->label, data, end ? (gsize)(end - data) : size, &length);
}

static void set_name(Envelope *e, char *name)
{
    g_free(e->file->name);
    e->file->name = name;
}

static void set_data(Envelope *e, const guint8 *data, gsize size)
{
    g_bytes_unref(e->file->data);
    e->file->data = g_bytes_new(data, size);
}

/* Bytes of one fixed-size value; 0 for types of variable size or unknown ones. */
static gsize fixed_size(guint type)
{
    switch (type) {
    case 0x02: /* i2, padded */
    case 0x03:
    case 0x04:
    case 0x0a:
    case 0x0b:
        return 4;
    case 0x05:
    case 0x06:
    case 0x07:
    case 0x14:
    case 0x40:
        return 8;
    case 0x48:
        return 16;
    default:
        return 0;
    }
}

static void take_property(Envelope *e, guint type, guint id, const guint8 *data, gsize size)
{
    gsize length = 0;
    if (id == ID_LONG_NAME && type == TYPE_STRING)
        set_name(e, text_of(e, data, size));
    else if (id == ID_LONG_NAME && type == TYPE_UNICODE)
        set_name(e, mgk_mail_to_utf8("utf-16le", data, size >= 2 ? size - 2 : 0, &length));
    else if (id == ID_DATA && type == TYPE_OBJECT && size > 16)
        set_data(e, data + 16, size - 16); /* after the interface's id */
    else if (id == ID_DATA && type == TYPE_BINARY)
        set_data(e, data, size);
}

/* The name of a named property, which stands before its values. */
static gboolean skip_name(Cursor *c)
{
    const guint8 *skipped;
    guint32 kind, untrusted_size;
    if (!take(c, 16, &skipped) || !take_u32(c, &kind) || !take_u32(c, &untrusted_size))
        return FALSE;
    if (kind == 0)
        return TRUE; /* the number was the name */
    return untrusted_size <= c->left && take(c, MIN(c->left, (untrusted_size + 3) & ~(gsize)3), &skipped);
}

static gboolean read_value(Envelope *e, Cursor *c, guint type, guint id)
{
    const guint8 *value;
    guint32 untrusted_size;
    gsize fixed = fixed_size(type & 0xfff);
    if (fixed)
        return take(c, fixed, &value);
    if (!take_u32(c, &untrusted_size) || untrusted_size > c->left)
        return FALSE;
    gsize padded = MIN(c->left, ((gsize)untrusted_size + 3) & ~(gsize)3);
    if (!take(c, padded, &value))
        return FALSE;
    take_property(e, type & 0xfff, id, value, untrusted_size);
    return TRUE;
}

static gboolean read_properties(Envelope *e, Cursor c)
{
    guint32 n, values = 1;
    if (!take_u32(&c, &n) || n > PROPS_MAX)
        return FALSE;
    for (guint32 i = 0; i < n; i++) {
        guint type, id;
        if (!take_u16(&c, &type) || !take_u16(&c, &id) || ((id & 0x8000) && !skip_name(&c)))
            return FALSE;
        gboolean many = (type & 0x1000) || type == TYPE_STRING || type == TYPE_UNICODE || type == TYPE_OBJECT ||
                        type == TYPE_BINARY;
        values = 1;
        if (many && (!take_u32(&c, &values) || values > PROPS_MAX))
            return FALSE;
        for (guint32 v = 0; v < values; v++) {
            if (!read_value(e, &c, type, id))
                return FALSE;
        }
    }
    return TRUE;
}

static gboolean begin_file(Envelope *e)
{
    if (e->files->len >= FILES_MAX)
        return FALSE;
    e->file = g_new0(MgkMailFile, 1);
    e->file->data = g_bytes_new(NULL, 0);
    g_ptr_array_add(e->files, e->file);
    return TRUE;
}

static void set_codepage(Envelope *e, const guint8 *data, gsize size)
{
    guint page = size >= 2 ? (guint)(data[0] | data[1] << 8) : 0;
    g_free(e->label);
    e->label = page == 65001 ? g_strdup("utf-8") : page ? g_strdup_printf("cp%u", page) : NULL;
    if (page >= 1250 && page <= 1258) {
        g_free(e->label);
        e->label = g_strdup_printf("windows-%u", page);
    }
}

static gboolean take_attribute(Envelope *e, guint32 id, const guint8 *data, gsize size)
{
    if (id == ATTR_CODEPAGE) {
        set_codepage(e, data, size);
    } else if (id == ATTR_BODY) {
        g_free(e->body);
        e->body = text_of(e, data, size);
    } else if (id == ATTR_RENDER) {
        return begin_file(e);
    } else if (e->file && id == ATTR_TITLE) {
        if (!e->file->name)
            set_name(e, text_of(e, data, size));
    } else if (e->file && id == ATTR_DATA) {
        set_data(e, data, size);
    } else if (e->file && id == ATTR_PROPS) {
        return read_properties(e, (Cursor){data, size});
    }
    return TRUE;
}

static gboolean read_attributes(Envelope *e, Cursor c)
{
    while (c.left > 0) {
        const guint8 *level, *data, *sum;
        guint32 id, untrusted_size;
        if (c.left < 9) /* padding at the end */
            return TRUE;
        if (!take(&c, 1, &level) || (*level != 1 && *level != 2) || !take_u32(&c, &id) ||
            !take_u32(&c, &untrusted_size) || !take(&c, untrusted_size, &data) || !take(&c, 2, &sum) ||
            !take_attribute(e, id, data, untrusted_size))
            return FALSE;
    }
    return TRUE;
}

gboolean mgk_tnef_read(GBytes *bytes, GPtrArray *files, char **ret_body)
{
    Cursor c = {0};
    guint32 signature = 0;
    guint key;
    c.data = g_bytes_get_data(bytes, &c.left);
    Envelope e = {.files = files};
    gboolean ok = take_u32(&c, &signature) && signature == SIGNATURE && take_u16(&c, &key) && read_attributes(&e, c);
    g_free(e.label);
    *ret_body = e.body && *e.body ? e.body : NULL;
    if (!*ret_body)
        g_free(e.body);
    return ok;
}
