#include "send.h"

#include <curl/curl.h>
#include <string.h>

#define PATIENCE_SECONDS 120L

typedef struct Reading {
    const guint8 *at;
    gsize left;
} Reading;

static size_t give(char *buffer, size_t size, size_t n, void *user)
{
    Reading *reading = user;
    gsize take = MIN(size * n, reading->left);
    memcpy(buffer, reading->at, take);
    reading->at += take;
    reading->left -= take;
    return take;
}

/* "<a@b>" for the envelope; NULL when it would be more than an address. Owned by the caller. */
static char *bracket(const char *address)
{
    g_autofree char *bare = g_strdup(address);
    gsize length = strlen(bare);
    char *start = bare;
    if (*start == '<' && length > 1 && bare[length - 1] == '>') {
        bare[length - 1] = '\0';
        start++;
    }
    for (const char *p = start; *p; p++) {
        if ((guint8)*p <= ' ' || *p == '<' || *p == '>' || *p == 0x7f)
            return NULL;
    }
    return *start ? g_strdup_printf("<%s>", start) : NULL;
}

static gboolean fail(GError **error, const char *relay, const char *words)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "%s: %s", relay, words);
    return FALSE;
}

static struct curl_slist *list_recipients(const char *const *recipients)
{
    struct curl_slist *list = NULL;
    for (guint i = 0; recipients[i]; i++) {
        g_autofree char *address = bracket(recipients[i]);
        struct curl_slist *longer = address ? curl_slist_append(list, address) : NULL;
        if (!longer) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}

static CURLcode send_by(CURL *curl, const char *url, const char *from, struct curl_slist *to, Reading *reading)
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp");
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, PATIENCE_SECONDS);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_NONE);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, reading);
    return curl_easy_perform(curl);
}

gboolean mgk_send_mail(const char *relay, const char *from, const char *const *recipients, GBytes *mail, GError **error)
{
    gsize size = 0;
    const guint8 *bytes = g_bytes_get_data(mail, &size);
    Reading reading = {.at = bytes, .left = size};
    g_autofree char *url = g_strdup_printf("smtp://%s/mugaika", relay), *sender = bracket(from);
    struct curl_slist *to = sender ? list_recipients(recipients) : NULL;
    if (!to)
        return fail(error, relay, "an address that is none");
    CURL *curl = curl_easy_init();
    CURLcode result = curl ? send_by(curl, url, sender, to, &reading) : CURLE_FAILED_INIT;
    curl_slist_free_all(to);
    curl_easy_cleanup(curl);
    return result == CURLE_OK || fail(error, relay, curl_easy_strerror(result));
}
