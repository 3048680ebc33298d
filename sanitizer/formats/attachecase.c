/* attachecase.c - アタッシェケース, an encrypted file in wide use in Japan (header with _AttacheCaseData, or
 * _Atc_Broken_Data after too many wrong passwords): held as encrypted. Its self-extracting form is a program. */
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    static const char *const marks[] = {"_AttacheCase", "_Atc_Broken_Data"};
    gsize reach = MIN(probe->size, 64);
    for (guint i = 0; i < G_N_ELEMENTS(marks); i++) {
        if (memmem(probe->data, reach, marks[i], strlen(marks[i])))
            return 93;
    }
    return 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    (void)error;
    return mgk_job_hold(job, MGK_REASON_ENCRYPTED_UNSUPPORTED, "AttacheCase");
}

const MgkHandler mgk_format_attachecase = {.probe = probe, .clean = clean};
