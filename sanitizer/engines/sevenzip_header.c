#include "engines/sevenzip_header.h"

#include <string.h>

enum { END = 0, PACK_INFO = 6, UNPACK_INFO = 7, SIZE = 9, CRC = 10, FOLDER = 11, UNPACK_SIZE = 12 };

typedef struct Cursor {
    const guint8 *data;
    gsize size, at;
    gboolean bad;
} Cursor;

static guint take_byte(Cursor *c)
{
    if (c->at >= c->size) {
        c->bad = TRUE;
        return 0;
    }
    return c->data[c->at++];
}

/* As many leading ones in the first byte as bytes follow; the rest of it are the highest bits. */
static guint64 take_number(Cursor *c)
{
    guint first = take_byte(c), mask = 0x80;
    guint64 value = 0;
    for (guint i = 0; i < 8; i++, mask >>= 1) {
        if (!(first & mask))
            return value | (guint64)(first & (mask - 1)) << (8 * i);
        value |= (guint64)take_byte(c) << (8 * i);
    }
    return value;
}

/* A number up to most; more makes the cursor bad and gives 0. */
static guint take_count(Cursor *c, guint64 most)
{
    guint64 untrusted_count = take_number(c);
    if (untrusted_count > most) {
        c->bad = TRUE;
        return 0;
    }
    return (guint)untrusted_count;
}

static const guint8 *take_bytes(Cursor *c, gsize size)
{
    if (size > c->size - c->at) {
        c->bad = TRUE;
        return NULL;
    }
    const guint8 *bytes = c->data + c->at;
    c->at += size;
    return bytes;
}

static void demand(Cursor *c, guint id)
{
    if (take_byte(c) != id)
        c->bad = TRUE;
}

static guint32 u32(const guint8 *p)
{
    return (guint32)p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24;
}

/* n checksums, those that are there; to[i] may be NULL for all. */
static void take_checksums(Cursor *c, guint n, MgkSevenzipFolder *const *to)
{
    gboolean all = take_byte(c) != 0;
    const guint8 *bits = all ? NULL : take_bytes(c, ((gsize)n + 7) / 8);
    for (guint i = 0; i < n && !c->bad; i++) {
        if (bits && !(bits[i / 8] & 0x80 >> i % 8))
            continue;
        const guint8 *sum = take_bytes(c, 4);
        if (sum && to) {
            to[i]->has_crc = TRUE;
            to[i]->crc = u32(sum);
        }
    }
}

static void take_pack_info(Cursor *c, MgkSevenzipStreams *streams, guint64 most)
{
    streams->place = take_number(c);
    guint n = take_count(c, most);
    demand(c, SIZE);
    for (guint i = 0; i < n && !c->bad; i++) {
        guint64 size = take_number(c);
        g_array_append_val(streams->sizes, size);
    }
    guint id = take_byte(c);
    if (id == CRC) {
        take_checksums(c, n, NULL);
        id = take_byte(c);
    }
    c->bad |= id != END;
}

/* ---- folders ---- */

static void take_coder(Cursor *c, MgkSevenzipFolder *folder)
{
    enum { ID_SIZE = 0x0f, COMPLEX = 0x10, ATTRIBUTES = 0x20, RESERVED = 0xc0 };
    MgkSevenzipCoder *coder = &folder->coders[folder->n_coders++];
    guint flags = take_byte(c);
    coder->method_size = flags & ID_SIZE;
    const guint8 *method = take_bytes(c, coder->method_size);
    if (!method || flags & RESERVED) {
        c->bad = TRUE;
        return;
    }
    memcpy(coder->method, method, coder->method_size);
    coder->n_in = flags & COMPLEX ? take_count(c, MGK_SEVENZIP_STREAMS) : 1;
    coder->n_out = flags & COMPLEX ? take_count(c, MGK_SEVENZIP_STREAMS) : 1;
    if (flags & ATTRIBUTES) {
        coder->properties_size = take_count(c, c->size);
        coder->properties = take_bytes(c, coder->properties_size);
    }
    folder->n_in += coder->n_in;
    folder->n_out += coder->n_out;
    c->bad |= folder->n_in > MGK_SEVENZIP_STREAMS || folder->n_out > MGK_SEVENZIP_STREAMS || coder->n_out == 0;
}

static gboolean is_bound(const MgkSevenzipFolder *folder, guint in)
{
    for (guint i = 0; i < folder->n_bonds; i++) {
        if (folder->bonds[i].in == in)
            return TRUE;
    }
    return FALSE;
}

static void take_bonds(Cursor *c, MgkSevenzipFolder *folder)
{
    for (guint i = 0; i + 1 < folder->n_out && !c->bad; i++) {
        MgkSevenzipBond bond = {.in = take_count(c, MGK_SEVENZIP_STREAMS)};
        bond.out = take_count(c, MGK_SEVENZIP_STREAMS);
        c->bad |= bond.in >= folder->n_in || bond.out >= folder->n_out || is_bound(folder, bond.in);
        folder->bonds[folder->n_bonds++] = bond;
    }
    if (c->bad || folder->n_bonds >= folder->n_in) {
        c->bad = TRUE;
        return;
    }
    folder->n_packed = folder->n_in - folder->n_bonds;
    for (guint i = 0; i < folder->n_packed; i++)
        folder->packed[i] = folder->n_packed > 1 ? take_count(c, folder->n_in - 1) : 0;
    while (folder->n_packed == 1 && is_bound(folder, folder->packed[0]))
        folder->packed[0]++;
}

static void take_folder(Cursor *c, MgkSevenzipFolder *folder)
{
    guint n = take_count(c, MGK_SEVENZIP_CODERS);
    c->bad |= n == 0;
    while (folder->n_coders < n && !c->bad)
        take_coder(c, folder);
    if (!c->bad)
        take_bonds(c, folder);
}

static void take_folders(Cursor *c, MgkSevenzipStreams *streams, guint64 most)
{
    demand(c, FOLDER);
    guint n = take_count(c, most), packed = 0;
    demand(c, 0); /* not kept elsewhere */
    for (guint i = 0; i < n && !c->bad; i++) {
        MgkSevenzipFolder *folder = g_new0(MgkSevenzipFolder, 1);
        g_ptr_array_add(streams->folders, folder);
        take_folder(c, folder);
        packed += folder->n_packed;
    }
    demand(c, UNPACK_SIZE);
    for (guint i = 0; i < n && !c->bad; i++) {
        MgkSevenzipFolder *folder = g_ptr_array_index(streams->folders, i);
        for (guint k = 0; k < folder->n_out; k++)
            folder->sizes[k] = take_number(c);
    }
    guint id = take_byte(c);
    if (id == CRC && !c->bad) {
        take_checksums(c, n, (MgkSevenzipFolder *const *)streams->folders->pdata);
        id = take_byte(c);
    }
    c->bad |= id != END || packed != streams->sizes->len;
}

MgkSevenzipStreams *mgk_sevenzip_streams_read(const guint8 *data, gsize size, const MgkLimits *limits, gsize *ret_used)
{
    Cursor c = {.data = data, .size = size};
    g_autoptr(MgkSevenzipStreams) streams = g_new0(MgkSevenzipStreams, 1);
    streams->sizes = g_array_new(FALSE, FALSE, sizeof(guint64));
    streams->folders = g_ptr_array_new_with_free_func(g_free);
    guint64 most = MIN(limits->zip_entries, size); /* each takes a byte at least */
    demand(&c, PACK_INFO);
    take_pack_info(&c, streams, most);
    demand(&c, UNPACK_INFO);
    take_folders(&c, streams, most);
    *ret_used = c.at;
    return c.bad ? NULL : g_steal_pointer(&streams);
}

void mgk_sevenzip_streams_free(MgkSevenzipStreams *streams)
{
    if (!streams)
        return;
    g_array_unref(streams->sizes);
    g_ptr_array_unref(streams->folders);
    g_free(streams);
}

/* ---- writing ---- */

static void put_byte(GByteArray *out, guint value)
{
    guint8 byte = (guint8)value;
    g_byte_array_append(out, &byte, 1);
}

static void put_number(GByteArray *out, guint64 value)
{
    guint follow = 0, mask = 0x80, first = 0;
    while (follow < 8 && value >> (7 * (follow + 1))) {
        first |= mask;
        mask >>= 1;
        follow++;
    }
    put_byte(out, first | (follow < 8 ? (guint)(value >> (8 * follow)) : 0));
    for (guint i = 0; i < follow; i++)
        put_byte(out, (guint)(value >> (8 * i)) & 0xff);
}

static void put_folder(GByteArray *out, const MgkSevenzipFolder *folder)
{
    put_number(out, folder->n_coders);
    for (guint i = 0; i < folder->n_coders; i++) {
        const MgkSevenzipCoder *coder = &folder->coders[i];
        gboolean complex = coder->n_in != 1 || coder->n_out != 1;
        put_byte(out, coder->method_size | (complex ? 0x10 : 0) | (coder->properties_size ? 0x20 : 0));
        g_byte_array_append(out, coder->method, coder->method_size);
        if (complex) {
            put_number(out, coder->n_in);
            put_number(out, coder->n_out);
        }
        if (coder->properties_size) {
            put_number(out, coder->properties_size);
            g_byte_array_append(out, coder->properties, (guint)coder->properties_size);
        }
    }
    for (guint i = 0; i < folder->n_bonds; i++) {
        put_number(out, folder->bonds[i].in);
        put_number(out, folder->bonds[i].out);
    }
    for (guint i = 0; folder->n_packed > 1 && i < folder->n_packed; i++)
        put_number(out, folder->packed[i]);
}

static void put_checksums(GByteArray *out, const GPtrArray *folders)
{
    put_byte(out, CRC);
    put_byte(out, 0); /* which of them are there: */
    for (guint i = 0; i < folders->len; i += 8) {
        guint bits = 0;
        for (guint k = i; k < MIN(i + 8, folders->len); k++)
            bits |= ((const MgkSevenzipFolder *)g_ptr_array_index(folders, k))->has_crc ? 0x80u >> (k - i) : 0;
        put_byte(out, bits);
    }
    for (guint i = 0; i < folders->len; i++) {
        const MgkSevenzipFolder *folder = g_ptr_array_index(folders, i);
        for (guint k = 0; folder->has_crc && k < 4; k++)
            put_byte(out, folder->crc >> (8 * k) & 0xff);
    }
}

void mgk_sevenzip_streams_write(const MgkSevenzipStreams *streams, GByteArray *out)
{
    put_byte(out, PACK_INFO);
    put_number(out, 0);
    put_number(out, streams->sizes->len);
    put_byte(out, SIZE);
    for (guint i = 0; i < streams->sizes->len; i++)
        put_number(out, g_array_index(streams->sizes, guint64, i));
    put_byte(out, END);
    put_byte(out, UNPACK_INFO);
    put_byte(out, FOLDER);
    put_number(out, streams->folders->len);
    put_byte(out, 0);
    for (guint i = 0; i < streams->folders->len; i++)
        put_folder(out, g_ptr_array_index(streams->folders, i));
    put_byte(out, UNPACK_SIZE);
    for (guint i = 0; i < streams->folders->len; i++) {
        const MgkSevenzipFolder *folder = g_ptr_array_index(streams->folders, i);
        for (guint k = 0; k < folder->n_out; k++)
            put_number(out, folder->sizes[k]);
    }
    put_checksums(out, streams->folders);
    put_byte(out, END);
}

/* ---- changing ---- */

gboolean mgk_sevenzip_coder_is(const MgkSevenzipCoder *coder, const char *method, gsize size)
{
    return coder->method_size == size && memcmp(coder->method, method, size) == 0;
}

static void renumber(guint *stream, guint gone)
{
    if (*stream > gone)
        (*stream)--;
}

void mgk_sevenzip_folder_bypass(MgkSevenzipFolder *folder, guint coder)
{
    guint in = 0, out = 0, bond = 0;
    for (guint i = 0; i < coder; i++) {
        in += folder->coders[i].n_in;
        out += folder->coders[i].n_out;
    }
    while (bond < folder->n_bonds && folder->bonds[bond].out != out)
        bond++;
    if (bond == folder->n_bonds) { /* nothing comes behind it */
        folder->coders[coder] = (MgkSevenzipCoder){.method = {0}, .method_size = 1, .n_in = 1, .n_out = 1};
        return;
    }
    for (guint i = 0; i < folder->n_packed; i++) {
        if (folder->packed[i] == in)
            folder->packed[i] = folder->bonds[bond].in;
        renumber(&folder->packed[i], in);
    }
    folder->bonds[bond] = folder->bonds[--folder->n_bonds];
    for (guint i = 0; i < folder->n_bonds; i++) {
        renumber(&folder->bonds[i].in, in);
        renumber(&folder->bonds[i].out, out);
    }
    folder->n_in--;
    folder->n_out--;
    memmove(folder->sizes + out, folder->sizes + out + 1, (folder->n_out - out) * sizeof folder->sizes[0]);
    folder->n_coders--;
    memmove(folder->coders + coder, folder->coders + coder + 1, (folder->n_coders - coder) * sizeof folder->coders[0]);
}
