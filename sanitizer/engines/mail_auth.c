#include "engines/mail_auth.h"

#include <string.h>

/* value without comments (nested ones, too); quoted strings become "". */
static char *strip_words(const char *value)
{
    GString *out = g_string_new(NULL);
    guint depth = 0;
    gboolean quoted = FALSE;
    for (const char *p = value; *p; p++) {
        gboolean escape = *p == '\\' && p[1] && (depth || quoted);
        if (escape)
            p++;
        else if (*p == '"' && depth == 0)
            quoted = !quoted;
        else if (*p == '(' && !quoted)
            depth++;
        else if (*p == ')' && depth)
            depth--;
        else if (depth == 0 && !quoted)
            g_string_append_c(out, *p);
        if (depth == 0 && *p == ')')
            g_string_append_c(out, ' ');
    }
    return g_string_free(out, FALSE);
}

static MgkAuth result_of(const char *word)
{
    static const struct {
        const char *word;
        MgkAuth result;
    } table[] = {{"pass", MGK_AUTH_PASS},     {"fail", MGK_AUTH_FAIL},      {"softfail", MGK_AUTH_FAIL},
                 {"hardfail", MGK_AUTH_FAIL}, {"permerror", MGK_AUTH_FAIL}, {"policy", MGK_AUTH_FAIL}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (g_ascii_strcasecmp(word, table[i].word) == 0)
            return table[i].result;
    }
    return MGK_AUTH_NONE;
}

/* A sender may sign twice and break one signature: what passed counts. */
static void merge(MgkAuth *so_far, MgkAuth result)
{
    if (*so_far != MGK_AUTH_PASS && result != MGK_AUTH_NONE)
        *so_far = result;
}

/* " method/1=result property=value …" */
static void read_method(const char *text, MgkAuthResults *results)
{
    const struct {
        const char *method;
        MgkAuth *so_far;
    } table[] = {{"spf", &results->spf}, {"dkim", &results->dkim}, {"dmarc", &results->dmarc}};
    const char *name = text + strspn(text, " "), *equals = strchr(name, '=');
    gsize length = strcspn(name, " /=");
    if (!equals || strcspn(name, "=") > length + strspn(name + length, " /0123456789"))
        return;
    const char *word = equals + 1 + strspn(equals + 1, " ");
    g_autofree char *result = g_strndup(word, strcspn(word, " "));
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (strlen(table[i].method) == length && g_ascii_strncasecmp(name, table[i].method, length) == 0)
            merge(table[i].so_far, result_of(result));
    }
}

char *mgk_mail_auth_read(const char *value, MgkAuthResults *results)
{
    g_autofree char *bare = strip_words(value);
    g_auto(GStrv) pieces = g_strsplit(bare, ";", 64);
    const char *id = pieces[0] ? pieces[0] + strspn(pieces[0], " ") : "";
    for (guint i = 1; results && pieces[0] && pieces[i]; i++)
        read_method(pieces[i], results);
    return g_strndup(id, strcspn(id, " "));
}

MgkAuth mgk_mail_auth_judge(const MgkAuthResults *results)
{
    if (results->dmarc != MGK_AUTH_NONE)
        return results->dmarc;
    if (results->dkim == MGK_AUTH_PASS || results->spf == MGK_AUTH_PASS)
        return MGK_AUTH_PASS;
    return MAX(results->dkim, results->spf);
}
