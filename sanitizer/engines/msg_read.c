#include "engines/msg_read.h"

#include "engines/mail_charset.h"
#include "engines/mail_wrap.h"
#include "engines/recognise.h"

#include <string.h>

#define PARTS 1000
#define FALLBACK_PAGE 932 /* of 8-bit strings in an item that names none */

/* [MS-OXPROPS] */
enum {
    ID_SUBJECT = 0x0037,
    ID_SUBMIT_TIME = 0x0039,
    ID_SENT_NAME = 0x0042,
    ID_SENT_ADDRESS = 0x0065,
    ID_RECIPIENT_TYPE = 0x0c15,
    ID_SENDER_NAME = 0x0c1a,
    ID_SENDER_ADDRESS = 0x0c1f,
    ID_DELIVERY_TIME = 0x0e06,
    ID_BODY = 0x1000,
    ID_RTF = 0x1009,
    ID_HTML = 0x1013,
    ID_MESSAGE_ID = 0x1035,
    ID_NAME = 0x3001,
    ID_ADDRESS = 0x3003,
    ID_DATA = 0x3701,
    ID_SHORT_FILE = 0x3704,
    ID_LONG_FILE = 0x3707,
    ID_SMTP = 0x39fe,
    ID_BODY_PAGE = 0x3fde,
    ID_LOCALE = 0x3ff1,
    ID_PAGE = 0x3ffd,
    ID_SENDER_SMTP = 0x5d01,
    ID_SENT_SMTP = 0x5d02,
    TYPE_LONG = 0x0003,
    TYPE_OBJECT = 0x000d,
    TYPE_STRING = 0x001e,
    TYPE_UNICODE = 0x001f,
    TYPE_TIME = 0x0040,
    TYPE_BINARY = 0x0102,
};

typedef struct Item {
    const MgkCfb *cfb; /* borrowed */
    GString *mail;     /* borrowed; grows */
    const char *path;  /* borrowed; of its storage, "" or ending in '/' */
    gsize header;      /* bytes before the first fixed property */
    guint depth;
    guint *parts; /* borrowed; in the whole file */
} Item;

static gboolean add_item(const Item *item, GError **error);

/* ---- properties ---- */

static guint8 *stream_of(const Item *item, guint id, guint type, gsize *ret_size)
{
    g_autofree char *path = g_strdup_printf("%s__substg1.0_%04X%04X", item->path, id, type);
    gint index = mgk_cfb_find(item->cfb, path);
    *ret_size = 0;
    return index >= 0 ? mgk_cfb_read(item->cfb, (guint)index, ret_size) : NULL;
}

/* The eight bytes of a fixed property, copied to value. FALSE when it is not there. */
static gboolean fixed_of(const Item *item, guint id, guint type, guint8 value[8])
{
    g_autofree char *path = g_strconcat(item->path, "__properties_version1.0", NULL);
    gint index = mgk_cfb_find(item->cfb, path);
    gsize size = 0;
    g_autofree guint8 *data = index >= 0 ? mgk_cfb_read(item->cfb, (guint)index, &size) : NULL;
    for (gsize at = item->header; at < size && size - at >= 16; at += 16) {
        if (mgk_recognise_u32le(data + at) == (id << 16 | type)) {
            memcpy(value, data + at + 8, 8);
            return TRUE;
        }
    }
    return FALSE;
}

static guint32 number_of(const Item *item, guint id)
{
    guint8 value[8];
    return fixed_of(item, id, TYPE_LONG, value) ? mgk_recognise_u32le(value) : 0;
}

/* The code page of 8-bit strings where only the writer's language is told ([MS-LCID]). */
static guint page_of_language(guint32 language)
{
    static const guint16 table[][2] = {{0x11, 932},  {0x12, 949},  {0x19, 1251}, {0x07, 1252}, {0x09, 1252},
                                       {0x0c, 1252}, {0x0a, 1252}, {0x15, 1250}, {0x1e, 874},  {0x1f, 1254}};
    if ((language & 0x3ff) == 4) /* Chinese, by where it is written */
        return language == 0x0404 || language == 0x0c04 || language == 0x1404 ? 950 : 936;
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (table[i][0] == (language & 0x3ff))
            return table[i][1];
    }
    return FALLBACK_PAGE;
}

/* Strings of all items are in the outermost one's code page, as Outlook writes them. */
static char *code_page(const Item *item, guint id)
{
    const Item top = {.cfb = item->cfb, .path = "", .header = 32};
    guint32 page = number_of(&top, id);
    page = page ? page : number_of(&top, ID_PAGE);
    page = page ? page : page_of_language(number_of(&top, ID_LOCALE));
    return page == 65001 ? g_strdup("utf-8") : g_strdup_printf("cp%u", page);
}

/* A string property as UTF-8 without what follows a NUL; NULL when it is not there. */
static char *string_of(const Item *item, guint id)
{
    gsize size = 0, length = 0;
    g_autofree guint8 *wide = stream_of(item, id, TYPE_UNICODE, &size);
    if (wide)
        return mgk_mail_to_utf8("utf-16le", wide, size & ~(gsize)1, &length);
    g_autofree guint8 *narrow = stream_of(item, id, TYPE_STRING, &size);
    g_autofree char *label = narrow ? code_page(item, ID_PAGE) : NULL;
    return narrow ? mgk_mail_to_utf8(label, narrow, size, &length) : NULL;
}

static char *first_string(const Item *item, const guint *ids, guint n)
{
    char *found = NULL;
    for (guint i = 0; i < n && !found; i++) {
        found = string_of(item, ids[i]);
        if (found && !*found)
            g_clear_pointer(&found, g_free);
    }
    return found;
}

/* ---- header ---- */

static void add_sender(const Item *item)
{
    static const guint names[] = {ID_SENT_NAME, ID_SENDER_NAME};
    static const guint addresses[] = {ID_SENT_SMTP, ID_SENDER_SMTP, ID_SENT_ADDRESS, ID_SENDER_ADDRESS};
    g_autofree char *name = first_string(item, names, G_N_ELEMENTS(names));
    g_autofree char *address = first_string(item, addresses, G_N_ELEMENTS(addresses));
    g_autoptr(GString) list = g_string_new(NULL);
    mgk_mail_wrap_address(list, name, address);
    mgk_mail_wrap_addresses(item->mail, "From", list);
}

/* Times are 100 ns since 1601, universal time. */
static void add_date(const Item *item)
{
    static const guint ids[] = {ID_SUBMIT_TIME, ID_DELIVERY_TIME};
    guint8 value[8];
    gboolean found = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(ids) && !found; i++)
        found = fixed_of(item, ids[i], TYPE_TIME, value);
    if (!found)
        return;
    guint64 ticks = (guint64)mgk_recognise_u32le(value + 4) << 32 | mgk_recognise_u32le(value);
    gint64 seconds = (gint64)(ticks / 10000000) - G_GINT64_CONSTANT(11644473600);
    g_autoptr(GTimeZone) japan = g_time_zone_new_offset(9 * 3600);
    g_autoptr(GDateTime) universal = g_date_time_new_from_unix_utc(seconds);
    g_autoptr(GDateTime) local = universal ? g_date_time_to_timezone(universal, japan) : NULL;
    if (!local)
        return;
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    g_string_append_printf(item->mail, "Date: %d %s %04d %02d:%02d:%02d +0900\r\n", g_date_time_get_day_of_month(local),
                           months[g_date_time_get_month(local) - 1], g_date_time_get_year(local),
                           g_date_time_get_hour(local), g_date_time_get_minute(local), g_date_time_get_second(local));
}

/* The storages right below the item whose names begin so; of char*, ending in '/'. */
static GPtrArray *storages(const Item *item, const char *prefix)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *start = g_strconcat(item->path, prefix, NULL);
    gsize length = strlen(start);
    for (guint i = 0; i < mgk_cfb_count(item->cfb); i++) {
        const MgkCfbItem *entry = mgk_cfb_item(item->cfb, i);
        if (!entry->stream && g_ascii_strncasecmp(entry->path, start, length) == 0 &&
            !strchr(entry->path + length, '/'))
            g_ptr_array_add(found, g_strconcat(entry->path, "/", NULL));
    }
    return found;
}

static void add_recipients(const Item *item)
{
    static const char *const fields[] = {"To", "Cc", "Bcc"};
    static const guint addresses[] = {ID_SMTP, ID_ADDRESS};
    static const guint names[] = {ID_NAME};
    g_autoptr(GPtrArray) paths = storages(item, "__recip_version1.0_#");
    for (guint kind = 0; kind < G_N_ELEMENTS(fields); kind++) {
        g_autoptr(GString) list = g_string_new(NULL);
        for (guint i = 0; i < paths->len; i++) {
            const Item recipient = {.cfb = item->cfb, .path = g_ptr_array_index(paths, i), .header = 8};
            guint32 type = number_of(&recipient, ID_RECIPIENT_TYPE) & 3;
            if ((type ? type - 1 : 0) != kind)
                continue;
            g_autofree char *name = first_string(&recipient, names, G_N_ELEMENTS(names));
            g_autofree char *address = first_string(&recipient, addresses, G_N_ELEMENTS(addresses));
            mgk_mail_wrap_address(list, name, address);
        }
        mgk_mail_wrap_addresses(item->mail, fields[kind], list);
    }
}

static void add_header(const Item *item)
{
    g_autofree char *subject = string_of(item, ID_SUBJECT), *id = string_of(item, ID_MESSAGE_ID);
    add_sender(item);
    add_recipients(item);
    add_date(item);
    mgk_mail_wrap_field(item->mail, "Subject", subject);
    if (id && g_str_has_prefix(id, "<") && g_str_is_ascii(id) && !strpbrk(id, " \t\r\n"))
        g_string_append_printf(item->mail, "Message-ID: %s\r\n", id);
}

/* ---- bodies ---- */

static void add_html(const Item *item, guint depth)
{
    gsize size = 0;
    g_autofree char *text = string_of(item, ID_HTML);
    if (text) {
        mgk_mail_wrap_leaf(item->mail, depth, "text/html; charset=utf-8", NULL, (const guint8 *)text, strlen(text));
        return;
    }
    g_autofree guint8 *page = stream_of(item, ID_HTML, TYPE_BINARY, &size);
    g_autofree char *label = code_page(item, ID_BODY_PAGE);
    g_autofree char *type = g_strconcat("text/html; charset=", label, NULL);
    if (page)
        mgk_mail_wrap_leaf(item->mail, depth, type, NULL, page, size);
}

static gboolean has(const Item *item, guint id)
{
    static const guint types[] = {TYPE_UNICODE, TYPE_STRING, TYPE_BINARY};
    gsize size = 0;
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree guint8 *data = stream_of(item, id, types[i], &size);
        if (data && size > 0)
            return TRUE;
    }
    return FALSE;
}

static void add_bodies(const Item *item, guint depth)
{
    g_autofree char *text = string_of(item, ID_BODY);
    if (text || has(item, ID_HTML)) {
        mgk_mail_wrap_open(item->mail, depth);
        mgk_mail_wrap_begin(item->mail, "alternative", depth + 1);
        if (text)
            mgk_mail_wrap_leaf(item->mail, depth + 1, "text/plain; charset=utf-8", NULL, (const guint8 *)text,
                               strlen(text));
        add_html(item, depth + 1);
        mgk_mail_wrap_end(item->mail, depth + 1);
        return;
    }
    gsize size = 0;
    g_autofree guint8 *packed = stream_of(item, ID_RTF, TYPE_BINARY, &size);
    if (!packed) /* a mail without words is a mail, too */
        mgk_mail_wrap_leaf(item->mail, depth, "text/plain; charset=utf-8", NULL, NULL, 0);
    g_autoptr(GString) rtf = packed ? mgk_msg_expand_rtf(packed, size) : NULL;
    if (packed)
        mgk_mail_wrap_leaf(item->mail, depth, "application/rtf", "本文.rtf", rtf ? (const guint8 *)rtf->str : packed,
                           rtf ? rtf->len : size);
}

/* ---- attachments ---- */

/* An item inside: its properties are in a storage of their own. */
static gboolean add_embedded(const Item *item, const char *path, guint depth, GError **error)
{
    g_autofree char *inner = g_strdup_printf("%s__substg1.0_%04X%04X/", path, ID_DATA, TYPE_OBJECT);
    mgk_mail_wrap_open(item->mail, depth);
    g_string_append(item->mail, "Content-Type: message/rfc822\r\n\r\n");
    const Item embedded = {.cfb = item->cfb,
                           .mail = item->mail,
                           .path = inner,
                           .header = 24,
                           .depth = item->depth + 1,
                           .parts = item->parts};
    return add_item(&embedded, error);
}

static gboolean is_item(const Item *item, const char *path)
{
    g_autofree char *properties =
        g_strdup_printf("%s__substg1.0_%04X%04X/__properties_version1.0", path, ID_DATA, TYPE_OBJECT);
    return mgk_cfb_find(item->cfb, properties) >= 0;
}

static gboolean add_attachment(const Item *item, const char *path, guint depth, GError **error)
{
    static const guint names[] = {ID_LONG_FILE, ID_SHORT_FILE, ID_NAME};
    const Item attachment = {.cfb = item->cfb, .path = path, .header = 8};
    gsize size = 0;
    if (++*item->parts > PARTS) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "more than 1000 attachments");
        return FALSE;
    }
    if (is_item(item, path))
        return add_embedded(item, path, depth, error);
    g_autofree char *name = first_string(&attachment, names, G_N_ELEMENTS(names));
    g_autofree guint8 *data = stream_of(&attachment, ID_DATA, TYPE_BINARY, &size);
    mgk_mail_wrap_leaf(item->mail, depth, "application/octet-stream", name ? name : "", data, size);
    return TRUE;
}

static gboolean add_item(const Item *item, GError **error)
{
    guint depth = item->depth * 2;
    if (item->depth >= MGK_MAIL_WRAP_DEPTH) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "items nested too deeply");
        return FALSE;
    }
    add_header(item);
    mgk_mail_wrap_begin(item->mail, "mixed", depth);
    add_bodies(item, depth);
    g_autoptr(GPtrArray) paths = storages(item, "__attach_version1.0_#");
    for (guint i = 0; i < paths->len; i++) {
        if (!add_attachment(item, g_ptr_array_index(paths, i), depth, error))
            return FALSE;
    }
    mgk_mail_wrap_end(item->mail, depth);
    return TRUE;
}

GString *mgk_msg_to_mail(const MgkCfb *cfb, GError **error)
{
    g_autoptr(GString) mail = g_string_new(NULL);
    guint parts = 0;
    const Item top = {.cfb = cfb, .mail = mail, .path = "", .header = 32, .parts = &parts};
    return add_item(&top, error) ? g_steal_pointer(&mail) : NULL;
}
