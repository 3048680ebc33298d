/* odf_picture.c - pictures: each is rebuilt by a child job and written at once, named in the order of the first place
 * that shows it. Only then is it known which frames lost all their renderings; the gray boxes they get are one member.
 */
#include "engines/odf_internal.h"

#include "engines/picture_part.h"
#include "engines/placeholder_image.h"

#include <string.h>

#define BOX_WIDTH 96
#define BOX_HEIGHT 72

GBytes *mgk_odf_gray_box(void)
{
    return mgk_placeholder_image(MGK_FORMAT_ID_png, BOX_WIDTH, BOX_HEIGHT);
}

gboolean mgk_odf_ask_picture(MgkOdf *odf, const char *name, const guint8 *data, gsize size, GBytes **ret_bytes,
                             const char **ret_media, GError **error)
{
    MgkFormatId want = mgk_picture_part_format(data, size);
    const char *packed = mgk_picture_part_name(data, size);
    MgkAsk ask = {.name = packed ? packed : name,
                  .declared = "",
                  .role = MGK_ROLE_PART,
                  .want = want,
                  .data = data,
                  .size = size};
    g_auto(MgkAnswer) answer = {0};
    *ret_bytes = NULL;
    *ret_media = mgk_picture_part_media(want);
    if (!odf->job->ask_child(odf->job, &ask, &answer, error))
        return FALSE;
    if (mgk_verdict_crosses(answer.verdict) && answer.format == want)
        *ret_bytes = g_steal_pointer(&answer.output);
    return TRUE;
}

static gboolean add(MgkOdf *odf, MgkOdfPicture *picture, GBytes *bytes, GError **error)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    mgk_odf_list(odf, picture->out_name, picture->media, NULL);
    return mgk_zip_writer_add(odf->writer, picture->out_name, MGK_ZIP_STORE, MGK_ZIP_EPOCH, data, size, error);
}

/* Rebuilds a picture and writes it, unless it is the gray box of an earlier cleaning. */
static gboolean rebuild(MgkOdf *odf, MgkOdfPicture *picture, GBytes *box, guint *number, GError **error)
{
    if (!picture->entry)
        return TRUE;
    MgkZipEntry *entry = mgk_zip_entry(odf->zip, picture->entry - 1);
    g_autoptr(GBytes) source = mgk_zip_entry_bytes(odf->zip, entry, odf->job->policy->limits.input_bytes, NULL);
    if (!source)
        return TRUE;
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(source, &size);
    g_autoptr(GBytes) bytes = NULL;
    if (!mgk_odf_ask_picture(odf, picture->source, data, size, &bytes, &picture->media, error))
        return FALSE;
    picture->crosses = bytes != NULL;
    picture->box = bytes && g_bytes_equal(bytes, box);
    if (!bytes || picture->box)
        return TRUE;
    const char *extension = mgk_picture_part_extension(mgk_picture_part_format(data, size), TRUE);
    picture->out_name = g_strdup_printf("%sPictures/%u%s", picture->owner->out_prefix, ++*number, extension);
    return add(odf, picture, bytes, error);
}

/* A frame without anything left needs its first picture, or the stand-in, as a gray box. */
static void judge_frame(const MgkOdfFrame *frame)
{
    gboolean shown = frame->shown || frame->inline_pictures || (frame->object && !frame->object->refused);
    for (guint i = 0; i < frame->pictures->len && !shown; i++)
        shown = ((const MgkOdfPicture *)g_ptr_array_index(frame->pictures, i))->crosses;
    if (shown)
        return;
    MgkOdfPicture *first = frame->pictures->len ? g_ptr_array_index(frame->pictures, 0) : frame->stand_in;
    if (first)
        first->needed = TRUE;
}

static void judge_frames(const MgkOdf *odf)
{
    for (guint d = 0; d < odf->documents->len; d++) {
        const MgkOdfDocument *document = g_ptr_array_index(odf->documents, d);
        for (guint i = 0; i < document->frames->len && !document->refused; i++)
            judge_frame(g_ptr_array_index(document->frames, i));
    }
}

static void tell_replaced(MgkOdf *odf, const MgkOdfPicture *picture)
{
    if (picture->external)
        mgk_job_find(odf->job, MGK_KIND_EXTERNAL_CONTENT, NULL, picture->source);
    else if (*picture->source)
        mgk_job_find(odf->job, MGK_KIND_IMAGE_REPLACED, picture->source, NULL);
}

static gboolean write_box(MgkOdf *odf, MgkOdfPicture *picture, GBytes *box, GHashTable *written, GError **error)
{
    if (!picture->box)
        tell_replaced(odf, picture);
    picture->out_name = g_strdup_printf("%sPictures/removed.png", picture->owner->out_prefix);
    picture->media = "image/png";
    if (!g_hash_table_add(written, (gpointer)(guintptr)picture->owner))
        return TRUE;
    return add(odf, picture, box, error);
}

gboolean mgk_odf_rebuild_pictures(MgkOdf *odf, GError **error)
{
    g_autoptr(GBytes) box = mgk_odf_gray_box();
    g_autoptr(GHashTable) written = g_hash_table_new(NULL, NULL);
    guint number = 0;
    for (guint i = 0; i < odf->pictures->len; i++) {
        MgkOdfPicture *picture = g_ptr_array_index(odf->pictures, i);
        if (!picture->owner->refused && !rebuild(odf, picture, box, &number, error))
            return FALSE;
    }
    judge_frames(odf);
    for (guint i = 0; i < odf->pictures->len; i++) {
        MgkOdfPicture *picture = g_ptr_array_index(odf->pictures, i);
        if (picture->owner->refused || picture->out_name || (!picture->box && !picture->needed))
            continue;
        if (!write_box(odf, picture, box, written, error))
            return FALSE;
    }
    return TRUE;
}
