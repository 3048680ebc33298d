#include "checks/pdf_syntax.h"

#include <string.h>

#define MAX_NESTING 6
#define MAX_ITEMS 200000

void mgk_pdf_value_clear(MgkPdfValue *value)
{
    g_clear_pointer(&value->items, g_array_unref);
}

void mgk_pdf_skip_space(MgkPdfCursor *cursor)
{
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\n'))
        cursor->at++;
}

gboolean mgk_pdf_expect(MgkPdfCursor *cursor, const char *text)
{
    gsize length = strlen(text);
    if ((gsize)(cursor->end - cursor->at) < length || memcmp(cursor->at, text, length) != 0)
        return FALSE;
    cursor->at += length;
    return TRUE;
}

gboolean mgk_pdf_unsigned(MgkPdfCursor *cursor, guint64 *ret_number)
{
    guint64 number = 0;
    guint digits = 0;
    gboolean zero_first = cursor->at < cursor->end && *cursor->at == '0';
    for (; cursor->at < cursor->end && g_ascii_isdigit(*cursor->at) && digits <= 10; cursor->at++, digits++)
        number = number * 10 + (guint64)(*cursor->at - '0');
    *ret_number = number;
    return digits > 0 && digits <= 10 && (!zero_first || digits == 1);
}

static gboolean is_regular(guint8 c)
{
    return g_ascii_isalnum(c) || c == '-' || c == '.' || c == '_';
}

static gboolean read_number(MgkPdfCursor *cursor, MgkPdfValue *value)
{
    gboolean negative = mgk_pdf_expect(cursor, "-");
    guint64 whole = 0;
    if (!mgk_pdf_unsigned(cursor, &whole))
        return FALSE;
    value->type = MGK_PDF_NUMBER;
    value->integer = TRUE;
    value->number = (double)whole;
    if (mgk_pdf_expect(cursor, ".")) {
        double scale = 1;
        guint digits = 0;
        value->integer = FALSE;
        for (; cursor->at < cursor->end && g_ascii_isdigit(*cursor->at); cursor->at++, digits++) {
            scale /= 10;
            value->number += scale * (*cursor->at - '0');
        }
        if (digits < 1 || digits > 4)
            return FALSE;
    }
    value->number = negative ? -value->number : value->number;
    return cursor->at >= cursor->end || !is_regular(*cursor->at);
}

static gboolean read_word(MgkPdfCursor *cursor, MgkPdfValue *value)
{
    value->text = cursor->at;
    while (cursor->at < cursor->end && is_regular(*cursor->at))
        cursor->at++;
    value->length = (gsize)(cursor->at - value->text);
    return value->length > 0 && value->length <= 64;
}

static gboolean read_string(MgkPdfCursor *cursor, MgkPdfValue *value)
{
    value->type = MGK_PDF_STRING;
    value->text = cursor->at;
    for (; cursor->at < cursor->end; cursor->at++) {
        guint8 c = *cursor->at;
        if (c == ')') {
            value->length = (gsize)(cursor->at++ - value->text);
            return TRUE;
        }
        if (c == '\\' && (++cursor->at >= cursor->end || (*cursor->at != '(' && *cursor->at != ')')))
            return FALSE;
        if (c < 0x21 || c > 0x7e || c == '(')
            return FALSE;
    }
    return FALSE;
}

static gboolean read_hex(MgkPdfCursor *cursor, MgkPdfValue *value)
{
    value->type = MGK_PDF_HEX;
    value->text = cursor->at;
    while (cursor->at < cursor->end && (g_ascii_isdigit(*cursor->at) || (*cursor->at >= 'A' && *cursor->at <= 'F')))
        cursor->at++;
    value->length = (gsize)(cursor->at - value->text);
    return value->length % 2 == 0 && mgk_pdf_expect(cursor, ">");
}

static gboolean read_value(MgkPdfCursor *cursor, gboolean references, guint nesting, MgkPdfValue *value);

static gboolean has_key(const MgkPdfValue *dict, const MgkPdfValue *key)
{
    for (guint i = 0; i < mgk_pdf_count(dict); i++) {
        const MgkPdfValue *other = &g_array_index(dict->items, MgkPdfValue, 2 * i);
        if (other->length == key->length && memcmp(other->text, key->text, key->length) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean read_items(MgkPdfCursor *cursor, gboolean references, guint nesting, const char *close,
                           MgkPdfValue *value)
{
    value->items = g_array_new(FALSE, FALSE, sizeof(MgkPdfValue));
    g_array_set_clear_func(value->items, (GDestroyNotify)mgk_pdf_value_clear);
    for (;;) {
        mgk_pdf_skip_space(cursor);
        if (mgk_pdf_expect(cursor, close))
            return value->type == MGK_PDF_ARRAY || value->items->len % 2 == 0;
        MgkPdfValue item = {0};
        gboolean ok = value->items->len < MAX_ITEMS && read_value(cursor, references, nesting, &item);
        if (ok && value->type == MGK_PDF_DICT && value->items->len % 2 == 0)
            ok = item.type == MGK_PDF_NAME && !has_key(value, &item);
        g_array_append_val(value->items, item);
        if (!ok)
            return FALSE;
    }
}

/* "12 0 R": looked for before a plain number. */
static gboolean read_reference(MgkPdfCursor *cursor, MgkPdfValue *value)
{
    MgkPdfCursor ahead = *cursor;
    guint64 number = 0;
    if (!mgk_pdf_unsigned(&ahead, &number) || !number || !mgk_pdf_expect(&ahead, " 0 R") ||
        (ahead.at < ahead.end && is_regular(*ahead.at)))
        return FALSE;
    *cursor = ahead;
    value->type = MGK_PDF_REFERENCE;
    value->number = (double)number;
    return TRUE;
}

static gboolean read_keyword(MgkPdfCursor *cursor, gboolean references, MgkPdfValue *value)
{
    if (!read_word(cursor, value))
        return FALSE;
    value->type = MGK_PDF_OPERATOR;
    if (mgk_pdf_is(value, MGK_PDF_OPERATOR, "null")) {
        value->type = MGK_PDF_NULL;
    } else if (mgk_pdf_is(value, MGK_PDF_OPERATOR, "true")) {
        value->type = MGK_PDF_BOOLEAN;
        value->number = 1;
    } else if (mgk_pdf_is(value, MGK_PDF_OPERATOR, "false")) {
        value->type = MGK_PDF_BOOLEAN;
    }
    return value->type != MGK_PDF_OPERATOR || !references;
}

static gboolean read_value(MgkPdfCursor *cursor, gboolean references, guint nesting, MgkPdfValue *value)
{
    if (nesting > MAX_NESTING || cursor->at >= cursor->end)
        return FALSE;
    if (mgk_pdf_expect(cursor, "/")) {
        value->type = MGK_PDF_NAME;
        return read_word(cursor, value);
    }
    if (mgk_pdf_expect(cursor, "<<")) {
        value->type = MGK_PDF_DICT;
        return read_items(cursor, references, nesting + 1, ">>", value);
    }
    if (mgk_pdf_expect(cursor, "[")) {
        value->type = MGK_PDF_ARRAY;
        return read_items(cursor, references, nesting + 1, "]", value);
    }
    if (mgk_pdf_expect(cursor, "<"))
        return read_hex(cursor, value);
    if (mgk_pdf_expect(cursor, "("))
        return read_string(cursor, value);
    if (references && read_reference(cursor, value))
        return TRUE;
    if (g_ascii_isdigit(*cursor->at) || *cursor->at == '-')
        return read_number(cursor, value);
    return read_keyword(cursor, references, value);
}

gboolean mgk_pdf_value_read(MgkPdfCursor *cursor, gboolean allow_references, MgkPdfValue *ret_value)
{
    *ret_value = (MgkPdfValue){0};
    return read_value(cursor, allow_references, 0, ret_value);
}

gboolean mgk_pdf_is(const MgkPdfValue *value, MgkPdfType type, const char *text)
{
    return value && value->type == type && value->length == strlen(text) &&
           memcmp(value->text, text, value->length) == 0;
}

gboolean mgk_pdf_is_integer(const MgkPdfValue *value, double minimum, double maximum)
{
    return value && value->type == MGK_PDF_NUMBER && value->integer && value->number >= minimum &&
           value->number <= maximum;
}

guint mgk_pdf_count(const MgkPdfValue *value)
{
    if (!value || !value->items)
        return 0;
    return value->type == MGK_PDF_DICT ? value->items->len / 2 : value->items->len;
}

const MgkPdfValue *mgk_pdf_item(const MgkPdfValue *value, guint index)
{
    return value && value->items && index < value->items->len ? &g_array_index(value->items, MgkPdfValue, index) : NULL;
}

const MgkPdfValue *mgk_pdf_get(const MgkPdfValue *dict, const char *key)
{
    if (!dict || dict->type != MGK_PDF_DICT)
        return NULL;
    for (guint i = 0; i < mgk_pdf_count(dict); i++) {
        if (mgk_pdf_is(mgk_pdf_item(dict, 2 * i), MGK_PDF_NAME, key))
            return mgk_pdf_item(dict, 2 * i + 1);
    }
    return NULL;
}
