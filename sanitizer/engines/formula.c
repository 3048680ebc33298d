#include "engines/formula.h"

#include <string.h>

/* The reader walks over the text once. State that crosses tokens is small: the identifier just passed (it may turn out
 * to be a function, a sheet or a table), and how deep the parentheses of an INDIRECT call are. */

typedef enum { SAFE, LINK, FETCH, CODE } FunctionClass;

typedef struct Function {
    const char *name;
    FunctionClass class;
} Function;

static const Function functions[] = {
#define MGK_FUNCTION(name, class) {name, class},
#include "rules/formula_functions.def"
#undef MGK_FUNCTION
};

static const char *const open_functions[] = {
#define MGK_ODF_FUNCTION(name) name,
#include "rules/odf_functions.def"
#undef MGK_ODF_FUNCTION
};

typedef struct Reader {
    const char *at, *end;
    const MgkFormulaNames *names;
    MgkFormula *formula;
    gboolean open;        /* OpenFormula */
    guint braces;         /* open {: there '|' separates rows of OpenFormula */
    guint depth;          /* open parentheses */
    guint indirect_depth; /* depth inside the outermost INDIRECT call, 0 when outside */
    gboolean after_name;  /* the previous token was an identifier or a bracket, without a space between */
    gboolean after_rc;    /* ... and that identifier was R or C, as in R[-1]C[2] */
} Reader;

static void flag(Reader *r, guint flags, const char *name)
{
    if (!r->formula->name[0] && name)
        g_strlcpy(r->formula->name, name, sizeof r->formula->name);
    r->formula->flags |= flags;
}

/* U+FF01..U+FF5E are the full-width twins of ASCII: returns the ASCII twin of the character at p, or 0. */
static char full_width(const char *p, const char *end)
{
    if (end - p < 3 || (guint8)p[0] != 0xef)
        return 0;
    guint8 b = (guint8)p[1], c = (guint8)p[2];
    if (b == 0xbc && c >= 0x81 && c <= 0xbf)
        return (char)(c - 0x81 + 0x21);
    if (b == 0xbd && c >= 0x80 && c <= 0x9e)
        return (char)(c - 0x80 + 0x60);
    return 0;
}

static gboolean ascii_name_char(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '.' || c == '\\' || c == '?' || c == '$';
}

/* Bytes of the blank at p: space, TAB, CR, LF, no-break space, ideographic space, zero-width marks; 0 when none. */
static gsize blank(const char *p, const char *end)
{
    if (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
        return 1;
    if (end - p >= 2 && memcmp(p, "\xc2\xa0", 2) == 0)
        return 2;
    if (end - p >= 3 &&
        (memcmp(p, "\xe3\x80\x80", 3) == 0 || memcmp(p, "\xe2\x80\x8b", 3) == 0 || memcmp(p, "\xef\xbb\xbf", 3) == 0))
        return 3;
    return 0;
}

/* Bytes of the name character at p, 0 when it is none. Beyond ASCII everything but blanks and full-width punctuation
 * may be in a name: finer rules differ between programs. */
static gsize name_char(const char *p, const char *end)
{
    if (p >= end)
        return 0;
    if (g_ascii_isprint(*p) || (guint8)*p < 0x80)
        return ascii_name_char(*p) ? 1 : 0;
    char twin = full_width(p, end);
    if (twin)
        return ascii_name_char(twin) ? 3 : 0;
    return blank(p, end) ? 0 : 1;
}

static gsize skip_blanks(Reader *r)
{
    const char *start = r->at;
    for (gsize n = blank(r->at, r->end); n; n = blank(r->at, r->end))
        r->at += n;
    return (gsize)(r->at - start);
}

/* Upper case and half width into buffer; FALSE when it does not fit, which no function's name does. */
static gboolean fold_name(const char *p, const char *end, char *buffer, gsize size)
{
    gsize n = 0;
    while (p < end) {
        if (n + 1 >= size)
            return FALSE;
        char twin = full_width(p, end);
        buffer[n++] = g_ascii_toupper(twin ? twin : *p);
        p += twin ? 3 : 1;
    }
    buffer[n] = '\0';
    return TRUE;
}

/* Functions that come with the program under a long name: COM.SUN.STAR.SHEET.ADDIN.ANALYSIS.GETBESSELI. */
static const char *skip_vendor(const char *name)
{
    static const char *const vendors[] = {"COM.SUN.STAR.SHEET.ADDIN.ANALYSIS.GET",
                                          "COM.SUN.STAR.SHEET.ADDIN.DATEFUNCTIONS.GET", "COM.MICROSOFT.",
                                          "ORG.LIBREOFFICE.", "ORG.OPENOFFICE."};
    for (guint i = 0; i < G_N_ELEMENTS(vendors); i++) {
        if (g_str_has_prefix(name, vendors[i]))
            return name + strlen(vendors[i]);
    }
    return name;
}

static gboolean is_open_function(const char *name)
{
    for (gsize low = 0, high = G_N_ELEMENTS(open_functions); low < high;) {
        gsize middle = low + (high - low) / 2;
        int order = strcmp(name, open_functions[middle]);
        if (order == 0)
            return TRUE;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return FALSE;
}

static const Function *find_function(const char *name)
{
    gsize low = 0, high = G_N_ELEMENTS(functions);
    while (low < high) {
        gsize middle = low + (high - low) / 2;
        int order = strcmp(name, functions[middle].name);
        if (order == 0)
            return &functions[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static gboolean in_set(GHashTable *set, const char *name, gsize size)
{
    if (!set || g_hash_table_size(set) == 0)
        return FALSE;
    g_autofree char *key = mgk_formula_name_key(name, (gssize)size);
    return g_hash_table_contains(set, key);
}

/* --- external references --- */

static void add_index(Reader *r, const char *digits, gsize n)
{
    guint64 untrusted_index = 0;
    for (gsize i = 0; i < n && untrusted_index <= G_MAXUINT32; i++)
        untrusted_index = untrusted_index * 10 + (guint64)(digits[i] - '0');
    if (untrusted_index == 0)
        return; /* [0] is this workbook itself */
    flag(r, MGK_FORMULA_EXTERNAL, NULL);
    guint32 index = (guint32)MIN(untrusted_index, G_MAXUINT32);
    MgkFormula *f = r->formula;
    for (guint i = 0; i < f->n_indices; i++) {
        if (f->indices[i] == index)
            return;
    }
    if (f->n_indices < MGK_FORMULA_MAX_INDICES)
        f->indices[f->n_indices++] = index;
}

/* book is what stands between the brackets in front of a sheet: an index in files, a file name elsewhere. */
static void external_book(Reader *r, const char *book, gsize size)
{
    gsize digits = 0;
    while (digits < size && g_ascii_isdigit(book[digits]))
        digits++;
    if (digits == size && size > 0)
        add_index(r, book, size);
    else
        flag(r, MGK_FORMULA_EXTERNAL, NULL);
}

/* 'It''s [1]Sheet'!A1 and friends; r->at is behind the opening quote. */
static void read_quoted(Reader *r)
{
    const char *start = r->at;
    for (; r->at < r->end; r->at++) {
        if (*r->at != '\'')
            continue;
        if (r->at + 1 == r->end || r->at[1] != '\'')
            break;
        r->at++;
    }
    if (r->at >= r->end) {
        flag(r, MGK_FORMULA_MALFORMED, NULL);
        return;
    }
    gsize size = (gsize)(r->at - start);
    r->at++;
    const char *open = memchr(start, '[', size), *close = memchr(start, ']', size);
    if (memchr(start, '|', size))
        flag(r, MGK_FORMULA_CODE, "DDE");
    gboolean path = memchr(start, '\\', size) || memchr(start, '/', size);
    if (!path && open == start && close > open)
        external_book(r, open + 1, (gsize)(close - open - 1));
    else if (path || open || close)
        flag(r, MGK_FORMULA_EXTERNAL, NULL);
    skip_blanks(r);
    if (r->at >= r->end || (*r->at != '!' && *r->at != ':'))
        flag(r, MGK_FORMULA_MALFORMED, NULL);
}

/* Behind the bracket of R[1]: nothing, C, C5 or C[2] and no sheet name. */
static gboolean column_follows(const Reader *r)
{
    const char *p = r->at;
    if (p < r->end && (*p == 'C' || *p == 'c'))
        p++;
    while (p < r->end && g_ascii_isdigit(*p))
        p++;
    return !name_char(p, r->end) && (p == r->end || (*p != '!' && *p != '\''));
}

/* [Column], [[#This Row],[Column]] behind a table, or [1] and [0] in front of a sheet; r->at is at the bracket. In
 * column names ' escapes the next character. */
static void read_brackets(Reader *r)
{
    gboolean after_name = r->after_name, after_rc = r->after_rc;
    const char *start = r->at + 1;
    guint depth = 0;
    for (; r->at < r->end; r->at++) {
        if (*r->at == '[') {
            depth++;
        } else if (*r->at == ']' && --depth == 0) {
            break;
        } else if (*r->at == '\'' && r->end - r->at > 1) {
            r->at++;
        }
    }
    if (r->at >= r->end) {
        flag(r, MGK_FORMULA_MALFORMED, NULL);
        return;
    }
    gsize size = (gsize)(r->at - start);
    r->at++;
    r->after_name = TRUE;
    gboolean prefix = name_char(r->at, r->end) || (r->at < r->end && (*r->at == '!' || *r->at == '\''));
    if (!prefix || (after_rc && column_follows(r)))
        return;
    external_book(r, start, size);
    if (after_name)
        flag(r, MGK_FORMULA_MALFORMED, NULL);
}

/* Behind a quoted name: '#' when it names another document. */
static void after_quoted_open(Reader *r)
{
    if (r->at < r->end && *r->at == '#')
        flag(r, MGK_FORMULA_EXTERNAL, NULL);
}

/* OpenFormula: [.A1:.B2], [$'Sheet 1'.A1], ['file:///x.ods'#$S.A1], [.#REF!]; r->at is at the bracket. */
static void read_reference(Reader *r)
{
    r->after_name = FALSE;
    for (r->at++; r->at < r->end && *r->at != ']';) {
        char c = *r->at++;
        if (c == '\'') {
            const char *close = memchr(r->at, '\'', (gsize)(r->end - r->at));
            r->at = close ? close + 1 : r->end;
            after_quoted_open(r);
        } else if (c == '|' || c == '\\' || c == '/') {
            flag(r, c == '|' ? MGK_FORMULA_CODE : MGK_FORMULA_EXTERNAL, c == '|' ? "DDE" : NULL);
        } else if (c == '#' && !(r->end - r->at >= 4 && memcmp(r->at, "REF!", 4) == 0)) {
            flag(r, MGK_FORMULA_EXTERNAL, NULL);
        } else if (c == '[' || (guint8)c < 0x20) {
            flag(r, MGK_FORMULA_MALFORMED, NULL);
        }
    }
    if (r->at >= r->end)
        flag(r, MGK_FORMULA_MALFORMED, NULL);
    else
        r->at++;
}

/* OpenFormula outside brackets: a label, a quoted name, or the place of another document; r->at is behind the quote. */
static void read_quoted_open(Reader *r)
{
    const char *close = memchr(r->at, '\'', (gsize)(r->end - r->at));
    if (!close) {
        flag(r, MGK_FORMULA_MALFORMED, NULL);
        r->at = r->end;
        return;
    }
    r->at = close + 1;
    after_quoted_open(r);
}

/* --- strings --- */

/* r->at is behind the opening quote; ret_text and ret_size are the raw inside, doubled quotes not undone. */
static gboolean read_string(Reader *r, const char **ret_text, gsize *ret_size)
{
    const char *start = r->at;
    for (; r->at < r->end; r->at++) {
        if (*r->at != '"')
            continue;
        if (r->at + 1 == r->end || r->at[1] != '"')
            break;
        r->at++;
    }
    if (r->at >= r->end) {
        flag(r, MGK_FORMULA_MALFORMED, NULL);
        return FALSE;
    }
    *ret_text = start;
    *ret_size = (gsize)(r->at - start);
    r->at++;
    return TRUE;
}

static gboolean contains(const char *text, gsize size, const char *needle)
{
    return g_strstr_len(text, (gssize)size, needle) != NULL;
}

/* LibreOffice's INDIRECT opens other documents; Excel's does not. */
static void check_indirect(Reader *r, const char *text, gsize size)
{
    if (contains(text, size, "\\\\") || contains(text, size, "://") || contains(text, size, "file:"))
        flag(r, MGK_FORMULA_FETCH, "INDIRECT");
}

static gboolean starts_with(const char *text, gsize size, const char *prefix)
{
    gsize n = strlen(prefix);
    return size > n && g_ascii_strncasecmp(text, prefix, n) == 0;
}

/* A place in this workbook, a web page or a mail address. "#[book]…" and paths are not. */
static gboolean safe_target(const char *text, gsize size)
{
    for (gsize i = 0; i < size; i++) {
        if ((guint8)text[i] < 0x20 || text[i] == '\\')
            return FALSE;
    }
    if (size > 0 && text[0] == '#')
        return !memchr(text, '[', size) && !memchr(text, '/', size) && !memchr(text, '|', size);
    return size == 0 || starts_with(text, size, "http://") || starts_with(text, size, "https://") ||
           starts_with(text, size, "mailto:");
}

/* r->at is behind the parenthesis of HYPERLINK: the first argument must be one string and safe. Reads ahead only: the
 * arguments are tokenised by the main loop like all others. */
static void check_hyperlink(const Reader *outer)
{
    Reader r = *outer;
    const char *text;
    gsize size;
    skip_blanks(&r);
    gboolean safe = FALSE;
    if (r.at < r.end && *r.at == '"') {
        r.at++;
        if (read_string(&r, &text, &size)) {
            skip_blanks(&r);
            safe = r.at < r.end && (*r.at == ',' || *r.at == ';' || *r.at == ')') && safe_target(text, size);
        }
    }
    if (!safe)
        flag(&r, MGK_FORMULA_LINK, "HYPERLINK");
}

/* --- names and functions --- */

typedef enum { PREFIX_NONE, PREFIX_LOCAL, PREFIX_VALUE, PREFIX_ADDIN } Prefix;

/* Skips _xlfn., _xlws. …; says what the last telling one meant. */
static const char *skip_prefixes(const char *name, Prefix *ret_prefix)
{
    static const struct {
        const char *text;
        Prefix prefix;
    } table[] = {
        {"_XLFN.", PREFIX_NONE},   {"_XLWS.", PREFIX_NONE}, {"_XLPM.", PREFIX_LOCAL},  {"_XLOP.", PREFIX_LOCAL},
        {"_XLETA.", PREFIX_VALUE}, {"_XLL.", PREFIX_ADDIN}, {"_XLUDF.", PREFIX_ADDIN},
    };
    *ret_prefix = PREFIX_NONE;
    for (guint i = 0; i < G_N_ELEMENTS(table);) {
        if (g_str_has_prefix(name, table[i].text)) {
            name += strlen(table[i].text);
            *ret_prefix = MAX(*ret_prefix, table[i].prefix);
            i = 0;
        } else {
            i++;
        }
    }
    return name;
}

static void called(Reader *r, const Function *function)
{
    switch (function->class) {
    case SAFE:
        if (strcmp(function->name, "INDIRECT") == 0 && !r->indirect_depth)
            r->indirect_depth = r->depth;
        break;
    case LINK:
        check_hyperlink(r);
        break;
    case FETCH:
        flag(r, MGK_FORMULA_FETCH, function->name);
        break;
    case CODE:
        flag(r, MGK_FORMULA_CODE, function->name);
        break;
    }
}

/* A parenthesis follows the name (certain: with nothing between, so that it can be nothing but a call). r->at is behind
 * the parenthesis. */
static void read_call(Reader *r, const char *start, const char *end, gboolean certain)
{
    char folded[64] = "";
    Prefix prefix = PREFIX_NONE;
    gboolean fits = fold_name(start, end, folded, sizeof folded);
    const char *bare = fits ? skip_prefixes(folded, &prefix) : "";
    if (r->open)
        bare = skip_vendor(bare);
    if (r->open && is_open_function(bare))
        return;
    const Function *function = fits ? find_function(bare) : NULL;
    if (function) {
        called(r, function);
    } else if (certain && prefix != PREFIX_LOCAL &&
               !(r->names && in_set(r->names->callable, start, (gsize)(end - start)))) {
        flag(r, MGK_FORMULA_UNKNOWN, fits ? bare : "");
    }
    if (prefix == PREFIX_ADDIN)
        flag(r, MGK_FORMULA_UNKNOWN, bare);
}

/* A name without parenthesis: a cell, a sheet, a defined name, or (_xleta.) a function handed over as a value. */
static void read_bare_name(Reader *r, const char *start, const char *end)
{
    if (r->at < r->end && *r->at == '!' && memchr(start, '\\', (gsize)(end - start)))
        flag(r, MGK_FORMULA_EXTERNAL, NULL);
    if (r->names && in_set(r->names->lost, start, (gsize)(end - start)))
        flag(r, MGK_FORMULA_LOST, NULL);
    if (*start != '_')
        return;
    char folded[64];
    Prefix prefix;
    if (!fold_name(start, end, folded, sizeof folded)) {
        if (starts_with(start, (gsize)(end - start), "_xl")) /* prefixes piled up to hide what follows */
            flag(r, MGK_FORMULA_UNKNOWN, "");
        return;
    }
    const char *bare = skip_prefixes(folded, &prefix);
    const Function *function = bare != folded && prefix != PREFIX_LOCAL ? find_function(bare) : NULL;
    if (prefix == PREFIX_VALUE && (!function || function->class == LINK))
        flag(r, MGK_FORMULA_UNKNOWN, bare);
    else if (function && function->class != SAFE)
        called(r, function);
}

static void read_name(Reader *r)
{
    const char *start = r->at;
    for (gsize n = name_char(r->at, r->end); n; n = name_char(r->at, r->end))
        r->at += n;
    const char *end = r->at;
    gsize blanks = skip_blanks(r);
    if (r->at < r->end && (*r->at == '(' || full_width(r->at, r->end) == '(')) {
        gboolean half = *r->at == '(';
        r->at += half ? 1 : 3;
        r->depth++;
        read_call(r, start, end, half && blanks == 0);
        return;
    }
    read_bare_name(r, start, end);
    char last = g_ascii_toupper(end[-1]);
    r->after_name = blanks == 0;
    r->after_rc =
        blanks == 0 && (last == 'R' || last == 'C') && (end - start == 1 || start[0] == 'R' || start[0] == 'r');
}

/* #REF!, #N/A, #DIV/0! …, or the # behind a spilled range. */
static void read_error(Reader *r)
{
    r->at++;
    while (r->at < r->end && (g_ascii_isalnum(*r->at) || *r->at == '_' || *r->at == '/'))
        r->at++;
    if (r->at < r->end && (*r->at == '!' || *r->at == '?'))
        r->at++;
}

static void read_operator(Reader *r)
{
    char c = *r->at;
    if (c == '(') {
        r->depth++;
    } else if (c == ')' && r->depth > 0) {
        if (r->indirect_depth == r->depth)
            r->indirect_depth = 0;
        r->depth--;
    } else if (c == '{') {
        r->braces++;
    } else if (c == '}') {
        r->braces -= r->braces > 0;
    } else if (c == '|' || full_width(r->at, r->end) == '|') {
        if (!r->open || !r->braces || c != '|')
            flag(r, MGK_FORMULA_CODE, "DDE");
    } else if ((guint8)c < 0x20 || c == 0x7f) {
        flag(r, MGK_FORMULA_MALFORMED, NULL);
    }
    r->at += full_width(r->at, r->end) ? 3 : 1;
}

static void read_token(Reader *r)
{
    gboolean joined = r->after_name;
    if (*r->at == '[') {
        if (r->open)
            read_reference(r);
        else
            read_brackets(r);
        r->after_rc = FALSE;
        return;
    }
    if (name_char(r->at, r->end)) {
        r->after_name = r->after_rc = FALSE;
        read_name(r);
        return;
    }
    r->after_name = r->after_rc = FALSE;
    const char *text;
    gsize size;
    if (*r->at == '"') {
        r->at++;
        if (read_string(r, &text, &size) && r->indirect_depth)
            check_indirect(r, text, size);
    } else if (*r->at == '\'') {
        r->at++;
        if (r->open)
            read_quoted_open(r);
        else
            read_quoted(r);
    } else if (*r->at == '#' && !joined) {
        read_error(r);
    } else if (!skip_blanks(r)) {
        read_operator(r);
    }
}

guint mgk_formula_read(const char *text, gsize size, const MgkFormulaNames *names, MgkFormula *ret_formula)
{
    return mgk_formula_read_as(MGK_FORMULA_EXCEL, text, size, names, ret_formula);
}

guint mgk_formula_read_as(MgkFormulaDialect dialect, const char *text, gsize size, const MgkFormulaNames *names,
                          MgkFormula *ret_formula)
{
    memset(ret_formula, 0, sizeof *ret_formula);
    Reader r = {
        .at = text, .end = text + size, .names = names, .formula = ret_formula, .open = dialect == MGK_FORMULA_OPEN};
    while (r.at < r.end)
        read_token(&r);
    return ret_formula->flags;
}

char *mgk_formula_name_key(const char *name, gssize size)
{
    g_autofree char *valid = g_utf8_make_valid(name, size);
    return g_utf8_casefold(valid, -1);
}
