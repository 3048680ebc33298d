#include "thread_mail.h"

#include <string.h>

/* The end of the field that begins at p: behind its last fold. */
static const char *field_end(const char *p, const char *head_end)
{
    do {
        const char *line = g_strstr_len(p, (gssize)(head_end - p), "\r\n");
        p = line ? line + 2 : head_end;
    } while (p < head_end && (*p == ' ' || *p == '\t'));
    return p;
}

static gboolean is_field(const char *p, const char *end, const char *name)
{
    gsize length = strlen(name);
    return (gsize)(end - p) > length && g_ascii_strncasecmp(p, name, length) == 0 && p[length] == ':';
}

GBytes *mgk_thread_mail(const char *message, gsize size, const char *id)
{
    const char *body = g_strstr_len(message, (gssize)size, "\r\n\r\n"), *end = NULL;
    const char *head_end = body ? body + 2 : message + size;
    g_autofree char *answered = NULL;
    GString *out = g_string_new(NULL);
    for (const char *p = message; p < head_end; p = end) {
        end = field_end(p, head_end);
        if (is_field(p, end, "Message-ID")) {
            gsize name = strlen("Message-ID:");
            g_free(answered);
            answered = g_strstrip(g_strndup(p + name, (gsize)(end - p) - name));
        } else if (!is_field(p, end, "In-Reply-To") && !is_field(p, end, "References")) {
            g_string_append_len(out, p, end - p);
        }
    }
    if (answered && *answered)
        g_string_append_printf(out, "In-Reply-To: %s\r\nReferences: %s\r\n", answered, answered);
    g_string_append_printf(out, "Message-ID: <unlocked-%s@mugaika.invalid>\r\n", id);
    g_string_append_len(out, head_end, (gssize)(message + size - head_end));
    return g_string_free_to_bytes(out);
}
