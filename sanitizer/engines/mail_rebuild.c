#include "engines/mail_rebuild.h"

#include "engines/mail_body.h"
#include "engines/mail_fields.h"

#include <string.h>

static void note_defects(MgkMailDraft *draft, guint defects)
{
    if (defects & MGK_MIME_BROKEN)
        mgk_mail_note(draft, MGK_MAIL_WORD_AMBIGUOUS, "boundaries or header fields");
    if (defects & MGK_MIME_TRUNCATED)
        mgk_mail_note(draft, MGK_MAIL_WORD_AMBIGUOUS, "truncated");
    if (defects & MGK_MIME_DUPLICATE)
        mgk_mail_note(draft, MGK_MAIL_WORD_DUPLICATE, NULL);
}

static char *whole_text(MgkMailDraft *draft)
{
    g_autofree char *body = mgk_mail_quote_imitations(draft->body->str, &draft->tally);
    mgk_mail_draft_settle(draft); /* after the last count, before the notice */
    g_autofree char *notice = mgk_mail_notice(draft);
    gboolean empty = strspn(body, " \t\n") == strlen(body);
    g_autofree char *words =
        empty ? g_strdup_printf("%s\n", mgk_mail_word(draft->job->policy, MGK_MAIL_WORD_NO_TEXT)) : g_strdup(body);
    if (!draft->job->policy->mail.notice)
        return g_strconcat(notice, "\n", words, NULL);
    return g_strconcat(words, g_str_has_suffix(words, "\n") ? "\n" : "\n\n", notice, NULL);
}

/* Media types of texts make clients guess an encoding; the extension opens them. */
static const char *attached_type(MgkFormatId format)
{
    const char *type = mgk_format_info(format)->media_type;
    gboolean safe = g_str_has_prefix(type, "application/") || g_str_has_prefix(type, "image/");
    return safe ? type : "application/octet-stream";
}

static gboolean write_mail(MgkMailDraft *draft, MgkMailWriter *writer, GError **error)
{
    g_autofree char *text = whole_text(draft);
    g_autofree char *details = mgk_mail_details(draft);
    mgk_mail_writer_text(writer, text);
    for (guint i = 0; i < draft->items->len; i++) {
        const MgkMailItem *item = g_ptr_array_index(draft->items, i);
        if (item->output)
            mgk_mail_writer_attach(writer, attached_type(item->format), item->output_name, item->output);
    }
    if (details) {
        g_autoptr(GBytes) bytes = g_bytes_new(details, strlen(details));
        mgk_mail_writer_attach(writer, "application/octet-stream", MGK_MAIL_DETAILS_NAME, bytes);
    }
    g_autoptr(GByteArray) mail = mgk_mail_writer_finish(writer);
    return draft->job->write(draft->job, mail->data, mail->len, error);
}

gboolean mgk_mail_rebuild(MgkJob *job, const guint8 *data, gsize size, GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autoptr(MgkMimeTree) tree = mgk_mime_parse(data, size, &local);
    if (!tree) {
        gboolean limit = g_error_matches(local, MGK_ERROR, MGK_ERROR_LIMIT);
        return mgk_job_hold(job, limit ? MGK_REASON_TOO_LARGE : MGK_REASON_MALFORMED, local->message);
    }
    if (tree->defects & MGK_MIME_TOO_MANY)
        return mgk_job_hold(job, MGK_REASON_TOO_MANY, "more than 200 parts");
    if (tree->defects & MGK_MIME_TOO_DEEP)
        return mgk_job_hold(job, MGK_REASON_TOO_DEEP, "nested deeper than 20");
    g_autoptr(MgkMailDraft) draft = mgk_mail_draft_new(job);
    g_autoptr(MgkMailWriter) writer = mgk_mail_writer_new(job->policy->mail.charset == 1);
    note_defects(draft, tree->defects);
    if (!mgk_mail_collect(draft, tree->root, error))
        return FALSE;
    if (!mgk_verdict_crosses(job->outcome.verdict))
        return TRUE;
    mgk_mail_fields_write(draft, tree->root, writer);
    return write_mail(draft, writer, error);
}

void mgk_mail_rebuild_choose(MgkJob *job)
{
    job->outcome.verdict = MGK_VERDICT_CONVERTED;
    job->outcome.format = MGK_FORMAT_ID_eml;
    job->outcome.extension = 0;
}
