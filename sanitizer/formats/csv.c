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
#include "engines/csv_clean.h"
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

const MgkHandler mgk_format_csv = {.probe = probe,
                                   .probe_most = PROBE_MOST,
                                   .clean = mgk_csv_clean,
                                   .check = mgk_check_csv,
                                   .confirm = mgk_check_csv,
                                   .text = mgk_plain_text};
