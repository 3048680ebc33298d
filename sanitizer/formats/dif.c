/* dif.c - Data Interchange Format (.dif; Software Arts, 1980): a header of three-line items (TABLE, VECTORS, TUPLES …
 * DATA), then the cells in two-line items, row by row.
 *
 * Spreadsheets take its strings for formulas and open it past the guards that CSV files meet, so the table leaves as
 * CSV. Kept: the cells. Goes: titles, labels, comments and units of the header. Cells that a spreadsheet would take for
 * formulas are guarded as formats/csv.c does. Output: CSV in UTF-8. Held: what does not follow the form, and tables
 * without cells. */
#include "checks/csv.h"
#include "engines/recognise.h"
#include "engines/table_csv.h"
#include "engines/text_tidy.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    static const char *const starts[] = {"table\r\n0,1", "table\n0,1", "table\r0,1"};
    static const char *const words[] = {"vectors", "tuples", "data"};
    return MGK_HEAD_STARTS(head, starts) && MGK_HEAD_COUNT(head, words) > 0 ? 87 : 0;
}

/* The next line, cut off in place; NULL at the end. */
static char *take_line(char **rest)
{
    char *line = *rest;
    if (!line || !*line)
        return NULL;
    gsize length = strcspn(line, "\r\n");
    *rest = line + length;
    if (**rest)
        *rest += **rest == '\r' && (*rest)[1] == '\n' ? 2 : 1;
    line[length] = '\0';
    return line;
}

/* Behind the header; FALSE when it does not end. */
static gboolean skip_header(char **rest)
{
    for (char *topic = take_line(rest); topic; topic = take_line(rest)) {
        const char *numbers = take_line(rest), *text = take_line(rest);
        if (!numbers || !text)
            return FALSE;
        if (g_ascii_strcasecmp(g_strchomp(topic), "DATA") == 0)
            return TRUE;
    }
    return FALSE;
}

/* "…" in place, quotes inside doubled; programs leave the quotes out where they can. */
static const char *unquoted(char *text)
{
    if (*text != '"')
        return text;
    char *out = text;
    for (const char *in = text + 1; *in; in++) {
        if (*in == '"' && in[1] != '"')
            break;
        in += *in == '"';
        *out++ = *in;
    }
    *out = '\0';
    return text;
}

/* "0,5" and V, TRUE, NA … */
static const char *number(const char *numbers, const char *indicator)
{
    const char *comma = strchr(numbers, ',');
    return g_ascii_strcasecmp(indicator, "V") == 0 ? comma ? comma + 1 : "" : indicator;
}

/* One item of two lines. FALSE when the form is broken; *ret_end at the end of the data. */
static gboolean take_item(MgkTableCsv *table, char **rest, guint64 place[2], gboolean *ret_end)
{
    char *numbers = take_line(rest), *text = take_line(rest);
    if (!numbers || !text)
        return FALSE;
    gint64 type = g_ascii_strtoll(numbers, NULL, 10);
    g_strstrip(numbers);
    if (type == -1) {
        g_strstrip(text);
        *ret_end = g_ascii_strcasecmp(text, "EOD") == 0;
        place[0]++;
        place[1] = 0;
        return *ret_end || g_ascii_strcasecmp(text, "BOT") == 0;
    }
    if ((type != 0 && type != 1) || place[0] == 0)
        return FALSE;
    const char *value = type == 1 ? unquoted(text) : number(numbers, g_strstrip(text));
    return mgk_table_csv_put(table, place[0] - 1, place[1]++, value, strlen(value));
}

static gboolean clean(MgkJob *job, GError **error)
{
    g_autoptr(GString) text = mgk_text_tidy_decode(job, NULL);
    if (!text)
        return TRUE;
    g_autoptr(MgkTableCsv) table = mgk_table_csv_new();
    char *rest = text->str;
    guint64 place[2] = {0, 0}; /* row from 1, column from 0 */
    gboolean end = FALSE, sound = skip_header(&rest);
    while (sound && !end)
        sound = take_item(table, &rest, place, &end);
    if (!sound)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "not the form of DIF");
    return mgk_table_csv_finish(table, job, error);
}

const MgkHandler mgk_format_dif = {.probe = probe, .clean = clean, .check = mgk_check_csv};
