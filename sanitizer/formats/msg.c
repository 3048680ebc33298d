/* msg.c - Outlook items ([MS-OXMSG]: a compound file with __properties_version1.0).
 *
 * An item becomes the mail it was and goes the way of all mails. Kept: sender, recipients, date, subject, message id,
 * the plain body and the page (as in any mail), attachments with their names, each cleaned; items inside as messages
 * inside; a body that is only there as RTF as an attachment. Goes: all other properties, OLE objects in the body (named
 * in the notice), the container. Output: .eml as formats/eml.c makes it. Held: compound files that readers understand
 * differently (engines/cfb_read.h), items nested deeper than 10, and what formats/eml.c holds. Limits known: of
 * appointments, contacts and tasks only subject, people, date and body are taken; dates are shown in Japan's time. */
#include "checks/checks.h"
#include "engines/cfb_peek.h"
#include "engines/mail_rebuild.h"
#include "engines/msg_read.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(probe->data, probe->size);
    return peek && (mgk_cfb_peek_has(peek, "__properties_version1.0") || mgk_cfb_peek_has_prefix(peek, "__substg1.0_"))
               ? 93
               : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autoptr(MgkCfb) cfb = mgk_cfb_open(job->data, job->size, &local);
    g_autoptr(GString) mail = cfb ? mgk_msg_to_mail(cfb, &local) : NULL;
    if (!mail) {
        gboolean limit = g_error_matches(local, MGK_ERROR, MGK_ERROR_LIMIT);
        return mgk_job_hold(job, limit ? MGK_REASON_TOO_MANY : MGK_REASON_MALFORMED, local->message);
    }
    mgk_mail_rebuild_choose(job);
    return mgk_mail_rebuild(job, (const guint8 *)mail->str, mail->len, error);
}

const MgkHandler mgk_format_msg = {.probe = probe, .clean = clean, .check = mgk_check_eml};
