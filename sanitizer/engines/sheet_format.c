#include "engines/sheet_format.h"

#include <math.h>
#include <string.h>

#define SECTIONS 4
#define DECIMALS_MAX 15

static const struct {
    guint id;
    const char *code;
} builtins[] = {{1, "0"},
                {2, "0.00"},
                {3, "#,##0"},
                {4, "#,##0.00"},
                {9, "0%"},
                {10, "0.00%"},
                {11, "0.00E+00"},
                {14, "yyyy/m/d"},
                {15, "d-mmm-yy"},
                {16, "d-mmm"},
                {17, "mmm-yy"},
                {18, "h:mm AM/PM"},
                {19, "h:mm:ss AM/PM"},
                {20, "h:mm"},
                {21, "h:mm:ss"},
                {22, "yyyy/m/d h:mm"},
                {27, "ge.m.d"},
                {28, "ggge年m月d日"},
                {29, "ggge年m月d日"},
                {30, "m/d/yy"},
                {31, "yyyy年m月d日"},
                {32, "h時mm分"},
                {33, "h時mm分ss秒"},
                {34, "yyyy年m月"},
                {35, "m月d日"},
                {36, "ge.m.d"},
                {37, "#,##0;-#,##0"},
                {38, "#,##0;-#,##0"},
                {39, "#,##0.00;-#,##0.00"},
                {40, "#,##0.00;-#,##0.00"},
                {45, "mm:ss"},
                {46, "[h]:mm:ss"},
                {47, "mm:ss.0"},
                {50, "ge.m.d"},
                {51, "ggge年m月d日"},
                {52, "yyyy年m月"},
                {53, "m月d日"},
                {54, "ggge年m月d日"},
                {55, "yyyy年m月"},
                {56, "m月d日"},
                {57, "ge.m.d"},
                {58, "ggge年m月d日"}};

const char *mgk_sheet_format_builtin(guint id)
{
    for (guint i = 0; i < G_N_ELEMENTS(builtins); i++) {
        if (builtins[i].id == id)
            return builtins[i].code;
    }
    return NULL;
}

/* ---- tokens ---- */

typedef enum {
    LITERAL, /* text stands as it is */
    DIGIT,   /* 0 # ? */
    POINT,
    COMMA,
    PERCENT,
    EXPONENT,
    TEXT_SIGN, /* @ */
    GENERAL,
    DATE, /* y m d h s g e a, length times; b elapsed */
    NOON, /* AM/PM */
    UNKNOWN
} Kind;

typedef struct Token {
    Kind kind;
    char letter;
    guint length;
    gboolean elapsed;
    char text[32]; /* LITERAL, cut to a character */
} Token;

static void set_text(Token *token, const char *from, gsize size)
{
    *token = (Token){.kind = LITERAL};
    size = MIN(size, sizeof token->text - 1);
    memcpy(token->text, from, size);
    const char *end;
    if (!g_utf8_validate(token->text, (gssize)size, &end))
        token->text[end - token->text] = '\0';
}

/* [Red], [>=100], [$¥-411], [h]; returns what follows the bracket. */
static const char *read_bracket(const char *at, Token *token)
{
    const char *close = strchr(at, ']');
    if (!close) {
        token->kind = UNKNOWN;
        return at + strlen(at);
    }
    char letter = g_ascii_tolower(at[1]);
    gsize inside = (gsize)(close - at) - 1;
    if (at[1] == '$') {
        const char *dash = memchr(at, '-', (gsize)(close - at));
        set_text(token, at + 2, (gsize)((dash ? dash : close) - at) - 2);
    } else if (inside > 0 && strspn(at + 1, letter == 'h' ? "hH" : letter == 'm' ? "mM" : "sS") == inside) {
        *token = (Token){.kind = DATE, .letter = letter, .length = (guint)inside, .elapsed = TRUE};
    } else {
        set_text(token, "", 0);
    }
    return close + 1;
}

static const char *read_quoted(const char *at, Token *token)
{
    const char *close = strchr(at + 1, '"');
    set_text(token, at + 1, close ? (gsize)(close - at) - 1 : strlen(at + 1));
    return close ? close + 1 : at + strlen(at);
}

static const char *read_letter(const char *at, Token *token)
{
    static const char dates[] = "ymdhsgea";
    char letter = g_ascii_tolower(*at);
    guint length = 1;
    while (g_ascii_tolower(at[length]) == letter)
        length++;
    if (g_ascii_strncasecmp(at, "AM/PM", 5) == 0 || g_ascii_strncasecmp(at, "A/P", 3) == 0) {
        token->kind = NOON;
        return at + (g_ascii_tolower(at[1]) == 'm' ? 5 : 3);
    }
    if (letter == 'e' && (at[1] == '+' || at[1] == '-')) {
        token->kind = EXPONENT;
        return at + 2;
    }
    if (letter == 'g' && g_ascii_strncasecmp(at, "General", 7) == 0) {
        token->kind = GENERAL;
        return at + 7;
    }
    *token = (Token){.kind = strchr(dates, letter) ? DATE : UNKNOWN, .letter = letter, .length = length};
    return at + length;
}

/* A sign that speaks of the character behind it: that itself, a space as wide, or a filling with it. */
static const char *read_pair(const char *at, Token *token)
{
    const char *next = at + 1, *end = *next ? g_utf8_next_char(next) : next;
    if (*at == '\\')
        set_text(token, next, (gsize)(end - next));
    else
        set_text(token, " ", *at == '_');
    return end;
}

static Kind kind_of_sign(char sign)
{
    static const struct {
        char sign;
        Kind kind;
    } rows[] = {{'0', DIGIT}, {'#', DIGIT}, {'?', DIGIT}, {'.', POINT}, {',', COMMA}, {'%', PERCENT}, {'@', TEXT_SIGN}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].sign == sign)
            return rows[i].kind;
    }
    return LITERAL;
}

static const char *read_token(const char *at, Token *token)
{
    const char *next = g_utf8_next_char(at);
    *token = (Token){.kind = LITERAL};
    if (*at == '[')
        return read_bracket(at, token);
    if (*at == '"')
        return read_quoted(at, token);
    if (g_ascii_isalpha(*at))
        return read_letter(at, token);
    if (*at == '\\' || *at == '_' || *at == '*')
        return read_pair(at, token);
    token->kind = kind_of_sign(*at);
    token->letter = *at;
    if (token->kind == LITERAL)
        set_text(token, at, (gsize)(next - at));
    return next;
}

static GArray *read_tokens(const char *code, gsize size)
{
    GArray *tokens = g_array_new(FALSE, TRUE, sizeof(Token));
    g_autofree char *section = g_strndup(code, size);
    for (const char *at = section; *at;) {
        Token token;
        at = read_token(at, &token);
        g_array_append_val(tokens, token);
    }
    return tokens;
}

/* Start and size of up to four sections; semicolons in quotes and behind a backslash do not count. */
static guint split(const char *code, const char *starts[SECTIONS], gsize sizes[SECTIONS])
{
    guint n = 0;
    const char *start = code;
    gboolean quoted = FALSE;
    for (const char *at = code;; at++) {
        if (*at == '"')
            quoted = !quoted;
        else if (*at == '\\' && at[1] && !quoted)
            at++;
        else if (!*at || (*at == ';' && !quoted)) {
            starts[n] = start;
            sizes[n++] = (gsize)(at - start);
            start = at + 1;
            if (!*at || n == SECTIONS)
                return n;
        }
    }
}

/* ---- numbers ---- */

static char *general(double number)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    return g_strdup(g_ascii_formatd(buffer, sizeof buffer, "%.15g", number));
}

static gboolean has(const GArray *tokens, Kind kind)
{
    for (guint i = 0; i < tokens->len; i++) {
        if (g_array_index(tokens, Token, i).kind == kind)
            return TRUE;
    }
    return FALSE;
}

typedef struct Shape {
    guint whole, decimals; /* least digits before, most behind the point */
    guint optional;        /* of the decimals: # */
    gboolean thousands, fraction;
    guint scale; /* powers of ten to divide by */
} Shape;

static Shape shape_of(const GArray *tokens)
{
    Shape shape = {0};
    gboolean behind = FALSE, any = FALSE;
    guint commas = 0;
    for (guint i = 0; i < tokens->len; i++) {
        const Token *token = &g_array_index(tokens, Token, i);
        if (token->kind == EXPONENT)
            break; /* its digits are printf's */
        if (token->kind == DIGIT) {
            shape.thousands |= commas > 0 && !behind;
            commas = 0;
            shape.whole += !behind && token->letter == '0';
            shape.decimals += behind;
            shape.optional = behind && token->letter == '#' ? shape.optional + 1 : 0;
            any = TRUE;
        } else if (token->kind == COMMA && any) {
            commas++;
        } else if (token->kind == POINT) {
            behind = TRUE;
        } else if (token->kind == PERCENT) {
            shape.scale -= 2;
        } else if (token->kind == LITERAL && token->text[0] == '/' && any) {
            shape.fraction = TRUE;
        }
    }
    shape.scale += 3 * commas;
    shape.decimals = MIN(shape.decimals, DECIMALS_MAX);
    shape.optional = MIN(shape.optional, shape.decimals);
    shape.whole = MIN(shape.whole, DECIMALS_MAX);
    return shape;
}

static char *digits(double number, const Shape *shape, gboolean exponent)
{
    char format[16], buffer[512];
    g_snprintf(format, sizeof format, "%%.%u%s", shape->decimals, exponent ? "E" : "f");
    g_ascii_formatd(buffer, sizeof buffer, format, number);
    if (exponent)
        return g_strdup(buffer);
    GString *text = g_string_new(buffer);
    char *point = strchr(text->str, '.');
    gsize whole = point ? (gsize)(point - text->str) : text->len;
    for (guint i = 0; i < shape->optional && text->str[text->len - 1] == '0'; i++)
        g_string_truncate(text, text->len - 1);
    if (text->len == whole + 1)
        g_string_truncate(text, whole);
    if (shape->whole == 0 && whole == 1 && text->str[0] == '0') {
        g_string_erase(text, 0, 1);
        whole = 0;
    }
    for (; whole < shape->whole; whole++)
        g_string_prepend_c(text, '0');
    for (gsize i = whole; shape->thousands && i > 3; i -= 3)
        g_string_insert_c(text, (gssize)i - 3, ',');
    return g_string_free(text, FALSE);
}

static char *as_number(double number, const GArray *tokens, gboolean minus)
{
    Shape shape = shape_of(tokens);
    if (shape.fraction || has(tokens, UNKNOWN))
        return general(minus ? -number : number);
    g_autofree char *value = digits(number / pow(10, (double)(gint)shape.scale), &shape, has(tokens, EXPONENT));
    GString *text = g_string_new(minus && strpbrk(value, "123456789") ? "-" : NULL);
    gboolean placed = FALSE;
    for (guint i = 0; i < tokens->len; i++) {
        const Token *token = &g_array_index(tokens, Token, i);
        if (token->kind == LITERAL)
            g_string_append(text, token->text);
        else if (token->kind == PERCENT)
            g_string_append_c(text, '%');
        else if (token->kind == GENERAL) {
            g_autofree char *plain = general(number);
            g_string_append(text, plain);
        } else if (token->kind == DIGIT && !placed) {
            g_string_append(text, value);
            placed = TRUE;
        }
    }
    return g_string_free(text, FALSE);
}

/* ---- dates ---- */

typedef struct Moment {
    int year, month, day, weekday, hour, minute;
    double second;
    double serial;
} Moment;

static gboolean moment_of(double serial, gboolean date1904, guint decimals, Moment *m)
{
    double unit = 86400 * pow(10, (double)MIN(decimals, 3u));
    serial = floor(serial * unit + 0.5) / unit; /* as many digits as are shown */
    double whole = floor(serial), rest = (serial - whole) * 86400;
    if (serial < 0 || whole > 2958465)
        return FALSE;
    /* 1900 counts a 29 February that never was: days before it lie one further on */
    gint64 days = (gint64)whole + (date1904 ? 1462 : whole < 60 ? 1 : 0);
    g_autoptr(GDate) date = g_date_new_dmy(30, G_DATE_DECEMBER, 1899);
    g_date_add_days(date, (guint)days);
    *m = (Moment){.year = g_date_get_year(date),
                  .month = (int)g_date_get_month(date),
                  .day = g_date_get_day(date),
                  .weekday = (int)g_date_get_weekday(date) % 7,
                  .hour = (int)(rest / 3600) % 24,
                  .minute = (int)(rest / 60) % 60,
                  .second = fmod(rest, 60),
                  .serial = serial};
    return TRUE;
}

static void put_era(GString *text, const Moment *m, guint names, gboolean year, guint digits_wanted)
{
    static const struct {
        int since; /* yyyymmdd */
        const char *letter, *one, *two;
    } eras[] = {{20190501, "R", "令", "令和"},
                {19890108, "H", "平", "平成"},
                {19261225, "S", "昭", "昭和"},
                {19120730, "T", "大", "大正"},
                {0, "M", "明", "明治"}};
    guint i = 0;
    while (m->year * 10000 + m->month * 100 + m->day < eras[i].since)
        i++;
    int base = eras[i].since ? eras[i].since / 10000 : 1868;
    if (names)
        g_string_append(text, names == 1 ? eras[i].letter : names == 2 ? eras[i].one : eras[i].two);
    if (year)
        g_string_append_printf(text, digits_wanted > 1 ? "%02d" : "%d", m->year - base + 1);
}

static void put_name(GString *text, const char *const *names, guint index, guint length)
{
    g_string_append_len(text, names[index], length <= 3 ? 3 : (gssize)strlen(names[index]));
}

static void put_day(GString *text, const Moment *m, guint length)
{
    static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    if (length <= 2)
        g_string_append_printf(text, length == 2 ? "%02d" : "%d", m->day);
    else
        put_name(text, days, (guint)m->weekday, length);
}

static void put_month(GString *text, const Moment *m, guint length)
{
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    if (length <= 2)
        g_string_append_printf(text, length == 2 ? "%02d" : "%d", m->month);
    else
        put_name(text, months, (guint)m->month - 1, length);
}

/* m is minutes behind hours or before seconds. */
static gboolean is_minute(const GArray *tokens, guint index)
{
    for (guint i = index; i-- > 0;) {
        const Token *token = &g_array_index(tokens, Token, i);
        if (token->kind == DATE)
            return token->letter == 'h';
    }
    for (guint i = index + 1; i < tokens->len; i++) {
        const Token *token = &g_array_index(tokens, Token, i);
        if (token->kind == DATE)
            return token->letter == 's';
    }
    return FALSE;
}

static void put_elapsed(GString *text, const Moment *m, const Token *token)
{
    double per_day = token->letter == 'h' ? 24 : token->letter == 'm' ? 1440 : 86400;
    g_string_append_printf(text, token->length > 1 ? "%02.0f" : "%.0f", floor(m->serial * per_day + 1e-6));
}

static void put_date(GString *text, const Moment *m, const GArray *tokens, guint index, gboolean noon)
{
    static const char *const weekdays[] = {"日", "月", "火", "水", "木", "金", "土"};
    const Token *token = &g_array_index(tokens, Token, index);
    int width = token->length > 1 ? 2 : 1;
    if (token->elapsed)
        put_elapsed(text, m, token);
    else if (token->letter == 'y')
        g_string_append_printf(text, token->length > 2 ? "%04d" : "%02d", token->length > 2 ? m->year : m->year % 100);
    else if (token->letter == 'm' && is_minute(tokens, index))
        g_string_append_printf(text, "%0*d", width, m->minute);
    else if (token->letter == 'm')
        put_month(text, m, token->length);
    else if (token->letter == 'd')
        put_day(text, m, token->length);
    else if (token->letter == 'h')
        g_string_append_printf(text, "%0*d", width, noon ? (m->hour + 11) % 12 + 1 : m->hour);
    else if (token->letter == 's')
        g_string_append_printf(text, "%0*d", width, (int)m->second);
    else if (token->letter == 'g')
        put_era(text, m, token->length, FALSE, 0);
    else if (token->letter == 'e')
        put_era(text, m, 0, TRUE, token->length);
    else if (token->letter == 'a')
        g_string_append_printf(text, "%s%s", weekdays[m->weekday], token->length > 3 ? "曜日" : "");
}

static void put_part_of_second(GString *text, const Moment *m, guint decimals)
{
    g_string_append_printf(text, ".%0*d", (int)decimals,
                           (int)((m->second - floor(m->second)) * pow(10, (double)decimals) + 1e-6));
}

static char *as_date(double number, const GArray *tokens, gboolean date1904)
{
    Moment m;
    guint decimals = MIN(shape_of(tokens).decimals, 3u);
    if (!moment_of(number, date1904, decimals, &m))
        return general(number);
    GString *text = g_string_new(NULL);
    gboolean noon = has(tokens, NOON);
    for (guint i = 0; i < tokens->len; i++) {
        const Token *token = &g_array_index(tokens, Token, i);
        if (token->kind == DATE)
            put_date(text, &m, tokens, i, noon);
        else if (token->kind == NOON)
            g_string_append(text, m.hour < 12 ? "AM" : "PM");
        else if (token->kind == POINT && decimals > 0)
            put_part_of_second(text, &m, decimals);
        else if (token->kind == LITERAL)
            g_string_append(text, token->text);
        else if (token->kind == COMMA || token->kind == POINT)
            g_string_append_c(text, token->letter);
    }
    return g_string_free(text, FALSE);
}

char *mgk_sheet_format_number(double number, const char *code, gboolean date1904)
{
    const char *starts[SECTIONS];
    gsize sizes[SECTIONS];
    if (!code || !*code || !isfinite(number))
        return general(number);
    guint n = split(code, starts, sizes);
    guint section = number < 0 && n > 1 ? 1 : number == 0 && n > 2 ? 2 : 0;
    if (memchr(starts[section], '[', sizes[section]) && strpbrk(code, "<>")) /* conditions: shown plainly */
        return general(number);
    g_autoptr(GArray) tokens = read_tokens(starts[section], sizes[section]);
    if (has(tokens, DATE) || has(tokens, NOON))
        return as_date(number, tokens, date1904);
    if (has(tokens, TEXT_SIGN))
        return general(number);
    return as_number(fabs(number), tokens, number < 0 && section == 0);
}

char *mgk_sheet_format_text(const char *text, const char *code)
{
    const char *starts[SECTIONS];
    gsize sizes[SECTIONS];
    if (!code || split(code, starts, sizes) < SECTIONS)
        return g_strdup(text);
    g_autoptr(GArray) tokens = read_tokens(starts[3], sizes[3]);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < tokens->len; i++) {
        const Token *token = &g_array_index(tokens, Token, i);
        if (token->kind == TEXT_SIGN || token->kind == GENERAL)
            g_string_append(out, text);
        else if (token->kind == LITERAL)
            g_string_append(out, token->text);
    }
    return g_string_free(out, FALSE);
}
