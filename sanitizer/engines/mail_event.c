#include "engines/mail_event.h"

#include "engines/mail_charset.h"
#include "engines/mail_header.h"
#include "engines/mail_tidy.h"
#include "engines/mail_words.h"

#include <string.h>

#define LINES_MAX 2000
#define VALUE_BYTES 8000
#define ATTENDEES 20
#define REPORT_COLUMNS 400

/* Joins continued lines: the line break and one blank go (RFC 5545 3.1). */
static char *unfold(const char *text)
{
    GString *out = g_string_sized_new(strlen(text));
    for (const char *p = text; *p; p++) {
        if (*p == '\r')
            continue;
        if (*p == '\n' && (p[1] == ' ' || p[1] == '\t'))
            p++;
        else
            g_string_append_c(out, *p);
    }
    return g_string_free(out, FALSE);
}

/* A parameter's value out of ";CN=…;TZID=…"; NULL when it is not there. Owned by the caller. */
static char *parameter(const char *params, const char *name)
{
    g_auto(GStrv) parts = g_strsplit(params, ";", 32);
    for (guint i = 0; parts[i]; i++) {
        char *equals = strchr(parts[i], '=');
        if (!equals || g_ascii_strncasecmp(parts[i], name, strlen(name)) != 0 || equals != parts[i] + strlen(name))
            continue;
        g_strdelimit(equals + 1, "\"", ' ');
        return g_strdup(g_strstrip(equals + 1));
    }
    return NULL;
}

static char *undo_escapes(const char *value)
{
    GString *out = g_string_new(NULL);
    for (const char *p = value; *p && out->len < VALUE_BYTES; p++) {
        if (*p == '\\' && (p[1] == 'n' || p[1] == 'N'))
            g_string_append(out, "\n    ");
        else if (*p != '\\' || !p[1])
            g_string_append_c(out, *p);
        else
            g_string_append_c(out, p[1]);
        p += *p == '\\' && p[1];
    }
    return g_string_free(out, FALSE);
}

/* vCard 2.1: ENCODING=QUOTED-PRINTABLE;CHARSET=Shift_JIS. */
static char *undo_quoted(const char *value, const char *params)
{
    g_autofree char *charset = parameter(params, "CHARSET");
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (const char *p = value; *p; p++) {
        guint8 byte = (guint8)*p;
        if (*p == '=' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
            byte = (guint8)(g_ascii_xdigit_value(p[1]) << 4 | g_ascii_xdigit_value(p[2]));
            p += 2;
        }
        g_byte_array_append(bytes, &byte, 1);
    }
    gsize size = 0;
    char *text = mgk_mail_to_utf8(charset, bytes->data, bytes->len, &size);
    for (gsize i = 0; i < size; i++) {
        if ((guint8)text[i] < ' ')
            text[i] = ' ';
    }
    return text;
}

/* 20261120T140000Z → 2026-11-20 14:00 (UTC). Everything else stays. */
static char *readable_time(const char *value, const char *params)
{
    g_autofree char *zone = parameter(params, "TZID");
    gsize digits = strspn(value, "0123456789");
    gboolean timed = digits == 8 && value[8] == 'T' && strspn(value + 9, "0123456789") >= 4;
    if (digits != 8 || (value[8] && !timed))
        return g_strdup(value);
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "%.4s-%.2s-%.2s", value, value + 4, value + 6);
    if (timed)
        g_string_append_printf(out, " %.2s:%.2s", value + 9, value + 11);
    if (timed && g_str_has_suffix(value, "Z"))
        g_string_append(out, " (UTC)");
    else if (timed && zone)
        g_string_append_printf(out, " (%s)", zone);
    return g_string_free(out, FALSE);
}

static char *readable(const char *property, const char *params, const char *value)
{
    g_autofree char *encoding = parameter(params, "ENCODING");
    if (encoding && g_ascii_strcasecmp(encoding, "QUOTED-PRINTABLE") == 0)
        return undo_quoted(value, params);
    if (strstr(params, "QUOTED-PRINTABLE"))
        return undo_quoted(value, params);
    if (g_str_has_prefix(property, "DT") || strcmp(property, "DUE") == 0)
        return readable_time(value, params);
    g_autofree char *name = parameter(params, "CN");
    const char *address = g_ascii_strncasecmp(value, "mailto:", 7) == 0 ? value + 7 : value;
    if (strcmp(property, "ORGANIZER") == 0 || strcmp(property, "ATTENDEE") == 0)
        return name ? g_strdup_printf("%s <%s>", name, address) : g_strdup(address);
    if (strcmp(property, "ADR") == 0 || strcmp(property, "ORG") == 0) {
        g_autofree char *spaced = g_strdup(value);
        g_strdelimit(spaced, ";", ' ');
        return undo_escapes(g_strstrip(spaced));
    }
    return undo_escapes(value);
}

static const char *label_of(const MgkPolicy *policy, const char *property)
{
    static const struct {
        const char *property, *ja, *en;
    } table[] = {
#define MGK_MAIL_EVENT(property, ja, en) {property, ja, en},
#include "rules/mail_event.def"
#undef MGK_MAIL_EVENT
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (strcmp(table[i].property, property) == 0)
            return policy->mail.language ? table[i].en : table[i].ja;
    }
    return NULL;
}

/* One unfolded line "GROUP.NAME;PARAM=x:value". */
static void add_line(const MgkPolicy *policy, GString *out, const char *line, guint *attendees)
{
    const char *colon = NULL;
    gboolean quoted = FALSE;
    for (const char *p = line; *p && !colon; p++) {
        quoted ^= *p == '"';
        colon = *p == ':' && !quoted ? p : NULL;
    }
    if (!colon)
        return;
    g_autofree char *head = g_strndup(line, (gsize)(colon - line));
    gsize name_length = strcspn(head, ";");
    g_autofree char *full = g_ascii_strup(head, (gssize)name_length);
    const char *dot = strrchr(full, '.'), *property = dot ? dot + 1 : full;
    const char *label = label_of(policy, property);
    if (!label || (strcmp(property, "ATTENDEE") == 0 && ++*attendees > ATTENDEES))
        return;
    g_autofree char *value = readable(property, head + name_length, colon + 1);
    if (*g_strstrip(value))
        g_string_append_printf(out, "  %s: %s\n", label, value);
}

static gboolean begins(const char *line, const char *component)
{
    return g_ascii_strncasecmp(line, "BEGIN:", 6) == 0 && g_ascii_strcasecmp(line + 6, component) == 0;
}

char *mgk_mail_event_lines(const MgkPolicy *policy, const char *text)
{
    g_autofree char *flat = unfold(text);
    g_auto(GStrv) lines = g_strsplit(flat, "\n", LINES_MAX);
    GString *out = g_string_new(NULL);
    guint attendees = 0, skip = 0; /* skip: inside a time zone or alarm */
    for (guint i = 0; lines[i]; i++) {
        char *line = g_strchomp(lines[i]);
        if (begins(line, "VTIMEZONE") || begins(line, "VALARM"))
            skip++;
        else if (skip &&
                 (g_ascii_strcasecmp(line, "END:VTIMEZONE") == 0 || g_ascii_strcasecmp(line, "END:VALARM") == 0))
            skip--;
        else if (begins(line, "VEVENT") || begins(line, "VTODO"))
            g_string_append_printf(out, "■ %s\n", mgk_mail_word(policy, MGK_MAIL_WORD_EVENT));
        else if (begins(line, "VCARD"))
            g_string_append_printf(out, "■ %s\n", mgk_mail_word(policy, MGK_MAIL_WORD_CONTACT));
        else if (!skip)
            add_line(policy, out, line, &attendees);
    }
    return g_string_free(out, FALSE);
}

char *mgk_mail_report_lines(const char *text)
{
    static const char *const known[] = {"Reporting-MTA",
                                        "Arrival-Date",
                                        "Original-Recipient",
                                        "Final-Recipient",
                                        "Action",
                                        "Status",
                                        "Remote-MTA",
                                        "Diagnostic-Code",
                                        "Last-Attempt-Date",
                                        "Will-Retry-Until",
                                        "Disposition",
                                        "Reporting-UA",
                                        "Feedback-Type",
                                        "Original-Message-ID",
                                        "Original-Mail-From",
                                        "Original-Rcpt-To",
                                        "From",
                                        "To",
                                        "Cc",
                                        "Subject",
                                        "Date",
                                        "Message-ID",
                                        "Error",
                                        "Failure",
                                        "Warning"};
    GString *out = g_string_new(NULL);
    g_autofree char *copy = g_strdup(text);
    for (char *p = copy; *p; p++) { /* a folded line is one line */
        if (*p == '\n' && (p[1] == ' ' || p[1] == '\t'))
            *p = ' ';
    }
    g_auto(GStrv) lines = g_strsplit(copy, "\n", LINES_MAX);
    for (guint i = 0; lines[i]; i++) {
        char *colon = strchr(lines[i], ':');
        for (guint k = 0; colon && k < G_N_ELEMENTS(known); k++) {
            if (g_ascii_strncasecmp(lines[i], known[k], strlen(known[k])) != 0 || lines[i] + strlen(known[k]) != colon)
                continue;
            g_autofree char *value = mgk_mail_header_decode(colon + 1);
            g_autofree char *shown = mgk_mail_excerpt(value, REPORT_COLUMNS);
            g_string_append_printf(out, "  %s: %s\n", known[k], shown);
        }
    }
    return g_string_free(out, FALSE);
}
