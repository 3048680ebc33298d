/* ppt_crypt.c - presentations behind a password ([MS-PPT] 2.3.7, [MS-OFFCRYPTO] 2.3.5): RC4 by CryptoAPI. Every object
 * is encrypted for itself, its number being that of the key; every field of a picture for itself, with key 0. */
#include "engines/blip.h"
#include "engines/office_rc4.h"
#include "engines/ppt_file.h"
#include "engines/recognise.h"

#include <string.h>

/* The password that PowerPoint itself uses for write-protected presentations and tries without asking. */
#define OWN_PASSWORD "/01Hannes Ruescher/01"
#define HEADER 8
#define ENTRY_PARTS 11

enum { TYPE_LOCK = 0x2f14, TYPE_ENTRY = 0xf007, TYPE_PICT = 0xf01c };

typedef struct Piece {
    const MgkOfficeRc4 *rc4;
    guint8 *at;
    gsize left;
} Piece;

/* Decrypts the next n bytes, or what there is of them. */
static void take(Piece *piece, gsize n)
{
    n = MIN(n, piece->left);
    mgk_office_rc4_apply(piece->rc4, 0, G_MAXSIZE, piece->at, n);
    piece->at += n;
    piece->left -= n;
}

static void decrypt_blip(Piece *piece, guint type, guint instance)
{
    for (gsize ids = mgk_blip_ids(type, instance); ids; ids -= 16)
        take(piece, 16);
    if (type <= TYPE_PICT) {
        static const guint8 fields[] = {4, 16, 8, 4, 1, 1};
        for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
            take(piece, fields[i]);
    } else {
        take(piece, 1);
    }
    take(piece, piece->left);
}

/* An entry of the store that stands among the pictures, with its own picture inside. */
static void decrypt_entry(Piece *piece)
{
    static const guint8 fields[ENTRY_PARTS] = {1, 1, 16, 2, 4, 4, 4, 1, 1, 1, 1};
    guint8 *name_length = piece->left > 33 ? piece->at + 33 : NULL;
    for (guint i = 0; i < ENTRY_PARTS; i++)
        take(piece, fields[i]);
    take(piece, name_length ? *name_length : 0);
    guint8 *inner = piece->at;
    if (piece->left < HEADER)
        return;
    take(piece, HEADER);
    decrypt_blip(piece, mgk_recognise_u16le(inner + 2), mgk_recognise_u16le(inner) >> 4);
}

static void decrypt_pictures(MgkPptFile *file, const MgkOfficeRc4 *rc4)
{
    Piece piece = {rc4, file->pictures, 0};
    for (gsize at = 0; file->pictures && file->pictures_size - at >= HEADER;) {
        guint8 *record = file->pictures + at;
        piece.at = record;
        piece.left = HEADER;
        take(&piece, HEADER);
        guint type = mgk_recognise_u16le(record + 2), instance = mgk_recognise_u16le(record) >> 4;
        guint32 untrusted_size = mgk_recognise_u32le(record + 4);
        if (untrusted_size > file->pictures_size - at - HEADER)
            return;
        piece.left = untrusted_size;
        if (type == TYPE_ENTRY)
            decrypt_entry(&piece);
        else
            decrypt_blip(&piece, type, instance);
        at += HEADER + untrusted_size;
    }
}

static void decrypt_object(MgkPptFile *file, const MgkOfficeRc4 *rc4, guint32 number, gsize untrusted_place)
{
    guint8 header[HEADER];
    if (untrusted_place > file->size || file->size - untrusted_place < HEADER)
        return;
    memcpy(header, file->data + untrusted_place, HEADER);
    mgk_office_rc4_apply(rc4, number, G_MAXSIZE, header, HEADER);
    guint32 untrusted_size = mgk_recognise_u32le(header + 4);
    if (untrusted_size <= file->size - untrusted_place - HEADER)
        mgk_office_rc4_apply(rc4, number, G_MAXSIZE, file->data + untrusted_place, HEADER + (gsize)untrusted_size);
}

/* Objects in the order of their places, each behind the end of the one before: else bytes would be turned twice, as
 * often as somebody likes. */
static gint by_place(gconstpointer a, gconstpointer b, gpointer objects)
{
    guint x = GPOINTER_TO_UINT(g_hash_table_lookup(objects, *(gpointer const *)a));
    guint y = GPOINTER_TO_UINT(g_hash_table_lookup(objects, *(gpointer const *)b));
    return x < y ? -1 : x > y;
}

gboolean mgk_ppt_decrypt(MgkPptFile *file, guint32 header, const char *password, GError **error)
{
    MgkPptRecord lock;
    MgkOfficeRc4 rc4;
    if (!mgk_ppt_object(file, header, &lock) || lock.type != TYPE_LOCK) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "no CryptSession10Container");
        return FALSE;
    }
    if (!mgk_office_rc4_open(lock.data, lock.size, password ? password : OWN_PASSWORD, &rc4, error))
        return FALSE;
    guint n = 0;
    g_autofree gpointer *numbers = g_hash_table_get_keys_as_array(file->objects, &n);
    g_qsort_with_data(numbers, (gint)n, sizeof *numbers, by_place, file->objects);
    gsize end = 0;
    for (guint i = 0; i < n; i++) {
        guint32 number = GPOINTER_TO_UINT(numbers[i]);
        gsize place = GPOINTER_TO_UINT(g_hash_table_lookup(file->objects, numbers[i]));
        MgkPptRecord record;
        if (place < end)
            continue;
        if (number != header)
            decrypt_object(file, &rc4, number, place);
        if (mgk_ppt_object(file, number, &record))
            end = place + HEADER + record.size;
    }
    decrypt_pictures(file, &rc4);
    file->unlocked = TRUE;
    return TRUE;
}
