/* csv.c - tables as text: comma, tab, semicolon or pipe separated (RFC 4180 and what spreadsheets accept).
 *
 * Kept: all that text.c keeps; separators, quotes, line ends, leading zeros; numbers, dates, telephone numbers, a lone
 * minus, -なし, @課. A table without findings comes out byte for byte.
 * Goes: what text.c leaves out. A cell that a spreadsheet would run (formula injection, DDE) gets an apostrophe in
 * front of its sign: Excel, LibreOffice and Google Sheets then show it as text, nothing is lost, and who needs the
 * formula takes the apostrophe away. A space would be trimmed, a tab counts as a separator, deletion would change data.
 * Output: same encoding, extension as the input's (csv or tsv).
 * Known limits: machines that import the file see the apostrophe; a policy of `hold` for csv.formula is for them.
 * In tables built to confuse, an apostrophe put before one cell may complete a quoted name for the cell before it,
 * which a second cleaning then neutralises, too. ISO-2022-JP whose raw bytes would read as a formula in another
 * encoding is held. */
#include "checks/csv.h"
#include "engines/charset.h"
#include "engines/csv_guard.h"
#include "engines/plain_text.h"
#include "engines/text_filter.h"
#include "formats/formats.h"

#include <string.h>

static gboolean is_named(const char *extension)
{
    return mgk_format_has_extension(MGK_FORMAT_ID_csv, extension) || strcmp(extension, "tab") == 0;
}

#define PROBE_MOST 60

static guint probe(const MgkProbe *probe)
{
    return is_named(probe->extension) ? mgk_text_probe(probe, PROBE_MOST) : 0;
}

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

static gboolean clean(MgkJob *job, GError **error)
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

const MgkHandler mgk_format_csv = {.probe = probe,
                                   .probe_most = PROBE_MOST,
                                   .clean = clean,
                                   .check = mgk_check_csv,
                                   .confirm = mgk_check_csv,
                                   .text = mgk_plain_text};
