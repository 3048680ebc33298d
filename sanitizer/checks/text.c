/* Looks at bytes only. Code points matter in UTF-8 and UTF-16 alone, since none of the others has invisible characters;
 * so the check reads by byte order mark, by validity as UTF-8, by NUL bytes, and never asks for an encoding. */
#include "checks/text.h"

#include "checks/foreign.h"

static gboolean refuse(GError **error, gsize offset, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "%s at byte %" G_GSIZE_FORMAT, what, offset);
    return FALSE;
}

static gboolean is_allowed_control(guint32 c)
{
    return c == 9 || c == 10 || c == 12 || c == 13;
}

/* What never stands in a clean text, whatever its neighbours. */
static const char *forbidden(guint32 c)
{
    if (c < 32 && !is_allowed_control(c))
        return "control character";
    if (c >= 127 && c < 160)
        return "control character";
    if (c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c < 0x202f) || (c >= 0x2066 && c < 0x206a))
        return "bidi control";
    if (c == 0x200b || (c >= 0x2060 && c < 0x2066) || (c >= 0x206a && c < 0x2070) || c == 0xfeff || c == 0xad)
        return "zero-width character";
    if (c >= 0xe0000 && c < 0xe1000 && !(c >= 0xe0100 && c <= 0xe01ef))
        return "tag character";
    return NULL;
}

static gboolean is_selector(guint32 c)
{
    return (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef);
}

static gboolean check_next(guint32 before, guint32 c, gsize offset, GError **error)
{
    const char *what = forbidden(c);
    if (!what && is_selector(c) && (is_selector(before) || before <= 32))
        what = "variation selector without a character";
    if (!what && (c == 0x200c || c == 0x200d) && before < 0xa9)
        what = "joiner that joins nothing";
    return what ? refuse(error, offset, what) : TRUE;
}

static gboolean check_utf8(const guint8 *data, gsize size, GError **error)
{
    guint32 before = 0;
    gsize at = size >= 3 && data[0] == 0xef && data[1] == 0xbb && data[2] == 0xbf ? 3 : 0;
    while (at < size) {
        guint32 c = data[at];
        if (c >= 0x80)
            c = g_utf8_get_char((const char *)data + at); /* validated by the caller */
        if (!check_next(before, c, at, error))
            return FALSE;
        before = c;
        at += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }
    return TRUE;
}

static gboolean check_utf16(const guint8 *data, gsize size, gboolean big, gsize at, GError **error)
{
    guint32 before = 0, high = 0;
    if (size % 2)
        return refuse(error, size, "half a character");
    for (; at < size; at += 2) {
        guint32 unit = big ? (guint32)data[at] << 8 | data[at + 1] : (guint32)data[at + 1] << 8 | data[at];
        gboolean leads = unit >= 0xd800 && unit < 0xdc00, trails = unit >= 0xdc00 && unit < 0xe000;
        if (trails != (high != 0))
            return refuse(error, at, "lone surrogate");
        if (leads) {
            high = unit;
            continue;
        }
        guint32 c = trails ? 0x10000 + ((high - 0xd800) << 10) + unit - 0xdc00 : unit;
        high = 0;
        if (!check_next(before, c, at, error))
            return FALSE;
        before = c;
    }
    return high ? refuse(error, size, "lone surrogate") : TRUE;
}

/* ESC may only start one of the shifts of ISO-2022-JP. */
static gsize shift_length(const guint8 *p, gsize left)
{
    if (left >= 3 && p[1] == '(' && (p[2] == 'B' || p[2] == 'J' || p[2] == 'I' || p[2] == 'H'))
        return 3;
    if (left >= 3 && p[1] == '$' && (p[2] == '@' || p[2] == 'B'))
        return 3;
    if (left >= 4 && p[1] == '$' && p[2] == '(' && (p[3] == 'B' || p[3] == 'D'))
        return 4;
    return left >= 6 && p[1] == '&' && p[2] == '@' ? 3 : 0;
}

static gboolean check_bytes(const guint8 *data, gsize size, gboolean seven_bit, GError **error)
{
    for (gsize at = 0; at < size; at++) {
        gsize shift = seven_bit && data[at] == 0x1b ? shift_length(data + at, size - at) : 0;
        if (shift)
            at += shift - 1;
        else if ((data[at] < 32 && !is_allowed_control(data[at])) || data[at] == 127)
            return refuse(error, at, "control character");
    }
    return TRUE;
}

/* Which half of the pairs holds the zero bytes of ASCII characters. */
static gboolean zeros_lead(const guint8 *data, gsize size)
{
    gsize even = 0, odd = 0;
    for (gsize i = 0; i + 1 < size; i += 2) {
        even += data[i] == 0;
        odd += data[i + 1] == 0;
    }
    return even > odd;
}

gboolean mgk_check_text(MgkJob *job, GError **error)
{
    const guint8 *data = job->data;
    gsize size = job->size;
    if (!mgk_check_foreign(data, size, MGK_FOREIGN_TEXT, error))
        return FALSE;
    if (size >= 2 && ((data[0] == 0xff && data[1] == 0xfe) || (data[0] == 0xfe && data[1] == 0xff)))
        return check_utf16(data, size, data[0] == 0xfe, 2, error);
    gboolean zero = FALSE, seven_bit = TRUE;
    for (gsize i = 0; i < size; i++) {
        zero |= data[i] == 0;
        seven_bit &= data[i] < 0x80;
    }
    if (zero)
        return check_utf16(data, size, zeros_lead(data, size), 0, error);
    if (!seven_bit && g_utf8_validate((const char *)data, (gssize)size, NULL))
        return check_utf8(data, size, error);
    return check_bytes(data, size, seven_bit, error);
}
