#include "checks/xlsb.h"

/* Functions that may not be called ([MS-XLSB] 2.5.97.10 Ftab): commands, macro functions, calls of code, what fetches.
 * Pairs: from, to. 255 calls by name; the names are looked at by themselves. */
static const guint16 forbidden[][2] = {
    {53, 55},   {79, 81},   {84, 85},   {87, 96},   {103, 104}, {106, 108}, {110, 110}, {122, 123},
    {132, 139}, {145, 147}, {149, 161}, {166, 166}, {170, 182}, {185, 188}, {191, 192}, {200, 203},
    {217, 218}, {223, 226}, {236, 243}, {245, 246}, {248, 251}, {253, 254}, {256, 260}, {262, 268},
    {333, 335}, {338, 341}, {348, 349}, {355, 357}, {359, 359}, {369, 383}, {477, 479}, {485, 0xffff},
};

static guint le16(const guint8 *p)
{
    return p[0] | (guint)p[1] << 8;
}

static guint32 le32(const guint8 *p)
{
    return le16(p) | (guint32)le16(p + 2) << 16;
}

static gboolean may_call(guint function)
{
    for (guint i = 0; i < G_N_ELEMENTS(forbidden); i++) {
        if (function >= forbidden[i][0] && function <= forbidden[i][1])
            return FALSE;
    }
    return TRUE;
}

/* Bytes of tokens of a fixed length, themselves included. */
static gsize fixed_bytes(guint kind)
{
    static const struct {
        guint8 kind, bytes;
    } table[] = {{0x1c, 2},  {0x1d, 2},  {0x1e, 3}, {0x1f, 9}, {0x20, 15}, {0x23, 5}, {0x24, 7},
                 {0x25, 13}, {0x26, 7},  {0x27, 7}, {0x28, 7}, {0x29, 3},  {0x2a, 7}, {0x2b, 13},
                 {0x2c, 7},  {0x2d, 13}, {0x39, 7}, {0x3a, 9}, {0x3b, 15}, {0x3c, 9}, {0x3d, 15}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (table[i].kind == kind)
            return table[i].bytes;
    }
    return kind >= 3 && kind <= 0x16 ? 1 : 0;
}

static gsize token_bytes(const guint8 *p, guint kind, gsize left)
{
    switch (kind) {
    case 0x17:
        return left >= 3 ? 3 + (gsize)le16(p + 1) * 2 : 0;
    case 0x18:
        return left >= 2 && p[1] == 0x19 ? 14 : 0;
    case 0x19:
        if (left < 4 || (p[1] & 4 && p[1] != 4))
            return 0;
        return p[1] == 4 ? 4 + (le16(p + 2) + (gsize)1) * 2 : 4;
    case 0x21:
        return left >= 3 && may_call(le16(p + 1)) ? 3 : 0;
    case 0x22:
        return left >= 4 && may_call(le16(p + 2)) ? 4 : 0;
    default:
        return fixed_bytes(kind);
    }
}

/* Bytes of the constants of {1;2} at p; 0 when they are cut off. */
static gsize array_bytes(const guint8 *p, gsize left)
{
    gsize at = 8;
    guint64 n = left >= 8 ? (guint64)le32(p) * le32(p + 4) : 0;
    if (n > left)
        return 0;
    for (guint64 i = 0; i < n; i++) {
        gsize bytes = left - at < 3 ? 0
                      : p[at] == 0  ? 9
                      : p[at] == 1  ? 3 + (gsize)le16(p + at + 1) * 2
                      : p[at] == 4  ? 5
                                    : 0;
        if (left - at >= 2 && p[at] == 2)
            bytes = 2;
        if (bytes == 0 || bytes > left - at)
            return 0;
        at += bytes;
    }
    return left >= 8 ? at : 0;
}

/* Bytes of the constants of a token; G_MAXSIZE when they are cut off. */
static gsize constant_bytes(guint kind, const guint8 *p, gsize left)
{
    if (kind == 0x20) {
        gsize bytes = array_bytes(p, left);
        return bytes ? bytes : G_MAXSIZE;
    }
    if (kind != 0x26)
        return 0;
    return left < 4 ? G_MAXSIZE : (gsize)MIN((guint64)le32(p) * 16 + 4, G_MAXSIZE);
}

gboolean mgk_check_xlsb_tokens(const guint8 *p, gsize n, gsize more)
{
    const guint8 *constants = p + n + 4;
    if (n == 5 && more == 4 && p[0] == 1)
        return TRUE; /* shared with the cell it names */
    while (n > 0) {
        guint kind = p[0] < 0x20 ? p[0] : 0x20u | (p[0] & 0x1fu);
        gsize bytes = p[0] > 0x7f ? 0 : token_bytes(p, kind, n);
        gsize used = bytes == 0 || bytes > n ? G_MAXSIZE : constant_bytes(kind, constants, more);
        if (used > more)
            return FALSE;
        constants += used;
        more -= used;
        p += bytes;
        n -= bytes;
    }
    return more == 0;
}
