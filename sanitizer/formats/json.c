/* json.c - JSON (RFC 8259), by extension or by how it begins; under a text's extension it is text.
 *
 * Kept: every token and space as it stands; a file without findings comes out byte for byte. Goes: byte order mark,
 * encodings other than UTF-8 (UTF-16 and Japanese ones are converted), control, bidi, zero-width and tag characters in
 * strings (escaped ones stay as escapes). Held: what is no JSON to the letter (comments, commas at the end, NaN), and
 * what programs read differently: names given twice in one object, halves of characters, \u0000, more than 500 levels.
 * Limits known: several values in one file (JSON Lines) are held; what the data mean to a program is not judged. */
#include "checks/data.h"
#include "engines/json_copy.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

/* An object's or array's beginning: {"name": or [{ or []. */
static gboolean begins(const char *head)
{
    const char *at = head;
    while (*at == '[' || *at == '{' || g_ascii_isspace(*at))
        at++;
    if (at == head || *at != '"')
        return FALSE;
    const char *end = strchr(at + 1, '"');
    if (!end)
        return FALSE;
    end++;
    end += strspn(end, " \t\r\n");
    return *end == ':' || (*head == '[' && (*end == ',' || *end == ']'));
}

static guint probe(const MgkProbe *probe)
{
    if (mgk_format_has_extension(MGK_FORMAT_ID_text, probe->extension))
        return 0;
    g_autofree char *head = mgk_recognise_head(probe);
    gboolean named = mgk_format_has_extension(MGK_FORMAT_ID_json, probe->extension);
    return (named && (*head == '{' || *head == '[')) || begins(head) ? 66 : 0;
}

/* notes.geojson stays notes.geojson. */
static guint own_extension(const char *name)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    return g_str_has_suffix(lower, ".geojson") ? 1 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autoptr(GString) text = mgk_text_tidy_decode(job, NULL);
    if (!text)
        return TRUE;
    g_autoptr(GString) out = g_string_sized_new(text->len);
    MgkTextTally tally = {{0}};
    if (!mgk_json_copy(text->str, text->len, out, &tally, &local)) {
        gboolean limit = g_error_matches(local, MGK_ERROR, MGK_ERROR_LIMIT);
        return mgk_job_hold(job, limit ? MGK_REASON_TOO_DEEP : MGK_REASON_MALFORMED, local->message);
    }
    mgk_text_tidy_report(job, &tally);
    job->outcome.extension = own_extension(job->name);
    return job->write(job, out->str, out->len, error);
}

const MgkHandler mgk_format_json = {.probe = probe, .clean = clean, .check = mgk_check_json};
