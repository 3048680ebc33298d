#include "checks/xls_tokens.h"

/* Functions that may not be called, up to the last known one: commands, macro functions, calls of code ([MS-XLS] Ftab).
 * Pairs: from, to. */
static const guint16 forbidden[][2] = {
    {53, 55},   {79, 81},   {84, 85},   {87, 96},   {103, 104},    {106, 108}, {110, 110}, {122, 123},
    {132, 139}, {145, 147}, {149, 161}, {166, 166}, {170, 182},    {185, 188}, {191, 192}, {200, 203},
    {217, 218}, {223, 226}, {236, 243}, {245, 246}, {248, 251},    {253, 260}, {262, 268}, {333, 335},
    {338, 341}, {348, 349}, {355, 357}, {359, 359}, {369, 0xffff},
};

static guint le16(const guint8 *p)
{
    return p[0] | (guint)p[1] << 8;
}

static gboolean may_call(guint function)
{
    for (guint i = 0; i < G_N_ELEMENTS(forbidden); i++) {
        if (function >= forbidden[i][0] && function <= forbidden[i][1])
            return FALSE;
    }
    return TRUE;
}

/* Bytes of a token that begins at p, itself included; 0 when it may not stand there. */
static gsize token_bytes(const guint8 *p, gsize left)
{
    guint kind = p[0] < 0x20 ? p[0] : 0x20u | (p[0] & 0x1fu);
    if (p[0] > 0x7f)
        return 0;
    switch (kind) {
    case 0x17:
        return left >= 3 && p[2] <= 1 ? 3 + ((gsize)p[1] << p[2]) : 0;
    case 0x19:
        if (left < 4 || (p[1] & 4 && p[1] != 4))
            return 0;
        return p[1] == 4 ? 4 + (le16(p + 2) + (gsize)1) * 2 : 4;
    case 0x1c:
    case 0x1d:
        return 2;
    case 0x1e:
        return 3;
    case 0x1f:
    case 0x25:
    case 0x2b:
    case 0x2d:
        return 9;
    case 0x20:
        return 8;
    case 0x21:
        return left >= 3 && may_call(le16(p + 1)) ? 3 : 0;
    case 0x22:
        return left >= 4 && may_call(le16(p + 2)) ? 4 : 0;
    case 0x23:
    case 0x24:
    case 0x2a:
    case 0x2c:
        return 5;
    case 0x26:
    case 0x27:
    case 0x28:
    case 0x3a:
    case 0x3c:
        return 7;
    case 0x29:
        return 3;
    case 0x3b:
    case 0x3d:
        return 11;
    default:
        return kind >= 3 && kind <= 0x16 ? 1 : 0;
    }
}

/* Bytes of the constants of {1;2} at p; 0 when they are cut off. */
static gsize array_bytes(const guint8 *p, gsize left)
{
    gsize at = 3, n = left >= 3 ? (p[0] + (gsize)1) * (le16(p + 1) + (gsize)1) : 0;
    for (gsize i = 0; i < n; i++) {
        if (left - at < 4)
            return 0;
        gsize bytes = p[at] == 2 ? 4 + ((gsize)le16(p + at + 1) << (p[at + 3] & 1)) : 9;
        if (bytes > left - at)
            return 0;
        at += bytes;
    }
    return n > 0 ? at : 0;
}

gboolean mgk_check_xls_tokens(const guint8 *p, gsize n, gsize more)
{
    const guint8 *constants = p + n;
    if (n == 5 && more == 0 && p[0] == 1)
        return TRUE; /* shared with the cell it names */
    while (n > 0) {
        gsize bytes = token_bytes(p, n), used = 0;
        guint kind = p[0] < 0x20 ? p[0] : 0x20u | (p[0] & 0x1fu);
        if (bytes == 0 || bytes > n)
            return FALSE;
        if (kind == 0x20 && (used = array_bytes(constants, more)) == 0)
            return FALSE;
        if (kind == 0x26) {
            used = more >= 2 ? 2 + (gsize)le16(constants) * 8 : 1;
            if (used > more)
                return FALSE;
        }
        constants += used;
        more -= used;
        p += bytes;
        n -= bytes;
    }
    return more == 0;
}
