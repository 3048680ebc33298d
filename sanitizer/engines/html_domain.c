#include "engines/html_link.h"

#include <string.h>

#define TEXT_BYTES 512

enum { TOP, SECOND, REGION, HOSTING };

typedef struct Domain {
    int role;
    const char *name;
} Domain;

static const Domain domains[] = {
#define MGK_DOMAIN(role, name) {role, name},
#include "rules/domains.def"
#undef MGK_DOMAIN
};

static gboolean has_role(int role, const char *name, gsize length)
{
    for (gsize i = 0; i < G_N_ELEMENTS(domains); i++) {
        if (domains[i].role == role && strlen(domains[i].name) == length &&
            g_ascii_strncasecmp(domains[i].name, name, length) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean is_hosting(const char *name)
{
    return has_role(HOSTING, name, strlen(name));
}

/* The part of a host that has one owner: its last labels. */
static const char *owned_part(const char *host)
{
    const char *label[4] = {NULL}; /* the last four, the very last in [0] */
    guint n = 0;
    for (const char *p = host + strlen(host); p >= host && n < 4; p--) {
        if (p == host || p[-1] == '.')
            label[n++] = p;
    }
    guint take = 2;
    if (n >= 2) {
        gsize second = (gsize)(label[0] - label[1]) - 1;
        if (strlen(label[0]) == 2 && has_role(SECOND, label[1], second))
            take = 3;
        else if (strcmp(label[0], "jp") == 0 && has_role(REGION, label[1], second))
            take = 4;
    }
    if (n > take && is_hosting(label[take - 1]))
        take++;
    return n == 0 ? host : label[MIN(take, n) - 1];
}

static gboolean is_number(const char *host)
{
    gsize n = strlen(host);
    return n > 0 && (g_ascii_isdigit(host[n - 1]) || host[n - 1] == ']');
}

gboolean mgk_link_same_owner(const char *a, const char *b)
{
    if (is_number(a) || is_number(b))
        return g_ascii_strcasecmp(a, b) == 0;
    return g_ascii_strcasecmp(owned_part(a), owned_part(b)) == 0;
}

static gboolean is_host_char(char c)
{
    return g_ascii_isalnum(c) || c == '-' || c == '.' || c == '_';
}

static char *host_of(const char *start, gsize length)
{
    g_autofree char *url = g_strdup_printf("https://%.*s", (int)length, start);
    MgkLink link;
    mgk_link_read(url, NULL, &link);
    char *host = g_steal_pointer(&link.host);
    mgk_link_clear(&link);
    if (host && (!*host || !strchr(host, '.')))
        g_clear_pointer(&host, g_free);
    return host;
}

/* A run of host characters at p that is a host: labels, and an end that is no file name. */
static char *bare_host(const char *p, gsize length)
{
    while (length > 0 && (p[length - 1] == '.' || p[length - 1] == '-'))
        length--;
    gsize dot = length;
    while (dot > 0 && p[dot - 1] != '.')
        dot--;
    if (dot < 2 || dot == length)
        return NULL;
    gboolean www = length > 4 && g_ascii_strncasecmp(p, "www.", 4) == 0;
    return www || has_role(TOP, p + dot, length - dot) ? host_of(p, length) : NULL;
}

char *mgk_link_named_host(const char *text)
{
    g_autofree char *cut = g_strndup(text, TEXT_BYTES);
    g_autofree char *valid = g_utf8_make_valid(cut, -1);
    g_autofree char *plain = g_utf8_normalize(valid, -1, G_NORMALIZE_ALL_COMPOSE);
    if (!plain)
        return NULL;
    const char *scheme = strstr(plain, "://");
    if (scheme && scheme > plain && g_ascii_isalpha(scheme[-1])) {
        gsize length = strcspn(scheme + 3, "/\\?# \t\n\"<>");
        return host_of(scheme + 3, length);
    }
    for (const char *p = plain; *p;) {
        gsize n = 0;
        while (is_host_char(p[n]))
            n++;
        char *host = n ? bare_host(p, n) : NULL;
        if (host && p[n] != '@')
            return host;
        g_free(host);
        p += n ? n : 1;
    }
    return NULL;
}

char *mgk_link_defang(const char *url)
{
    gsize length;
    return mgk_link_defang_text(url, strlen(url), NULL, &length);
}

/* Length of an address at p: up to a space, a quote, or a character that is not ASCII. */
static gsize address_length(const char *p, gsize left)
{
    gsize n = 0;
    while (n < left && p[n] > ' ' && p[n] < 0x7f && !strchr("<>\"", p[n]))
        n++;
    return n;
}

/* Appends an address with its dots up to the path bracketed; scheme bytes are already written. */
static void append_defanged(GString *out, const char *p, gsize n)
{
    gsize host = 0;
    while (host < n && !strchr("/\\?#", p[host]))
        host++;
    for (gsize i = 0; i < host; i++) {
        if (p[i] == '.' && i + 1 < host)
            g_string_append(out, "[.]");
        else
            g_string_append_c(out, p[i]);
    }
    g_string_append_len(out, p + host, (gssize)(n - host));
}

typedef struct Prefix {
    const char *from, *to;
} Prefix;

static const Prefix prefixes[] = {{"https://", "hxxps://"}, {"http://", "hxxp://"}, {"ftp://", "fxp://"}, {"www.", ""}};

static const Prefix *find_prefix(const char *p, gsize left)
{
    for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        gsize n = strlen(prefixes[i].from);
        if (left > n && g_ascii_strncasecmp(p, prefixes[i].from, n) == 0 && p[n] > ' ')
            return &prefixes[i];
    }
    return NULL;
}

char *mgk_link_defang_text(const char *text, gsize length, const char *word, gsize *ret_length)
{
    GString *out = g_string_sized_new(length + 64);
    for (gsize i = 0; i < length;) {
        gboolean inside = i > 0 && g_ascii_isalnum(text[i - 1]);
        const Prefix *prefix = !inside && strchr("hHfFwW", text[i]) ? find_prefix(text + i, length - i) : NULL;
        if (!prefix) {
            g_string_append_c(out, text[i++]);
            continue;
        }
        gsize skip = *prefix->to ? strlen(prefix->from) : 0;
        gsize n = address_length(text + i + skip, length - i - skip);
        if (word) {
            g_string_append(out, word);
        } else {
            g_string_append(out, prefix->to);
            append_defanged(out, text + i + skip, n);
        }
        i += skip + n;
    }
    *ret_length = out->len;
    return g_string_free(out, FALSE);
}
