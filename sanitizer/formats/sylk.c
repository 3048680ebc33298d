/* sylk.c - Symbolic Link tables (.slk; Microsoft's "SYLK file format", 1986): lines "TYPE;Field;Field…".
 *
 * Excel runs their formulas and Excel 4 macros without protected view, and a text that starts with ID; is SYLK for it
 * whatever its extension is. So the table leaves as CSV. Kept: the values of the cells, as they were computed last.
 * Goes: formulas (E), macro sheets (O;E), names (NN, NE, NU), external links, formats, comments, protection. Cells that
 * a spreadsheet would take for formulas are guarded as formats/csv.c does. Output: CSV in UTF-8. Held: tables without
 * cells, or of separators only. Limits known: dates are the numbers that the file holds, and a formula that was never
 * computed leaves an empty cell. */
#include "checks/csv.h"
#include "engines/formula.h"
#include "engines/recognise.h"
#include "engines/table_csv.h"
#include "engines/text_tidy.h"
#include "formats/formats.h"

#include <string.h>

#define FIELDS 32 /* looked at in one record; programs write six */

typedef struct Sheet {
    MgkJob *job;         /* borrowed */
    MgkTableCsv *table;  /* borrowed */
    guint64 row, column; /* of the present cell, from 1 */
    guint outside;
} Sheet;

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    if (!g_str_has_prefix(head, "id;"))
        return 0;
    gboolean records = mgk_recognise_line(head, "c;") || mgk_recognise_line(head, "f;") ||
                       mgk_recognise_line(head, "o;") || mgk_recognise_line(head, "p;") ||
                       mgk_recognise_line(head, "b;") || mgk_recognise_line(head, "nn;");
    return g_str_has_prefix(head, "id;p") || records ? 88 : 0;
}

/* Splits a record at its semicolons; two of them stand for one. Ends with NULL. */
static void split(char *line, char *fields[FIELDS + 1])
{
    guint n = 0;
    char *out = line;
    fields[n++] = line;
    for (const char *in = line; *in; in++) {
        if (*in != ';') {
            *out++ = *in;
        } else if (in[1] == ';') {
            *out++ = ';';
            in++;
        } else {
            *out++ = '\0';
            if (n == FIELDS)
                break;
            fields[n++] = out;
        }
    }
    *out = '\0';
    fields[n] = NULL;
}

/* The value of a K field: a string without its quotes, or a number, TRUE, #N/A as they are. ESC and " :" is a line end
 * inside a cell. */
static GString *value_of(const char *text)
{
    GString *value = g_string_new(NULL);
    gboolean quoted = *text == '"';
    for (const char *p = text + quoted; *p; p++) {
        if (quoted && *p == '"') {
            if (p[1] != '"')
                break;
            p++;
        }
        if (g_str_has_prefix(p, "\x1b :")) {
            g_string_append_c(value, '\n');
            p += 2;
        } else {
            g_string_append_c(value, *p);
        }
    }
    return value;
}

static void judge_formula(Sheet *sheet, const char *text)
{
    MgkFormula formula;
    guint flags = mgk_formula_read(text, strlen(text), NULL, &formula);
    if (flags & (MGK_FORMULA_CODE | MGK_FORMULA_FETCH))
        mgk_job_find(sheet->job, MGK_KIND_FORMULA_DANGEROUS, NULL, formula.name);
    else if (flags & MGK_FORMULA_EXTERNAL)
        mgk_job_find(sheet->job, MGK_KIND_FORMULA_EXTERNAL, NULL, NULL);
    else if (flags & MGK_FORMULA_UNKNOWN)
        mgk_job_find(sheet->job, MGK_KIND_FORMULA_UNKNOWN, NULL, formula.name);
}

/* C and F move the present cell; C gives it a value. */
static void take_cell(Sheet *sheet, char *const *fields, gboolean values)
{
    g_autoptr(GString) value = NULL;
    for (; *fields; fields++) {
        const char *rest = *fields + 1;
        switch (**fields) {
        case 'X':
            sheet->column = g_ascii_strtoull(rest, NULL, 10);
            break;
        case 'Y':
            sheet->row = g_ascii_strtoull(rest, NULL, 10);
            break;
        case 'K':
            if (values && !value)
                value = value_of(rest);
            break;
        case 'E':
        case 'M':
            if (values)
                judge_formula(sheet, rest);
            break;
        default:
            break;
        }
    }
    if (value && value->len > 0 &&
        (!sheet->row || !sheet->column ||
         !mgk_table_csv_put(sheet->table, sheet->row - 1, sheet->column - 1, value->str, value->len)))
        sheet->outside++;
}

static void take_options(Sheet *sheet, char *const *fields)
{
    for (; *fields; fields++) {
        if (strcmp(*fields, "E") == 0)
            mgk_job_find(sheet->job, MGK_KIND_MACRO_SHEET, NULL, NULL);
    }
}

static void take_name(Sheet *sheet, char *const *fields)
{
    for (; *fields; fields++) {
        gboolean starts = g_ascii_strncasecmp(*fields, "NAuto_", 6) == 0;
        if (starts || (**fields == 'F' && (*fields)[1] == '\0') || (**fields == 'C' && (*fields)[1] == '\0'))
            mgk_job_find(sheet->job, MGK_KIND_MACRO_NAME, NULL, starts ? *fields + 1 : NULL);
    }
}

static void take_record(Sheet *sheet, char *line)
{
    char *fields[FIELDS + 1];
    split(line, fields);
    const char *type = fields[0];
    if (strcmp(type, "C") == 0 || strcmp(type, "F") == 0)
        take_cell(sheet, fields + 1, *type == 'C');
    else if (strcmp(type, "O") == 0)
        take_options(sheet, fields + 1);
    else if (strcmp(type, "NN") == 0)
        take_name(sheet, fields + 1);
    else if (strcmp(type, "NE") == 0)
        mgk_job_find(sheet->job, MGK_KIND_FORMULA_EXTERNAL, NULL, "NE");
}

static gboolean clean(MgkJob *job, GError **error)
{
    g_autoptr(GString) text = mgk_text_tidy_decode(job, NULL);
    if (!text)
        return TRUE;
    g_autoptr(MgkTableCsv) table = mgk_table_csv_new();
    Sheet sheet = {.job = job, .table = table, .row = 1, .column = 1};
    for (char *line = text->str, *next; line; line = next) {
        char *end = line + strcspn(line, "\r\n");
        next = *end ? end + 1 : NULL;
        *end = '\0';
        if (strcmp(line, "E") == 0)
            break;
        take_record(&sheet, line);
    }
    if (sheet.outside)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "cells outside of any spreadsheet");
    return !mgk_verdict_crosses(job->outcome.verdict) || mgk_table_csv_finish(table, job, error);
}

const MgkHandler mgk_format_sylk = {.probe = probe, .clean = clean, .check = mgk_check_csv};
