/* doc.c - Word's binary documents ([MS-DOC], and Word 6/95 in the same container; Word 2 outside it): recognised only,
 * held. Encrypted ones (fEncrypted of the FIB, 2.5.2) are held as such. */
#include "engines/cfb_peek.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#define FIB_FLAGS 10
#define FIB_ENCRYPTED 0x0100

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic bare[] = {MGK_MAGIC(0, "\xdb\xa5\x2d\0\0\0"), MGK_MAGIC(0, "\x31\xbe\0\0\0\xab"),
                                    MGK_MAGIC(0, "\xfe\x37\0\x23")};
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(probe->data, probe->size);
    if (peek && mgk_cfb_peek_has(peek, "WordDocument"))
        return 93;
    return MGK_MAGIC_ANY(probe, bare) ? 90 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    (void)error;
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(job->data, job->size);
    guint8 fib[FIB_FLAGS + 2];
    if (peek && mgk_cfb_peek_read(peek, "WordDocument", fib, sizeof fib) == sizeof fib &&
        (mgk_recognise_u16le(fib + FIB_FLAGS) & FIB_ENCRYPTED))
        return mgk_job_hold(job, MGK_REASON_ENCRYPTED, "fEncrypted");
    return mgk_job_hold(job, MGK_REASON_UNSUPPORTED_FORMAT, "");
}

const MgkHandler mgk_format_doc = {.probe = probe, .clean = clean};
