#include <string.h>

#include "checks/cfb.h"
#include "model/error.h"

#define ID_LABELS 2

/* Ids that may stand in a section, beside 1 (the code page) and, in the last, 0 (the names). */
static const guint32 allowed[2] = {
    1u << 2 | 1u << 3 | 1u << 5 | 1u << 6 | 0x1fu << 12 | 1u << 18 | 1u << 19,
    0x3ffu << 2 | 1u << 16 | 1u << 17 | 1u << 19 | 1u << 22 | 1u << 23 | 1u << 26 | 1u << 27 | 1u << 28,
};

static const guint8 sections[3][4] = {{0xe0, 0x85, 0x9f, 0xf2}, {0x02, 0xd5, 0xcd, 0xd5}, {0x05, 0xd5, 0xcd, 0xd5}};

static guint32 le32(const guint8 *p)
{
    return p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24;
}

static gboolean refuse(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "document properties: %s", what);
    return FALSE;
}

/* Every name in the dictionary is a label's; names may stand in one or two bytes a character. */
static gboolean look_at_names(const guint8 *p, gsize size, gboolean wide, GError **error)
{
    static const char label[] = "MSIP_Label_";
    guint32 n = size >= 4 ? le32(p) : 0;
    gsize at = 4, unit = wide ? 2 : 1;
    for (guint32 i = 0; i < n; i++) {
        if (size - at < 8 || le32(p + at + 4) > 1024 || le32(p + at + 4) * unit > size - at - 8)
            return refuse(error, "its names");
        gsize length = le32(p + at + 4);
        for (gsize k = 0; k < sizeof label - 1; k++) {
            if (k >= length || p[at + 8 + k * unit] != (guint8)label[k])
                return refuse(error, "a property of its own that is no label");
        }
        at += 8 + length * unit;
        at += wide ? MIN((4 - at % 4) % 4, size - at) : 0;
    }
    return n > 0 || refuse(error, "no names");
}

/* The end of the value that begins at p, as far as it tells; 0 for types that may not stand here. */
static gsize value_size(const guint8 *p, gsize left)
{
    guint32 type = le32(p), n = left >= 8 ? le32(p + 4) : 0;
    switch (type) {
    case 2:
    case 3:
    case 11:
        return 8;
    case 64:
        return 12;
    case 30:
        return n <= 1 << 20 ? 8 + ((gsize)n + 3) / 4 * 4 : 0;
    case 31:
        return n <= 1 << 20 ? 8 + ((gsize)n * 2 + 3) / 4 * 4 : 0;
    default:
        return 0;
    }
}

/* Values stand one after another without a gap, in the order of the ids' list. */
static gboolean look_at_section(const guint8 *p, gsize size, guint which, GError **error)
{
    guint32 n = size >= 24 ? le32(p + 4) : 0;
    if (n == 0 || n > 2048 || le32(p) != size || size - 8 < (gsize)n * 8 + 8 || le32(p + 8) != 1)
        return refuse(error, "a section");
    gsize at = 8 + (gsize)n * 8;
    guint page = size - at >= 8 ? p[at + 4] | (guint)p[at + 5] << 8 : 0;
    for (guint32 i = 0; i < n; i++) {
        guint32 id = le32(p + 8 + i * 8), next = i + 1 < n ? le32(p + 20 + i * 8) : (guint32)size;
        if (le32(p + 12 + i * 8) != at || next > size || next < at || next - at < 4)
            return refuse(error, "a gap between values");
        gboolean names = id == 0 && which == ID_LABELS;
        if (names && !look_at_names(p + at, next - at, page == 1200, error))
            return FALSE;
        gboolean may = id == 1 || names || (which == ID_LABELS && id > 1) ||
                       (which < ID_LABELS && id < 32 && (allowed[which] >> id & 1));
        if (!may || (!names && value_size(p + at, next - at) != next - at))
            return refuse(error, "a property that has to go");
        at = next;
    }
    return TRUE;
}

gboolean mgk_check_properties(const MgkCheckStream *stream, GError **error)
{
    const guint8 *p = stream->data;
    gboolean summary = strcmp(stream->name, "\5SummaryInformation") == 0;
    if (stream->size < 48 || memcmp(p, "\xfe\xff", 2) != 0)
        return refuse(error, "its header");
    for (guint i = 2; i < 24; i++) {
        if (p[i] != 0)
            return refuse(error, "its header");
    }
    guint32 n = le32(p + 24);
    if (n < 1 || n > (summary ? 1 : 2) || stream->size < 28 + n * 20)
        return refuse(error, "its sections");
    gsize at = 28 + n * 20;
    for (guint32 i = 0; i < n; i++) {
        guint which = summary ? 0 : 1 + i;
        gsize next = i + 1 < n ? le32(p + 64) : stream->size;
        if (memcmp(p + 28 + i * 20, sections[which], 4) != 0 || le32(p + 44 + i * 20) != at || next <= at ||
            next > stream->size)
            return refuse(error, "its sections");
        if (!look_at_section(p + at, next - at, which, error))
            return FALSE;
        at = next;
    }
    return TRUE;
}
