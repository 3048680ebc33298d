/* opc_picture.c - pictures: each is rebuilt by a child job when it is written, in the place of its source.
 *
 * What a GIF or a drawing in SVG becomes must be known before anything is written, since its name and what refers to it
 * depend on that: those are rebuilt when parts get their names, and kept. */
#include "engines/opc_internal.h"

#include "engines/picture_part.h"
#include "engines/placeholder_image.h"

#define PLACEHOLDER_WIDTH 96
#define PLACEHOLDER_HEIGHT 72

/* What the picture of an entry becomes; one that cannot be read becomes a gray box, which is a PNG. */
static MgkFormatId picture_format(MgkOpc *opc, guint entry)
{
    guint8 head[MGK_PICTURE_HEAD] = {0};
    gsize size = 0;
    g_autoptr(MgkZipStream) stream = mgk_zip_stream_new(opc->zip, mgk_zip_entry(opc->zip, entry), NULL);
    if (!stream || !mgk_zip_stream_read(stream, head, sizeof head, &size, NULL))
        return MGK_FORMAT_ID_png;
    return mgk_picture_part_format(head, size);
}

/* The picture as another worker rebuilt it, or NULL when it did not cross. FALSE only when the job must end. */
static gboolean ask_picture(MgkOpc *opc, const MgkOpcPart *part, const char *name, GBytes **ret_picture, GError **error)
{
    *ret_picture = NULL;
    g_autoptr(GBytes) bytes =
        mgk_zip_entry_bytes(opc->zip, mgk_zip_entry(opc->zip, part->entry), opc->job->policy->limits.input_bytes, NULL);
    if (!bytes)
        return TRUE;
    MgkAsk ask = {.declared = part->type, .role = MGK_ROLE_PART, .want = part->picture};
    ask.data = g_bytes_get_data(bytes, &ask.size);
    const char *packed = mgk_picture_part_name(ask.data, ask.size);
    ask.name = packed ? packed : name;
    g_auto(MgkAnswer) answer = {0};
    if (!opc->job->ask_child(opc->job, &ask, &answer, error))
        return FALSE;
    if (mgk_verdict_crosses(answer.verdict) && answer.format == part->picture)
        *ret_picture = g_steal_pointer(&answer.output);
    return TRUE;
}

static void tell_replaced(MgkOpc *opc, const MgkOpcPart *part)
{
    mgk_job_find(opc->job, MGK_KIND_IMAGE_REPLACED, part->name, part->type);
}

gboolean mgk_opc_foresee_picture(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    part->picture = part->placeholder ? MGK_FORMAT_ID_png : picture_format(opc, part->entry);
    if (part->picture != MGK_FORMAT_ID_gif && part->picture != MGK_FORMAT_ID_svg)
        return TRUE;
    if (!ask_picture(opc, part, part->name, &part->rebuilt, error))
        return FALSE;
    if (!part->rebuilt) {
        tell_replaced(opc, part);
        part->picture = MGK_FORMAT_ID_png;
        part->placeholder = TRUE;
    }
    return TRUE;
}

gboolean mgk_opc_write_picture(MgkOpc *opc, MgkOpcPart *part, GError **error)
{
    g_autoptr(GBytes) picture = g_steal_pointer(&part->rebuilt);
    if (!picture && !part->placeholder) {
        if (!ask_picture(opc, part, part->out_name, &picture, error))
            return FALSE;
        if (!picture)
            tell_replaced(opc, part);
    }
    if (!picture)
        picture = mgk_placeholder_image(part->picture, PLACEHOLDER_WIDTH, PLACEHOLDER_HEIGHT);
    gsize size = 0;
    const void *data = g_bytes_get_data(picture, &size);
    return mgk_zip_writer_add(opc->writer, part->out_name, MGK_ZIP_STORE, MGK_ZIP_EPOCH, data, size, error);
}
