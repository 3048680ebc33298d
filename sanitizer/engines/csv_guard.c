#include "engines/csv_guard.h"

#include "engines/text_filter.h"

#include <string.h>

static const char separators[] = ",\t;|";

static void add_reading(MgkCsvGuard *guard, gunichar separator, gboolean blind)
{
    if (guard->n < MGK_CSV_READINGS)
        guard->readings[guard->n++] = (MgkCsvReading){.separator = separator, .blind = blind, .start = TRUE};
}

/* The separator of a first line "sep=X", which Excel obeys; 0 when there is none. */
static gunichar find_sep(MgkCharset charset, const guint8 *data, gsize size)
{
    static const char line[] = "sep=";
    MgkTextCursor cursor = {0};
    MgkChar c;
    gsize matched = 0;
    mgk_charset_reader_init(&cursor.reader, charset, data, size);
    while (mgk_text_next(&cursor, &c)) {
        if (c.code == 0xfeff || (matched == 0 && c.code == '"'))
            continue;
        if (matched == sizeof line - 1)
            return c.code == '\r' || c.code == '\n' || c.code == MGK_CHAR_INVALID ? 0 : c.code;
        if (c.code >= 0x80 || g_ascii_tolower((char)c.code) != line[matched])
            return 0;
        matched++;
    }
    return 0;
}

/* Blind to quotes, a reading starts a cell anywhere a separator stands. */
static gboolean ends_cell(const MgkCsvReading *r, gunichar code)
{
    return (code == r->separator || code == '\n' || code == '\r') && (!r->quoted || r->blind);
}

static gboolean is_skipped(gunichar code)
{
    return mgk_csv_fold(code) == ' ' || code == '\t' || code == '\n' || code == '\r';
}

static void update(MgkCsvReading *r, gunichar code)
{
    if (r->quoted && r->quote_seen && code != '"')
        r->quoted = r->quote_seen = FALSE;
    if (code == '"') {
        if (!r->quoted)
            r->quoted = r->start && !r->blind;
        else
            r->quote_seen = !r->quote_seen;
        return;
    }
    if (ends_cell(r, code))
        r->start = TRUE;
    else if (!is_skipped(code))
        r->start = FALSE;
}

/* Characters that can begin or end a cell. */
static gboolean is_ordinary(const MgkCsvGuard *guard, gunichar code)
{
    for (guint i = 0; i < guard->n; i++) {
        if (code == guard->readings[i].separator)
            return FALSE;
    }
    return code != '"' && code != '\n' && code != '\r';
}

static void update_all(MgkCsvGuard *guard, gunichar code)
{
    if (guard->inside && is_ordinary(guard, code))
        return;
    guard->inside = TRUE;
    for (guint i = 0; i < guard->n; i++) {
        update(&guard->readings[i], code);
        guard->inside &= !guard->readings[i].start && !guard->readings[i].quote_seen;
    }
}

/* TRUE when the quotes of every reading close. */
static gboolean quotes_close(const MgkCsvGuard *guard, MgkCharset charset, const guint8 *data, gsize size)
{
    MgkCsvGuard dry = *guard;
    MgkTextCursor cursor = {0};
    MgkChar c;
    mgk_charset_reader_init(&cursor.reader, charset, data, size);
    while (mgk_text_next(&cursor, &c)) {
        if (c.code != 0xfeff)
            update_all(&dry, c.code);
    }
    for (guint i = 0; i < dry.n; i++) {
        if (dry.readings[i].quoted && !dry.readings[i].quote_seen)
            return FALSE;
    }
    return TRUE;
}

static gboolean has_high_byte(const guint8 *data, gsize size)
{
    for (gsize i = 0; i < size; i++) {
        if (data[i] >= 0x80)
            return TRUE;
    }
    return FALSE;
}

/* Would Excel, which takes a file without mark for CP932, see other characters? */
static gboolean is_misread(MgkCharset charset, const guint8 *data, gsize size)
{
    gboolean marked = size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0;
    gboolean foreign = charset == MGK_CHARSET_UTF8 || charset == MGK_CHARSET_EUC_JP || charset == MGK_CHARSET_CP1252;
    return charset == MGK_CHARSET_ISO_2022_JP || (foreign && !marked && has_high_byte(data, size));
}

void mgk_csv_guard_init(MgkCsvGuard *guard, MgkCharset charset, const guint8 *data, gsize size)
{
    *guard = (MgkCsvGuard){.row = 1, .formula.budget = (guint64)size * 64 + 16 * 1024 * 1024};
    gunichar named = find_sep(charset, data, size);
    for (const char *s = separators; *s; s++)
        add_reading(guard, (gunichar)*s, FALSE);
    if (named)
        add_reading(guard, named, FALSE);
    guint sighted = guard->n;
    if (memchr(data, '"', size) && (is_misread(charset, data, size) || !quotes_close(guard, charset, data, size))) {
        for (guint i = 0; i < sighted; i++)
            add_reading(guard, guard->readings[i].separator, TRUE);
    }
}

/* Asks for each way in which the cell may be quoted. */
static gboolean is_formula(MgkCsvGuard *guard, const MgkCharsetReader *at, gunichar sign)
{
    gboolean asked[2] = {FALSE, FALSE};
    for (guint i = 0; i < guard->n; i++) {
        const MgkCsvReading *r = &guard->readings[i];
        gboolean quoted = r->quoted && !r->quote_seen;
        if (!r->start || asked[quoted])
            continue;
        asked[quoted] = TRUE;
        MgkTextCursor behind = {.reader = *at};
        MgkChar c;
        mgk_charset_next(&behind.reader, &c);
        behind.before = c.code;
        if (mgk_csv_formula(&guard->formula, &behind, (char)sign, quoted))
            return TRUE;
    }
    return FALSE;
}

gboolean mgk_csv_guard_hook(gpointer data, const MgkCharsetReader *at, const MgkChar *c)
{
    MgkCsvGuard *guard = data;
    gunichar sign = mgk_csv_fold(c->code);
    gboolean trigger = !guard->inside && (sign == '=' || sign == '+' || sign == '-' || sign == '@');
    gboolean found = trigger && is_formula(guard, at, sign);
    if (found && guard->cells++ == 0)
        guard->first_row = guard->row;
    guard->exhausted |= guard->formula.budget == 0;
    guard->row += c->code == '\n';
    if (c->code != 0xfeff) /* the mark is no part of a cell */
        update_all(guard, c->code);
    return found;
}
