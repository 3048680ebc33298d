#include "engines/line_break.h"

#define ZWJ 0x200d
#define NBSP 0xa0

enum { START = 1, END = 2, PAIR = 4, WIDE = 8 };

typedef struct Range {
    gunichar first, last;
    guint classes;
} Range;

static const Range ranges[] = {
#define MGK_KINSOKU(first, last, classes) {first, last, classes},
#include "rules/kinsoku.def"
#undef MGK_KINSOKU
};

static guint classes_of(gunichar code)
{
    if (code < 0x80)
        return 0;
    gsize low = 0, high = G_N_ELEMENTS(ranges);
    while (low < high) {
        gsize middle = low + (high - low) / 2;
        if (code > ranges[middle].last)
            low = middle + 1;
        else if (code < ranges[middle].first)
            high = middle;
        else
            return ranges[middle].classes;
    }
    return 0;
}

guint mgk_char_columns(gunichar before, gunichar code, gboolean japanese)
{
    if (code < 0x7f)
        return code >= 0x20 ? 1 : 0;
    if (before != ZWJ && ((code >= 0x4e00 && code <= 0x9fff) || (code >= 0x3041 && code <= 0x3096) ||
                          (code >= 0x30a1 && code <= 0x30fa)))
        return 2; /* nearly all of Japanese; the rest of the rules say the same */
    if (code == ZWJ || (before == ZWJ && code > 0x2000) || g_unichar_iszerowidth(code) ||
        (code >= 0x1f3fb && code <= 0x1f3ff && g_unichar_iswide(before)))
        return 0;
    if (g_unichar_iswide(code))
        return 2;
    /* MS Gothic and its kin draw signs, Greek and Cyrillic in full width, but not Latin letters. */
    gboolean latin = code < 0x370 && g_unichar_isalpha(code);
    return japanese && !latin && code != NBSP && g_unichar_iswide_cjk(code) ? 2 : 1;
}

gsize mgk_text_columns(const char *text, gssize length, gboolean japanese)
{
    gsize columns = 0;
    gunichar before = 0;
    for (const char *p = text; (length < 0 || p - text < length) && *p; p = g_utf8_next_char(p)) {
        gunichar code = g_utf8_get_char(p);
        columns += mgk_char_columns(before, code, japanese);
        before = code;
    }
    return columns;
}

gboolean mgk_may_break(gunichar before, gunichar after)
{
    if (before < 0x80 && after < 0x80)
        return FALSE;
    if (after == ZWJ || before == ZWJ || before == NBSP || after == NBSP || g_unichar_iszerowidth(after))
        return FALSE;
    guint left = classes_of(before), right = classes_of(after);
    if ((left & END) || (right & START) || (left & right & PAIR))
        return FALSE;
    /* Closing ASCII marks behind and opening ones before ideographs belong to them; 3月 and 10円 keep their number. */
    if ((right & WIDE) && before < 0x80)
        return !g_ascii_isdigit(before) && before != '(' && before != '[' && before != '<' && before != '{' &&
               before != '"' && before != '$' && before != '#' && before != '\'';
    if ((left & WIDE) && after < 0x80)
        return g_ascii_isalnum(after) || after == '(' || after == '[' || after == '<' || after == '{' || after == '$' ||
               after == '#' || after == '+' || after == '@' || after == '~';
    if (left & START && left != START)
        return (right & WIDE) != 0;
    return (left & WIDE) || (right & WIDE) || (left & START);
}

typedef struct State {
    MgkWrap *wrap;
    MgkLineFunc func;
    gpointer data;
    const char *start;                        /* of the line */
    const char *visible;                      /* end of the last character that is no space */
    gsize columns, visible_columns;           /* from start to here; to visible */
    const char *next_start, *break_end;       /* where the line would be cut; NULL: nowhere yet */
    gsize break_columns, columns_before_next; /* columns to break_end; to next_start */
} State;

static void emit(State *s, const char *end, gsize columns)
{
    s->func(s->data, s->start, (gsize)(end - s->start), columns);
}

/* Begins a line at p, of which columns are already counted. */
static void begin(State *s, const char *p, gsize columns)
{
    s->start = p;
    s->columns = columns;
    s->next_start = NULL;
    if (s->visible < p) {
        s->visible = p;
        s->visible_columns = 0;
    } else {
        s->visible_columns = columns;
    }
}

/* A place to cut between p and what comes before. */
static void offer(State *s, const char *p)
{
    s->break_end = s->visible;
    s->break_columns = s->visible_columns;
    s->next_start = p;
    s->columns_before_next = s->columns;
}

/* The character at p does not fit: cuts at the last place offered, or in the middle of what is too long. */
static void overflow(State *s, const char *p, gboolean wide)
{
    guint limit = s->wrap->columns;
    if (s->next_start && s->next_start > s->start) {
        emit(s, s->break_end, s->break_columns);
        begin(s, s->next_start, s->columns - s->columns_before_next);
    } else if (p > s->start &&
               ((wide && s->columns >= limit + limit / 4) || (s->wrap->split && s->columns >= s->wrap->split))) {
        emit(s, s->visible, s->visible_columns);
        begin(s, p, 0);
    }
}

static void step(State *s, const char *p, gunichar before, gunichar code)
{
    gboolean space = code == ' ';
    guint columns = mgk_char_columns(before, code, s->wrap->japanese);
    if (!space && p > s->start && (before == ' ' || mgk_may_break(before, code)))
        offer(s, p);
    if (!space && columns && s->columns + columns > s->wrap->columns)
        overflow(s, p, columns == 2);
    s->columns += columns;
    if (!space) {
        s->visible = g_utf8_next_char(p);
        s->visible_columns = s->columns;
    }
}

void mgk_wrap(MgkWrap *wrap, const char *text, gsize length, MgkLineFunc func, gpointer data)
{
    State s = {.wrap = wrap, .func = func, .data = data, .start = text, .visible = text};
    gunichar before = 0;
    const char *end = text + length;
    for (const char *p = text; p < end; p = g_utf8_next_char(p)) {
        gunichar code = g_utf8_get_char(p);
        wrap->steps++;
        if (code == '\n') {
            emit(&s, s.visible, s.visible_columns);
            s.visible = p + 1;
            begin(&s, p + 1, 0);
            s.visible_columns = 0;
        } else {
            step(&s, p, before, code);
        }
        before = code == '\n' ? 0 : code;
    }
    emit(&s, s.visible, s.visible_columns);
}
