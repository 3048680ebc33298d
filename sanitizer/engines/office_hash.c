#include "engines/office_hash.h"

#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

typedef union Context {
    struct md5_ctx md5;
    struct sha1_ctx sha1;
    struct sha256_ctx sha256;
    struct sha512_ctx sha512; /* SHA-384, too */
} Context;

void mgk_office_put_u32le(guint8 *p, guint32 number)
{
    for (guint i = 0; i < 4; i++)
        p[i] = (guint8)(number >> (8 * i));
}

GByteArray *mgk_office_password(const char *password)
{
    glong units = 0;
    g_autofree gunichar2 *text = g_utf8_to_utf16(password, -1, NULL, &units, NULL);
    if (!text)
        return NULL;
    GByteArray *bytes = g_byte_array_sized_new((guint)units * 2 + 1);
    for (glong i = 0; i < units; i++) {
        guint8 pair[2] = {(guint8)text[i], (guint8)(text[i] >> 8)};
        g_byte_array_append(bytes, pair, sizeof pair);
    }
    return bytes;
}

void mgk_office_hash(const struct nettle_hash *hash, const void *a, gsize a_size, const void *b, gsize b_size,
                     guint8 *out)
{
    Context context;
    hash->init(&context);
    hash->update(&context, a_size, a);
    hash->update(&context, b_size, b);
    hash->digest(&context, hash->digest_size, out);
}

void mgk_office_stretch(const struct nettle_hash *hash, const guint8 *salt, gsize salt_size, const GByteArray *password,
                        guint32 spins, guint8 *out)
{
    guint8 counter[4];
    mgk_office_hash(hash, salt, salt_size, password->data, password->len, out);
    for (guint32 i = 0; i < spins; i++) {
        mgk_office_put_u32le(counter, i);
        mgk_office_hash(hash, counter, sizeof counter, out, hash->digest_size, out);
    }
}
