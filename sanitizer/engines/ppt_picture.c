/* ppt_picture.c - the pictures of a presentation ([MS-ODRAW] 2.2.20 and on): each is rebuilt by a job of its own, and
 * only those that a shape shows stay. PICT, which nobody here reads, becomes a gray box. */
#include "engines/blip.h"
#include "engines/picture_part.h"
#include "engines/placeholder_image.h"
#include "engines/ppt_internal.h"
#include "model/error.h"

#include <libdeflate.h>
#include <nettle/md4.h>
#include <string.h>

#define ENTRY 36
#define PACK_LEVEL 6
#define METAFILE_FRAME 24 /* bounds and size, behind the size of the data */
#define BOX_WIDTH 320
#define BOX_HEIGHT 240
#define EMU_A_PIXEL 9525

enum { TYPE_DRAWINGS = 1035, TYPE_GROUP = 0xf000, TYPE_STORE = 0xf001, TYPE_ENTRY = 0xf007, TYPE_PICT = 0xf01c };
enum { TYPE_BULLET = 2041 };

/* What a picture becomes: how entries and records call it (2.4.1 MSOBLIPTYPE). */
static const struct {
    MgkFormatId format;
    guint8 sort, other; /* for Windows, for Macintoshes */
    guint16 type, instance;
} kinds[] = {{MGK_FORMAT_ID_png, 6, 6, 0xf01e, 0x6e0},
             {MGK_FORMAT_ID_jpeg, 5, 5, 0xf01d, 0x46a},
             {MGK_FORMAT_ID_emf, 2, 4, 0xf01a, 0x3d4},
             {MGK_FORMAT_ID_wmf, 3, 4, 0xf01b, 0x216}};

/* PNG for whatever is no kind of its own. */
static guint kind_of(MgkFormatId format)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (kinds[i].format == format)
            return i;
    }
    return 0;
}

static gboolean is_drawing(MgkFormatId format)
{
    return format == MGK_FORMAT_ID_emf || format == MGK_FORMAT_ID_wmf;
}

void mgk_ppt_survey_pictures(MgkPpt *ppt, const MgkPptRecord *document)
{
    MgkPptRecord drawings, group, store;
    if (!mgk_ppt_child(document, TYPE_DRAWINGS, &drawings) || !mgk_ppt_child(&drawings, TYPE_GROUP, &group) ||
        !mgk_ppt_child(&group, TYPE_STORE, &store))
        return;
    const guint8 *at = store.data;
    gsize left = store.size;
    MgkPptPicture picture = {0};
    while (mgk_ppt_next(&at, &left, &picture.entry))
        g_array_append_val(ppt->pictures, picture);
}

/* The record of a picture: itself, inside its entry, or in the other stream where the entry says. */
static gboolean find_blip(const MgkPpt *ppt, const MgkPptRecord *entry, MgkPptRecord *ret_blip)
{
    if (mgk_blip_is(entry->type)) {
        *ret_blip = *entry;
        return TRUE;
    }
    if (entry->type != TYPE_ENTRY || entry->size < ENTRY)
        return FALSE;
    gsize behind = ENTRY + (gsize)entry->data[33], place = mgk_recognise_u32le(entry->data + 28);
    const guint8 *at = entry->data + MIN(behind, entry->size);
    gsize left = entry->size - MIN(behind, entry->size);
    if (mgk_ppt_next(&at, &left, ret_blip))
        return mgk_blip_is(ret_blip->type);
    if (!ppt->file->pictures || place >= ppt->file->pictures_size || mgk_recognise_u32le(entry->data + 20) == 0)
        return FALSE;
    at = ppt->file->pictures + place;
    left = ppt->file->pictures_size - place;
    return mgk_ppt_next(&at, &left, ret_blip) && mgk_blip_is(ret_blip->type);
}

/* The picture as another worker rebuilt it, in the only format of use; NULL when it did not cross. */
static GBytes *ask(MgkPpt *ppt, GBytes *file, MgkFormatId want)
{
    MgkAsk ask = {.name = "picture", .declared = "", .role = MGK_ROLE_PART, .want = want};
    g_auto(MgkAnswer) answer = {0};
    ask.data = g_bytes_get_data(file, &ask.size);
    if (ppt->error || !ppt->job->ask_child(ppt->job, &ask, &answer, &ppt->error))
        return NULL;
    return mgk_verdict_crosses(answer.verdict) && answer.format == want ? g_steal_pointer(&answer.output) : NULL;
}

static GBytes *gray_box(const MgkPptRecord *blip)
{
    gsize ids = mgk_blip_ids(blip->type, blip->instance);
    guint width = BOX_WIDTH, height = BOX_HEIGHT;
    if (blip->type <= TYPE_PICT && blip->size >= ids + 28) {
        width = mgk_recognise_u32le(blip->data + ids + 20) / EMU_A_PIXEL;
        height = mgk_recognise_u32le(blip->data + ids + 24) / EMU_A_PIXEL;
    }
    return mgk_placeholder_image(MGK_FORMAT_ID_png, CLAMP(width, 8, 1024), CLAMP(height, 8, 1024));
}

/* The bytes of the new picture. *ret_format: png for a gray box, too. NULL only when there is nothing to show. */
static GBytes *rebuild(MgkPpt *ppt, const MgkPptRecord *blip, MgkFormatId *ret_format)
{
    const char *extension = "";
    gsize size = 0;
    ppt->picture_bytes += blip->size;
    if (ppt->picture_bytes > ppt->file->size + ppt->file->pictures_size) { /* pictures that lie in one another */
        ppt->failed = "more pictures than bytes";
        return NULL;
    }
    g_autoptr(GBytes) file = mgk_blip_file(blip->type, blip->instance, blip->data, blip->size,
                                           MIN(ppt->job->policy->limits.input_bytes, G_MAXINT32), &extension);
    const guint8 *data = file ? g_bytes_get_data(file, &size) : NULL;
    GBytes *picture = NULL;
    *ret_format = kinds[file ? kind_of(mgk_picture_part_format(data, MIN(size, MGK_PICTURE_HEAD))) : 0].format;
    gboolean fits = blip->type < TYPE_PICT || !is_drawing(*ret_format);
    if (file && fits && blip->type != TYPE_PICT)
        picture = ask(ppt, file, *ret_format);
    if (!picture) {
        *ret_format = MGK_FORMAT_ID_png;
        mgk_ppt_find(ppt, MGK_KIND_IMAGE_REPLACED, extension);
        picture = gray_box(blip);
    }
    return picture;
}

/* OfficeArtBlipEMF, WMF (2.2.24, 2.2.25): packed, with the frame that it had. */
static void put_packed(GByteArray *out, const MgkPptRecord *blip, const guint8 *data, gsize size)
{
    gsize ids = mgk_blip_ids(blip->type, blip->instance);
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(PACK_LEVEL);
    gsize most = libdeflate_zlib_compress_bound(compressor, size);
    g_autofree guint8 *packed = g_malloc(most);
    gsize got = libdeflate_zlib_compress(compressor, data, size, packed, most);
    libdeflate_free_compressor(compressor);
    mgk_meta_put32(out, (guint32)size);
    g_byte_array_append(out, blip->data + ids + 4, METAFILE_FRAME);
    mgk_meta_put32(out, (guint32)got);
    mgk_meta_put16(out, 0xfe00);
    g_byte_array_append(out, packed, (guint)got);
}

/* Appends the record of the new picture to out and describes it. FALSE when there is none. */
static gboolean put_blip(MgkPpt *ppt, const MgkPptRecord *blip, GByteArray *out, MgkPptPicture *ret_picture)
{
    MgkFormatId format = MGK_FORMAT_ID_png;
    g_autoptr(GBytes) bytes = rebuild(ppt, blip, &format);
    if (!bytes)
        return FALSE;
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    guint kind = kind_of(format), start = out->len;
    struct md4_ctx hash;
    md4_init(&hash);
    md4_update(&hash, size, data);
    md4_digest(&hash, sizeof ret_picture->uid, ret_picture->uid);
    mgk_meta_put16(out, (guint)kinds[kind].instance << 4);
    mgk_meta_put16(out, kinds[kind].type);
    mgk_meta_put32(out, 0);
    g_byte_array_append(out, ret_picture->uid, sizeof ret_picture->uid);
    if (is_drawing(format)) {
        put_packed(out, blip, data, size);
    } else {
        static const guint8 tag = 0xff;
        g_byte_array_append(out, &tag, 1);
        g_byte_array_append(out, data, (guint)size);
    }
    mgk_meta_set32(out, start + 4, out->len - start - 8);
    ret_picture->place = start;
    ret_picture->size = out->len - start;
    ret_picture->sort = kinds[kind].sort;
    if (out->len > MIN(ppt->job->policy->limits.output_bytes, G_MAXINT32) && !ppt->error)
        g_set_error_literal(&ppt->error, MGK_ERROR, MGK_ERROR_LIMIT, "output_bytes");
    return TRUE;
}

/* OfficeArtFBSE (2.2.32), with the picture in the other stream; all zeros for one that nothing shows. */
static void put_entry(MgkPpt *ppt, const MgkPptPicture *picture)
{
    MgkPptRecord entry = {.type = TYPE_ENTRY, .instance = picture->sort, .version = 2};
    guint start = mgk_ppt_begin(ppt, &entry, entry.version);
    guint other = picture->sort == 2 || picture->sort == 3 ? 4 : picture->sort;
    mgk_meta_put16(ppt->out, picture->sort | other << 8);
    g_byte_array_append(ppt->out, picture->uid, sizeof picture->uid);
    mgk_meta_put16(ppt->out, picture->size ? 0xff : 0);
    mgk_meta_put32(ppt->out, picture->size);
    mgk_meta_put32(ppt->out, picture->size ? picture->uses : 0);
    mgk_meta_put32(ppt->out, picture->size ? picture->place : 0);
    mgk_meta_put32(ppt->out, 0);
    mgk_ppt_end(ppt, start);
}

static void put_store(MgkPpt *ppt, const MgkPptRecord *record)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL); /* where a picture begins: its number, from 1 */
    MgkPptRecord fresh = *record;
    if (ppt->stored)
        return;
    ppt->stored = TRUE;
    fresh.instance = ppt->pictures->len & 0xfff;
    guint start = mgk_ppt_begin(ppt, &fresh, 15);
    for (guint i = 0; i < ppt->pictures->len && !ppt->error && !ppt->failed; i++) {
        MgkPptPicture *picture = &g_array_index(ppt->pictures, MgkPptPicture, i);
        MgkPptRecord blip;
        if (picture->uses && find_blip(ppt, &picture->entry, &blip)) {
            guint first = GPOINTER_TO_UINT(g_hash_table_lookup(seen, blip.data));
            guint32 uses = picture->uses;
            MgkPptRecord entry = picture->entry;
            if (first)
                *picture = g_array_index(ppt->pictures, MgkPptPicture, first - 1);
            else if (put_blip(ppt, &blip, ppt->store, picture))
                g_hash_table_insert(seen, (gpointer)(gsize)blip.data, GUINT_TO_POINTER(i + 1));
            picture->uses = uses;
            picture->entry = entry;
        }
        put_entry(ppt, picture);
    }
    mgk_ppt_end(ppt, start);
}

/* BlipCollection9 (2.9.72): pictures in place of bullets, each in a record of its own. */
static void put_bullets(MgkPpt *ppt, const MgkPptRecord *record)
{
    const guint8 *at = record->data;
    gsize left = record->size;
    MgkPptRecord child, blip;
    guint start = mgk_ppt_begin(ppt, record, 15);
    while (mgk_ppt_next(&at, &left, &child) && !ppt->error && !ppt->failed) {
        MgkPptPicture picture = {0};
        const guint8 *inner = child.data + MIN(child.size, 2);
        gsize rest = child.size - MIN(child.size, 2);
        if (child.type != TYPE_BULLET || !mgk_ppt_next(&inner, &rest, &blip) || !mgk_blip_is(blip.type))
            continue;
        guint own = mgk_ppt_begin(ppt, &child, 0);
        mgk_meta_put16(ppt->out, 0);
        put_blip(ppt, &blip, ppt->out, &picture);
        ppt->out->data[own] = picture.sort;
        mgk_ppt_end(ppt, own);
    }
    mgk_ppt_end(ppt, start);
}

void mgk_ppt_store(MgkPpt *ppt, const MgkPptRecord *record)
{
    if (record->type == TYPE_STORE)
        put_store(ppt, record);
    else
        put_bullets(ppt, record);
}
