#include "engines/html_link.h"

#include <string.h>

#define HOST_BYTES 1024
#define URL_BYTES 8192 /* of one link that are shown */

typedef struct Scheme {
    const char *name;
    MgkLinkKind kind;
} Scheme;

static const Scheme schemes[] = {
#define MGK_URL_SCHEME(name, kind) {name, MGK_LINK_##kind},
#include "rules/url_schemes.def"
#undef MGK_URL_SCHEME
};

void mgk_link_clear(MgkLink *link)
{
    g_free(link->url);
    g_free(link->host);
    g_free(link->shown);
    g_free(link->user);
    *link = (MgkLink){.kind = MGK_LINK_NONE};
}

/* Without tabs and line ends, controls and spaces around. */
static char *clean_href(const char *href)
{
    while (*href && (guchar)*href <= ' ')
        href++;
    gsize length = strlen(href);
    while (length > 0 && (guchar)href[length - 1] <= ' ')
        length--;
    GString *out = g_string_sized_new(length + 1);
    for (gsize i = 0; i < length; i++) {
        if (href[i] != '\t' && href[i] != '\n' && href[i] != '\r')
            g_string_append_c(out, href[i]);
    }
    return g_string_free(out, FALSE);
}

/* Length of "scheme" before a colon; 0 when there is none. */
static gsize scheme_length(const char *url)
{
    gsize n = 0;
    if (!g_ascii_isalpha(url[0]))
        return 0;
    while (g_ascii_isalnum(url[n]) || url[n] == '+' || url[n] == '-' || url[n] == '.')
        n++;
    return url[n] == ':' ? n : 0;
}

static const Scheme *find_scheme(const char *url, gsize length)
{
    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++) {
        if (strlen(schemes[i].name) == length && g_ascii_strncasecmp(schemes[i].name, url, length) == 0)
            return &schemes[i];
    }
    return NULL;
}

/* Appends text so that nothing in it ends the URL, hides, or needs a font: others as %XX. */
static void append_encoded(GString *out, const char *text, gsize length, gboolean slashes)
{
    for (gsize i = 0; i < length && out->len < URL_BYTES; i++) {
        char c = text[i];
        if (c == '\\' && slashes)
            g_string_append_c(out, '/');
        else if ((guchar)c <= ' ' || (guchar)c >= 0x7f || strchr("\"<>`{}|\\^", c))
            g_string_append_printf(out, "%%%02X", (guchar)c);
        else
            g_string_append_c(out, c);
    }
    if (length > 0 && out->len >= URL_BYTES)
        g_string_append(out, "...");
}

enum { LATIN = 1, HAN = 2, HIRAGANA = 4, KATAKANA = 8, OTHER = 16 };

static guint script_of(gunichar c)
{
    switch ((int)g_unichar_get_script(c)) {
    case G_UNICODE_SCRIPT_LATIN:
        return c < 0x80 ? LATIN : OTHER;
    case G_UNICODE_SCRIPT_HAN:
        return HAN;
    case G_UNICODE_SCRIPT_HIRAGANA:
        return HIRAGANA;
    case G_UNICODE_SCRIPT_KATAKANA:
        return KATAKANA;
    case G_UNICODE_SCRIPT_COMMON:
        return c < 0x80 || c == 0x30fc ? 0 : OTHER;
    default:
        return OTHER;
    }
}

/* Whether every label of a host in Unicode is Japanese through and through, so that it can be shown as it is. ノ and ー
 * between Latin letters pose as / and -. */
static gboolean is_safe_host(const char *host)
{
    guint seen = 0;
    for (const char *p = host;; p = g_utf8_next_char(p)) {
        if (*p && *p != '.') {
            seen |= script_of(g_utf8_get_char(p));
            continue;
        }
        if ((seen & OTHER) || seen == (LATIN | KATAKANA))
            return FALSE;
        seen = 0;
        if (!*p)
            return TRUE;
    }
}

/* Fills host and shown from what stands in the URL. */
static void set_host(MgkLink *link, const char *text, gsize length)
{
    g_autofree char *raw = g_strndup(text, MIN(length, HOST_BYTES));
    g_autofree char *bytes = g_uri_unescape_string(raw, NULL);
    g_autofree char *valid = g_utf8_make_valid(bytes ? bytes : raw, -1);
    g_autofree char *wide = g_utf8_normalize(valid, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *lower = g_utf8_strdown(wide ? wide : valid, -1);
    char *ascii = g_hostname_to_ascii(lower);
    if (!ascii) {
        link->mixed = TRUE;
        ascii = g_uri_escape_string(lower, NULL, FALSE);
    }
    gsize n = strlen(ascii);
    if (n > 0 && ascii[n - 1] == '.')
        ascii[n - 1] = '\0';
    link->host = ascii;
    g_autofree char *unicode = strstr(ascii, "xn--") ? g_hostname_to_unicode(ascii) : NULL;
    gboolean safe = unicode && is_safe_host(unicode);
    link->mixed |= strstr(ascii, "xn--") != NULL && !safe;
    GString *shown = g_string_new(NULL);
    if (safe)
        g_string_append(shown, unicode);
    else
        append_encoded(shown, ascii, strlen(ascii), FALSE);
    link->shown = g_string_free(shown, FALSE);
}

/* Where a port begins in an authority without user; length when there is none. */
static gsize port_at(const char *host, gsize length)
{
    for (gsize i = length; i > 0; i--) {
        if (host[i - 1] == ':')
            return i - 1;
        if (!g_ascii_isdigit(host[i - 1]))
            break;
    }
    return length;
}

/* scheme://user@host:port/rest: p is after the colon. */
static void read_web(const char *scheme, const char *p, MgkLink *link)
{
    p += strspn(p, "/\\");
    gsize authority = strcspn(p, "/\\?#");
    gsize at = authority;
    while (at > 0 && p[at - 1] != '@')
        at--;
    if (at > 0)
        link->user = g_strndup(p, MIN(at - 1, HOST_BYTES));
    gsize port = at + port_at(p + at, authority - at);
    set_host(link, p + at, port - at);
    GString *url = g_string_new(scheme);
    g_string_append_printf(url, "://%s", link->shown);
    append_encoded(url, p + port, MIN(authority - port, 6), FALSE);
    const char *rest = p + authority;
    gsize path = strcspn(rest, "?#");
    append_encoded(url, rest, path, TRUE);
    append_encoded(url, rest + path, strlen(rest + path), FALSE);
    link->url = g_string_free(url, FALSE);
    link->kind = *link->host ? MGK_LINK_WEB : MGK_LINK_RELATIVE;
}

static void read_mail(const char *p, MgkLink *link)
{
    gsize length = strcspn(p, "?");
    const char *at = g_strrstr_len(p, (gssize)length, "@");
    if (at)
        set_host(link, at + 1, length - (gsize)(at + 1 - p));
    GString *url = g_string_new("mailto:");
    append_encoded(url, p, strlen(p), FALSE);
    link->url = g_string_free(url, FALSE);
    link->kind = MGK_LINK_MAIL;
}

static void read_absolute(const char *url, gsize length, MgkLink *link)
{
    const Scheme *scheme = find_scheme(url, length);
    if (!scheme) {
        link->kind = MGK_LINK_DANGEROUS;
        link->url = g_ascii_strdown(url, (gssize)MIN(length, 32));
        return;
    }
    if (scheme->kind == MGK_LINK_WEB) {
        read_web(scheme->name, url + length + 1, link);
    } else if (scheme->kind == MGK_LINK_MAIL) {
        read_mail(url + length + 1, link);
    } else {
        GString *out = g_string_new(scheme->name);
        g_string_append_c(out, ':');
        append_encoded(out, url + length + 1, strlen(url + length + 1), FALSE);
        link->url = g_string_free(out, FALSE);
        link->kind = MGK_LINK_PLAIN;
    }
}

/* "/a/./b/../c" without dot segments (RFC 3986, 5.2.4). */
static char *remove_dots(const char *path)
{
    GString *out = g_string_new(NULL);
    gsize query = strcspn(path, "?#");
    for (gsize i = 0; i < query;) {
        gsize n = 1 + strcspn(path + i + 1, "/?#");
        gboolean one = n == 2 && path[i + 1] == '.', two = n == 3 && path[i + 1] == '.' && path[i + 2] == '.';
        if (two) {
            gsize keep = out->len;
            while (keep > 0 && out->str[keep - 1] != '/')
                keep--;
            g_string_truncate(out, keep > 0 ? keep - 1 : 0);
        }
        if (!one && !two)
            g_string_append_len(out, path + i, (gssize)n);
        else if (i + n >= query)
            g_string_append_c(out, '/');
        i += n;
    }
    g_string_append(out, path + query);
    return g_string_free(out, FALSE);
}

/* href has no scheme; base is an absolute web address. */
static char *resolve(const char *href, const char *base)
{
    const char *authority = strstr(base, "://");
    if (!authority)
        return NULL;
    const char *path = authority + 3 + strcspn(authority + 3, "/?#");
    gsize head = (gsize)(path - base), query = strcspn(path, "?#");
    if (href[0] == '?')
        return g_strdup_printf("%.*s%s", (int)(head + query), base, href);
    gsize folder = query;
    while (folder > 0 && path[folder - 1] != '/')
        folder--;
    g_autofree char *joined = href[0] == '/' || href[0] == '\\'
                                  ? g_strdup(href)
                                  : g_strdup_printf("%.*s%s", (int)folder, folder ? path : "/", href);
    g_strdelimit(joined, "\\", '/');
    g_autofree char *absolute = joined[0] == '/' ? NULL : g_strconcat("/", joined, NULL);
    g_autofree char *clean = remove_dots(absolute ? absolute : joined);
    return g_strdup_printf("%.*s%s", (int)head, base, clean);
}

void mgk_link_read(const char *href, const char *base, MgkLink *ret)
{
    *ret = (MgkLink){.kind = MGK_LINK_NONE};
    g_autofree char *url = clean_href(href);
    if (!*url || url[0] == '#')
        return;
    gsize scheme = scheme_length(url);
    if (scheme) {
        read_absolute(url, scheme, ret);
        return;
    }
    gboolean network = (url[0] == '/' || url[0] == '\\') && (url[1] == '/' || url[1] == '\\');
    if (network && url[0] == '\\') { /* a mail program on Windows logs in there */
        ret->kind = MGK_LINK_DANGEROUS;
        ret->url = g_strdup("\\\\");
        return;
    }
    if (network) {
        gsize n = base ? scheme_length(base) : 0;
        const Scheme *of_base = n ? find_scheme(base, n) : NULL;
        read_web(of_base && of_base->kind == MGK_LINK_WEB ? of_base->name : "https", url, ret);
        return;
    }
    g_autofree char *absolute = base ? resolve(url, base) : NULL;
    if (absolute) {
        read_absolute(absolute, scheme_length(absolute), ret);
        return;
    }
    GString *out = g_string_new(NULL);
    append_encoded(out, url, strlen(url), TRUE);
    ret->url = g_string_free(out, FALSE);
    ret->kind = MGK_LINK_RELATIVE;
}
