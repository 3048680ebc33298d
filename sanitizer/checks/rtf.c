/* rtf.c - the second look at RTF. A reader of its own: every byte printable ASCII or a line feed; groups balanced and
 * nothing behind the last; every word and every drawing property on a closed list, group words only where a group
 * begins; no \bin, no \uc; a \u with exactly one "?"; pictures are whole PNG, JPEG, EMF or WMF files in hex; every
 * field code is harmless as it reads with each byte for itself. */
#include "checks/rtf.h"

#include "checks/checks.h"
#include "checks/foreign.h"
#include "checks/ooxml_field.h"
#include "checks/picture.h"

#include <string.h>

enum { MAX_WORD = 40, MAX_CODE = 1 << 18 };

typedef struct Group {
    gboolean started, picture, code, name, level;
} Group;

typedef struct Look {
    MgkJob *job; /* borrowed */
    const guint8 *data;
    gsize size, at;
    GArray *groups;     /* owned; of Group, those open */
    GHashTable *words;  /* owned; word → 1, or 2 when it begins a group */
    GHashTable *names;  /* owned; properties */
    GString *code;      /* owned; of the outermost instruction at hand, with what lies in it */
    GString *name;      /* owned */
    GByteArray *pixels; /* owned */
    gboolean star;
    guint codes; /* instructions open */
} Look;

static gboolean refuse(const Look *look, const char *what, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "%s at byte %" G_GSIZE_FORMAT, what, look->at);
    return FALSE;
}

static void list(GHashTable *table, const char *words, guint value)
{
    g_auto(GStrv) each = g_strsplit(words, " ", -1);
    for (guint i = 0; each[i]; i++)
        g_hash_table_insert(table, g_strdup(each[i]), GUINT_TO_POINTER(value));
}

static void read_lists(Look *look)
{
    look->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    look->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
#define LOOK_RTF_WORD(row) list(look->words, row, 1);
#define LOOK_RTF_GROUP(row) list(look->words, row, 2);
#define LOOK_RTF_PROPERTY(row) list(look->names, row, 1);
#include "checks/rtf_words.def"
#undef LOOK_RTF_WORD
#undef LOOK_RTF_GROUP
#undef LOOK_RTF_PROPERTY
}

static Group *innermost(const Look *look)
{
    return &g_array_index(look->groups, Group, look->groups->len - 1);
}

/* ---- text ---- */

static gboolean take_hex_line(Look *look, GError **error)
{
    while (look->at < look->size && look->data[look->at] == '\n')
        look->at++;
    while (look->at + 1 < look->size && g_ascii_isxdigit(look->data[look->at])) {
        if (!g_ascii_isxdigit(look->data[look->at + 1]))
            return refuse(look, "half a byte", error);
        guint8 byte = (guint8)(g_ascii_xdigit_value((char)look->data[look->at]) << 4 |
                               g_ascii_xdigit_value((char)look->data[look->at + 1]));
        g_byte_array_append(look->pixels, &byte, 1);
        look->at += 2;
    }
    return TRUE;
}

static gboolean see_text(Look *look, guint8 byte, gboolean escaped, GError **error)
{
    const Group *group = innermost(look);
    char shown = escaped && byte > 0x7f ? '?' : (char)byte;
    if (shown == '\0')
        return TRUE;
    if (group->name)
        g_string_append_c(look->name, shown);
    if (look->codes > 0)
        g_string_append_c(look->code, shown);
    return look->code->len <= MAX_CODE ? TRUE : refuse(look, "a long instruction", error);
}

/* ---- controls ---- */

static gboolean take_escape(Look *look, GError **error)
{
    static const char digits[] = "0123456789abcdef";
    if (look->size - look->at < 2)
        return refuse(look, "half an escape", error);
    const char *high = memchr(digits, look->data[look->at], 16), *low = memchr(digits, look->data[look->at + 1], 16);
    if (!high || !low)
        return refuse(look, "an escape that we never write", error);
    guint8 byte = (guint8)((high - digits) << 4 | (low - digits));
    if (byte < 0x20 && !innermost(look)->level) /* numbers, there */
        return refuse(look, "a control character", error);
    look->at += 2;
    return see_text(look, byte, TRUE, error);
}

static gboolean take_parameter(Look *look, gint64 *ret_value, GError **error)
{
    gsize start = look->at;
    gboolean negative = look->at < look->size && look->data[look->at] == '-';
    gint64 value = 0;
    look->at += negative;
    gsize digits = look->at;
    for (; look->at < look->size && g_ascii_isdigit(look->data[look->at]) && look->at - digits <= 10; look->at++)
        value = value * 10 + (look->data[look->at] - '0');
    if (look->at == digits)
        look->at = start;
    *ret_value = negative ? -value : value;
    return value <= (gint64)G_MAXINT32 + 1 ? TRUE : refuse(look, "a large number", error);
}

static gboolean begin_group(Look *look, const char *word, GError **error)
{
    Group *group = innermost(look);
    if (group->started)
        return refuse(look, "a destination in the middle of a group", error);
    group->picture = strcmp(word, "pict") == 0;
    group->name = strcmp(word, "sn") == 0;
    group->code = strcmp(word, "fldinst") == 0;
    group->level = strcmp(word, "leveltext") == 0 || strcmp(word, "levelnumbers") == 0;
    look->codes += group->code;
    if (group->picture)
        g_byte_array_set_size(look->pixels, 0);
    if (group->name)
        g_string_truncate(look->name, 0);
    return TRUE;
}

static gboolean take_unit(Look *look, gint64 value, GError **error)
{
    if (value < G_MININT16 || value > G_MAXINT16 || look->at >= look->size || look->data[look->at] != '?')
        return refuse(look, "a character without its fallback", error);
    look->at++;
    guint16 unit = (guint16)value;
    if (unit < 0x20 || unit == 0x7f)
        return refuse(look, "a control character", error);
    return see_text(look, unit > 0x7f ? 0xff : (guint8)unit, TRUE, error);
}

static gboolean take_word(Look *look, GError **error)
{
    char word[MAX_WORD];
    gsize n = 0;
    gint64 value = 0;
    for (; look->at < look->size && g_ascii_isalpha(look->data[look->at]) && n + 1 < sizeof word; look->at++)
        word[n++] = (char)look->data[look->at];
    word[n] = '\0';
    if (!take_parameter(look, &value, error))
        return FALSE;
    if (strcmp(word, "u") == 0)
        return take_unit(look, value, error);
    if (look->at < look->size && look->data[look->at] == ' ')
        look->at++;
    if (strcmp(word, "rtf") == 0 && look->groups->len == 1 && !innermost(look)->started && value == 1)
        return TRUE;
    guint known = GPOINTER_TO_UINT(g_hash_table_lookup(look->words, word));
    if (!known)
        return refuse(look, "a word that we never write", error);
    if (look->codes > 0 && (g_str_equal(word, "tab") || g_str_equal(word, "par") || g_str_equal(word, "line")))
        g_string_append_c(look->code, ' ');
    return known == 1 || begin_group(look, word, error);
}

static gboolean take_control(Look *look, GError **error)
{
    guint8 next = look->at < look->size ? look->data[look->at] : 0;
    if (g_ascii_isalpha(next)) {
        if (!take_word(look, error))
            return FALSE;
        innermost(look)->started = TRUE;
        look->star = FALSE;
        return TRUE;
    }
    look->at++;
    if (next == '*') {
        if (innermost(look)->started || look->star)
            return refuse(look, "\\* in the middle of a group", error);
        look->star = TRUE;
        return TRUE;
    }
    innermost(look)->started = TRUE;
    if (next == '\'')
        return take_escape(look, error);
    if (next == 0 || !strchr("\\{}~-_:|", next))
        return refuse(look, "a symbol that we never write", error);
    return strchr("\\{}", next) ? see_text(look, next, FALSE, error) : TRUE;
}

/* ---- groups ---- */

static MgkFormatId picture_format(const guint8 *data, gsize size)
{
    if (size > 4 && memcmp(data, "\x89PNG", 4) == 0)
        return MGK_FORMAT_ID_png;
    if (size > 2 && memcmp(data, "\xff\xd8", 2) == 0)
        return MGK_FORMAT_ID_jpeg;
    return size > 44 && memcmp(data, "\1\0\0\0", 4) == 0 ? MGK_FORMAT_ID_emf : MGK_FORMAT_ID_wmf;
}

static gboolean look_at_picture(const Look *look, GError **error)
{
    const guint8 *data = look->pixels->data;
    return mgk_check_picture(look->job, "picture", picture_format(data, look->pixels->len), data, look->pixels->len,
                             error);
}

static gboolean close_group(Look *look, GError **error)
{
    Group group = *innermost(look);
    if (look->star)
        return refuse(look, "\\* without a word", error);
    if (group.picture && !look_at_picture(look, error))
        return FALSE;
    if (group.name && !g_hash_table_contains(look->names, look->name->str))
        return refuse(look, "a drawing property that we never write", error);
    g_array_set_size(look->groups, look->groups->len - 1);
    if (!group.code)
        return TRUE;
    if (!mgk_look_field_is_safe(look->code->str))
        return refuse(look, "a field", error);
    if (--look->codes == 0)
        g_string_truncate(look->code, 0);
    return TRUE;
}

static gboolean open_group(Look *look, GError **error)
{
    Group group = {0};
    if (look->groups->len > 0 && innermost(look)->picture && look->pixels->len > 0)
        return refuse(look, "a group within a picture's bytes", error);
    if (look->star)
        return refuse(look, "\\* without a word", error);
    if (look->groups->len > 0) {
        innermost(look)->started = TRUE;
        group.name = innermost(look)->name;
    }
    g_array_append_val(look->groups, group);
    return TRUE;
}

static gboolean take(Look *look, GError **error)
{
    guint8 byte = look->data[look->at++];
    if (byte == '{')
        return open_group(look, error);
    if (look->groups->len == 0)
        return refuse(look, "something outside the document", error);
    if (byte == '}')
        return close_group(look, error);
    if (byte == '\\')
        return take_control(look, error);
    if (byte == '\n')
        return innermost(look)->picture ? take_hex_line(look, error) : TRUE;
    if (byte < 0x20 || byte > 0x7e || innermost(look)->picture || look->star)
        return refuse(look, "a byte that we never write", error);
    innermost(look)->started = TRUE;
    return see_text(look, byte, FALSE, error);
}

static gboolean walk(Look *look, GError **error)
{
    if (look->size < 6 || memcmp(look->data, "{\\rtf1", 6) != 0)
        return refuse(look, "another beginning", error);
    while (look->at < look->size) {
        if (look->at > 0 && look->groups->len == 0)
            return refuse(look, "something behind the end", error);
        if (!take(look, error))
            return FALSE;
    }
    return look->groups->len == 0 ? TRUE : refuse(look, "an open group", error);
}

gboolean mgk_check_rtf(MgkJob *job, GError **error)
{
    Look look = {.job = job, .data = job->data, .size = job->size};
    look.groups = g_array_new(FALSE, TRUE, sizeof(Group));
    look.code = g_string_new(NULL);
    look.name = g_string_new(NULL);
    look.pixels = g_byte_array_new();
    read_lists(&look);
    gboolean ok =
        walk(&look, error) && mgk_check_foreign(job->data, job->size, mgk_foreign_shape(MGK_FORMAT_ID_rtf), error);
    g_array_unref(look.groups);
    g_string_free(look.code, TRUE);
    g_string_free(look.name, TRUE);
    g_byte_array_unref(look.pixels);
    g_hash_table_unref(look.words);
    g_hash_table_unref(look.names);
    return ok;
}
