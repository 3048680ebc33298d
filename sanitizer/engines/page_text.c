#include "engines/page_text.h"

#include "engines/mail_render.h"

#include <string.h>

void mgk_page_text_choose(MgkJob *job)
{
    job->outcome.verdict = MGK_VERDICT_CONVERTED;
    job->outcome.format = MGK_FORMAT_ID_text;
    job->outcome.extension = 0;
}

/* What mails do not count by name. */
static void find_scripts(MgkJob *job, const MgkHtmlCounts *count)
{
    g_autofree char *number = g_strdup_printf("%u", count->scripts);
    if (count->scripts)
        mgk_job_find(job, MGK_KIND_PAGE_SCRIPT, NULL, number);
}

gboolean mgk_page_text_add(MgkMailDraft *draft, MgkTextOut *out, const guint8 *data, gsize size, const char *charset)
{
    const MgkHtmlOptions options = mgk_mail_page_options(draft->job->policy);
    g_auto(MgkHtmlResult) page = {0};
    g_autoptr(GError) error = NULL;
    if (!mgk_html_to_text(data, size, charset, &options, &page, &error))
        return mgk_job_hold(draft->job, MGK_REASON_TOO_LARGE, error->message);
    find_scripts(draft->job, &page.count);
    mgk_mail_note_page(draft, &page);
    draft->tally.dropped[MGK_TEXT_CONTROL] += page.count.controls;
    mgk_text_out_gap(out);
    if (page.title && !g_str_has_prefix(page.text, page.title)) {
        mgk_text_out_add(out, page.title, -1);
        mgk_text_out_gap(out);
    }
    mgk_text_out_add(out, page.text, (gssize)page.length);
    if (page.images_only)
        mgk_text_out_add(out, mgk_mail_word(draft->job->policy, MGK_MAIL_WORD_IMAGES_ONLY), -1);
    return TRUE;
}

gboolean mgk_page_text_finish(MgkMailDraft *draft, MgkTextOut *out, GError **error)
{
    mgk_mail_draft_settle(draft);
    if (!mgk_verdict_crosses(draft->job->outcome.verdict))
        return TRUE;
    return mgk_text_out_finish(out, error);
}
