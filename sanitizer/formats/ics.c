/* ics.c - calendars: iCalendar (RFC 5545) and vCalendar 1.0.
 *
 * Kept: the components and properties of rules/content_lines.def: events, tasks, time zones, repetitions, people,
 * alarms that show a message. Goes: attachments, conferences, HTML descriptions, alarms that sound, mail or start
 * something, addresses other than web, mail and telephone, parameters that refer elsewhere, fields of single programs.
 * Output: UTF-8, CRLF, lines of at most 75 bytes folded between characters. Held: components that do not match, and
 * encodings that are not known for sure. Limits known: links inside a description stay as text. */
#include "checks/data.h"
#include "engines/content_lines.h"
#include "engines/content_text.h"
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    return g_str_has_prefix(head, "begin:vcalendar") ? 84 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_content_lines_clean(job, MGK_CONTENT_CALENDAR, error);
}

const MgkHandler mgk_format_ics = {.probe = probe, .clean = clean, .check = mgk_check_ics, .text = mgk_content_text};
