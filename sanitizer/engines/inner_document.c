#include "engines/inner_document.h"

#include "model/names.h"

#include <string.h>

/* The extension that the child got, as a number of its format's list. */
static guint extension_of(const MgkAnswer *answer)
{
    g_autofree char *got = mgk_names_extension(answer->name);
    for (guint i = 1;; i++) {
        g_autofree char *known = mgk_format_extension(answer->format, i);
        if (!known)
            return 0;
        if (strcmp(known, got) == 0)
            return i;
    }
}

static gboolean pass_on(MgkJob *job, const MgkAnswer *answer, GError **error)
{
    const MgkFormatInfo *inside = mgk_format_info(answer->format);
    if (answer->verdict == MGK_VERDICT_BLOCKED)
        return mgk_job_block(job, answer->reason, "the document inside");
    if (!mgk_verdict_crosses(answer->verdict) || !answer->output)
        return mgk_job_hold(job, answer->reason, "the document inside");
    if (!inside || !(inside->flags & MGK_FORMAT_OFFICE))
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "the package is no Office document");
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(answer->output, &size);
    job->outcome.format = answer->format;
    job->outcome.extension = extension_of(answer);
    return job->write(job, data, size, error);
}

gboolean mgk_inner_document_clean(MgkJob *job, const guint8 *data, gsize size, GError **error)
{
    const MgkAsk ask = {.name = job->name,
                        .declared = "",
                        .role = MGK_ROLE_PART,
                        .want = MGK_FORMAT_ID_NONE,
                        .data = data,
                        .size = size};
    g_auto(MgkAnswer) answer = {0};
    return job->ask_child(job, &ask, &answer, error) && pass_on(job, &answer, error);
}
