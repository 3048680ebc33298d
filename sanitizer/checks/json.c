/* A push-down automaton over bytes: what may come next, and a stack of what is open. */
#include "checks/data.h"
#include "checks/text.h"

#include <string.h>

#define LEVELS 512

typedef enum { VALUE, VALUE_OR_END, NAME, NAME_OR_END, COLON, COMMA_OR_END, DONE } Next;

typedef struct Level {
    gboolean object;
    GHashTable *names; /* owned; NULL in arrays */
} Level;

typedef struct Look {
    const guint8 *data; /* borrowed */
    gsize size, at;
    Next next;
    GArray *levels; /* owned; of Level */
} Look;

static gboolean refuse(const Look *look, const char *why, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "JSON: %s at byte %" G_GSIZE_FORMAT, why, look->at);
    return FALSE;
}

static Level *top(const Look *look)
{
    return look->levels->len ? &g_array_index(look->levels, Level, look->levels->len - 1) : NULL;
}

static void after_value(Look *look)
{
    look->next = look->levels->len ? COMMA_OR_END : DONE;
}

static gboolean open_level(Look *look, gboolean object)
{
    Level level = {.object = object,
                   .names = object ? g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) : NULL};
    g_array_append_val(look->levels, level);
    look->next = object ? NAME_OR_END : VALUE_OR_END;
    look->at++;
    return look->levels->len <= LEVELS;
}

static void close_level(Look *look)
{
    Level *level = top(look);
    if (level->names)
        g_hash_table_unref(level->names);
    g_array_set_size(look->levels, look->levels->len - 1);
    after_value(look);
    look->at++;
}

static guint unit_at(const Look *look, gsize at)
{
    guint value = 0;
    for (gsize i = at; i < at + 4; i++) {
        if (i >= look->size || !g_ascii_isxdigit((char)look->data[i]))
            return 0;
        value = value * 16 + (guint)g_ascii_xdigit_value((char)look->data[i]);
    }
    return value;
}

/* How many bytes the escape at look->at takes; 0 when it is none. *ret_code: what it means. */
static gsize escape_size(const Look *look, gunichar *ret_code)
{
    guint8 letter = look->at + 1 < look->size ? look->data[look->at + 1] : 0;
    switch (letter) {
    case 'b':
        *ret_code = 8;
        return 2;
    case 't':
        *ret_code = 9;
        return 2;
    case 'n':
        *ret_code = 10;
        return 2;
    case 'f':
        *ret_code = 12;
        return 2;
    case 'r':
        *ret_code = 13;
        return 2;
    case '"':
    case '\\':
    case '/':
        *ret_code = letter;
        return 2;
    case 'u':
        break;
    default:
        return 0;
    }
    guint high = unit_at(look, look->at + 2);
    *ret_code = high;
    if (high < 0xd800 || high > 0xdfff)
        return high ? 6 : 0;
    gboolean more = look->at + 7 < look->size && look->data[look->at + 6] == '\\' && look->data[look->at + 7] == 'u';
    guint low = more ? unit_at(look, look->at + 8) : 0;
    *ret_code = 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff));
    return high < 0xdc00 && low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
}

/* Past the string at look->at; its meaning goes to text. */
static gboolean take_string(Look *look, GString *text)
{
    for (look->at++; look->at < look->size && look->data[look->at] != '"';) {
        guint8 c = look->data[look->at];
        gunichar code = 0;
        gsize size = c == '\\' ? escape_size(look, &code) : 1;
        if (size == 0 || c < 0x20)
            return FALSE;
        if (c == '\\')
            g_string_append_unichar(text, code);
        else
            g_string_append_c(text, (char)c);
        look->at += size;
    }
    return look->at++ < look->size;
}

/* -?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)? by one table: states in rows, columns 0, 1-9, -, +, ., e. */
static gboolean take_number(Look *look)
{
    enum { START, MINUS, ZERO, WHOLE, POINT, PART, EXPONENT, SIGN, POWER, STOP };
    static const guint8 table[STOP][6] = {
        [START] = {ZERO, WHOLE, MINUS, STOP, STOP, STOP},    [MINUS] = {ZERO, WHOLE, STOP, STOP, STOP, STOP},
        [ZERO] = {STOP, STOP, STOP, STOP, POINT, EXPONENT},  [WHOLE] = {WHOLE, WHOLE, STOP, STOP, POINT, EXPONENT},
        [POINT] = {PART, PART, STOP, STOP, STOP, STOP},      [PART] = {PART, PART, STOP, STOP, STOP, EXPONENT},
        [EXPONENT] = {POWER, POWER, SIGN, SIGN, STOP, STOP}, [SIGN] = {POWER, POWER, STOP, STOP, STOP, STOP},
        [POWER] = {POWER, POWER, STOP, STOP, STOP, STOP}};
    static const char columns[] = "0123456789-+.eE";
    guint state = START;
    for (; look->at < look->size; look->at++) {
        const char *found = memchr(columns, look->data[look->at], sizeof columns - 1);
        if (!found)
            break;
        gsize column = (gsize)(found - columns);
        column = column < 10 ? column > 0 : MIN(column - 8, 5);
        state = table[state][column];
        if (state == STOP)
            return FALSE;
    }
    return state == ZERO || state == WHOLE || state == PART || state == POWER;
}

static gboolean take_literal(Look *look, const char *word)
{
    gsize length = strlen(word);
    gboolean same = look->size - look->at >= length && memcmp(look->data + look->at, word, length) == 0;
    look->at += same ? length : 0;
    return same;
}

static gboolean take_value(Look *look, guint8 c, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    if (c == '{' || c == '[')
        return open_level(look, c == '{') || refuse(look, "too deep", error);
    gboolean ok = c == '"'   ? take_string(look, text)
                  : c == 't' ? take_literal(look, "true")
                  : c == 'f' ? take_literal(look, "false")
                  : c == 'n' ? take_literal(look, "null")
                             : take_number(look);
    after_value(look);
    return ok || refuse(look, "no value", error);
}

static gboolean take_name(Look *look, guint8 c, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    if (c != '"' || !take_string(look, text))
        return refuse(look, "no name", error);
    look->next = COLON;
    return g_hash_table_add(top(look)->names, g_strdup(text->str)) || refuse(look, "a name twice", error);
}

static gboolean take_comma(Look *look, guint8 c, GError **error)
{
    if (c != ',')
        return refuse(look, "no comma", error);
    look->next = top(look)->object ? NAME : VALUE;
    look->at++;
    return TRUE;
}

static gboolean step(Look *look, GError **error)
{
    guint8 c = look->data[look->at];
    gboolean may_close = look->next == VALUE_OR_END || look->next == NAME_OR_END || look->next == COMMA_OR_END;
    if (may_close && c == (top(look)->object ? '}' : ']')) {
        close_level(look);
        return TRUE;
    }
    switch (look->next) {
    case VALUE:
    case VALUE_OR_END:
        return take_value(look, c, error);
    case NAME:
    case NAME_OR_END:
        return take_name(look, c, error);
    case COLON:
        look->next = VALUE;
        look->at++;
        return c == ':' || refuse(look, "no colon", error);
    case COMMA_OR_END:
        return take_comma(look, c, error);
    case DONE:
        break;
    }
    return refuse(look, "something behind the value", error);
}

gboolean mgk_check_json(MgkJob *job, GError **error)
{
    gboolean marked = job->size >= 3 && memcmp(job->data, "\xef\xbb\xbf", 3) == 0;
    if (!mgk_check_text(job, error))
        return FALSE;
    Look look = {.data = job->data, .size = job->size, .next = VALUE};
    if (marked || !g_utf8_validate((const char *)job->data, (gssize)job->size, NULL))
        return refuse(&look, "no plain UTF-8", error);
    look.levels = g_array_new(FALSE, FALSE, sizeof(Level));
    gboolean ok = TRUE;
    while (ok && look.at < look.size) {
        if (strchr(" \t\r\n", look.data[look.at]))
            look.at++;
        else
            ok = step(&look, error);
    }
    ok = ok && (look.next == DONE || refuse(&look, "an end too early", error));
    while (look.levels->len)
        close_level(&look);
    g_array_unref(look.levels);
    return ok;
}
