/* Splits cells by its own means and collects the beginning of each; patterns are matched on that excerpt. Encodings are
 * told apart as in text.c: by mark, by zero bytes, by validity as UTF-8; all else is read as CP932. */
#include "checks/csv.h"

#include "checks/text.h"

#include <string.h>

#define CELL_BYTES 512
#define WIDE 0x100   /* any character that is no ASCII and no full-width ASCII */
#define FOLDED 0x200 /* an ASCII character's full-width form: part of formulas, but no separator and no quote */

typedef enum { READ_UTF8, READ_UTF16LE, READ_UTF16BE, READ_CP932 } Reading;

typedef struct Cell {
    char text[CELL_BYTES + 1]; /* folded; wide characters as 0x1a */
    gsize length;
    gboolean quoted, closing;
} Cell;

static guint fold(guint32 c)
{
    if (c >= 0xff01 && c <= 0xff5e)
        return (c - 0xfee0) | FOLDED;
    if (c == 0x3000 || c == 0xa0)
        return ' ';
    return c < 0x80 ? c : WIDE;
}

static guint fold_cp932(guint8 lead, guint8 trail)
{
    static const struct {
        guint8 trail;
        char c;
    } signs[] = {{0x40, ' '}, {0x81, '='}, {0x7b, '+'}, {0x7c, '-'}, {0x97, '@'},
                 {0x69, '('}, {0x6a, ')'}, {0x62, '|'}, {0x49, '!'}, {0x66, '\''}};
    if (lead == 0x82 && trail >= 0x4f && trail <= 0x9a) /* digits and letters */
        return trail <= 0x58   ? (guint)(trail - 0x4f + '0')
               : trail <= 0x79 ? (guint)(trail - 0x60 + 'A')
                               : (guint)(trail - 0x81 + 'a');
    for (gsize i = 0; lead == 0x81 && i < G_N_ELEMENTS(signs); i++) {
        if (signs[i].trail == trail)
            return (guint)signs[i].c | FOLDED;
    }
    return WIDE;
}

/* The next character, folded; moves *at. */
static guint next(const guint8 *data, gsize size, Reading reading, gsize *at)
{
    const guint8 *p = data + *at;
    gsize left = size - *at;
    if (reading == READ_UTF16LE || reading == READ_UTF16BE) {
        *at += MIN(left, 2);
        return left < 2 ? WIDE
                        : fold(reading == READ_UTF16BE ? (guint32)(p[0] << 8 | p[1]) : (guint32)(p[1] << 8 | p[0]));
    }
    if (p[0] < 0x80) {
        *at += 1;
        return p[0];
    }
    if (reading == READ_UTF8) {
        *at += (gsize)(g_utf8_next_char((const char *)p) - (const char *)p);
        return fold(g_utf8_get_char((const char *)p));
    }
    gboolean leads = (p[0] >= 0x81 && p[0] <= 0x9f) || (p[0] >= 0xe0 && p[0] <= 0xfc);
    gboolean pair = leads && left >= 2 && p[1] >= 0x40 && p[1] != 0x7f;
    *at += pair ? 2 : 1;
    return pair ? fold_cp932(p[0], p[1]) : WIDE;
}

static gboolean is_name(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '.';
}

/* Does the excerpt start with a sign and reach, over numbers and operators, a call, a link or another sheet? */
static gboolean is_active(const char *cell)
{
    cell += strspn(cell, " \t\r\n\"");
    if (!*cell || !strchr("=+-@", *cell))
        return FALSE;
    for (; *cell && !g_ascii_isalpha(*cell) && *cell != '_'; cell++) {
        if (!strchr("=+-@*/^&%<>() .0123456789", *cell))
            return FALSE;
        if (g_ascii_isdigit(*cell) && (g_ascii_isalpha(cell[1]) || cell[1] == '_'))
            return FALSE;
    }
    const char *end = cell;
    while (is_name(*end))
        end++;
    if (end == cell)
        return FALSE;
    if (*end == '(')
        return TRUE;
    if (*end == '!')
        return g_ascii_isalpha(end[1]) || end[1] == '$' || end[1] == '\'';
    return *end == '|' && strchr(end, '!') != NULL;
}

static void collect(Cell *cell, guint c)
{
    if (cell->length < CELL_BYTES)
        cell->text[cell->length++] = c == WIDE ? 0x1a : (char)(c & 0x7f);
}

/* Ends the cell in hand; TRUE when it is active. */
static gboolean finish(Cell *cell)
{
    cell->text[cell->length] = '\0';
    gboolean active = is_active(cell->text);
    *cell = (Cell){0};
    return active;
}

static gboolean is_blank(const Cell *cell)
{
    for (gsize i = 0; i < cell->length; i++) {
        if (!strchr(" \t\r\n\"", cell->text[i]))
            return FALSE;
    }
    return TRUE;
}

static gboolean has_active_cell(const guint8 *data, gsize size, Reading reading, guint separator, gsize *ret_where)
{
    Cell cell = {0};
    for (gsize at = 0; at < size;) {
        *ret_where = at;
        guint c = next(data, size, reading, &at);
        if (cell.closing && c != '"')
            cell.quoted = cell.closing = FALSE;
        gboolean ends = !cell.quoted && (c == separator || c == '\n' || c == '\r');
        if (ends && finish(&cell))
            return TRUE;
        if (ends)
            continue;
        gboolean opens = c == '"' && !cell.quoted && is_blank(&cell);
        if (c == '"' && cell.quoted)
            cell.closing = !cell.closing;
        cell.quoted |= opens;
        if (!opens && (c != '"' || cell.closing || !cell.quoted))
            collect(&cell, c);
    }
    return finish(&cell);
}

static Reading reading_of(const guint8 *data, gsize size)
{
    if (size >= 2 && data[0] == 0xff && data[1] == 0xfe)
        return READ_UTF16LE;
    if (size >= 2 && data[0] == 0xfe && data[1] == 0xff)
        return READ_UTF16BE;
    gsize zeros[2] = {0, 0};
    for (gsize i = 0; i < size; i++)
        zeros[i % 2] += data[i] == 0;
    if (zeros[0] + zeros[1] > 0)
        return zeros[1] > zeros[0] ? READ_UTF16LE : READ_UTF16BE;
    return g_utf8_validate((const char *)data, (gssize)size, NULL) ? READ_UTF8 : READ_CP932;
}

gboolean mgk_check_csv(MgkJob *job, GError **error)
{
    static const char separators[] = ",\t;|";
    if (!mgk_check_text(job, error))
        return FALSE;
    const guint8 *data = job->size ? job->data : (const guint8 *)"";
    gsize size = job->size;
    Reading reading = reading_of(data, size);
    gsize mark = reading == READ_UTF8 && size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    if (reading != READ_UTF8 && size >= 2 &&
        ((data[0] == 0xff && data[1] == 0xfe) || (data[0] == 0xfe && data[1] == 0xff)))
        mark = 2;
    for (const char *s = separators; *s; s++) {
        gsize where = 0;
        if (has_active_cell(data + mark, size - mark, reading, (guint)*s, &where)) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "formula before byte %" G_GSIZE_FORMAT, mark + where);
            return FALSE;
        }
    }
    return TRUE;
}
