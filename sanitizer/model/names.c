#include "model/names.h"

#include <string.h>

#define NAME_BYTES 255    /* NAME_MAX of every file system we publish to */
#define EXTENSION_BYTES 5 /* longer or odder endings ("v2.final report") belong to the name */
#define MARKS_IN_A_ROW 4  /* accents stacked on one letter before they are shown as escapes */
#define FALLBACK_NAME "file"

/* Characters that are invisible although Unicode calls them letters or symbols. */
static const gunichar invisible[] = {0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0};

static gboolean is_variation_selector(gunichar c)
{
    return (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef);
}

/* Controls, bidi and zero-width characters, separators that break a line: never shown, never stored as they are.
 * Variation selectors (names of people) and private use (gaiji) are not among them. */
static gboolean is_treacherous(gunichar c)
{
    for (guint i = 0; i < G_N_ELEMENTS(invisible); i++) {
        if (c == invisible[i])
            return TRUE;
    }
    GUnicodeType type = g_unichar_type(c);
    return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT || type == G_UNICODE_LINE_SEPARATOR ||
           type == G_UNICODE_PARAGRAPH_SEPARATOR || type == G_UNICODE_SURROGATE;
}

static gboolean is_mark(gunichar c)
{
    return is_variation_selector(c) || g_unichar_ismark(c);
}

static gsize columns_of(gunichar c)
{
    return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

/* Writes the next character of [text, end) as it may be shown. Returns its bytes in the source. */
static gsize show_next(const char *text, const char *end, guint *marks, GString *piece, gsize *ret_columns)
{
    g_string_truncate(piece, 0);
    gunichar c = g_utf8_get_char_validated(text, end - text);
    if (c == (gunichar)-1 || c == (gunichar)-2) {
        g_string_printf(piece, "\\x%02X", (guint)(guint8)*text);
        *marks = 0;
        *ret_columns = piece->len;
        return 1;
    }
    *marks = is_mark(c) ? *marks + 1 : 0;
    if (is_treacherous(c) || *marks > MARKS_IN_A_ROW) {
        g_string_printf(piece, c < 0x80 ? "\\x%02X" : "\\u{%04X}", c);
        *ret_columns = piece->len;
    } else {
        g_string_append_unichar(piece, c);
        *ret_columns = columns_of(c);
    }
    return (gsize)g_utf8_skip[(guint8)*text];
}

char *mgk_names_display(const char *text, gssize length, gsize max_columns)
{
    if (!text)
        return g_strdup("");
    const char *end = text + (length < 0 ? strlen(text) : (gsize)length);
    g_autoptr(GString) shown = g_string_new(NULL);
    g_autoptr(GString) piece = g_string_new(NULL);
    gsize columns = 0, fits = 0; /* fits: bytes of shown after which an ellipsis still has room */
    guint marks = 0;
    while (text < end) {
        gsize width = 0;
        text += show_next(text, end, &marks, piece, &width);
        if (max_columns && columns + width > max_columns) {
            g_string_truncate(shown, fits);
            g_string_append(shown, "…");
            break;
        }
        columns += width;
        g_string_append_len(shown, piece->str, (gssize)piece->len);
        if (columns < max_columns)
            fits = shown->len;
    }
    return g_string_free(g_steal_pointer(&shown), FALSE);
}

/* The part of a name that Windows looks at: it ignores dots and spaces at the end. */
static gsize meaningful_length(const char *name)
{
    gsize length = strlen(name);
    while (length && (name[length - 1] == '.' || name[length - 1] == ' '))
        length--;
    return length;
}

char *mgk_names_extension(const char *name)
{
    gsize length = meaningful_length(name);
    const char *dot = g_strrstr_len(name, (gssize)length, ".");
    if (!dot)
        return g_strdup("");
    g_autofree char *extension = g_ascii_strdown(dot + 1, name + length - (dot + 1));
    extension[strcspn(extension, ":")] = '\0'; /* "exe::$DATA" is exe to NTFS */
    extension[meaningful_length(extension)] = '\0';
    return g_steal_pointer(&extension);
}

/* Bytes of a stem without the ".tar" that stood before a packer's extension ("資料.tar.gz" is one archive). */
static gsize without_tar(const char *name, gsize stem)
{
    return stem > 4 && g_ascii_strncasecmp(name + stem - 4, ".tar", 4) == 0 ? stem - 4 : stem;
}

/* The longest beginning of at most max bytes that ends between two characters and keeps marks with their letter. */
static gsize cut_length(const char *name, gsize length, gsize max)
{
    if (length <= max)
        return length;
    gsize cut = max;
    while (cut > 0) {
        while (cut > 0 && max - cut < 4 && ((guint8)name[cut] & 0xc0) == 0x80)
            cut--;
        gunichar c = g_utf8_get_char_validated(name + cut, (gssize)(length - cut));
        if (c == (gunichar)-1 || c == (gunichar)-2 || (!is_mark(c) && c != 0x200d))
            break;
        max = --cut;
    }
    return cut;
}

/* Bytes of the name before its extension; the whole name when what follows the dot does not look like one. */
static gsize stem_length(const char *name, gsize length)
{
    const char *dot = g_strrstr_len(name, (gssize)length, ".");
    if (!dot || dot == name)
        return length;
    gsize bytes = (gsize)(name + length - (dot + 1));
    gboolean letter = FALSE;
    if (bytes == 0 || bytes > EXTENSION_BYTES)
        return length;
    for (gsize i = 1; i <= bytes; i++) {
        if (!g_ascii_isalnum(dot[i]))
            return length;
        letter |= g_ascii_isalpha(dot[i]);
    }
    return letter ? (gsize)(dot - name) : length; /* "議事録 R6.10" ends in a month, not in an extension */
}

static char *join(const char *stem, gsize stem_bytes, const char *extension)
{
    gsize tail = strlen(extension) + (*extension ? 1 : 0);
    gsize keep = cut_length(stem, stem_bytes, tail < NAME_BYTES ? NAME_BYTES - tail : 1);
    return g_strdup_printf("%.*s%s%s", (int)keep, stem, *extension ? "." : "", extension);
}

char *mgk_names_with_extension(const char *name, const char *extension)
{
    gsize length = meaningful_length(name), wanted = strlen(extension);
    if (length == 0)
        return join(FALLBACK_NAME, strlen(FALLBACK_NAME), extension);
    if (length > wanted + 1 && name[length - wanted - 1] == '.' &&
        g_ascii_strncasecmp(name + length - wanted, extension, wanted) == 0) {
        g_autofree char *as_written = g_strndup(name + length - wanted, wanted);
        return join(name, length - wanted - 1, as_written);
    }
    gsize stem = stem_length(name, length);
    return join(name, strcmp(extension, "zip") == 0 ? without_tar(name, stem) : stem, extension);
}

char *mgk_names_numbered(const char *name, guint number)
{
    gsize length = strlen(name), stem = stem_length(name, length);
    g_autofree char *tail = g_strdup_printf(" (%u)%s", number, name + stem);
    gsize keep = cut_length(name, stem, NAME_BYTES - MIN(strlen(tail), NAME_BYTES - 1));
    return g_strdup_printf("%.*s%s", (int)keep, name, tail);
}

char *mgk_names_to_utf8(const char *bytes, gssize length)
{
    return bytes ? g_utf8_make_valid(bytes, length) : g_strdup("");
}

/* Marks that macOS writes apart from their letter: joined again, because nobody can type the split form. Ideographs
 * are never touched (U+FA19 is not U+795E to the person who bears it). */
static gboolean joins_previous(gunichar c)
{
    return c == 0x3099 || c == 0x309a || (c >= 0x0300 && c <= 0x036f) || (c >= 0x1161 && c <= 0x11c2);
}

static gboolean is_emoji_like(gunichar c)
{
    return (c >= 0x2190 && c <= 0x2bff) || (c >= 0x1f000 && c <= 0x1faff) || c == 0xfe0f;
}

/* What becomes of one character of a stored name: itself, '_' or 0 (dropped). */
static gunichar storable(gunichar c, gunichar previous, gunichar next)
{
    if (c == 0x200d)
        return is_emoji_like(previous) && is_emoji_like(next) ? c : 0;
    if (is_treacherous(c))
        return 0;
    return c < 0x80 && strchr("<>:\"|?*/\\", (int)c) ? '_' : c;
}

static char *storable_name(const char *name)
{
    g_autoptr(GString) out = g_string_new(NULL);
    gunichar previous = 0;
    for (const char *p = name; *p; p = g_utf8_next_char(p)) {
        gunichar joined = 0;
        gunichar c = storable(g_utf8_get_char(p), previous, g_utf8_get_char(g_utf8_next_char(p)));
        if (c == 0)
            continue;
        if (previous && joins_previous(c) && g_unichar_compose(previous, c, &joined)) {
            g_string_truncate(out, (gsize)(g_utf8_prev_char(out->str + out->len) - out->str));
            c = joined;
        }
        g_string_append_unichar(out, c);
        previous = c;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* CON, NUL, COM1 and their kin are devices on Windows, whatever extension follows. */
static gboolean is_device(const char *name)
{
    static const char *const plain[] = {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"};
    g_autofree char *stem = g_ascii_strdown(name, (gssize)strcspn(name, "."));
    stem[meaningful_length(stem)] = '\0';
    for (guint i = 0; i < G_N_ELEMENTS(plain); i++) {
        if (strcmp(stem, plain[i]) == 0)
            return TRUE;
    }
    if (!g_str_has_prefix(stem, "com") && !g_str_has_prefix(stem, "lpt"))
        return FALSE;
    const char *number = stem + 3;
    return (g_ascii_isdigit(*number) && !number[1]) || !strcmp(number, "¹") || !strcmp(number, "²") ||
           !strcmp(number, "³");
}

static const char *last_component(const char *name)
{
    const char *start = name + strlen(name);
    while (start > name && start[-1] != '/' && start[-1] != '\\')
        start--;
    gboolean drive = g_ascii_isalpha(start[0]) && start[1] == ':';
    return drive ? start + 2 : start;
}

char *mgk_names_safe_component(const char *name)
{
    g_autofree char *valid = mgk_names_to_utf8(name, -1);
    g_autofree char *clean = storable_name(last_component(valid));
    clean[meaningful_length(clean)] = '\0';
    if (!*clean)
        return g_strdup(FALLBACK_NAME);
    g_autofree char *guarded = g_strconcat(is_device(clean) ? "_" : "", clean, NULL);
    gsize length = strlen(guarded);
    if (length <= NAME_BYTES)
        return g_steal_pointer(&guarded);
    gsize stem = stem_length(guarded, length);
    g_autofree char *cut = join(guarded, stem, stem < length ? guarded + stem + 1 : "");
    cut[meaningful_length(cut)] = '\0';
    return g_steal_pointer(&cut);
}
