#include "kept.h"

#include "edit.h"
#include "model/names.h"
#include "model/words.h"

#include <string.h>

#define SENDER_COLUMNS 80
#define LINE_BYTES 57          /* of base64's input: 76 characters */
#define WORD_BYTES ((gsize)39) /* of UTF-8 in one encoded word: at most 75 characters */

static void add_base64_lines(GString *out, const char *text)
{
    gsize left = strlen(text);
    for (const char *at = text; left > 0;) {
        gsize n = MIN(left, LINE_BYTES);
        g_autofree char *line = g_base64_encode((const guchar *)at, n);
        g_string_append_printf(out, "%s\r\n", line);
        at += n;
        left -= n;
    }
}

/* Encoded words of whole characters, one a fold. */
static void add_words(GString *out, const char *text)
{
    for (const char *start = text; *start;) {
        const char *end = start;
        while (*end && (gsize)(g_utf8_next_char(end) - start) <= WORD_BYTES)
            end = g_utf8_next_char(end);
        g_autofree char *word = g_base64_encode((const guchar *)start, (gsize)(end - start));
        g_string_append_printf(out, "%s=?UTF-8?B?%s?=", start == text ? "" : "\r\n ", word);
        start = end;
    }
}

static gboolean host_is_plain(const char *host)
{
    gsize n = host ? strlen(host) : 0;
    return n > 0 && n <= 253 && host[0] != '.' && host[n - 1] != '.' &&
           strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == n;
}

static char *make_text(const MgkKeptMail *kept)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *sender = mgk_names_display(kept->sender, -1, SENDER_COLUMNS);
    g_autoptr(GDateTime) local = g_date_time_new_from_unix_local(kept->time_us / G_USEC_PER_SEC);
    g_autofree char *time = g_date_time_format(local, "%Y-%m-%d %H:%M:%S %:z");
    g_string_append_printf(text, "%s\r\n\r\n", mgk_words(N_("A mail to you was kept and is not delivered.")));
    g_string_append_printf(text, "%s: %s\r\n", mgk_words(N_("Reason")), mgk_words(mgk_reason_text(kept->reason)));
    g_string_append_printf(text, "%s: 「%s」\r\n", mgk_words(N_("Sender (not verified)")), sender);
    g_string_append_printf(text, "%s: %s\r\n", mgk_words(N_("Arrival")), time);
    g_string_append_printf(text, "%s: %s\r\n\r\n", mgk_words(N_("Number")), kept->id);
    g_string_append_printf(
        text, "%s\r\n", mgk_words(N_("Nothing is lost. If you need the mail, tell your administrators this number.")));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

GBytes *mgk_kept_mail(const MgkKeptMail *kept)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *text = make_text(kept);
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(kept->time_us / G_USEC_PER_SEC);
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const char *host = host_is_plain(kept->host) ? kept->host : "localhost";
    g_autofree char *clock = g_date_time_format(utc, "%H:%M:%S");
    g_string_append_printf(out, "Date: %s, %02d %s %04d %s +0000\r\n", days[g_date_time_get_day_of_week(utc) - 1],
                           g_date_time_get_day_of_month(utc), months[g_date_time_get_month(utc) - 1],
                           g_date_time_get_year(utc), clock);
    g_string_append_printf(out, "From: mugaika <postmaster@%s>\r\nTo: undisclosed-recipients:;\r\nSubject: ", host);
    add_words(out, mgk_words(N_("[mugaika] A mail was kept")));
    g_string_append_printf(out, "\r\nMessage-ID: <%s@%s>\r\nAuto-Submitted: auto-generated\r\n", kept->id, host);
    g_string_append_printf(out, MGK_EDIT_MARK ": held; reason=%s; id=%s\r\n", mgk_reason_name(kept->reason), kept->id);
    g_string_append(out, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
                         "Content-Transfer-Encoding: base64\r\n\r\n");
    add_base64_lines(out, text);
    return g_string_free_to_bytes(g_steal_pointer(&out));
}
