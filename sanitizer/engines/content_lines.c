#include "engines/content_lines.h"

#include "engines/content_write.h"
#include "engines/mail_charset.h"
#include "engines/text_tidy.h"

#include <string.h>

#define DEPTH 8
#define PARAMETERS 32
#define NAME_BYTES 64

typedef enum { FORM_NONE, FORM_TEXT, FORM_URI, FORM_PICTURE, FORM_SOUND } Form;

static const char *const components[] = {
#define MGK_CONTENT_COMPONENT(name) name,
#define MGK_CONTENT_PARAMETER(name)
#define MGK_CONTENT_PROPERTY(name, form)
#include "rules/content_lines.def"
#undef MGK_CONTENT_COMPONENT
#undef MGK_CONTENT_PARAMETER
#undef MGK_CONTENT_PROPERTY
    NULL};
static const char *const parameters[] = {
#define MGK_CONTENT_COMPONENT(name)
#define MGK_CONTENT_PARAMETER(name) name,
#define MGK_CONTENT_PROPERTY(name, form)
#include "rules/content_lines.def"
#undef MGK_CONTENT_COMPONENT
#undef MGK_CONTENT_PARAMETER
#undef MGK_CONTENT_PROPERTY
    NULL};
static const struct {
    const char *name;
    Form form;
} properties[] = {
#define MGK_CONTENT_COMPONENT(name)
#define MGK_CONTENT_PARAMETER(name)
#define MGK_CONTENT_PROPERTY(name, form) {name, FORM_##form},
#include "rules/content_lines.def"
#undef MGK_CONTENT_COMPONENT
#undef MGK_CONTENT_PARAMETER
#undef MGK_CONTENT_PROPERTY
};

typedef struct Line {
    char *group;                      /* owned; "" or "item1." */
    char *name;                       /* owned; upper case */
    GString *kept;                    /* owned; ";TYPE=HOME": parameters that stay */
    char *charset;                    /* owned; or NULL */
    const char *value;                /* borrowed */
    gboolean quoted, base64, reading; /* reading: of a Japanese name */
} Line;

typedef struct Walk {
    MgkJob *job; /* borrowed */
    MgkContentFamily family;
    GString *out;         /* borrowed */
    const char *at;       /* borrowed; what is not read yet */
    char *open[DEPTH];    /* owned; names of open components */
    guint depth, skip;    /* skip: depth of the component that is left out, 0 for none */
    gsize alarm;          /* where the open alarm began in out, 1 more; 0 for none */
    gboolean alarm_shows; /* a message */
    gboolean alarm_acts;  /* it does something else as well */
    const char *version;  /* the next one from where it was last sought; NULL: there is none */
    gboolean sought, old; /* old: vCard 2.1, vCalendar 1.0 */
    gboolean data_urls;   /* vCard 4.0 */
    MgkTextTally tally;
} Walk;

static void line_clear(Line *line)
{
    g_free(line->group);
    g_free(line->name);
    g_free(line->charset);
    if (line->kept)
        g_string_free(line->kept, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Line, line_clear)

static void tell(Walk *walk, MgkKind kind, const char *name)
{
    mgk_job_find(walk->job, kind, name, NULL);
}

/* ---- reading ---- */

/* Up to the end of the line, which is passed. */
static void take_physical(Walk *walk, GString *line)
{
    gsize length = strcspn(walk->at, "\n"), kept = length;
    kept -= kept && walk->at[kept - 1] == '\r';
    g_string_append_len(line, walk->at, (gssize)kept);
    walk->at += length + (walk->at[length] == '\n');
}

/* One line with its folds undone. NULL at the end. Owned by the caller. */
static GString *take_line(Walk *walk)
{
    if (!*walk->at)
        return NULL;
    GString *line = g_string_new(NULL);
    take_physical(walk, line);
    g_autofree char *head = g_ascii_strup(line->str, (gssize)strcspn(line->str, ":"));
    gboolean quoted = strstr(head, "QUOTED-PRINTABLE") != NULL;
    while (*walk->at && (*walk->at == ' ' || *walk->at == '\t' || (quoted && g_str_has_suffix(line->str, "=")))) {
        if (quoted && g_str_has_suffix(line->str, "="))
            g_string_truncate(line, line->len - 1);
        else
            walk->at++;
        take_physical(walk, line);
    }
    return line;
}

/* The next of c outside quotes, or the end. */
static const char *find_outside(const char *at, const char *end, char c)
{
    gboolean quoted = FALSE;
    for (; at < end; at++) {
        quoted ^= *at == '"';
        if (*at == c && !quoted)
            return at;
    }
    return end;
}

static gboolean is_name(const char *text)
{
    gsize length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
    return length > 0 && length <= NAME_BYTES && text[length] == '\0';
}

/* VALUE names how a program must read what follows. */
static gboolean is_harmless_value(const char *value)
{
    static const char *const known[] = {
        "DATE",         "DATE-TIME",  "TEXT",         "PERIOD",  "DURATION", "DATE-AND-OR-TIME",
        "URI",          "UTC-OFFSET", "TIMESTAMP",    "INTEGER", "BOOLEAN",  "CAL-ADDRESS",
        "PHONE-NUMBER", "RECUR",      "LANGUAGE-TAG", NULL};
    g_autofree char *upper = g_ascii_strup(value, -1);
    return g_strv_contains(known, upper);
}

/* Written afresh, in quotes where a separator stands in it. */
static void keep_parameter(Line *line, const char *name, const char *value)
{
    g_autoptr(GString) tidy = g_string_new(NULL);
    mgk_text_tidy_append(tidy, value, strlen(value), NULL);
    g_strdelimit(tidy->str, "\"\r\n\t", ' ');
    g_strstrip(tidy->str);
    gboolean quote = strpbrk(tidy->str, ":;,") && strcmp(name, "TYPE") != 0;
    g_strdelimit(tidy->str, quote ? "" : ":;", ' ');
    if (*tidy->str)
        g_string_append_printf(line->kept, ";%s=%s%s%s", name, quote ? "\"" : "", tidy->str, quote ? "\"" : "");
}

static void take_parameter(Line *line, const char *text)
{
    const char *equals = strchr(text, '=');
    g_autofree char *name = g_ascii_strup(text, equals ? equals - text : -1);
    g_autofree char *value = g_strdup(equals ? equals + 1 : "");
    g_autofree char *word = g_ascii_strup(equals ? value : name, -1);
    gboolean bare = !equals, encoding = strcmp(name, "ENCODING") == 0;
    if (strcmp(name, "CHARSET") == 0) {
        g_free(line->charset);
        line->charset = g_strdup(value);
    } else if (strcmp(name, "X-IRMC-N") == 0) {
        line->reading = TRUE;
        g_string_append(line->kept, ";X-IRMC-N");
    } else if ((encoding || bare) && strcmp(word, "QUOTED-PRINTABLE") == 0) {
        line->quoted = TRUE;
    } else if ((encoding || bare) && (strcmp(word, "BASE64") == 0 || strcmp(word, "B") == 0)) {
        line->base64 = TRUE;
    } else if (bare && is_name(name)) { /* vCard 2.1: HOME, CELL … */
        g_string_append_printf(line->kept, ";%s", name);
    } else if (!bare && g_strv_contains(parameters, name) && (strcmp(name, "VALUE") != 0 || is_harmless_value(value))) {
        keep_parameter(line, name, value);
    }
}

/* FALSE when it is no line of a name and a value. */
static gboolean parse(const GString *text, Line *line)
{
    const char *end = text->str + text->len, *colon = find_outside(text->str, end, ':');
    const char *at = find_outside(text->str, colon, ';');
    g_autofree char *full = g_ascii_strup(text->str, at - text->str);
    char *dot = strchr(full, '.');
    if (dot)
        *dot = '\0';
    *line = (Line){.name = g_strdup(dot ? dot + 1 : full), .kept = g_string_new(NULL)};
    line->group = dot && is_name(full) ? g_strconcat(full, ".", NULL) : g_strdup("");
    if (colon == end || !is_name(line->name))
        return FALSE;
    for (guint n = 0; at < colon && n < PARAMETERS; n++) {
        const char *next = find_outside(at + 1, colon, ';');
        g_autofree char *parameter = g_strndup(at + 1, (gsize)(next - at - 1));
        take_parameter(line, parameter);
        at = next;
    }
    line->value = colon + 1;
    return TRUE;
}

/* ---- values ---- */

/* The value as one line of UTF-8 that hides nothing; lines in it become "\n" as RFC 5545 writes them, or stay in the
 * old formats. Owned by the caller. */
static char *value_of(Walk *walk, const Line *line)
{
    gsize size = 0, length = 0;
    g_autofree guint8 *bytes = line->quoted ? mgk_content_unquote(line->value, &size) : NULL;
    g_autofree char *text = bytes ? mgk_mail_to_utf8(line->charset, bytes, size, &length) : g_strdup(line->value);
    g_autoptr(GString) tidy = g_string_new(NULL);
    mgk_text_tidy_append(tidy, text, strlen(text), &walk->tally);
    if (!walk->old) {
        g_string_replace(tidy, "\r", "", 0);
        g_string_replace(tidy, "\n", "\\n", 0);
    }
    return g_strdup(tidy->str);
}

/* No scheme, or one that opens a page, a mail or a call. */
static gboolean is_safe_uri(const char *value)
{
    static const char *const schemes[] = {"http", "https", "mailto", "tel", "urn", "invalid", "sms", "fax", NULL};
    g_autoptr(GString) compact = g_string_new(NULL);
    for (const char *p = value; *p; p++) {
        if ((guint8)*p > ' ' && *p != '\\')
            g_string_append_c(compact, g_ascii_tolower(*p));
    }
    gsize length = strcspn(compact->str, ":");
    gboolean scheme = compact->str[length] == ':';
    g_autofree char *word = g_strndup(compact->str, length);
    return scheme ? g_strv_contains(schemes, word) : !strstr(value, "\\\\") && !g_str_has_prefix(value, "//");
}

static void write_line(Walk *walk, const Line *line, const char *value)
{
    g_autofree char *head = g_strconcat(line->group, line->name, line->kept->str, NULL);
    if (walk->old)
        mgk_content_write_quoted(walk->out, head, value);
    else
        mgk_content_write(walk->out, head, value);
}

static void write_picture(Walk *walk, const Line *line, const MgkAnswer *answer)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(answer->output, &size);
    g_autofree char *base64 = g_base64_encode(data, size);
    gboolean png = answer->format == MGK_FORMAT_ID_png;
    if (walk->data_urls) {
        g_autofree char *head = g_strconcat(line->group, line->name, NULL);
        g_autofree char *url = g_strdup_printf("data:image/%s;base64,%s", png ? "png" : "jpeg", base64);
        mgk_content_write(walk->out, head, url);
        return;
    }
    g_autofree char *head = g_strdup_printf("%s%s;ENCODING=%s;TYPE=%s", line->group, line->name,
                                            walk->old ? "BASE64" : "b", png ? "PNG" : "JPEG");
    mgk_content_write(walk->out, head, base64);
    if (walk->old)
        g_string_append(walk->out, "\r\n"); /* vCard 2.1 ends base64 so */
}

/* A picture inside the contact; one that lies elsewhere is left out. */
static gboolean take_picture(Walk *walk, const Line *line, GError **error)
{
    const char *inline_data =
        g_ascii_strncasecmp(line->value, "data:image/", 11) == 0 ? strchr(line->value, ',') : NULL;
    gsize size = 0;
    g_autofree guint8 *data =
        inline_data || line->base64 ? g_base64_decode(inline_data ? inline_data + 1 : line->value, &size) : NULL;
    if (!data || size < 8) {
        tell(walk, MGK_KIND_CALENDAR_REFERENCE, line->name);
        return TRUE;
    }
    const MgkAsk ask = {.name = "photo",
                        .declared = "",
                        .role = MGK_ROLE_PART,
                        .want = data[0] == 0xff ? MGK_FORMAT_ID_jpeg : MGK_FORMAT_ID_png,
                        .data = data,
                        .size = size};
    g_auto(MgkAnswer) answer = {0};
    if (!walk->job->ask_child(walk->job, &ask, &answer, error))
        return FALSE;
    gboolean picture = answer.format == MGK_FORMAT_ID_png || answer.format == MGK_FORMAT_ID_jpeg;
    if (mgk_verdict_crosses(answer.verdict) && answer.output && picture)
        write_picture(walk, line, &answer);
    else
        tell(walk, MGK_KIND_MEMBER_NOT_CROSSED, line->name);
    return TRUE;
}

/* ---- lines ---- */

static Form form_of(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(properties); i++) {
        if (strcmp(properties[i].name, name) == 0)
            return properties[i].form;
    }
    return FORM_NONE;
}

static gboolean refers(const char *name)
{
    static const char *const names[] = {"ATTACH", "CONFERENCE", "X-ALT-DESC", "KEY",    "SOURCE", "AALARM",
                                        "PALARM", "MALARM",     "SOUND",      "MEMBER", "IMAGE",  NULL};
    return g_strv_contains(names, name);
}

static gboolean take_property(Walk *walk, const Line *line, GError **error)
{
    Form form = form_of(line->name);
    if (form == FORM_PICTURE)
        return take_picture(walk, line, error);
    if (form == FORM_NONE || (form == FORM_SOUND && !line->reading) || line->base64) {
        tell(walk, refers(line->name) ? MGK_KIND_CALENDAR_REFERENCE : MGK_KIND_CALENDAR_PROPERTY, line->name);
        return TRUE;
    }
    g_autofree char *value = value_of(walk, line);
    if (form == FORM_URI && !is_safe_uri(value)) {
        tell(walk, MGK_KIND_LINK_DANGEROUS, line->name);
        return TRUE;
    }
    if (strcmp(line->name, "ACTION") == 0) {
        gboolean shows = g_ascii_strcasecmp(g_strstrip(value), "DISPLAY") == 0;
        walk->alarm_shows |= shows;
        walk->alarm_acts |= !shows;
    }
    write_line(walk, line, value);
    return TRUE;
}

/* Which of the formats' versions follows. Sought once for all contacts that have none of their own. */
static void look_ahead(Walk *walk)
{
    if (!walk->sought || (walk->version && walk->version < walk->at))
        walk->version = strstr(walk->at, "VERSION:");
    walk->sought = TRUE;
    const char *version = walk->version;
    walk->old = version && (g_str_has_prefix(version, "VERSION:2.1") || g_str_has_prefix(version, "VERSION:1.0"));
    walk->data_urls = version && g_str_has_prefix(version, "VERSION:4");
}

static gboolean begin(Walk *walk, const char *name)
{
    if (walk->depth >= DEPTH)
        return mgk_job_hold(walk->job, MGK_REASON_TOO_DEEP, "components");
    gboolean root = walk->depth == 0, contact = walk->family == MGK_CONTENT_CONTACT;
    if (root && strcmp(name, contact ? "VCARD" : "VCALENDAR") != 0)
        return mgk_job_hold(walk->job, MGK_REASON_MALFORMED, "another component outside");
    walk->open[walk->depth++] = g_strdup(name);
    if (root)
        look_ahead(walk);
    if (walk->skip)
        return TRUE;
    gboolean alarm = strcmp(name, "VALARM") == 0;
    if (!g_strv_contains(components, name) || (alarm && walk->alarm)) {
        walk->skip = walk->depth;
        tell(walk, MGK_KIND_CALENDAR_PROPERTY, name);
        return TRUE;
    }
    if (alarm) {
        walk->alarm = walk->out->len + 1;
        walk->alarm_shows = walk->alarm_acts = FALSE;
    }
    mgk_content_write(walk->out, "BEGIN", name);
    return TRUE;
}

static gboolean end(Walk *walk, const char *name)
{
    if (walk->depth == 0 || strcmp(walk->open[walk->depth - 1], name) != 0)
        return mgk_job_hold(walk->job, MGK_REASON_MALFORMED, "components do not match");
    g_clear_pointer(&walk->open[--walk->depth], g_free);
    if (walk->skip > walk->depth) {
        walk->skip = 0;
        return TRUE;
    }
    if (walk->skip)
        return TRUE;
    mgk_content_write(walk->out, "END", name);
    if (strcmp(name, "VALARM") != 0)
        return TRUE;
    if (!walk->alarm_shows || walk->alarm_acts) { /* sounds, mails, starts a program */
        g_string_truncate(walk->out, walk->alarm - 1);
        tell(walk, MGK_KIND_CALENDAR_REFERENCE, name);
    }
    walk->alarm = 0;
    return TRUE;
}

static gboolean take(Walk *walk, const GString *text, GError **error)
{
    g_auto(Line) line = {0};
    if (text->len == 0)
        return TRUE;
    if (!parse(text, &line)) {
        tell(walk, MGK_KIND_CALENDAR_PROPERTY, "");
        return TRUE;
    }
    g_autofree char *word = g_ascii_strup(line.value, -1);
    if (strcmp(line.name, "BEGIN") == 0)
        return begin(walk, g_strstrip(word));
    if (strcmp(line.name, "END") == 0)
        return end(walk, g_strstrip(word));
    if (walk->depth == 0)
        tell(walk, MGK_KIND_TRAILING_DATA, line.name);
    return walk->depth == 0 || walk->skip || take_property(walk, &line, error);
}

static gboolean walk_all(Walk *walk, GError **error)
{
    gboolean ok = TRUE;
    while (ok && mgk_verdict_crosses(walk->job->outcome.verdict)) {
        g_autoptr(GString) line = take_line(walk);
        if (!line)
            break;
        ok = take(walk, line, error);
    }
    if (ok && walk->depth && mgk_verdict_crosses(walk->job->outcome.verdict))
        mgk_job_hold(walk->job, MGK_REASON_MALFORMED, "a component without end");
    for (guint i = 0; i < walk->depth; i++)
        g_free(walk->open[i]);
    return ok;
}

gboolean mgk_content_lines_clean(MgkJob *job, MgkContentFamily family, GError **error)
{
    g_autoptr(GString) text = mgk_text_tidy_decode(job, NULL), out = g_string_new(NULL);
    Walk walk = {.job = job, .family = family, .out = out, .at = text ? text->str : ""};
    if (!walk_all(&walk, error))
        return FALSE;
    if (out->len == 0 && mgk_verdict_crosses(job->outcome.verdict))
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "no component");
    mgk_text_tidy_report(job, &walk.tally);
    return !mgk_verdict_crosses(job->outcome.verdict) || job->write(job, out->str, out->len, error);
}
