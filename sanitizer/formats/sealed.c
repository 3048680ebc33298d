/* sealed.c - CMS (RFC 5652) and OpenPGP (RFC 9580) envelopes: what is inside cannot be seen here. Held; encrypted where
 * the envelope says so. */
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

/* SEQUENCE { OBJECT IDENTIFIER 1.2.840.113549.1.7.n or ….1.9.16.1.n } */
static gboolean is_cms(const MgkProbe *probe)
{
    static const char arc[] = "\x2a\x86\x48\x86\xf7\x0d\x01";
    return probe->size > 20 && probe->data[0] == 0x30 && memmem(probe->data + 2, 16, arc, sizeof arc - 1) != NULL;
}

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    static const char *const starts[] = {"-----begin pgp message", "-----begin pgp signed", "-----begin pkcs7",
                                         "-----begin cms"};
    if (MGK_HEAD_STARTS(head, starts))
        return 80;
    return is_cms(probe) ? 85 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    (void)error;
    static const char enveloped[] = "\x01\x07\x03", message[] = "PGP MESSAGE";
    gsize reach = MIN(job->size, 32);
    gboolean hidden = memmem(job->data, reach, enveloped, sizeof enveloped - 1) ||
                      memmem(job->data, reach, message, sizeof message - 1);
    return mgk_job_hold(job, hidden ? MGK_REASON_ENCRYPTED : MGK_REASON_UNSUPPORTED_FORMAT, "envelope");
}

const MgkHandler mgk_format_sealed = {.probe = probe, .clean = clean};
