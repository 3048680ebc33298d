/* Line by line, as bytes: what a calendar or contact of ours may look like, and the names that may stand in one. */
#include "checks/data.h"
#include "checks/text.h"

#include <string.h>

#define COLUMNS 75

typedef struct Look {
    const char *root;
    GPtrArray *open;  /* owned; of char*, owned */
    GString *logical; /* owned; the line with its folds undone */
} Look;

static gboolean refuse(const char *why, GError **error)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "calendar or contact: %s", why);
    return FALSE;
}

typedef enum { FORM_NONE, FORM_ANY, FORM_LINK, FORM_PICTURE, FORM_READING, FORM_ALARM } Form;

static const struct {
    Form form;
    const char *names;
} properties[] = {
#define LOOK_COMPONENT(root, names)
#define LOOK_PARAMETERS(names)
#define LOOK_PROPERTIES(form, names) {FORM_##form, names},
#include "checks/content_names.def"
#undef LOOK_COMPONENT
#undef LOOK_PARAMETERS
#undef LOOK_PROPERTIES
};

static const char parameters[] =
#define LOOK_COMPONENT(root, names)
#define LOOK_PARAMETERS(names) names
#define LOOK_PROPERTIES(form, names)
#include "checks/content_names.def"
    ;
#undef LOOK_COMPONENT
#undef LOOK_PARAMETERS
#undef LOOK_PROPERTIES

static const struct {
    const char *root, *names;
} components[] = {
#define LOOK_COMPONENT(root, names) {root, names},
#define LOOK_PARAMETERS(names)
#define LOOK_PROPERTIES(form, names)
#include "checks/content_names.def"
#undef LOOK_COMPONENT
#undef LOOK_PARAMETERS
#undef LOOK_PROPERTIES
};

/* One of the words of a list. */
static gboolean has_word(const char *words, const char *word, gsize length)
{
    for (const char *at = words; *at && length;) {
        gsize n = strcspn(at, " ");
        if (n == length && memcmp(at, word, n) == 0)
            return TRUE;
        at += n + strspn(at + n, " ");
    }
    return FALSE;
}

static Form form_of(const char *name, gsize length)
{
    for (guint i = 0; i < G_N_ELEMENTS(properties); i++) {
        if (has_word(properties[i].names, name, length))
            return properties[i].form;
    }
    return FORM_NONE;
}

/* NAME=value, or a word alone as vCard 2.1 has them. */
static gboolean is_parameter(const char *text, gsize length)
{
    gsize word = 0;
    while (word < length && (g_ascii_isupper(text[word]) || g_ascii_isdigit(text[word]) || text[word] == '-'))
        word++;
    return word > 0 && (word == length || (text[word] == '=' && has_word(parameters, text, word)));
}

/* From the ';' behind the name on: known parameters up to the value, which is returned; NULL for any other. */
static const char *skip_parameters(const char *at)
{
    while (*at == ';') {
        const char *start = ++at;
        gboolean quoted = FALSE;
        for (; *at && (quoted || (*at != ';' && *at != ':')); at++)
            quoted ^= *at == '"';
        if (!is_parameter(start, (gsize)(at - start)))
            return NULL;
    }
    return *at == ':' ? at + 1 : NULL;
}

/* Where a value leads: no scheme, or one of a page, a mail or a call. coded: quoted-printable. */
static gboolean is_link(const char *value, gboolean coded)
{
    static const char schemes[] = "http https mailto tel urn invalid sms fax";
    g_autoptr(GString) plain = g_string_new(NULL);
    guint slashes = 0, before = 0;
    for (const char *p = value; *p; p++) {
        gboolean hex = coded && *p == '=' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2]);
        guint8 c = hex ? (guint8)(g_ascii_xdigit_value(p[1]) << 4 | g_ascii_xdigit_value(p[2])) : (guint8)*p;
        p += hex ? 2 : 0;
        if (c > ' ' && c != '\\') /* programs skip them, or take the next letter as it is */
            g_string_append_c(plain, g_ascii_tolower((char)c));
        slashes += c == '\\' && before == '\\';
        before = c;
    }
    gsize scheme = strcspn(plain->str, ":");
    return plain->str[scheme] ? has_word(schemes, plain->str, scheme) : !slashes && !g_str_has_prefix(plain->str, "//");
}

/* Base64 of PNG or JPEG, in the line or in a data URL. */
static gboolean is_picture(const char *value)
{
    static const char *const urls[] = {"data:image/png;base64,", "data:image/jpeg;base64,"};
    for (guint i = 0; i < G_N_ELEMENTS(urls); i++) {
        if (g_str_has_prefix(value, urls[i]))
            value += strlen(urls[i]);
    }
    gsize digits = strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    gboolean whole = value[digits + strspn(value + digits, "=")] == '\0';
    return whole && (g_str_has_prefix(value, "iVBORw0KGgo") || g_str_has_prefix(value, "/9j/"));
}

static gboolean is_property(const char *line)
{
    gsize name = strcspn(line, ":;");
    const char *dot = memchr(line, '.', name);
    const char *start = dot ? dot + 1 : line, *value = skip_parameters(line + name);
    gboolean coded = value && g_strstr_len(line, value - line, ";ENCODING=QUOTED-PRINTABLE:");
    if (!value)
        return FALSE;
    switch (form_of(start, (gsize)(line + name - start))) {
    case FORM_ANY:
        return TRUE;
    case FORM_LINK:
        return is_link(value, coded);
    case FORM_PICTURE:
        return is_picture(value);
    case FORM_READING:
        return g_strstr_len(line, value - line, ";X-IRMC-N") != NULL;
    case FORM_ALARM:
        return g_ascii_strcasecmp(value, "DISPLAY") == 0;
    case FORM_NONE:
        break;
    }
    return FALSE;
}

static gboolean is_component(const char *root, const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(components); i++) {
        if (strcmp(components[i].root, root) == 0)
            return strcmp(name, root) == 0 || has_word(components[i].names, name, strlen(name));
    }
    return FALSE;
}

static gboolean check_structure(Look *look, const char *line, GError **error)
{
    const char *top = look->open->len ? g_ptr_array_index(look->open, look->open->len - 1) : NULL;
    if (g_str_has_prefix(line, "BEGIN:")) {
        if (!is_component(look->root, line + 6) || (!top && strcmp(line + 6, look->root) != 0))
            return refuse("another component", error);
        g_ptr_array_add(look->open, g_strdup(line + 6));
        return TRUE;
    }
    if (!top)
        return refuse("a line outside", error);
    if (!g_str_has_prefix(line, "END:"))
        return is_property(line) || refuse("a property that must not be there", error);
    if (strcmp(line + 4, top) != 0)
        return refuse("an end that does not match", error);
    g_ptr_array_set_size(look->open, (gint)look->open->len - 1);
    return TRUE;
}

static gboolean check_line(Look *look, GError **error)
{
    const char *line = look->logical->str;
    if (!*line)
        return TRUE;
    gsize name = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");
    if (name == 0 || !(line[name] == ':' || line[name] == ';') || !strchr(line, ':'))
        return refuse("no property", error);
    return check_structure(look, line, error);
}

/* Physical lines: CRLF, bounded, a fold never inside a character. */
static gboolean check_lines(Look *look, const char *data, gsize size, GError **error)
{
    gboolean soft = FALSE; /* the last line ended in "=", quoted-printable */
    for (gsize at = 0; at < size;) {
        const char *line = data + at;
        const char *stop = memmem(line, size - at, "\r\n", 2);
        gsize length = stop ? (gsize)(stop - line) : 0;
        if (!stop || length > COLUMNS || memchr(line, '\n', length) || memchr(line, '\r', length))
            return refuse("a line's length or end", error);
        gboolean folded = at > 0 && *line == ' ';
        if (!folded && !soft) {
            if (!check_line(look, error))
                return FALSE;
            g_string_truncate(look->logical, 0);
        }
        g_string_append_len(look->logical, line + folded, (gssize)(length - folded));
        if (!g_utf8_validate(line, (gssize)length, NULL))
            return refuse("a character cut by a fold", error);
        soft = length > 0 && line[length - 1] == '=' && strstr(look->logical->str, ";ENCODING=QUOTED-PRINTABLE:");
        if (soft)
            g_string_truncate(look->logical, look->logical->len - 1);
        at += length + 2;
    }
    return check_line(look, error);
}

static gboolean check(MgkJob *job, const char *root, GError **error)
{
    if (!mgk_check_text(job, error))
        return FALSE;
    if (job->size == 0 || memchr(job->data, 0, job->size))
        return refuse("nothing, or a NUL", error);
    Look look = {.root = root, .open = g_ptr_array_new_with_free_func(g_free), .logical = g_string_new(NULL)};
    gboolean ok = check_lines(&look, (const char *)job->data, job->size, error);
    if (ok && look.open->len)
        ok = refuse("a component without end", error);
    g_ptr_array_unref(look.open);
    g_string_free(look.logical, TRUE);
    return ok;
}

gboolean mgk_check_ics(MgkJob *job, GError **error)
{
    return check(job, "VCALENDAR", error);
}

gboolean mgk_check_vcf(MgkJob *job, GError **error)
{
    return check(job, "VCARD", error);
}
