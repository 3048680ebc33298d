#include "checks/ppt.h"

#include <string.h>

#include "checks/cfb.h"
#include "checks/foreign.h"
#include "checks/ppt_look.h"
#include "model/error.h"

#define DEEPEST 64

typedef struct Row {
    guint type;
    gboolean tree;
    guint32 least, most;
} Row;

static const Row rows[] = {
#define ATOM(type, least, most) {type, FALSE, least, most},
#define TREE(type) {type, TRUE, 0, G_MAXUINT32},
#include "checks/ppt_records.def"
#undef ATOM
#undef TREE
};

typedef struct Thing {
    guint head, type;
    const guint8 *data;
    gsize size;
} Thing;

guint mgk_ppt_look_u16(const guint8 *p)
{
    return p[0] | (guint)p[1] << 8;
}

guint32 mgk_ppt_look_u32(const guint8 *p)
{
    return mgk_ppt_look_u16(p) | (guint32)mgk_ppt_look_u16(p + 2) << 16;
}

gboolean mgk_ppt_look_refuse(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "presentation: %s", what);
    return FALSE;
}

static gboolean thing_at(const guint8 *p, gsize left, Thing *ret, GError **error)
{
    if (left < 8 || mgk_ppt_look_u32(p + 4) > left - 8)
        return mgk_ppt_look_refuse(error, "a record is cut off");
    *ret = (Thing){mgk_ppt_look_u16(p), mgk_ppt_look_u16(p + 2), p + 8, mgk_ppt_look_u32(p + 4)};
    return TRUE;
}

static const Row *row_of(guint type)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].type == type)
            return &rows[i];
    }
    return NULL;
}

/* ---- what a click does ---- */

/* Whether a text of 16-bit letters begins with one of these, in any case. */
static gboolean begins(const Thing *text, const char *const *words, gsize n)
{
    for (gsize w = 0; w < n; w++) {
        gsize i = 0;
        while (words[w][i] && 2 * i + 1 < text->size && text->data[2 * i + 1] == 0 &&
               g_ascii_tolower((char)text->data[2 * i]) == words[w][i])
            i++;
        if (!words[w][i])
            return TRUE;
    }
    return FALSE;
}

/* "256,1,Title" and the like. */
static gboolean is_place(const Thing *text)
{
    guint commas = 0, digits = 0;
    for (gsize i = 0; i + 1 < text->size && commas < 2; i += 2) {
        guint8 c = text->data[i];
        if (text->data[i + 1] != 0 || (c != ',' && c != '-' && !g_ascii_isdigit(c)) || (c == ',' && digits == 0))
            return FALSE;
        digits = c == ',' ? 0 : digits + 1;
        commas += c == ',';
    }
    return commas == 2;
}

static gboolean look_at_link(MgkPptLook *look, const Thing *link, GError **error)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:"};
    gboolean target = FALSE, place = FALSE;
    Thing child;
    for (gsize at = 0; at < link->size; at += 8 + child.size) {
        if (!thing_at(link->data + at, link->size - at, &child, error))
            return FALSE;
        if (child.type == 4051 && child.size == 4)
            g_hash_table_add(look->links, GUINT_TO_POINTER(mgk_ppt_look_u32(child.data)));
        else if (child.type != 4026)
            return mgk_ppt_look_refuse(error, "a link of another kind");
        if (child.type == 4026 && child.head >> 4 == 1) {
            target = TRUE;
            if (!begins(&child, schemes, G_N_ELEMENTS(schemes)))
                return mgk_ppt_look_refuse(error, "a link to elsewhere");
        }
        place = place || (child.type == 4026 && child.head >> 4 == 3 && is_place(&child));
    }
    return target || place || mgk_ppt_look_refuse(error, "a link to nowhere");
}

static gboolean look_at_action(MgkPptLook *look, const Thing *atom, GError **error)
{
    guint8 action = atom->data[8];
    guint32 link = mgk_ppt_look_u32(atom->data + 4);
    if (mgk_ppt_look_u32(atom->data) != 0 || (action != 3 && action != 4 && action != 7) || atom->data[9] != 0 ||
        atom->data[10] > 6 || atom->data[12] == 9 || atom->data[12] == 10 || (action == 4 && link == 0))
        return mgk_ppt_look_refuse(error, "a click that does what it may not");
    if (link)
        g_hash_table_add(look->used, GUINT_TO_POINTER(link));
    return TRUE;
}

/* ---- records ---- */

static gboolean look_at_name_of_tag(const Thing *tag, GError **error)
{
    static const char *const names[] = {"___ppt9", "___ppt10", "___ppt12"};
    Thing name;
    if (!thing_at(tag->data, tag->size, &name, error))
        return FALSE;
    return (name.type == 4026 && begins(&name, names, G_N_ELEMENTS(names))) ||
           mgk_ppt_look_refuse(error, "data of another program");
}

static gboolean look_at_bullet(MgkPptLook *look, const Thing *thing, GError **error)
{
    Thing blip;
    if (!thing_at(thing->data + 2, thing->size - 2, &blip, error))
        return FALSE;
    if (blip.size + 10 != thing->size)
        return mgk_ppt_look_refuse(error, "bytes behind a picture");
    return mgk_ppt_look_at_picture(look, thing->data + 2, thing->size - 2, error);
}

static gboolean look_at_variant(const Thing *thing)
{
    static const gsize sizes[] = {2, 5, 5};
    return thing->data[0] < 3 ? thing->size == sizes[thing->data[0]] : thing->data[0] == 3 && thing->size % 2;
}

/* What of an atom matters beside its size. */
static gboolean look_at_atom(MgkPptLook *look, const Thing *thing, GError **error)
{
    const guint8 *p = thing->data;
    switch (thing->type) {
    case 1001:
        g_hash_table_add(look->named, GUINT_TO_POINTER(mgk_ppt_look_u32(p + 24)));
        g_hash_table_add(look->named, GUINT_TO_POINTER(mgk_ppt_look_u32(p + 28)));
        return p[36] == 0 || mgk_ppt_look_refuse(error, "fonts are said to be inside");
    case 1011:
        return g_hash_table_add(look->named, GUINT_TO_POINTER(mgk_ppt_look_u32(p))) ||
               mgk_ppt_look_refuse(error, "a slide that is there twice");
    case 1017:
        return (mgk_ppt_look_u32(p + 4) == 0 && !(mgk_ppt_look_u16(p + 10) & 0x50)) ||
               mgk_ppt_look_refuse(error, "a sound between slides");
    case 4081:
        return (mgk_ppt_look_u32(p + 8) == 0 && !(mgk_ppt_look_u32(p + 4) & 0x110) && p[25] == 0) ||
               mgk_ppt_look_refuse(error, "an effect with a sound or an order");
    case 4083:
        return look_at_action(look, thing, error);
    case 2041:
        return look_at_bullet(look, thing, error);
    case 11003:
        return (mgk_ppt_look_u32(p + 4) != 3 && mgk_ppt_look_u32(p + 4) != 4) ||
               mgk_ppt_look_refuse(error, "an effect on a sound");
    case 0xf142:
        return look_at_variant(thing) || mgk_ppt_look_refuse(error, "a value of an effect");
    case 0xf00a:
        return (!(mgk_ppt_look_u32(p + 4) & ~0xfe7u) && thing->head >> 4 != 201) ||
               mgk_ppt_look_refuse(error, "a shape that is an object");
    case 0xf00b:
    case 0xf121:
    case 0xf122:
        return mgk_ppt_look_at_options(look, thing->head >> 4, p, thing->size, error);
    case 0xf007:
        return mgk_ppt_look_at_entry(look, p, error);
    default:
        return TRUE;
    }
}

static gboolean look_inside(MgkPptLook *look, const Thing *parent, guint depth, GError **error)
{
    Thing thing;
    if (depth > DEEPEST)
        return mgk_ppt_look_refuse(error, "records in records too deeply");
    for (gsize at = 0; at < parent->size; at += 8 + thing.size) {
        if (!thing_at(parent->data + at, parent->size - at, &thing, error))
            return FALSE;
        const Row *row = row_of(thing.type);
        if (!row || thing.size < row->least || thing.size > row->most)
            return mgk_ppt_look_refuse(error, "a record that has to go");
        if (row->tree != ((thing.head & 15) == 15) && thing.type != 5003)
            return mgk_ppt_look_refuse(error, "a record that is not what it says");
        if (parent->type == 1033 && thing.type != 1034 && thing.type != 4055)
            return mgk_ppt_look_refuse(error, "an object");
        if ((thing.type == 4055 && !look_at_link(look, &thing, error)) ||
            (thing.type == 5002 && !look_at_name_of_tag(&thing, error)))
            return FALSE;
        if (row->tree ? !look_inside(look, &thing, depth + 1, error) : !look_at_atom(look, &thing, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- streams ---- */

/* Nobody's name, and where the only edit is. */
static gboolean look_at_user(const MgkCheckStream *user, guint32 *ret_edit, GError **error)
{
    static const guint8 start[] = {0, 0, 0xf6, 0x0f, 45, 0, 0, 0, 20, 0, 0, 0, 0x5f, 0xc0, 0x91, 0xe3};
    static const guint8 middle[] = {7, 0, 0xf4, 3, 3, 0, 0, 0, 'm', 'u', 'g', 'a', 'i', 'k', 'a'};
    if (user->size != 53 || memcmp(user->data, start, sizeof start) != 0 ||
        memcmp(user->data + 20, middle, sizeof middle) != 0)
        return mgk_ppt_look_refuse(error, "the user");
    *ret_edit = mgk_ppt_look_u32(user->data + 16);
    return TRUE;
}

/* The objects by their places; the directory stands right before the edit, and that at the very end. */
static gboolean look_at_directory(const MgkCheckStream *stream, guint32 edit, GHashTable *places, guint32 *ret_end,
                                  GError **error)
{
    Thing atom, directory;
    if (edit > stream->size || stream->size - edit != 36)
        return mgk_ppt_look_refuse(error, "the edit");
    if (!thing_at(stream->data + edit, 36, &atom, error))
        return FALSE;
    guint32 at = mgk_ppt_look_u32(atom.data + 12);
    if (atom.type != 4085 || atom.size != 28 || mgk_ppt_look_u32(atom.data + 8) != 0 ||
        mgk_ppt_look_u32(atom.data + 16) != 1 || at > edit || edit - at < 8)
        return mgk_ppt_look_refuse(error, "the edit");
    if (!thing_at(stream->data + at, edit - at, &directory, error))
        return FALSE;
    if (directory.type != 6002 || directory.size != edit - at - 8)
        return mgk_ppt_look_refuse(error, "the directory");
    guint32 number = 1;
    for (gsize i = 0; i + 4 <= directory.size;) {
        guint32 run = mgk_ppt_look_u32(directory.data + i), n = run >> 20;
        if ((run & 0xfffff) != number || n == 0 || n > (directory.size - i - 4) / 4)
            return mgk_ppt_look_refuse(error, "the directory");
        for (i += 4; n > 0; n--, number++, i += 4) {
            gpointer place = GUINT_TO_POINTER(mgk_ppt_look_u32(directory.data + i));
            if (!g_hash_table_insert(places, place, GUINT_TO_POINTER(number)))
                return mgk_ppt_look_refuse(error, "two objects in one place");
        }
    }
    *ret_end = at;
    return TRUE;
}

/* Objects one after another, and nothing between. */
static gboolean look_at_objects(MgkPptLook *look, const MgkCheckStream *stream, GHashTable *places, guint32 end,
                                GError **error)
{
    static const guint tops[] = {1006, 1008, 1016, 4041};
    guint n = 0;
    Thing thing;
    for (gsize at = 0; at < end; at += 8 + thing.size, n++) {
        guint number = GPOINTER_TO_UINT(g_hash_table_lookup(places, GUINT_TO_POINTER((guint)at)));
        if (!thing_at(stream->data + at, end - at, &thing, error))
            return FALSE;
        gboolean fits = number == 1 && thing.type == 1000;
        for (guint i = 0; i < G_N_ELEMENTS(tops); i++)
            fits = fits || (number > 1 && thing.type == tops[i]);
        if (!fits || (thing.head & 15) != 15)
            return mgk_ppt_look_refuse(error, "an object of another kind");
        if (!look_inside(look, &thing, 0, error))
            return FALSE;
    }
    return n == g_hash_table_size(places) || mgk_ppt_look_refuse(error, "objects that are not there");
}

static gboolean look_at_document(MgkPptLook *look, const MgkCheckStream *stream, guint32 edit, GError **error)
{
    g_autoptr(GHashTable) places = g_hash_table_new(NULL, NULL);
    guint32 end = 0;
    if (!look_at_directory(stream, edit, places, &end, error) || !look_at_objects(look, stream, places, end, error))
        return FALSE;
    g_hash_table_remove(look->named, NULL);
    for (guint number = 2; number <= g_hash_table_size(places); number++) {
        if (!g_hash_table_remove(look->named, GUINT_TO_POINTER(number)))
            return mgk_ppt_look_refuse(error, "an object that nothing names");
    }
    if (g_hash_table_size(look->named) != 0)
        return mgk_ppt_look_refuse(error, "a slide that is not there");
    GHashTableIter iter;
    gpointer link = NULL;
    g_hash_table_iter_init(&iter, look->used);
    while (g_hash_table_iter_next(&iter, &link, NULL)) {
        if (!g_hash_table_contains(look->links, link))
            return mgk_ppt_look_refuse(error, "a click on a link that is not there");
    }
    return look->highest <= look->entries || mgk_ppt_look_refuse(error, "a picture that is not there");
}

static gboolean look_at_streams(MgkJob *job, const MgkCheckCfb *cfb, GError **error)
{
    const MgkCheckStream *document = mgk_check_cfb_find(cfb, "PowerPoint Document");
    const MgkCheckStream *user = mgk_check_cfb_find(cfb, "Current User");
    const MgkCheckStream *pictures = mgk_check_cfb_find(cfb, "Pictures");
    g_autoptr(GHashTable) starts = g_hash_table_new(NULL, NULL), links = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) used = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) named = g_hash_table_new(NULL, NULL);
    MgkPptLook look = {.job = job, .starts = starts, .links = links, .used = used, .named = named};
    guint32 edit = 0;
    if (!document || !user)
        return mgk_ppt_look_refuse(error, "it is none");
    look.pictures = pictures ? pictures->data : NULL;
    look.pictures_size = pictures ? pictures->size : 0;
    return look_at_user(user, &edit, error) && mgk_ppt_look_at_pictures(&look, error) &&
           look_at_document(&look, document, edit, error);
}

gboolean mgk_check_ppt(MgkJob *job, GError **error)
{
    static const char *const names[] = {"PowerPoint Document", "Current User", "Pictures"};
    static const guint8 class_id[16] = {0x10, 0x8d, 0x81, 0x64, 0x9b, 0x4f, 0xcf, 0x11,
                                        0x86, 0xea, 0x00, 0xaa, 0x00, 0xb9, 0x29, 0xe8};
    MgkCheckCfb cfb;
    if (!mgk_check_cfb(job->data, job->size, &cfb, error))
        return FALSE;
    if (memcmp(cfb.root_class, class_id, sizeof class_id) != 0)
        return mgk_ppt_look_refuse(error, "it is none");
    for (guint i = 0; i < cfb.n; i++) {
        const MgkCheckStream *stream = &cfb.streams[i];
        gboolean own = FALSE;
        for (guint k = 0; k < G_N_ELEMENTS(names); k++)
            own = own || strcmp(stream->name, names[k]) == 0;
        gboolean properties = strcmp(stream->name, "\5SummaryInformation") == 0 ||
                              strcmp(stream->name, "\5DocumentSummaryInformation") == 0;
        if (!own && !properties)
            return mgk_ppt_look_refuse(error, "a stream that has to go");
        if (properties && !mgk_check_properties(stream, error))
            return FALSE;
    }
    return look_at_streams(job, &cfb, error) &&
           mgk_check_foreign(job->data, job->size, mgk_foreign_shape(MGK_FORMAT_ID_ppt), error);
}
