/* docuworks.c - DocuWorks documents, binders and containers (no public specification): recognised only, held; people
 * are asked to send a PDF. */
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "\x60\x0e\x82\x43\x03"),
                                     MGK_MAGIC(0, "\x0e\x11\xfc\x0d\xd0\xcf\x11\x0e")};
    if (MGK_MAGIC_ANY(probe, table))
        return 93;
    return mgk_format_has_extension(MGK_FORMAT_ID_docuworks, probe->extension) && probe->size > 4 &&
                   memchr(probe->data, 0, MIN(probe->size, 512))
               ? 30
               : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    (void)error;
    return mgk_job_hold(job, MGK_REASON_ASK_FOR_PDF, "DocuWorks");
}

const MgkHandler mgk_format_docuworks = {.probe = probe, .clean = clean};
