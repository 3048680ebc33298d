/* eml.c - mails (RFC 5322, MIME: RFC 2045-2049, 2183, 2231, 2387, 3462, 3676, 5545; MS-OXTNEF).
 *
 * Output: a fresh mail by engines/mail_writer.h, pure 7-bit: one text/plain in UTF-8 (or, by policy and where every
 * character fits, ISO-2022-JP), or multipart/mixed of that text, the cleaned attachments and 無害化結果.txt. No header
 * value, parameter, boundary or file name of the input is copied unparsed. Kept: the text (of an alternative the plain
 * version, unless it says something else than the page; pages become text), attachments that their own cleaning lets
 * cross, the header fields of rules/mail_fields.def, decoded and written anew. Mails inside are shown in line with
 * their sender, date and subject; calendars, contacts and delivery reports become lines; uuencoded files and
 * winmail.dat are unpacked. Gone: all other header fields, signatures, HTML, scripts, remote and small inline pictures,
 * hidden text, characters that nobody sees, fragments and parts that lie elsewhere. Gaiji become 〓, their codes are
 * listed. Held: encrypted mails, fragments of mails, mails with more than 200 parts or nested deeper than 20, and what
 * is no mail. Attachments that do not cross are named in the notice. The notice comes first (or last, by policy), at
 * most four lines, with the policy's daily word; lines of the body that imitate it get "│". Limits known: an RTF body
 * inside winmail.dat is not read (its plain body is); cleaning an output again adds another notice. */
#include "checks/checks.h"
#include "engines/mail_rebuild.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

/* One mail as a mailbox file has it: the line "From someone time" in front, and no other mail behind. */
static gboolean is_one_of_mailbox(const MgkProbe *probe)
{
    const char *data = (const char *)probe->data;
    return probe->size > 5 && memcmp(data, "From ", 5) == 0 && !g_strstr_len(data, (gssize)probe->size, "\n\nFrom ") &&
           !g_strstr_len(data, (gssize)probe->size, "\n\r\nFrom ");
}

static guint probe(const MgkProbe *probe)
{
    static const char *const sure[] = {"received:",     "message-id:",     "mime-version:",     "return-path:",
                                       "delivered-to:", "dkim-signature:", "x-mozilla-status:", "content-type:"};
    static const char *const usual[] = {"from:", "to:", "subject:", "date:", "cc:", "reply-to:", "sender:"};
    if (mgk_format_has_extension(MGK_FORMAT_ID_text, probe->extension))
        return 0;
    /* A body may hold anything; a header has no NUL. */
    const guint8 *nul = memchr(probe->data, 0, probe->size);
    const MgkProbe front = {
        .data = probe->data, .size = nul ? (gsize)(nul - probe->data) : probe->size, .head = nul ? NULL : probe->head};
    g_autofree char *head = mgk_recognise_head(&front);
    gsize name = strcspn(head, ": \t\r\n");
    gboolean field = name > 0 && head[name] == ':';
    guint marks = 0, fields = 0;
    for (guint i = 0; i < G_N_ELEMENTS(sure); i++)
        marks += mgk_recognise_line(head, sure[i]);
    for (guint i = 0; i < G_N_ELEMENTS(usual); i++)
        fields += mgk_recognise_line(head, usual[i]);
    gboolean named = mgk_format_has_extension(MGK_FORMAT_ID_eml, probe->extension);
    if (named && marks + fields > 0)
        return is_one_of_mailbox(probe) ? 78 : 74;
    return field && marks > 0 && marks + fields >= 3 ? 72 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_mail_rebuild(job, job->data, job->size, error);
}

const MgkHandler mgk_format_eml = {.probe = probe, .clean = clean, .check = mgk_check_eml};
