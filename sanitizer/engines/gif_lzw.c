#include "engines/gif_lzw.h"

#include <string.h>

#define CODES 4096
#define MAX_WIDTH 12
#define NO_CODE G_MAXUINT

/* ---- unpacking ---- */

typedef struct Bits {
    const guint8 *data;
    gsize size, at;
    guint block; /* bytes left in this sub-block */
    guint32 held;
    guint n_held;
} Bits;

typedef struct Unpacker {
    Bits bits;
    guint16 prefix[CODES];
    guint8 suffix[CODES], stack[CODES];
    guint clear, next, width, previous;
    guint8 first; /* first index of the previous string */
    guint8 *out;
    gsize done, total;
} Unpacker;

/* The next code, or NO_CODE where the data ends. */
static guint next_code(Bits *bits, guint width)
{
    while (bits->n_held < width) {
        if (bits->block == 0) {
            if (bits->at >= bits->size || bits->data[bits->at] == 0)
                return NO_CODE;
            bits->block = bits->data[bits->at++];
        }
        if (bits->at >= bits->size)
            return NO_CODE;
        bits->held |= (guint32)bits->data[bits->at++] << bits->n_held;
        bits->n_held += 8;
        bits->block--;
    }
    guint code = bits->held & ((1u << width) - 1);
    bits->held >>= width;
    bits->n_held -= width;
    return code;
}

static void forget(Unpacker *unpacker)
{
    guint bits = 0;
    while (1u << bits < unpacker->clear)
        bits++;
    unpacker->next = unpacker->clear + 2;
    unpacker->width = bits + 1;
    unpacker->previous = NO_CODE;
}

static void learn(Unpacker *unpacker)
{
    if (unpacker->next >= CODES || unpacker->previous == NO_CODE)
        return;
    unpacker->prefix[unpacker->next] = (guint16)unpacker->previous;
    unpacker->suffix[unpacker->next] = unpacker->first;
    unpacker->next++;
    if (unpacker->next == 1u << unpacker->width && unpacker->width < MAX_WIDTH)
        unpacker->width++;
}

static void put(Unpacker *unpacker, const guint8 *stack, guint n)
{
    while (n > 0 && unpacker->done < unpacker->total)
        unpacker->out[unpacker->done++] = stack[--n];
}

/* Puts the string of one code. FALSE when no encoder can have written it here. */
static gboolean put_string(Unpacker *unpacker, guint code)
{
    guint n = 0, at = code;
    gboolean unborn = code == unpacker->next && unpacker->previous != NO_CODE && unpacker->next < CODES;
    if (code >= unpacker->next && !unborn)
        return FALSE;
    if (unborn) { /* the previous string and its own first index: the entry comes into being by this very code */
        unpacker->stack[n++] = unpacker->first;
        at = unpacker->previous;
    }
    for (; at >= unpacker->clear + 2; at = unpacker->prefix[at])
        unpacker->stack[n++] = unpacker->suffix[at]; /* prefixes fall, so this ends within CODES steps */
    unpacker->stack[n++] = (guint8)at;
    unpacker->first = (guint8)at;
    put(unpacker, unpacker->stack, n);
    learn(unpacker);
    unpacker->previous = code;
    return TRUE;
}

gsize mgk_gif_unpack(const guint8 *data, gsize size, guint min_bits, guint8 *out, gsize total)
{
    g_autofree Unpacker *unpacker = g_new(Unpacker, 1);
    unpacker->bits = (Bits){.data = data, .size = size};
    unpacker->clear = 1u << min_bits;
    unpacker->out = out;
    unpacker->done = 0;
    unpacker->total = total;
    forget(unpacker);
    while (unpacker->done < total) {
        guint code = next_code(&unpacker->bits, unpacker->width);
        if (code == NO_CODE || code == unpacker->clear + 1)
            break;
        if (code == unpacker->clear)
            forget(unpacker);
        else if (!put_string(unpacker, code))
            break;
    }
    return unpacker->done;
}

/* ---- packing ---- */

#define SLOTS 8192 /* twice the codes, a power of two */

typedef struct Packer {
    guint32 key[SLOTS]; /* prefix << 8 | index, plus one; 0 is free */
    guint16 code[SLOTS];
    guint clear, next, width, min_bits;
    guint32 held;
    guint n_held;
    guint8 block[256];
    guint filled, block_max;
    GByteArray *out; /* borrowed */
} Packer;

static void flush_block(Packer *packer)
{
    guint8 length = (guint8)packer->filled;
    if (!length)
        return;
    g_byte_array_append(packer->out, &length, 1);
    g_byte_array_append(packer->out, packer->block, length);
    packer->filled = 0;
}

static void put_code(Packer *packer, guint code)
{
    packer->held |= code << packer->n_held;
    packer->n_held += packer->width;
    while (packer->n_held >= 8) {
        packer->block[packer->filled++] = (guint8)packer->held;
        packer->held >>= 8;
        packer->n_held -= 8;
        if (packer->filled == packer->block_max)
            flush_block(packer);
    }
}

static void begin_table(Packer *packer)
{
    put_code(packer, packer->clear);
    memset(packer->key, 0, sizeof packer->key);
    packer->next = packer->clear + 2;
    packer->width = packer->min_bits + 1;
}

/* The slot that holds the key, or the free one where it belongs. */
static guint slot_of(const Packer *packer, guint32 key)
{
    guint slot = (guint)((key * 2654435761u) >> 19) & (SLOTS - 1);
    while (packer->key[slot] && packer->key[slot] != key + 1)
        slot = (slot + 1) & (SLOTS - 1);
    return slot;
}

/* The decoder's table grows one code behind ours: the width follows its size, not ours. */
static void enter(Packer *packer, guint slot, guint32 key)
{
    packer->key[slot] = key + 1;
    packer->code[slot] = (guint16)packer->next;
    if (packer->next == 1u << packer->width && packer->width < MAX_WIDTH)
        packer->width++;
    packer->next++;
    if (packer->next == CODES)
        begin_table(packer);
}

void mgk_gif_pack(const guint8 *indices, gsize n, guint min_bits, guint variant, GByteArray *out)
{
    g_autofree Packer *packer = g_new0(Packer, 1);
    packer->min_bits = min_bits;
    packer->clear = 1u << min_bits;
    packer->width = min_bits + 1;
    packer->block_max = 255 - 2 * variant;
    packer->out = out;
    for (guint i = 0; i <= variant; i++)
        begin_table(packer);
    guint prefix = n ? indices[0] : packer->clear;
    for (gsize i = 1; i < n; i++) {
        guint32 key = (guint32)prefix << 8 | indices[i];
        guint slot = slot_of(packer, key);
        if (packer->key[slot]) {
            prefix = packer->code[slot];
            continue;
        }
        put_code(packer, prefix);
        enter(packer, slot, key);
        prefix = indices[i];
    }
    put_code(packer, prefix);
    if (packer->next == 1u << packer->width && packer->width < MAX_WIDTH)
        packer->width++;
    put_code(packer, packer->clear + 1);
    if (packer->n_held) {
        packer->width = 8 - packer->n_held;
        put_code(packer, 0);
    }
    flush_block(packer);
    g_byte_array_append(out, (const guint8 *)"", 1);
}
