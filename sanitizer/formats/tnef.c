/* tnef.c - winmail.dat, Outlook's envelope ([MS-OXTNEF]), as a file by itself.
 *
 * It becomes the mail that its reader never saw. Kept: the plain body and the files with their names, each cleaned as
 * a mail's attachment. Goes: all other properties. Output: a mail as formats/eml.c makes it. Held: envelopes that are
 * cut or whose lengths lie. Limits known: a body that is only there as RTF is not read; sender, date and subject are in
 * the mail around the envelope, not in it. */
#include "engines/tnef.h"
#include "checks/checks.h"
#include "engines/mail_rebuild.h"
#include "engines/mail_render.h"
#include "engines/mail_wrap.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "\x78\x9f\x3e\x22")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

static GString *wrap(GPtrArray *files, const char *body)
{
    GString *mail = g_string_new(NULL);
    mgk_mail_wrap_begin(mail, "mixed", 0);
    if (body)
        mgk_mail_wrap_leaf(mail, 0, "text/plain; charset=utf-8", NULL, (const guint8 *)body, strlen(body));
    for (guint i = 0; i < files->len; i++) {
        const MgkMailFile *file = g_ptr_array_index(files, i);
        gsize size = 0;
        const guint8 *data = g_bytes_get_data(file->data, &size);
        mgk_mail_wrap_leaf(mail, 0, "application/octet-stream", file->name ? file->name : "", data, size);
    }
    mgk_mail_wrap_end(mail, 0);
    return mail;
}

static gboolean clean(MgkJob *job, GError **error)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(job->data, job->size);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(mgk_mail_file_free);
    g_autofree char *body = NULL;
    if (!mgk_tnef_read(bytes, files, &body))
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "the envelope is cut or its lengths lie");
    if (files->len == 0 && !body)
        return mgk_job_hold(job, MGK_REASON_EMPTY, "neither text nor files");
    g_autoptr(GString) mail = wrap(files, body);
    mgk_mail_rebuild_choose(job);
    return mgk_mail_rebuild(job, (const guint8 *)mail->str, mail->len, error);
}

const MgkHandler mgk_format_tnef = {.probe = probe, .clean = clean, .check = mgk_check_eml};
