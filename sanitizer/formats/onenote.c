/* onenote.c - OneNote sections and tables of contents ([MS-ONESTORE] 2.3.1, by their file type GUID): recognised only,
 * blocked, because an embedded program starts at a double click. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3"),
                                     MGK_MAGIC(0, "\xa1\x2f\xff\x43\xd9\xef\x76\x4c\x9e\xe2\x10\xea\x57\x22\x76\x5f")};
    return MGK_MAGIC_ANY(probe, table) ? 96 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    (void)error;
    return mgk_job_block(job, MGK_REASON_DANGEROUS_FORMAT, "OneNote");
}

const MgkHandler mgk_format_onenote = {.probe = probe, .clean = clean};
