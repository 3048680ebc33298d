/* xlsb_record.c - records of a binary part: a number of one or two bytes, a length of up to four, seven bits each,
 * lowest first ([MS-XLSB] 2.1.4); and what the letters of a shape (rules/xlsb.def) make of their bytes. */
#include <string.h>

#include "engines/xlsb_internal.h"
#include "model/error.h"

#define ANY_BYTES 256 /* of '~' */
#define NO_TEXT 0xffffffffu
#define MOST_LETTERS 32767

typedef struct Cut {
    const guint8 *p;
    gsize at, size;
} Cut;

/* A number of at most `most` groups of seven bits. */
static gboolean take_number(const guint8 *data, gsize size, gsize *at, guint most, guint32 *ret_number)
{
    guint32 number = 0;
    for (guint i = 0; i < most && *at < size; i++) {
        guint8 byte = data[(*at)++];
        number |= (guint32)(byte & 0x7f) << (7 * i);
        if (!(byte & 0x80)) {
            *ret_number = number;
            return TRUE;
        }
    }
    return FALSE;
}

gboolean mgk_xlsb_next(const guint8 *data, gsize size, gsize *at, MgkXlsbRecord *ret_record, GError **error)
{
    guint32 id = 0, untrusted_size = 0;
    if (*at >= size)
        return FALSE;
    if (!take_number(data, size, at, 2, &id) || !take_number(data, size, at, 4, &untrusted_size) ||
        untrusted_size > size - *at) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "binary workbook: a record is cut off");
        return FALSE;
    }
    *ret_record = (MgkXlsbRecord){.id = id, .data = data + *at, .size = untrusted_size};
    *at += untrusted_size;
    return TRUE;
}

/* ---- shapes ---- */

static gboolean skip(Cut *cut, guint64 n)
{
    if (n > cut->size - cut->at)
        return FALSE;
    cut->at += (gsize)n;
    return TRUE;
}

static gboolean take32(Cut *cut, guint32 *ret_number)
{
    *ret_number = cut->size - cut->at >= 4 ? mgk_xlsb_u32(cut->p + cut->at) : 0;
    return skip(cut, 4);
}

static gboolean take_text(Cut *cut)
{
    guint32 untrusted_letters = 0;
    if (!take32(cut, &untrusted_letters))
        return FALSE;
    return untrusted_letters == NO_TEXT ||
           (untrusted_letters <= MOST_LETTERS && skip(cut, (guint64)untrusted_letters * 2));
}

static gboolean take_formula(Cut *cut)
{
    guint32 untrusted_tokens = 0, untrusted_extra = 0;
    return take32(cut, &untrusted_tokens) && skip(cut, untrusted_tokens) && take32(cut, &untrusted_extra) &&
           skip(cut, untrusted_extra);
}

static gboolean take_list(Cut *cut, guint piece)
{
    guint32 untrusted_count = 0;
    return take32(cut, &untrusted_count) && skip(cut, (guint64)untrusted_count * piece);
}

/* RichStr (2.5.122): fonts of 4 bytes each; readings, whose pieces end the record. */
static gboolean take_rich_text(Cut *cut)
{
    enum { FONTS = 1, READINGS = 2, READING_BYTES = 12, READINGS_TAIL = 8 };
    guint32 untrusted_count = 0;
    guint8 flags = cut->size > cut->at ? cut->p[cut->at] : 0;
    if (!skip(cut, 1) || !take_text(cut) || ((flags & FONTS) && !take_list(cut, 4)))
        return FALSE;
    if (!(flags & READINGS))
        return TRUE;
    if (!take_text(cut) || !take32(cut, &untrusted_count))
        return FALSE;
    gsize left = cut->size - cut->at;
    return left <= (guint64)untrusted_count * READING_BYTES + READINGS_TAIL && skip(cut, left);
}

/* XFProps (2.5.163): a count, and pieces that tell their size. */
static gboolean take_formatting(Cut *cut)
{
    guint n = cut->size - cut->at >= 4 ? mgk_xlsb_u16(cut->p + cut->at + 2) : 0;
    gboolean ok = skip(cut, 4);
    for (guint i = 0; ok && i < n; i++) {
        guint bytes = cut->size - cut->at >= 4 ? mgk_xlsb_u16(cut->p + cut->at + 2) : 0;
        ok = bytes >= 4 && skip(cut, bytes);
    }
    return ok;
}

static gboolean take_field(Cut *cut, char kind, guint number)
{
    gsize left = cut->size - cut->at;
    switch (kind) {
    case '.':
    case 'Z':
        return skip(cut, number);
    case '~':
        return left <= ANY_BYTES && skip(cut, left);
    case 'o':
        return left == 0 || take_text(cut);
    case 's':
    case 'e':
    case 'i':
    case 'u':
        return take_text(cut);
    case 'q':
        return take_list(cut, 16);
    case 'c':
        return take_list(cut, 8);
    case 'R':
        return take_rich_text(cut);
    case 'x':
        return take_formatting(cut);
    case 'f':
        return left == 0 || take_formula(cut);
    case 'F':
        return take_formula(cut);
    default:
        return FALSE;
    }
}

gboolean mgk_xlsb_cut(const char *shape, const MgkXlsbRecord *record, MgkXlsbField ret_fields[MGK_XLSB_FIELDS],
                      guint *ret_n)
{
    Cut cut = {.p = record->data, .size = record->size};
    guint n = 0;
    while (*shape) {
        char kind = g_ascii_isdigit(*shape) ? '.' : *shape++;
        guint number = 0;
        while ((kind == '.' || kind == 'Z') && g_ascii_isdigit(*shape))
            number = number * 10 + (guint)(*shape++ - '0');
        gsize from = cut.at;
        if (n == MGK_XLSB_FIELDS || !take_field(&cut, kind, number))
            return FALSE;
        ret_fields[n++] = (MgkXlsbField){.kind = kind, .at = from, .size = cut.at - from};
    }
    *ret_n = n;
    return cut.at == cut.size;
}

/* ---- writing ---- */

static void put_number(GByteArray *out, guint32 number)
{
    do {
        guint8 byte = (guint8)((number & 0x7f) | (number > 0x7f ? 0x80 : 0));
        g_byte_array_append(out, &byte, 1);
        number >>= 7;
    } while (number);
}

void mgk_xlsb_put(MgkXlsbBook *book, guint id, const void *data, gsize size)
{
    put_number(book->out, id);
    put_number(book->out, (guint32)size);
    if (size)
        g_byte_array_append(book->out, data, (guint)size);
}

char *mgk_xlsb_text(const MgkXlsbRecord *record, const MgkXlsbField *field)
{
    gsize letters = field->size < 4 ? 0 : (field->size - 4) / 2;
    if (field->size < 4 || mgk_xlsb_u32(record->data + field->at) == NO_TEXT)
        return NULL;
    g_autofree gunichar2 *wide = g_new(gunichar2, letters + 1);
    for (gsize i = 0; i < letters; i++)
        wide[i] = (gunichar2)mgk_xlsb_u16(record->data + field->at + 4 + 2 * i);
    return g_utf16_to_utf8(wide, (glong)letters, NULL, NULL, NULL);
}
