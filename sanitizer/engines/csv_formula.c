/* csv_formula.c - a scanner that errs on the side of "formula" for =, which no ordinary cell starts with, and wants a
 * plausible expression after +, - and @, which many do ("-なし", "+81-3-…", "@課").
 *
 * A comma, semicolon or tab may end the cell or be an operator, by the separator that the reader assumes. So the scan
 * goes on behind one, but then only a DDE link, another sheet, or (after =) a function counts: a reference in the
 * neighbouring cell is no part of this one. */
#include "engines/csv_formula.h"

#include <string.h>

#define MOST_CHARS 32768 /* of one cell, the spreadsheets' own limit */
#define WORD_CHARS 40

typedef enum { LAST_OPERATOR, LAST_NUMBER, LAST_STRING, LAST_OPERAND } Last;

typedef struct Scan {
    MgkCsvFormula *formula;
    MgkTextCursor cursor;
    gboolean quoted, equals;
    gboolean past; /* behind a character that some readers take for a separator */
    guint depth, left;
    Last last;
    gunichar code; /* the character in hand, folded; 0 at the end */
    gsize offset;
} Scan;

gunichar mgk_csv_fold(gunichar code)
{
    if (code >= 0xff01 && code <= 0xff5e)
        return code - 0xff01 + '!';
    return code == 0x3000 || code == 0xa0 || (code >= 0x2000 && code <= 0x200a) ? ' ' : code;
}

static gunichar read_char(Scan *scan)
{
    MgkChar c;
    if (scan->left == 0 || !mgk_text_next(&scan->cursor, &c))
        return 0;
    scan->left--;
    scan->offset = c.offset;
    return c.code == MGK_CHAR_INVALID ? 0 : mgk_csv_fold(c.code);
}

/* Moves on by one character of the cell's text; undoes CSV quoting. */
static void advance(Scan *scan)
{
    guint before = scan->left;
    scan->code = read_char(scan);
    if (scan->quoted && scan->code == '"') {
        Scan ahead = *scan;
        if (read_char(&ahead) == '"')
            *scan = ahead;
        else
            scan->quoted = FALSE; /* the cell's closing quote; readers append what follows */
        scan->code = scan->quoted ? '"' : ' ';
    }
    if (!scan->quoted && (scan->code == '\n' || scan->code == '\r'))
        scan->code = 0;
    guint used = before - scan->left;
    scan->formula->budget -= MIN(scan->formula->budget, used);
}

static gboolean is_word_start(gunichar c)
{
    return c < 0x80 ? c && (g_ascii_isalpha((char)c) || strchr("_\\$", (int)c)) : g_unichar_isalnum(c);
}

static gboolean is_word(gunichar c)
{
    return is_word_start(c) || (c < 0x80 && c && (g_ascii_isdigit((char)c) || c == '.' || c == '?'));
}

static void skip_spaces(Scan *scan)
{
    while (scan->code == ' ' || (scan->quoted && (scan->code == '\n' || scan->code == '\r' || scan->code == '\t')))
        advance(scan);
}

/* A1, $XFD$1048576 or R1C1. */
static gboolean is_reference(const char *word)
{
    guint column = 0, letters = 0, row = 0, digits = 0;
    const char *at = word + (*word == '$');
    for (; g_ascii_isalpha(*at) && letters <= 3; at++, letters++)
        column = column * 26 + (guint)(g_ascii_toupper(*at) - 'A' + 1);
    at += *at == '$';
    for (; g_ascii_isdigit(*at) && digits <= 7; at++, digits++)
        row = row * 10 + (guint)(*at - '0');
    if (*at == '\0')
        return letters > 0 && digits > 0 && column <= 16384 && row > 0 && row <= 1048576;
    return letters == 1 && (*word == 'R' || *word == 'r') && digits > 0 && (*at == 'C' || *at == 'c') &&
           g_ascii_isdigit(at[1]) && strspn(at + 1, "0123456789") == strlen(at + 1);
}

/* Is there an exclamation mark between here and the end of the cell, as a DDE link needs? */
static gboolean exclaims(Scan ahead)
{
    while (ahead.code && ahead.code != '!')
        advance(&ahead);
    return ahead.code == '!';
}

/* Behind a name or quoted name: does it call, link or point to another sheet? */
static gboolean is_strong(Scan *scan, gboolean callable, gboolean adjacent)
{
    if (scan->code == '(')
        return callable && (scan->equals || !scan->past);
    if (scan->code == '!') {
        Scan ahead = *scan;
        advance(&ahead);
        return is_word_start(ahead.code) || ahead.code == '\'' || ahead.code == '#' || ahead.code == '$';
    }
    if (scan->code != '|')
        return FALSE;
    return scan->equals ? !scan->past || exclaims(*scan) : adjacent && exclaims(*scan);
}

static gboolean scan_word(Scan *scan)
{
    char word[WORD_CHARS + 1] = "";
    guint length = 0;
    gboolean ascii = TRUE;
    for (; is_word(scan->code); advance(scan)) {
        ascii &= scan->code < 0x80;
        word[MIN(length, WORD_CHARS)] = (char)scan->code;
        length++;
    }
    word[MIN(length, WORD_CHARS)] = '\0';
    gboolean adjacent = scan->code != ' ';
    skip_spaces(scan);
    scan->last = LAST_OPERAND;
    if (is_strong(scan, ascii && word[0] != '$' && word[0] != '\\', adjacent))
        return TRUE;
    if (scan->past || !ascii || length > WORD_CHARS)
        return FALSE;
    return is_reference(word) || (scan->equals && scan->code == ':' && length <= 3);
}

/* A string of the formula, with doubled quotes; the scan ends when it does not close. */
static void scan_string(Scan *scan)
{
    do {
        advance(scan);
        while (scan->code && scan->code != '"')
            advance(scan);
        if (scan->code)
            advance(scan);
    } while (scan->code == '"');
    scan->last = LAST_STRING;
}

/* 'a name' followed by ! or |. Behind a separator it must close, since an apostrophe there may be our own, put before a
 * later cell; in the cell itself any exclamation mark to come is enough. */
static gboolean scan_quoted_name(Scan *scan)
{
    Scan ahead = *scan;
    if (!scan->past && exclaims(*scan))
        return TRUE;
    do
        advance(&ahead);
    while (scan->past && ahead.code && ahead.code != '\'');
    gboolean closed = scan->past && ahead.code == '\'';
    if (closed)
        advance(&ahead);
    if (closed && (ahead.code == '!' || ahead.code == '|'))
        return TRUE;
    advance(scan);
    scan->last = LAST_OPERAND;
    return FALSE;
}

/* A number; letters glued to it make it no name that could be called, but "7z|" and "3d!" still point elsewhere. */
static gboolean scan_number(Scan *scan)
{
    while (is_word(scan->code))
        advance(scan);
    gboolean adjacent = scan->code != ' ';
    skip_spaces(scan);
    scan->last = LAST_NUMBER;
    return (scan->code == '!' || scan->code == '|') && is_strong(scan, FALSE, adjacent);
}

/* Where the line ends and where its last ( ! | is; asked once a line. */
static gboolean strong_ahead(Scan *scan)
{
    MgkCsvFormula *formula = scan->formula;
    if (scan->quoted)
        return TRUE;
    if (scan->offset >= formula->line_end) {
        Scan ahead = *scan;
        formula->last_strong = 0;
        for (; ahead.code; advance(&ahead)) {
            if (ahead.code == '(' || ahead.code == '!' || ahead.code == '|')
                formula->last_strong = ahead.offset;
        }
        formula->line_end = ahead.offset + 1;
    }
    return formula->last_strong > scan->offset;
}

/* A comma, semicolon or tab outside brackets. FALSE when nothing behind it can belong to this cell's formula. */
static gboolean pass_separator(Scan *scan)
{
    if (scan->last != LAST_OPERAND || !strong_ahead(scan))
        return FALSE; /* as an operator it joins references only */
    scan->past = TRUE;
    scan->last = LAST_OPERATOR;
    return TRUE;
}

/* Brackets, operators and all else; FALSE when this is no formula. */
static gboolean scan_sign(Scan *scan)
{
    gunichar c = scan->code;
    gboolean separator = c == ',' || c == ';' || c == '\t';
    if (separator && scan->depth == 0 && !pass_separator(scan))
        return FALSE;
    if (c == '(')
        scan->depth++;
    if (c == ')' && scan->depth > 0)
        scan->depth--;
    if (!separator && !(c < 0x80 && strchr("+-*/^&=<>%:@#!|(){}[]~", (int)c)) && !scan->equals)
        return FALSE;
    scan->last = c == ')' || c == ']' || c == '}' ? LAST_OPERAND : LAST_OPERATOR;
    advance(scan);
    return TRUE;
}

typedef enum { STEP_ON, STEP_FORMULA, STEP_DATA } Step;

static Step step(Scan *scan)
{
    gboolean digit = scan->code < 0x80 && (g_ascii_isdigit((char)scan->code) || scan->code == '.');
    if (scan->formula->budget == 0)
        return STEP_FORMULA;
    if (scan->code == '"') {
        scan_string(scan);
        return STEP_ON;
    }
    if (scan->code == '\'')
        return scan_quoted_name(scan) ? STEP_FORMULA : STEP_ON;
    if (digit)
        return scan_number(scan) ? STEP_FORMULA : STEP_ON;
    if (is_word_start(scan->code))
        return scan_word(scan) ? STEP_FORMULA : STEP_ON;
    return scan_sign(scan) ? STEP_ON : STEP_DATA;
}

gboolean mgk_csv_formula(MgkCsvFormula *formula, const MgkTextCursor *at, char trigger, gboolean quoted)
{
    Scan scan = {.formula = formula,
                 .cursor = *at,
                 .quoted = quoted,
                 .equals = trigger == '=',
                 .left = MOST_CHARS,
                 .offset = at->reader.offset};
    Step result = STEP_ON;
    advance(&scan);
    for (skip_spaces(&scan); scan.code && result == STEP_ON; skip_spaces(&scan))
        result = step(&scan);
    return result == STEP_FORMULA || (result == STEP_ON && scan.left == 0); /* longer than any cell: surely no number */
}
