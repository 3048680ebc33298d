#include "engines/sevenzip_lock.h"

#include "engines/office_hash.h"
#include "engines/sevenzip_header.h"

#include <libdeflate.h>
#include <lzma.h>
#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/sha2.h>
#include <string.h>

enum { HEADER = 0x01, MAIN_STREAMS = 0x04, ENCODED = 0x17 };
enum { BLOCK = AES_BLOCK_SIZE, KEY = AES256_KEY_SIZE, SALT_MOST = 16, NESTED_HEADERS = 4 };

#define METHOD_AES "\x06\xf1\x07\x01"
#define METHOD_LZMA "\x03\x01\x01"
#define METHOD_LZMA2 "\x21"
#define METHOD_COPY "\0"
#define IS(coder, method) mgk_sevenzip_coder_is(coder, method, sizeof(method) - 1)

/* How one coder is locked. */
typedef struct Lock {
    guint power; /* 2 to this many rounds; 63: the password is the key */
    guint8 salt[SALT_MOST], iv[BLOCK];
    gsize salt_size;
} Lock;

typedef struct Unlocking {
    const guint8 *data;
    gsize size;
    GByteArray *password; /* owned; UTF-16LE; NULL: none was given */
    const MgkLimits *limits;
    guint64 rounds; /* spent so far */
    Lock lock;      /* of the key */
    gboolean has_key;
    guint8 key[KEY];
    GError *error; /* owned */
} Unlocking;

static gboolean fail(Unlocking *u, MgkError code, const char *message)
{
    if (!u->error)
        u->error = g_error_new_literal(MGK_ERROR, code, message);
    return FALSE;
}

/* ---- the key ---- */

static gboolean read_lock(const MgkSevenzipCoder *coder, Lock *lock)
{
    const guint8 *p = coder->properties;
    *lock = (Lock){.power = 0};
    if (coder->properties_size < 1 || coder->n_in != 1 || coder->n_out != 1)
        return FALSE;
    lock->power = p[0] & 0x3f;
    if (!(p[0] & 0xc0))
        return coder->properties_size == 1;
    if (coder->properties_size < 2)
        return FALSE;
    gsize iv_size = (gsize)(p[0] >> 6 & 1) + (p[1] & 0x0f);
    lock->salt_size = (gsize)(p[0] >> 7) + (p[1] >> 4);
    if (coder->properties_size != 2 + lock->salt_size + iv_size)
        return FALSE;
    memcpy(lock->salt, p + 2, lock->salt_size);
    memcpy(lock->iv, p + 2 + lock->salt_size, iv_size);
    return TRUE;
}

/* salt, password and the number of the round, one behind the other, 2^power times over: all that goes into one hash. */
static void derive(Unlocking *u, const Lock *lock)
{
    struct sha256_ctx hash;
    guint8 counter[8] = {0};
    sha256_init(&hash);
    for (guint64 round = 0; round < G_GUINT64_CONSTANT(1) << lock->power; round++) {
        sha256_update(&hash, lock->salt_size, lock->salt);
        sha256_update(&hash, u->password->len, u->password->data);
        sha256_update(&hash, sizeof counter, counter);
        for (guint i = 0; i < sizeof counter && ++counter[i] == 0; i++)
            ;
    }
    sha256_digest(&hash, KEY, u->key);
}

static void take_plainly(Unlocking *u, const Lock *lock)
{
    memset(u->key, 0, KEY);
    memcpy(u->key, lock->salt, lock->salt_size);
    memcpy(u->key + lock->salt_size, u->password->data, MIN(u->password->len, KEY - lock->salt_size));
}

static gboolean ensure_key(Unlocking *u, const Lock *lock)
{
    enum { AS_IT_IS = 0x3f };
    gboolean same = u->has_key && u->lock.power == lock->power && u->lock.salt_size == lock->salt_size &&
                    memcmp(u->lock.salt, lock->salt, lock->salt_size) == 0;
    if (same)
        return TRUE;
    if (lock->power == AS_IT_IS) {
        take_plainly(u, lock);
    } else {
        if (lock->power > 40 || (G_GUINT64_CONSTANT(1) << lock->power) > u->limits->kdf_rounds - u->rounds)
            return fail(u, MGK_ERROR_LIMIT, "kdf_rounds");
        u->rounds += G_GUINT64_CONSTANT(1) << lock->power;
        derive(u, lock);
    }
    u->lock = *lock;
    u->has_key = TRUE;
    return TRUE;
}

/* Decrypts size bytes to out; what does not fill a block is no packed stream's end. */
static gboolean decrypt(Unlocking *u, const MgkSevenzipCoder *coder, const guint8 *data, gsize size, guint8 *out)
{
    Lock lock;
    struct aes256_ctx aes;
    if (!read_lock(coder, &lock) || size % BLOCK)
        return fail(u, MGK_ERROR_ENCRYPTED, "unsupported");
    if (!ensure_key(u, &lock))
        return FALSE;
    aes256_set_decrypt_key(&aes, u->key);
    cbc_decrypt(&aes, (nettle_cipher_func *)aes256_decrypt, BLOCK, lock.iv, size, out, data);
    return TRUE;
}

/* ---- headers ---- */

/* One packed stream of the archive; NULL when it is not inside. */
static const guint8 *packed_stream(const Unlocking *u, guint64 untrusted_place, guint64 untrusted_size)
{
    gsize left = u->size - MGK_SEVENZIP_START;
    if (untrusted_place > left || untrusted_size > left - untrusted_place)
        return NULL;
    return u->data + MGK_SEVENZIP_START + untrusted_place;
}

static gboolean run_lzma(lzma_filter *filters, const guint8 *data, gsize size, GByteArray *out)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    if (lzma_raw_decoder(&stream, filters) != LZMA_OK)
        return FALSE;
    stream.next_in = data;
    stream.avail_in = size;
    stream.next_out = out->data;
    stream.avail_out = out->len;
    while (stream.avail_out > 0 && lzma_code(&stream, LZMA_RUN) == LZMA_OK)
        ;
    gboolean whole = stream.avail_out == 0;
    lzma_end(&stream);
    return whole;
}

/* Unpacks a header into out, whose length says how much must come. */
static gboolean unpack(const MgkSevenzipCoder *coder, const guint8 *data, gsize size, GByteArray *out)
{
    if (IS(coder, METHOD_COPY)) {
        if (size < out->len)
            return FALSE;
        memcpy(out->data, data, out->len);
        return TRUE;
    }
    gboolean second = IS(coder, METHOD_LZMA2);
    lzma_filter filters[2] = {{.id = second ? LZMA_FILTER_LZMA2 : LZMA_FILTER_LZMA1}, {.id = LZMA_VLI_UNKNOWN}};
    if (!second && !IS(coder, METHOD_LZMA))
        return FALSE;
    if (lzma_properties_decode(&filters[0], NULL, coder->properties, coder->properties_size) != LZMA_OK)
        return FALSE;
    lzma_options_lzma *options = filters[0].options;
    options->dict_size = MIN(options->dict_size, MAX(out->len, LZMA_DICT_SIZE_MIN));
    gboolean ok = run_lzma(filters, data, size, out);
    free(options); /* liblzma's own malloc */
    return ok;
}

/* The coder that the archive's bytes go into, and the one behind it (NULL: none); FALSE for other shapes. */
static gboolean chain_of(const MgkSevenzipFolder *folder, const MgkSevenzipCoder **ret_first,
                         const MgkSevenzipCoder **ret_second)
{
    gboolean plain = folder->n_packed == 1 && folder->n_coders <= 2 && folder->n_in == folder->n_coders &&
                     folder->n_out == folder->n_coders && folder->packed[0] < folder->n_coders;
    if (!plain)
        return FALSE;
    for (guint i = 0; i < folder->n_coders; i++) {
        if (folder->coders[i].n_in != 1 || folder->coders[i].n_out != 1)
            return FALSE;
    }
    *ret_first = &folder->coders[folder->packed[0]];
    *ret_second = folder->n_coders == 2 ? &folder->coders[1 - folder->packed[0]] : NULL;
    return TRUE;
}

static gboolean is_encrypted(const MgkSevenzipFolder *folder)
{
    for (guint i = 0; i < folder->n_coders; i++) {
        if (IS(&folder->coders[i], METHOD_AES))
            return TRUE;
    }
    return FALSE;
}

/* The bytes behind an encoded header; NULL with u->error, or without one for what is not read here. */
static GByteArray *decode_folder(Unlocking *u, const MgkSevenzipFolder *folder, const guint8 *data, gsize size)
{
    const MgkSevenzipCoder *first = NULL, *second = NULL;
    gboolean locked = is_encrypted(folder);
    if (!chain_of(folder, &first, &second) || IS(first, METHOD_AES) != locked || (second && !locked))
        return NULL;
    guint64 untrusted_size = folder->sizes[second ? 1 - folder->packed[0] : folder->packed[0]];
    if (untrusted_size > u->limits->output_bytes || untrusted_size > G_MAXINT32 ||
        untrusted_size / u->limits->ratio > size + MGK_MIB)
        return NULL;
    g_autofree guint8 *clear = NULL;
    if (locked && !u->password) {
        fail(u, MGK_ERROR_ENCRYPTED, "password");
        return NULL;
    }
    if (locked) {
        clear = g_malloc(MAX(size, 1));
        if (!decrypt(u, first, data, size, clear))
            return NULL;
    }
    static const MgkSevenzipCoder copy = {.method_size = 1};
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_byte_array_set_size(out, (guint)untrusted_size);
    gboolean ok = unpack(second ? second : locked ? &copy : first, clear ? clear : data, size, out);
    ok = ok && (!folder->has_crc || libdeflate_crc32(0, out->data, out->len) == folder->crc);
    if (!ok && locked)
        fail(u, MGK_ERROR_ENCRYPTED, "wrong password");
    return ok ? g_steal_pointer(&out) : NULL;
}

/* The header as it is when nothing packs or hides it; NULL as above. *ret_locked: a password was needed for it. */
static GByteArray *open_header(Unlocking *u, gboolean *ret_locked)
{
    guint64 place = 0, length = 0;
    for (guint i = 0; i < 8; i++) {
        place |= (guint64)u->data[12 + i] << (8 * i);
        length |= (guint64)u->data[20 + i] << (8 * i);
    }
    const guint8 *found = packed_stream(u, place, length);
    if (!found || length > G_MAXINT32)
        return NULL;
    g_autoptr(GByteArray) header = g_byte_array_new();
    g_byte_array_append(header, found, (guint)length);
    for (guint i = 0; i < NESTED_HEADERS && header->len > 0 && header->data[0] == ENCODED; i++) {
        gsize used = 0;
        g_autoptr(MgkSevenzipStreams) streams =
            mgk_sevenzip_streams_read(header->data + 1, header->len - 1, u->limits, &used);
        if (!streams || streams->folders->len != 1 || streams->sizes->len != 1)
            return NULL;
        const MgkSevenzipFolder *folder = g_ptr_array_index(streams->folders, 0);
        guint64 packed = g_array_index(streams->sizes, guint64, 0);
        const guint8 *data = packed_stream(u, streams->place, packed);
        GByteArray *inner = data ? decode_folder(u, folder, data, (gsize)packed) : NULL;
        *ret_locked |= is_encrypted(folder);
        if (!inner)
            return NULL;
        g_byte_array_unref(header);
        header = inner;
    }
    return header->len > 0 && header->data[0] == HEADER ? g_steal_pointer(&header) : NULL;
}

/* ---- the archive ---- */

/* Which of a folder's packed streams goes into coder; G_MAXUINT: none. */
static guint packed_of(const MgkSevenzipFolder *folder, guint coder)
{
    guint in = 0;
    for (guint i = 0; i < coder; i++)
        in += folder->coders[i].n_in;
    for (guint i = 0; i < folder->n_packed; i++) {
        if (folder->packed[i] == in)
            return i;
    }
    return G_MAXUINT;
}

static guint64 size_behind(const MgkSevenzipFolder *folder, guint coder)
{
    guint out = 0;
    for (guint i = 0; i < coder; i++)
        out += folder->coders[i].n_out;
    return folder->sizes[out];
}

/* Decrypts what goes into the folder's locked coders in place (body: the packed streams, at: where each begins), and
 * takes these coders out. sizes: of the folder's packed streams. */
static gboolean unlock_folder(Unlocking *u, MgkSevenzipFolder *folder, guint8 *body, const gsize *at, guint64 *sizes)
{
    for (guint i = 0; i < folder->n_coders;) {
        const MgkSevenzipCoder *coder = &folder->coders[i];
        if (!IS(coder, METHOD_AES)) {
            i++;
            continue;
        }
        guint stream = packed_of(folder, i);
        guint64 clear = size_behind(folder, i);
        if (stream == G_MAXUINT || clear > sizes[stream])
            return fail(u, MGK_ERROR_ENCRYPTED, "unsupported");
        if (!decrypt(u, coder, body + at[stream], (gsize)sizes[stream], body + at[stream]))
            return FALSE;
        sizes[stream] = clear;
        guint before = folder->n_coders;
        mgk_sevenzip_folder_bypass(folder, i);
        i += folder->n_coders == before; /* a copy now */
    }
    return TRUE;
}

/* All packed streams, one behind the other, without encryption; FALSE without u->error: not read here. */
static gboolean unlock_streams(Unlocking *u, MgkSevenzipStreams *streams, GByteArray *body)
{
    guint64 *sizes = (guint64 *)(gpointer)streams->sizes->data, place = streams->place;
    guint stream = 0;
    for (guint i = 0; i < streams->folders->len; i++) {
        MgkSevenzipFolder *folder = g_ptr_array_index(streams->folders, i);
        gsize at[MGK_SEVENZIP_STREAMS] = {0}, start = body->len;
        for (guint k = 0; k < folder->n_packed; k++) {
            const guint8 *data = packed_stream(u, place, sizes[stream + k]);
            if (!data || sizes[stream + k] > (guint64)(G_MAXINT32 - (gint64)body->len))
                return FALSE;
            at[k] = body->len;
            g_byte_array_append(body, data, (guint)sizes[stream + k]);
            place += sizes[stream + k];
        }
        if (!unlock_folder(u, folder, body->data, at, sizes + stream))
            return FALSE;
        guint8 *to = body->data + start;
        for (guint k = 0; k < folder->n_packed; to += sizes[stream + k++])
            memmove(to, body->data + at[k], (gsize)sizes[stream + k]);
        g_byte_array_set_size(body, (guint)(to - body->data));
        stream += folder->n_packed;
    }
    return TRUE;
}

static void put_u32(guint8 *to, guint32 value)
{
    for (guint i = 0; i < 4; i++)
        to[i] = (guint8)(value >> (8 * i));
}

/* The signature header in front of body and header. */
static GBytes *assemble(const GByteArray *body, const GByteArray *header)
{
    static const guint8 signature[8] = {'7', 'z', 0xbc, 0xaf, 0x27, 0x1c, 0, 4};
    guint8 start[MGK_SEVENZIP_START] = {0};
    memcpy(start, signature, sizeof signature);
    put_u32(start + 12, body->len);
    put_u32(start + 20, header->len);
    put_u32(start + 28, libdeflate_crc32(0, header->data, header->len));
    put_u32(start + 8, libdeflate_crc32(0, start + 12, 20));
    g_autoptr(GByteArray) all = g_byte_array_sized_new(MGK_SEVENZIP_START + body->len + header->len);
    g_byte_array_append(all, start, sizeof start);
    g_byte_array_append(all, body->data, body->len);
    g_byte_array_append(all, header->data, header->len);
    return g_byte_array_free_to_bytes(g_steal_pointer(&all));
}

/* The archive whose plain header this is; NULL: with u->error, or when there is nothing to unlock or to read here. */
static GBytes *rebuild(Unlocking *u, const GByteArray *header, gboolean locked)
{
    g_autoptr(GByteArray) body = g_byte_array_new(), fresh = g_byte_array_new();
    if (header->len < 2 || header->data[1] != MAIN_STREAMS) /* empty files only */
        return locked ? assemble(body, header) : NULL;
    gsize used = 0;
    g_autoptr(MgkSevenzipStreams) streams =
        mgk_sevenzip_streams_read(header->data + 2, header->len - 2, u->limits, &used);
    if (!streams)
        return NULL;
    gboolean any = locked;
    for (guint i = 0; i < streams->folders->len; i++)
        any |= is_encrypted(g_ptr_array_index(streams->folders, i));
    if (!any || !u->password || !unlock_streams(u, streams, body))
        return NULL;
    g_byte_array_append(fresh, header->data, 2);
    mgk_sevenzip_streams_write(streams, fresh);
    g_byte_array_append(fresh, header->data + 2 + used, header->len - 2 - (guint)used);
    return assemble(body, fresh);
}

gboolean mgk_sevenzip_unlock(const guint8 *data, gsize size, const char *password, const MgkLimits *limits,
                             GBytes **ret_plain, GError **error)
{
    Unlocking u = {.data = data, .size = size, .limits = limits};
    gboolean locked = FALSE;
    *ret_plain = NULL;
    u.password = password ? mgk_office_password(password) : NULL;
    g_autoptr(GByteArray) header = open_header(&u, &locked);
    *ret_plain = header ? rebuild(&u, header, locked) : NULL;
    if (locked && !*ret_plain)
        fail(&u, MGK_ERROR_ENCRYPTED, "unsupported");
    g_clear_pointer(&u.password, g_byte_array_unref);
    if (u.error)
        g_clear_pointer(ret_plain, g_bytes_unref);
    if (u.error)
        g_propagate_error(error, u.error);
    return !u.error;
}
