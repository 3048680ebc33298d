/* ppt.c - PowerPoint's binary presentations ([MS-PPT], and PowerPoint 95): recognised only, held. Encrypted ones (the
 * header token of CurrentUserAtom, 2.3.2) are held as such. */
#include "engines/cfb_peek.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#define TOKEN_OFFSET 12
#define TOKEN_ENCRYPTED 0xf3d1c4dfu

static guint probe(const MgkProbe *probe)
{
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(probe->data, probe->size);
    return peek && (mgk_cfb_peek_has(peek, "PowerPoint Document") || mgk_cfb_peek_has(peek, "PP40") ||
                    mgk_cfb_peek_has(peek, "PP97_DUALSTORAGE"))
               ? 92
               : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    (void)error;
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(job->data, job->size);
    guint8 atom[TOKEN_OFFSET + 4];
    if (peek && mgk_cfb_peek_read(peek, "Current User", atom, sizeof atom) == sizeof atom &&
        mgk_recognise_u32le(atom + TOKEN_OFFSET) == TOKEN_ENCRYPTED)
        return mgk_job_hold(job, MGK_REASON_ENCRYPTED, "CurrentUserAtom");
    return mgk_job_hold(job, MGK_REASON_UNSUPPORTED_FORMAT, "");
}

const MgkHandler mgk_format_ppt = {.probe = probe, .clean = clean};
