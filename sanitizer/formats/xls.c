/* xls.c - Excel's binary workbooks ([MS-XLS], BIFF5 in the same container, BIFF2 to 4 outside it): recognised only,
 * held. Encrypted ones (FilePass, 2.4.117) are held as such; those that Excel protects with its built-in password are
 * named. */
#include "engines/cfb_peek.h"
#include "engines/office_crypt.h"
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic bare[] = {MGK_MAGIC(0, "\x09\0\x04\0"), MGK_MAGIC(0, "\x09\2\x06\0"),
                                    MGK_MAGIC(0, "\x09\4\x06\0"), MGK_MAGIC(0, "\x09\x08\x08\0\0\5"),
                                    MGK_MAGIC(0, "\x09\x08\x10\0\0\6")};
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(probe->data, probe->size);
    if (peek && (mgk_cfb_peek_has(peek, "Workbook") || mgk_cfb_peek_has(peek, "Book")))
        return 92;
    return MGK_MAGIC_ANY(probe, bare) ? 90 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    (void)error;
    switch (mgk_office_crypt_workbook(job->data, job->size)) {
    case MGK_OFFICE_PLAIN:
        return mgk_job_hold(job, MGK_REASON_UNSUPPORTED_FORMAT, "");
    case MGK_OFFICE_DEFAULT_PASSWORD:
        return mgk_job_hold(job, MGK_REASON_ENCRYPTED_DEFAULT, "FilePass, opens with the built-in password");
    case MGK_OFFICE_PASSWORD:
        break;
    }
    return mgk_job_hold(job, MGK_REASON_ENCRYPTED, "FilePass");
}

const MgkHandler mgk_format_xls = {.probe = probe, .clean = clean};
