#include "formats/formats.h"

#include "engines/charset.h"
#include "engines/detect.h"
#include "engines/recognise.h"

static const MgkHandler *const handlers[MGK_N_FORMATS] = {
#define MGK_FORMAT(id, ext, mime, sandbox, flags, label) [MGK_FORMAT_ID_##id] = &mgk_format_##id,
#include "formats/formats.def"
#undef MGK_FORMAT
};

const MgkHandler *mgk_formats_handler(MgkFormatId id)
{
    g_return_val_if_fail(id < MGK_N_FORMATS, handlers[0]);
    return handlers[id];
}

gboolean mgk_formats_warm(GError **error)
{
    return mgk_detect_warm(error) && mgk_charset_warm(error);
}

#define SURE 36 /* no probe that rests on libmagic alone says more than 35 */

typedef struct Opinion {
    guint score;
    MgkFormatId format;
} Opinion;

/* Ties go to the row that comes first. */
static void ask(const MgkProbe *probe, guint i, Opinion *best)
{
    guint score = handlers[i]->probe ? handlers[i]->probe(probe) : 0;
    if (score > best->score || (score > 0 && score == best->score && (MgkFormatId)i < best->format))
        *best = (Opinion){.score = score, .format = (MgkFormatId)i};
}

/* First those that look at a few bytes, then those that read more, unless they can say nothing surer. */
static MgkFormatId surest(const MgkProbe *probe, guint *ret_score)
{
    Opinion best = {.score = 0, .format = MGK_FORMAT_ID_NONE};
    for (guint i = 0; probe->size > 0 && i < MGK_N_FORMATS; i++) {
        if (handlers[i]->probe_most == 0)
            ask(probe, i, &best);
    }
    for (guint i = 0; probe->size > 0 && i < MGK_N_FORMATS; i++) {
        if (handlers[i]->probe_most > 0 && handlers[i]->probe_most >= best.score)
            ask(probe, i, &best);
    }
    *ret_score = best.score;
    return best.format;
}

/* libmagic compiles its regular expressions anew for every file (5 ms), so it is asked only where no probe is sure. */
MgkFormatId mgk_detect(const guint8 *data, gsize size, const char *name, char **ret_media_type)
{
    g_autofree char *extension = mgk_detect_extension(name);
    g_autofree char *media_type = NULL;
    MgkProbe probe = {.data = data, .size = size, .extension = extension, .media_type = ""};
    g_autofree char *head = mgk_recognise_head(&probe);
    probe.head = head;
    guint score;
    MgkFormatId best = surest(&probe, &score);
    if (score < SURE) {
        media_type = mgk_detect_media_type(data, size);
        probe.media_type = media_type;
        best = surest(&probe, &score);
    } else {
        media_type = g_strdup(mgk_format_info(best)->media_type);
    }
    if (ret_media_type)
        *ret_media_type = g_steal_pointer(&media_type);
    return best;
}
