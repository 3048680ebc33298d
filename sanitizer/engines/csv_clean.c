#include "engines/csv_clean.h"

#include "engines/csv_guard.h"
#include "engines/text_filter.h"

#include <string.h>

/* What a program sees that knows nothing of ISO-2022-JP: two bytes of a kanji may be a separator and a sign. */
static gboolean raw_bytes_run(const MgkJob *job, guint64 cells)
{
    MgkCsvGuard raw;
    MgkCharsetReader reader, at;
    MgkChar c;
    mgk_csv_guard_init(&raw, MGK_CHARSET_ASCII, job->data, job->size);
    mgk_charset_reader_init(&reader, MGK_CHARSET_ASCII, job->data, job->size);
    for (at = reader; mgk_charset_next(&reader, &c); at = reader)
        mgk_csv_guard_hook(&raw, &at, &c);
    return raw.cells > cells;
}

static gboolean report(MgkJob *job, const MgkCsvGuard *guard)
{
    if (guard->cells == 0)
        return TRUE;
    g_autofree char *where = g_strdup_printf("line %" G_GUINT64_FORMAT, guard->first_row);
    g_autofree char *detail = g_strdup_printf("%" G_GUINT64_FORMAT " in all", guard->cells);
    mgk_job_find(job, MGK_KIND_CSV_FORMULA, where, detail);
    return TRUE;
}

gboolean mgk_csv_clean(MgkJob *job, GError **error)
{
    if (job->size == 0)
        return mgk_job_hold(job, MGK_REASON_EMPTY, "no bytes");
    MgkCharset charset = mgk_charset_detect(job->data, job->size);
    if (charset == MGK_CHARSET_NONE)
        return mgk_job_hold(job, MGK_REASON_AMBIGUOUS, "the text's encoding is not known for sure");
    job->outcome.extension = g_str_has_suffix(job->name, ".tsv") || g_str_has_suffix(job->name, ".TSV") ? 1 : 0;
    MgkCsvGuard guard;
    mgk_csv_guard_init(&guard, charset, job->data, job->size);
    if (!mgk_text_filter(job, charset, mgk_csv_guard_hook, &guard, error))
        return FALSE;
    if (guard.exhausted)
        return mgk_job_hold(job, MGK_REASON_AMBIGUOUS, "too many cells that look like endless formulas");
    if (charset == MGK_CHARSET_ISO_2022_JP && raw_bytes_run(job, guard.cells))
        return mgk_job_hold(job, MGK_REASON_AMBIGUOUS, "ISO-2022-JP whose bytes read as a formula in other encodings");
    return report(job, &guard);
}

gboolean mgk_csv_clean_text(MgkJob *job, const GString *text, GError **error)
{
    MgkJob inner = *job;
    inner.data = (const guint8 *)text->str;
    inner.size = text->len;
    gboolean ok = mgk_csv_clean(&inner, error);
    job->outcome = inner.outcome;
    return ok;
}
