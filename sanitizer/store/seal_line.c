#include "store/seal_line.h"

#include "store/log_line.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define SIGNATURE_DIGITS ((gsize)2 * crypto_sign_BYTES)

static const char signature_key[] = ",\"signature\":\"", line_end[] = "\"}";
#define END_BYTES (sizeof signature_key - 1 + SIGNATURE_DIGITS + sizeof line_end - 1)

/* Everything that is signed. */
static char *signed_part(const MgkSeal *seal)
{
    return g_strdup_printf("{\"seal\":%" G_GUINT64_FORMAT ",\"seq\":%" G_GUINT64_FORMAT
                           ",\"hash\":\"%s\",\"time\":\"%s\",\"key\":\"%s\",\"next\":\"%s\"",
                           seal->number, seal->root.seq, seal->root.hash, seal->root.time, seal->key, seal->next);
}

char *mgk_seal_line_make(const MgkSeal *seal, const guint8 *secret)
{
    guint8 signature[crypto_sign_BYTES];
    char digits[SIGNATURE_DIGITS + 1];
    g_autofree char *text = signed_part(seal);
    crypto_sign_detached(signature, NULL, (const guint8 *)text, strlen(text), secret);
    sodium_bin2hex(digits, sizeof digits, signature, sizeof signature);
    return g_strconcat(text, signature_key, digits, line_end, "\n", NULL);
}

static gboolean is_signed(const char *text, const char *digits, const char *key)
{
    guint8 signature[crypto_sign_BYTES], public_key[crypto_sign_PUBLICKEYBYTES];
    gsize n = 0, m = 0;
    return sodium_hex2bin(signature, sizeof signature, digits, SIGNATURE_DIGITS, NULL, &n, NULL) == 0 &&
           n == sizeof signature &&
           sodium_hex2bin(public_key, sizeof public_key, key, strlen(key), NULL, &m, NULL) == 0 &&
           m == sizeof public_key &&
           crypto_sign_verify_detached(signature, (const guint8 *)text, strlen(text), public_key) == 0;
}

/* Reads the members; whatever the text had beside them shows when it is written again. */
gboolean mgk_seal_line_parse(const char *line, gsize size, MgkSeal *ret_seal)
{
    MgkSeal seal = {.number = 0};
    if (size < END_BYTES || size > 1024)
        return FALSE;
    g_autofree char *text = g_strndup(line, size - END_BYTES);
    g_autofree char *tail = g_strndup(line + size - END_BYTES, END_BYTES);
    if (sscanf(text,
               "{\"seal\":%20" G_GUINT64_FORMAT ",\"seq\":%20" G_GUINT64_FORMAT
               ",\"hash\":\"%64[0-9a-f]\",\"time\":\"%31[0-9TZ:.-]\",\"key\":\"%64[0-9a-f]\",\"next\":\"%64[0-9a-f]\"",
               &seal.number, &seal.root.seq, seal.root.hash, seal.root.time, seal.key, seal.next) != 6)
        return FALSE;
    g_autofree char *again = signed_part(&seal);
    const char *digits = tail + sizeof signature_key - 1;
    if (strcmp(again, text) != 0 || !g_str_has_prefix(tail, signature_key) || !g_str_has_suffix(tail, line_end) ||
        !is_signed(text, digits, seal.key))
        return FALSE;
    *ret_seal = seal;
    return TRUE;
}
