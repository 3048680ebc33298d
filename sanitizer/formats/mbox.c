/* mbox.c - mail folders in one file (RFC 4155 and its relatives: each message after a line "From sender time").
 *
 * Kept: every message, as a mail of its own, cleaned as formats/eml.c does; their order, by the number in front of the
 * name; subject and date as name and time. Goes: the lines between the messages (they say what Received and Date say
 * better), the ">" that mail programs put before lines of a text that begin with From, and what goes from mails. A
 * message that cannot be made safe is replaced by its notice.
 * Output: a ZIP of .eml files, which mail programs and people open one by one.
 * A message begins where a blank line, a line "From …" with a time and year, and a header field follow each other. So
 * a line of text that only begins with From never cuts a mail in two; where a careless program quoted nothing, two
 * mails may come out as one, with nothing lost. Content-Length (mboxcl) is not believed. Held: what stands before the
 * first message is no mail. Limits known: subfolders kept in other files are not here. */
#include "checks/checks.h"
#include "engines/archive_out.h"
#include "engines/mail_fields.h"
#include "engines/recognise.h"
#include "formats/formats.h"
#include "model/names.h"

#include <stdio.h>
#include <string.h>

#define HEADER_BYTES (64u << 10) /* as far as subject and date are looked for */
#define SUBJECT_COLUMNS 48

typedef struct Span {
    const char *at;
    gsize size;
} Span;

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    if (!g_str_has_prefix(head, "from ") || mgk_format_has_extension(MGK_FORMAT_ID_text, probe->extension))
        return 0;
    gboolean fields = mgk_recognise_line(head, "from:") || mgk_recognise_line(head, "received:") ||
                      mgk_recognise_line(head, "message-id:") || mgk_recognise_line(head, "return-path:");
    return fields && memchr(head, ':', strcspn(head, "\r\n")) ? 77 : 0; /* the time of the first line */
}

/* ---- where messages begin ---- */

/* The line at the front of rest, without its end; rest moves behind it. */
static Span take_line(Span *rest)
{
    const char *end = memchr(rest->at, '\n', rest->size);
    gsize whole = end ? (gsize)(end - rest->at) + 1 : rest->size;
    Span line = {rest->at, end ? whole - 1 : whole};
    if (line.size > 0 && line.at[line.size - 1] == '\r')
        line.size--;
    rest->at += whole;
    rest->size -= whole;
    return line;
}

/* "Fri Nov 20 10:00:00 2026", "Fri, 20 Nov 2026 10:00 +0900": a time and a year are somewhere in it. */
static gboolean has_time(Span line)
{
    gboolean clock = FALSE, year = FALSE;
    for (gsize i = 0; i < line.size;) {
        gsize digits = 0;
        while (digits < line.size - i && g_ascii_isdigit(line.at[i + digits]))
            digits++;
        gsize after = i + digits;
        clock |= digits > 0 && digits <= 2 && line.size - after > 2 && line.at[after] == ':' &&
                 g_ascii_isdigit(line.at[after + 1]) && g_ascii_isdigit(line.at[after + 2]);
        year |= digits == 4 && (line.at[i] == '1' || line.at[i] == '2');
        i = after + 1;
    }
    return clock && year;
}

static gboolean is_field(Span line)
{
    gsize name = 0;
    while (name < line.size && g_ascii_isgraph(line.at[name]) && line.at[name] != ':')
        name++;
    return name > 0 && name < line.size && line.at[name] == ':';
}

/* TRUE when a message begins at rest, whose first line says so; *ret_message is then what follows that line. */
static gboolean begins_message(Span rest, Span *ret_message)
{
    if (rest.size < 5 || memcmp(rest.at, "From ", 5) != 0)
        return FALSE;
    Span line = take_line(&rest);
    if (line.size > 1000 || !has_time(line))
        return FALSE;
    *ret_message = rest;
    Span first = take_line(&rest);
    if (g_strstr_len(first.at, (gssize)MIN(first.size, 6), ">From ")) /* a mailbox inside a mailbox */
        first = take_line(&rest);
    return is_field(first);
}

/* The message at rest's front, up to the next one, where rest then stands. */
static Span take_message(Span *rest)
{
    Span message = {.size = 0};
    if (!begins_message(*rest, &message))
        return message;
    Span at = message, next;
    gboolean blank = FALSE;
    for (gboolean first = TRUE; at.size > 0; first = FALSE) {
        if (!first && blank && begins_message(at, &next))
            break;
        blank = take_line(&at).size == 0;
    }
    message.size -= at.size;
    *rest = at;
    return message;
}

/* ---- a message as a file ---- */

/* The message without the quotes of mailboxes: a line of ">"s and "From " loses one. */
static GBytes *unquoted(Span message)
{
    GByteArray *bytes = g_byte_array_sized_new((guint)message.size);
    while (message.size > 0) {
        const char *start = message.at;
        Span line = take_line(&message);
        gsize marks = 0;
        while (marks < line.size && line.at[marks] == '>')
            marks++;
        gboolean quoted = marks > 0 && line.size - marks >= 5 && memcmp(line.at + marks, "From ", 5) == 0;
        g_byte_array_append(bytes, (const guint8 *)start + quoted, (guint)(message.at - start) - quoted);
    }
    return g_byte_array_free_to_bytes(bytes);
}

/* A field of the message's header, decoded; "" when there is none. */
static char *field(Span message, const char *name)
{
    g_autoptr(GString) raw = g_string_new(NULL);
    message.size = MIN(message.size, HEADER_BYTES);
    for (Span line = take_line(&message); line.size > 0; line = take_line(&message)) {
        gboolean folded = *line.at == ' ' || *line.at == '\t';
        gboolean wanted = line.size > strlen(name) && g_ascii_strncasecmp(line.at, name, strlen(name)) == 0;
        if (raw->len > 0 && !folded)
            break;
        if (raw->len > 0 || wanted)
            g_string_append_len(raw, line.at, (gssize)line.size);
    }
    return raw->len > 0 ? mgk_mail_header_decode(raw->str + strlen(name)) : g_strdup("");
}

/* "0001 件名.eml"; of the subject nothing that could pass for a path, an ending or a drive. */
static char *name_of(Span message, guint number)
{
    g_autofree char *subject = field(message, "Subject:");
    g_autofree char *shown = mgk_names_display(g_strstrip(subject), -1, SUBJECT_COLUMNS);
    g_strdelimit(shown, "./\\:*?\"<>|\t", '_');
    for (char *gap = strstr(shown, "  "); gap; gap = strstr(gap, "  "))
        memmove(gap, gap + 1, strlen(gap));
    g_autofree char *wanted = g_strdup_printf("%04u%s%s", number, *shown ? " " : "", shown);
    g_autofree char *safe = mgk_names_safe_component(wanted);
    return g_strconcat(safe, ".eml", NULL);
}

/* The time of the Date field on Japan's clocks. */
static guint32 time_of(Span message)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    g_autofree char *given = field(message, "Date:");
    g_autofree char *date = mgk_mail_date(given);
    guint day = 0, year = 0, hour = 0, minute = 0, second = 0;
    char month[4] = "", sign = '+';
    guint zone = 0;
    const char *comma = date ? strchr(date, ',') : NULL;
    if (!comma || sscanf(comma + 1, " %2u %3s %4u %2u:%2u:%2u %c%4u", &day, month, &year, &hour, &minute, &second,
                         &sign, &zone) != 8)
        return MGK_ZIP_EPOCH;
    const char *found = strstr(months, month);
    GDateMonth number = (GDateMonth)(found ? (found - months) / 3 + 1 : 0);
    if (!g_date_valid_dmy((GDateDay)day, number, (GDateYear)year))
        return MGK_ZIP_EPOCH;
    GDate calendar;
    g_date_clear(&calendar, 1);
    g_date_set_dmy(&calendar, (GDateDay)day, number, (GDateYear)year);
    gint64 seconds = ((gint64)g_date_get_julian(&calendar) - 719163) * 86400; /* GLib counts from the year 1 */
    gint64 ahead = (gint64)(zone / 100) * 3600 + (gint64)(zone % 100) * 60;
    seconds += (gint64)hour * 3600 + (gint64)minute * 60 + second - (sign == '-' ? -ahead : ahead);
    return mgk_archive_dos_time(seconds + MGK_ARCHIVE_JAPAN);
}

static gboolean add_message(MgkArchiveOut *out, Span message, guint number, GError **error)
{
    g_autofree char *name = name_of(message, number);
    g_autoptr(GError) why = NULL;
    g_autoptr(GBytes) bytes = NULL;
    if (message.size < G_MAXUINT)
        bytes = unquoted(message);
    else
        g_set_error(&why, MGK_ERROR, MGK_ERROR_LIMIT, "size of a message");
    MgkArchiveFile file = {.name = name, .dos_time = time_of(message), .bytes = bytes, .why = why};
    return mgk_archive_out_file(out, &file, error);
}

static gboolean clean(MgkJob *job, GError **error)
{
    Span rest = {(const char *)job->data, job->size};
    g_autoptr(MgkArchiveOut) out = mgk_archive_out_new(job);
    job->outcome.format = MGK_FORMAT_ID_zip;
    job->outcome.verdict = MGK_VERDICT_CONVERTED;
    while (rest.size > 0 && (*rest.at == '\n' || *rest.at == '\r'))
        take_line(&rest);
    for (guint number = 1; rest.size > 0; number++) {
        Span message = take_message(&rest);
        if (message.size == 0)
            return mgk_job_hold(job, MGK_REASON_MALFORMED, "does not begin with a message");
        if (!add_message(out, message, number, error))
            return FALSE;
        if (!mgk_archive_out_goes_on(out))
            return TRUE;
    }
    return mgk_archive_out_finish(out, error);
}

const MgkHandler mgk_format_mbox = {.probe = probe, .clean = clean, .check = mgk_check_zip};
