/* attachecase.c - アタッシェケース, an encrypted file in wide use in Japan (header with _AttacheCaseData, or
 * _Atc_Broken_Data after too many wrong passwords): held as encrypted. Its self-extracting form is a program. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    gsize reach = MIN(probe->size, 64);
    return g_strstr_len((const char *)probe->data, (gssize)reach, "_AttacheCase") ||
                   g_strstr_len((const char *)probe->data, (gssize)reach, "_Atc_Broken_Data")
               ? 93
               : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    (void)error;
    return mgk_job_hold(job, MGK_REASON_ENCRYPTED, "AttacheCase");
}

const MgkHandler mgk_format_attachecase = {.probe = probe, .clean = clean};
