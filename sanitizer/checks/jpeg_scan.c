#include "checks/jpeg_scan.h"

typedef struct Table {
    gint32 first[17], last[17]; /* smallest and largest code of each length; last -1: there is none */
    const guint8 *values[17];   /* of the smallest */
} Table;

typedef struct Bits {
    const guint8 *data;
    gsize size, at;
    guint current, left; /* bits of the current byte not taken yet */
    gboolean bad;
} Bits;

/* Annex C.2: codes of one length follow each other, the first of the next length comes behind them. */
static void build(Table *table, const guint8 *counts)
{
    const guint8 *value = counts + 16;
    gint32 code = 0;
    for (guint length = 1; length <= 16; length++) {
        table->first[length] = code;
        table->last[length] = code + counts[length - 1] - 1;
        table->values[length] = value;
        value += counts[length - 1];
        code = (code + counts[length - 1]) * 2;
    }
}

static void next_byte(Bits *bits)
{
    if (bits->at >= bits->size) {
        bits->bad = TRUE;
        return;
    }
    bits->current = bits->data[bits->at++];
    bits->left = 8;
    if (bits->current != 0xff)
        return;
    bits->bad |= bits->at >= bits->size || bits->data[bits->at] != 0; /* a marker where pixels should be */
    bits->at++;
}

static guint take_bit(Bits *bits)
{
    if (bits->left == 0)
        next_byte(bits);
    if (bits->bad)
        return 0;
    return bits->current >> --bits->left & 1;
}

static void skip_bits(Bits *bits, guint n)
{
    while (n > 0 && !bits->bad) {
        if (bits->left == 0)
            next_byte(bits);
        guint some = MIN(n, bits->left);
        bits->left -= some;
        n -= some;
        bits->bad |= some == 0;
    }
}

static guint take_symbol(Bits *bits, const Table *table)
{
    gint32 code = 0;
    for (guint length = 1; length <= 16 && !bits->bad; length++) {
        code = code << 1 | (gint32)take_bit(bits);
        if (code <= table->last[length] && code >= table->first[length])
            return table->values[length][code - table->first[length]];
    }
    bits->bad = TRUE;
    return 0;
}

static void take_block(Bits *bits, const Table *dc, const Table *ac)
{
    enum { DC_MOST = 11, AC_MOST = 10, ZEROS = 0xf0, COEFFICIENTS = 64 };
    guint size = take_symbol(bits, dc);
    bits->bad |= size > DC_MOST;
    skip_bits(bits, size);
    for (guint k = 1; k < COEFFICIENTS && !bits->bad; k++) {
        guint symbol = take_symbol(bits, ac);
        if (symbol == 0)
            return; /* the rest is zero */
        k += symbol >> 4;
        bits->bad |= k >= COEFFICIENTS || (symbol & 15) > AC_MOST || ((symbol & 15) == 0 && symbol != ZEROS);
        skip_bits(bits, symbol & 15);
    }
}

/* What fills up the last byte is ones. */
static void align(Bits *bits)
{
    guint mask = (1u << bits->left) - 1;
    bits->bad |= (bits->current & mask) != mask;
    bits->left = 0;
}

static void take_restart(Bits *bits, guint number)
{
    align(bits);
    bits->bad |=
        bits->size - bits->at < 2 || bits->data[bits->at] != 0xff || bits->data[bits->at + 1] != 0xd0 + number % 8;
    bits->at += 2;
}

/* Blocks of one MCU, for each component. */
static void take_unit(Bits *bits, const MgkJpegScan *scan, const Table tables[4])
{
    for (guint i = 0; i < scan->components; i++) {
        guint blocks = scan->components == 1 ? 1 : (guint)scan->h[i] * scan->v[i], luma = i ? 2 : 0;
        while (blocks-- > 0 && !bits->bad)
            take_block(bits, &tables[luma], &tables[luma + 1]);
    }
}

gboolean mgk_jpeg_scan_is_whole(const MgkJpegScan *scan, const guint8 *data, gsize size)
{
    Table tables[4];
    Bits bits = {.data = data, .size = size};
    guint wide = 8, high = 8;
    for (guint i = 0; i < (scan->components == 1 ? 2u : 4u); i++)
        build(&tables[i], scan->codes[i]);
    for (guint i = 0; scan->components > 1 && i < scan->components; i++) {
        wide = MAX(wide, 8u * scan->h[i]);
        high = MAX(high, 8u * scan->v[i]);
    }
    guint64 units = (guint64)((scan->width + wide - 1) / wide) * ((scan->height + high - 1) / high);
    for (guint64 n = 0; n < units && !bits.bad; n++) {
        if (scan->restart && n > 0 && n % scan->restart == 0)
            take_restart(&bits, (guint)((n / scan->restart - 1) % 8));
        if (!bits.bad)
            take_unit(&bits, scan, tables);
    }
    if (!bits.bad)
        align(&bits);
    return !bits.bad && bits.at == bits.size;
}
