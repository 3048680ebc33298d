#include "engines/ppt_file.h"

#include "engines/recognise.h"
#include "model/error.h"

#include <string.h>

#define HEADER 8
#define TOKEN 12     /* in CurrentUser: says whether it is encrypted */
#define LAST_EDIT 16 /* in CurrentUser: where the last UserEdit is */
#define USER_LEAST 20
#define TOKEN_PLAIN 0xe391c05fu
#define TOKEN_LOCKED 0xf3d1c4dfu
#define EDIT_LEAST 28
#define EDIT_LOCKED 32 /* with the number of the object that says how */
#define MOST_ENTRIES (1u << 20)

enum { TYPE_EDIT = 4085, TYPE_DIRECTORY = 6002 };

static gboolean fail(GError **error, MgkError code, const char *what)
{
    g_set_error_literal(error, MGK_ERROR, (gint)code, what);
    return FALSE;
}

gboolean mgk_ppt_next(const guint8 **at, gsize *left, MgkPptRecord *ret_record)
{
    if (*left < HEADER)
        return FALSE;
    guint16 head = mgk_recognise_u16le(*at);
    guint32 untrusted_size = mgk_recognise_u32le(*at + 4);
    if (untrusted_size > *left - HEADER)
        return FALSE;
    *ret_record = (MgkPptRecord){.type = mgk_recognise_u16le(*at + 2),
                                 .instance = head >> 4,
                                 .version = head & 15u,
                                 .data = *at + HEADER,
                                 .size = untrusted_size};
    *at += HEADER + untrusted_size;
    *left -= HEADER + untrusted_size;
    return TRUE;
}

static gboolean record_at(const MgkPptFile *file, gsize place, MgkPptRecord *ret_record)
{
    if (place >= file->size)
        return FALSE;
    const guint8 *at = file->data + place;
    gsize left = file->size - place;
    return mgk_ppt_next(&at, &left, ret_record);
}

gboolean mgk_ppt_child(const MgkPptRecord *parent, guint type, MgkPptRecord *ret_record)
{
    const guint8 *at = parent->data;
    gsize left = parent->size;
    while (mgk_ppt_next(&at, &left, ret_record)) {
        if (ret_record->type == type)
            return TRUE;
    }
    return FALSE;
}

gboolean mgk_ppt_object(const MgkPptFile *file, guint32 number, MgkPptRecord *ret_record)
{
    gpointer place = NULL;
    return g_hash_table_lookup_extended(file->objects, GUINT_TO_POINTER(number), NULL, &place) &&
           record_at(file, GPOINTER_TO_UINT(place), ret_record);
}

/* PersistDirectoryAtom (2.3.4): runs of numbers with the place of each. What a later edit said counts. */
static gboolean read_directory(MgkPptFile *file, guint32 untrusted_place, GError **error)
{
    MgkPptRecord record;
    if (!record_at(file, untrusted_place, &record) || record.type != TYPE_DIRECTORY)
        return fail(error, MGK_ERROR_MALFORMED, "no directory of objects");
    for (gsize at = 0; record.size - at >= 4;) {
        guint32 head = mgk_recognise_u32le(record.data + at), number = head & 0xfffff, n = head >> 20;
        at += 4;
        if (n > (record.size - at) / 4)
            return fail(error, MGK_ERROR_MALFORMED, "the directory of objects is cut off");
        for (guint32 i = 0; i < n; i++, at += 4) {
            gpointer key = GUINT_TO_POINTER(number + i);
            if (!g_hash_table_contains(file->objects, key))
                g_hash_table_insert(file->objects, key, GUINT_TO_POINTER(mgk_recognise_u32le(record.data + at)));
        }
        if (g_hash_table_size(file->objects) > MOST_ENTRIES)
            return fail(error, MGK_ERROR_LIMIT, "too many objects");
    }
    return TRUE;
}

/* UserEditAtom (2.3.3), from the last to the first, each before the one that names it. *ret_lock: the number of the
 * object that says how it is encrypted, or 0. */
static gboolean read_edits(MgkPptFile *file, gsize untrusted_place, guint32 *ret_lock, GError **error)
{
    gsize entries = 0;
    while (TRUE) {
        MgkPptRecord edit, directory;
        if (!record_at(file, untrusted_place, &edit) || edit.type != TYPE_EDIT || edit.size < EDIT_LEAST)
            return fail(error, MGK_ERROR_MALFORMED, "no edit where one is said to be");
        guint32 before = mgk_recognise_u32le(edit.data + 8), place = mgk_recognise_u32le(edit.data + 12);
        if (file->edits++ == 0) {
            file->document = mgk_recognise_u32le(edit.data + 16);
            *ret_lock = edit.size >= EDIT_LOCKED ? mgk_recognise_u32le(edit.data + 28) : 0;
        }
        entries += record_at(file, place, &directory) ? directory.size / 4 : 0;
        if (entries > MOST_ENTRIES)
            return fail(error, MGK_ERROR_LIMIT, "too many objects");
        if (!read_directory(file, place, error))
            return FALSE;
        if (before == 0)
            return TRUE;
        if (before >= untrusted_place)
            return fail(error, MGK_ERROR_MALFORMED, "edits in a circle");
        untrusted_place = before;
    }
}

static guint8 *read_stream(const MgkCfb *cfb, const char *folder, const char *name, gsize *ret_size)
{
    g_autofree char *path = g_strconcat(folder, name, NULL);
    gint index = mgk_cfb_find(cfb, path);
    *ret_size = 0;
    return index >= 0 ? mgk_cfb_read(cfb, (guint)index, ret_size) : NULL;
}

/* CurrentUserAtom (2.3.2) says whether and where. */
static gboolean read_user(MgkPptFile *file, const char *folder, const char *password, GError **error)
{
    gsize size = 0;
    guint32 lock = 0;
    g_autofree guint8 *user = read_stream(file->cfb, folder, "Current User", &size);
    if (!user || size < USER_LEAST)
        return fail(error, MGK_ERROR_MALFORMED, "no Current User");
    guint32 token = mgk_recognise_u32le(user + TOKEN);
    if (token != TOKEN_PLAIN && token != TOKEN_LOCKED)
        return fail(error, MGK_ERROR_MALFORMED, "CurrentUserAtom");
    if (!read_edits(file, mgk_recognise_u32le(user + LAST_EDIT), &lock, error))
        return FALSE;
    if (token == TOKEN_PLAIN && lock == 0)
        return TRUE;
    return mgk_ppt_decrypt(file, lock, password, error);
}

/* A file for both PowerPoint 95 and 97 has the newer one's streams in a storage of their own. */
static gboolean open_streams(MgkPptFile *file, const char *password, GError **error)
{
    const char *folder = "PP97_DUALSTORAGE/";
    file->data = read_stream(file->cfb, folder, "PowerPoint Document", &file->size);
    if (!file->data) {
        folder = "";
        file->data = read_stream(file->cfb, folder, "PowerPoint Document", &file->size);
        if (mgk_cfb_find(file->cfb, "PP40") >= 0)
            return fail(error, MGK_ERROR_UNSUPPORTED, "PowerPoint 95");
    }
    if (!file->data)
        return fail(error, MGK_ERROR_MALFORMED, "no PowerPoint Document");
    file->pictures = read_stream(file->cfb, folder, "Pictures", &file->pictures_size);
    return read_user(file, folder, password, error);
}

MgkPptFile *mgk_ppt_file_open(const guint8 *data, gsize size, const char *password, GError **error)
{
    g_autoptr(MgkPptFile) file = g_new0(MgkPptFile, 1);
    file->objects = g_hash_table_new(NULL, NULL);
    file->cfb = mgk_cfb_open(data, size, error);
    return file->cfb && open_streams(file, password, error) ? g_steal_pointer(&file) : NULL;
}

void mgk_ppt_file_free(MgkPptFile *file)
{
    if (!file)
        return;
    g_clear_pointer(&file->cfb, mgk_cfb_free);
    g_clear_pointer(&file->objects, g_hash_table_unref);
    g_free(file->data);
    g_free(file->pictures);
    g_free(file);
}
