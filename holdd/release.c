/* release.c - the original goes out as it came. Whoever gets it is told so, in its name, in the notice, and under whose
 * approval; the original's own bytes are not touched, so that its hash stays what was approved. */
#include "release.h"

#include "io/descriptor.h"
#include "model/names.h"
#include "model/words.h"
#include "publish.h"
#include "send.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK "【未無害化】"
#define LINE_BYTES 57 /* of base64: 76 characters */

/* ---- words ---- */

static char *name_of(const MgkRecord *record)
{
    const char *name = record->n_parts && record->parts[0].name ? record->parts[0].name : "";
    g_autofree char *safe = mgk_names_safe_component(record->origin == MGK_ORIGIN_MAIL || !*name ? record->id : name);
    g_autofree char *whole = g_strconcat(MARK, safe, record->origin == MGK_ORIGIN_MAIL ? ".eml" : "", NULL);
    return mgk_names_safe_component(whole);
}

static char *notice(const MgkRelease *release)
{
    const MgkRequest *request = release->request;
    g_autofree char *person = mgk_names_display(request->person.name, -1, 0);
    g_autofree char *reason = mgk_names_display(request->reason, -1, 400);
    return g_strdup_printf(mgk_words(N_("The attached original was released WITHOUT being made safe.\n"
                                        "Do not open it unless you asked for it.\n\n"
                                        "Record: %s\nRequest: %llu\nAsked for by: %s\nReason: %s\n"
                                        "SHA-256: %s\n")),
                           release->record->id, (unsigned long long)request->number, person, reason,
                           release->record->sha256);
}

/* ---- by mail ---- */

static void add_base64(GString *out, const guint8 *bytes, gsize size)
{
    for (gsize at = 0; at < size; at += LINE_BYTES) {
        g_autofree char *line = g_base64_encode(bytes + at, MIN(LINE_BYTES, size - at));
        g_string_append(out, line);
        g_string_append(out, "\r\n");
    }
}

static void add_encoded_word(GString *out, const char *text)
{
    g_autofree char *word = g_base64_encode((const guint8 *)text, strlen(text));
    g_string_append_printf(out, "=?UTF-8?B?%s?=", word);
}

static void add_head(GString *out, const MgkHoldConfig *config, const MgkRelease *release)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *zone = g_date_time_format(now, "%z");
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    g_string_append_printf(out, "From: <%s>\r\nDate: %s, %02d %s %d %02d:%02d:%02d %s\r\n", config->mail_from,
                           days[g_date_time_get_day_of_week(now) - 1], g_date_time_get_day_of_month(now),
                           months[g_date_time_get_month(now) - 1], g_date_time_get_year(now), g_date_time_get_hour(now),
                           g_date_time_get_minute(now), g_date_time_get_second(now), zone);
    g_string_append_printf(out, "To: undisclosed-recipients:;\r\nMessage-ID: <release-%" G_GUINT64_FORMAT ".%s.%s>\r\n",
                           release->request->number, release->record->id, config->mail_from);
    g_string_append(out, "Subject: ");
    add_encoded_word(out, MARK);
    g_string_append_printf(out, " %s\r\nX-Mugaika-Released: unsanitized; record=%s; request=%" G_GUINT64_FORMAT "\r\n",
                           release->record->id, release->record->id, release->request->number);
    g_string_append(out, "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n");
}

GBytes *mgk_release_mail(const MgkHoldConfig *config, const MgkRelease *release, GError **error)
{
    g_autoptr(GMappedFile) original = g_mapped_file_new_from_fd(release->original, FALSE, error);
    if (!original)
        return NULL;
    GString *out = g_string_new(NULL);
    g_autofree char *words = notice(release), *name = name_of(release->record);
    g_autofree char *boundary = g_strdup_printf("mugaika-%s", release->record->sha256);
    g_autofree char *escaped = g_uri_escape_string(name, NULL, FALSE);
    add_head(out, config, release);
    g_string_append_printf(out, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n", boundary, boundary);
    g_string_append(out, "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    add_base64(out, (const guint8 *)words, strlen(words));
    g_string_append_printf(out,
                           "\r\n--%s\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
                           "Content-Disposition: attachment;\r\n filename*=UTF-8''%s\r\n\r\n",
                           boundary, escaped);
    add_base64(out, (const guint8 *)g_mapped_file_get_contents(original), g_mapped_file_get_length(original));
    g_string_append_printf(out, "\r\n--%s--\r\n", boundary);
    return g_string_free_to_bytes(out);
}

static gboolean by_mail(const MgkHoldConfig *config, const MgkRelease *release, char **ret_where, GError **error)
{
    const char *const *recipients = release->record->recipients;
    if (!*config->relay || !*config->mail_from)
        return mgk_ask_refuse(error, N_("hold.ini names no relay and mail_from for released mails"));
    if (!recipients || !recipients[0])
        return mgk_ask_refuse(error, N_("this record has no recipients"));
    g_autoptr(GBytes) mail = mgk_release_mail(config, release, error);
    if (!mail || !mgk_send_mail(config->relay, config->mail_from, recipients, mail, error))
        return FALSE;
    g_autoptr(GString) where = g_string_new("mail:");
    for (guint i = 0; recipients[i]; i++)
        g_string_append_printf(where, " %s", recipients[i]);
    *ret_where = g_string_free(g_steal_pointer(&where), FALSE);
    return TRUE;
}

/* ---- into a folder ---- */

static gboolean into_folder(const MgkHoldConfig *config, const MgkRelease *release, char **ret_where, GError **error)
{
    g_autofree char *name = name_of(release->record);
    if (!*config->release_folder)
        return mgk_ask_refuse(error, N_("hold.ini names no release_folder"));
    *ret_where = mgk_hold_publish(config->release_folder, release->original, name, error);
    return *ret_where != NULL;
}

gboolean mgk_release_carry_out(const MgkHoldConfig *config, const MgkRelease *release, char **ret_where, GError **error)
{
    return release->record->origin == MGK_ORIGIN_MAIL ? by_mail(config, release, ret_where, error)
                                                      : into_folder(config, release, ret_where, error);
}
