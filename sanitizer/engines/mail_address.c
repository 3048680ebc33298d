#include "engines/mail_address.h"

#include "engines/mail_header.h"
#include "engines/mail_tidy.h"

#include <string.h>

#define ADDRESS_BYTES 320

static void address_free(gpointer data)
{
    MgkMailAddress *address = data;
    g_free(address->name);
    g_free(address->address);
    g_free(address->given);
    g_free(address);
}

static char *tidy(const char *text)
{
    char *clean = mgk_mail_tidy(text, strlen(text), TRUE, NULL);
    return g_strstrip(clean);
}

static gboolean is_atom(const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isalnum(text[i]) && !memchr("!#$%&'*+-/=?^_`{|}~.", text[i], 20))
            return FALSE;
    }
    return length > 0;
}

static gboolean is_domain(const char *text)
{
    gsize length = strlen(text);
    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isalnum(text[i]) && text[i] != '-' && text[i] != '.' && text[i] != '_')
            return FALSE;
    }
    return length > 0 && text[0] != '.' && text[length - 1] != '.' && !strstr(text, "..");
}

/* The address as it may be written; NULL when it is none. A local part with odd characters is quoted (Japanese
 * telephones made "taro..yamada." and the like). */
static char *make_address(const char *given)
{
    const char *at = strrchr(given, '@');
    gsize length = at ? (gsize)(at - given) : 0;
    if (length == 0 || strlen(given) > ADDRESS_BYTES)
        return NULL;
    g_autofree char *domain = g_hostname_is_non_ascii(at + 1) ? g_hostname_to_ascii(at + 1) : g_strdup(at + 1);
    if (!domain || !is_domain(domain))
        return NULL;
    gboolean dots = given[0] == '.' || given[length - 1] == '.' || g_strstr_len(given, (gssize)length, "..");
    if (is_atom(given, length) && !dots)
        return g_strdup_printf("%.*s@%s", (int)length, given, domain);
    g_autoptr(GString) local = g_string_new(NULL);
    for (gsize i = 0; i < length; i++) {
        if (given[i] <= ' ' || given[i] > '~')
            return NULL;
        if (given[i] != '"' && given[i] != '\\')
            g_string_append_c(local, given[i]);
    }
    return g_strdup_printf("\"%s\"@%s", local->str, domain);
}

/* One address while it is read. */
typedef struct Reading {
    GPtrArray *list;                   /* borrowed */
    GString *phrase, *angle, *comment; /* owned */
    gboolean has_angle, quoted;
} Reading;

static void finish(Reading *r)
{
    g_strstrip(r->phrase->str);
    g_strstrip(r->angle->str);
    gboolean bare = !r->has_angle;
    const char *given = bare ? r->phrase->str : r->angle->str;
    const char *name = bare ? r->comment->str : (*r->phrase->str ? r->phrase->str : r->comment->str);
    if ((*given || *name) && r->list->len < MGK_MAIL_ADDRESSES) {
        MgkMailAddress *address = g_new0(MgkMailAddress, 1);
        g_autofree char *decoded = mgk_mail_header_decode(name);
        g_autofree char *clean = tidy(given);
        g_autofree char *shown = strstr(clean, "=?") ? mgk_mail_header_decode(clean) : g_strdup(clean);
        address->name = tidy(decoded);
        address->given = tidy(shown);
        address->address = strstr(clean, "=?") ? NULL : make_address(clean);
        g_ptr_array_add(r->list, address);
    }
    g_string_truncate(r->phrase, 0);
    g_string_truncate(r->angle, 0);
    g_string_truncate(r->comment, 0);
    r->has_angle = FALSE;
}

static const char *take_quoted(const char *p, GString *out)
{
    for (p++; *p && *p != '"'; p++) {
        if (*p == '\\' && p[1])
            p++;
        g_string_append_c(out, *p);
    }
    return *p ? p + 1 : p;
}

static const char *take_comment(const char *p, GString *out)
{
    guint depth = 0;
    do {
        if (*p == '\\' && p[1]) {
            g_string_append_c(out, *++p);
        } else if (*p == '(' || *p == ')') {
            depth += *p == '(' ? 1u : -1u;
        } else {
            g_string_append_c(out, *p);
        }
        p++;
    } while (*p && depth > 0);
    return p;
}

static const char *take_angle(const char *p, Reading *r)
{
    r->has_angle = TRUE;
    for (p++; *p && *p != '>'; p++) {
        if (*p != '<') /* "<<a@b>" */
            g_string_append_c(r->angle, *p);
    }
    const char *route = *r->angle->str == '@' ? strchr(r->angle->str, ':') : NULL; /* RFC 822 source route */
    if (route)
        g_string_erase(r->angle, 0, route - r->angle->str + 1);
    return *p ? p + 1 : p;
}

GPtrArray *mgk_mail_addresses_parse(const char *raw)
{
    g_autofree char *flat = mgk_mail_header_flatten(raw);
    GPtrArray *list = g_ptr_array_new_with_free_func(address_free);
    Reading r = {
        .list = list, .phrase = g_string_new(NULL), .angle = g_string_new(NULL), .comment = g_string_new(NULL)};
    for (const char *p = flat; *p;) {
        if (*p == '"') {
            const char *before = p;
            p = take_quoted(p, r.phrase);
            if (*p == '@') { /* a quoted local part: as it stood */
                g_string_truncate(r.phrase, 0);
                g_string_append_len(r.phrase, before, p - before);
            }
        } else if (*p == '(') {
            p = take_comment(p, r.comment);
        } else if (*p == '<') {
            p = take_angle(p, &r);
        } else if (*p == ',' || *p == ';') {
            finish(&r);
            p++;
        } else if (*p == ':' && !strchr(r.phrase->str, '@')) { /* a group's name */
            g_string_truncate(r.phrase, 0);
            p++;
        } else {
            if (*p != '>') /* "<<a@b>>" */
                g_string_append_c(r.phrase, *p);
            p++;
        }
    }
    finish(&r);
    g_string_free(r.phrase, TRUE);
    g_string_free(r.angle, TRUE);
    g_string_free(r.comment, TRUE);
    return list;
}

char *mgk_mail_addresses_write(const MgkMailWriter *writer, const GPtrArray *addresses)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < addresses->len; i++) {
        const MgkMailAddress *a = g_ptr_array_index(addresses, i);
        gboolean bare = !a->address && *a->name && *a->given;
        g_autofree char *both = bare ? g_strdup_printf("%s %s", a->name, a->given) : NULL;
        const char *text = both ? both : *a->name ? a->name : a->given;
        g_autofree char *phrase = mgk_mail_writer_phrase(writer, text);
        if (out->len)
            g_string_append(out, ", ");
        if (!a->address)
            g_string_append_printf(out, "%s:;", phrase);
        else if (*a->name)
            g_string_append_printf(out, "%s <%s>", phrase, a->address);
        else
            g_string_append(out, a->address);
    }
    return g_string_free(out, FALSE);
}

/* ---- senders ---- */

/* What a hurried eye takes a domain for. */
static char *skeleton(const char *domain)
{
    static const struct {
        const char *look, *as;
    } alike[] = {{"rn", "m"}, {"vv", "w"}, {"cl", "d"}, {"0", "o"}, {"1", "l"}, {"i", "l"}, {"5", "s"},
                 {"-", ""},   {"_", ""},   {"а", "a"},  {"е", "e"}, {"о", "o"}, {"р", "p"}, {"с", "c"},
                 {"у", "y"},  {"х", "x"},  {"і", "l"},  {"ѕ", "s"}, {"ј", "j"}, {"к", "k"}, {"т", "t"},
                 {"ο", "o"},  {"α", "a"},  {"ι", "l"},  {"ɡ", "g"}, {"ı", "l"}};
    g_autofree char *unicode = g_hostname_to_unicode(domain);
    g_autofree char *lower = g_utf8_strdown(unicode ? unicode : domain, -1);
    g_autofree char *wide = g_utf8_normalize(lower, -1, G_NORMALIZE_NFKD);
    GString *out = g_string_new(NULL);
    for (const char *p = wide ? wide : lower; *p;) {
        guint i = 0;
        while (i < G_N_ELEMENTS(alike) && !g_str_has_prefix(p, alike[i].look))
            i++;
        if (i < G_N_ELEMENTS(alike)) {
            g_string_append(out, alike[i].as);
            p += strlen(alike[i].look);
        } else {
            const char *next = g_utf8_next_char(p);
            if (!g_unichar_ismark(g_utf8_get_char(p)))
                g_string_append_len(out, p, next - p);
            p = next;
        }
    }
    return g_string_free(out, FALSE);
}

static gboolean belongs(const char *domain, const char *own)
{
    gsize have = strlen(domain), want = strlen(own);
    return have >= want && g_ascii_strcasecmp(domain + have - want, own) == 0 &&
           (have == want || domain[have - want - 1] == '.');
}

static gboolean mixes_scripts(const char *domain)
{
    g_autofree char *unicode = g_hostname_to_unicode(domain);
    gboolean latin = FALSE, alike = FALSE;
    for (const char *p = unicode ? unicode : ""; *p; p = g_utf8_next_char(p)) {
        GUnicodeScript script = g_unichar_get_script(g_utf8_get_char(p));
        latin |= g_ascii_isalpha(*p);
        alike |= script == G_UNICODE_SCRIPT_CYRILLIC || script == G_UNICODE_SCRIPT_GREEK;
    }
    return latin && alike;
}

/* An address in the name whose domain is not the sender's. Full-width ＠ and ． read the same. */
static gboolean shows_other_address(const char *name, const char *domain)
{
    g_autofree char *plain = g_utf8_normalize(name, -1, G_NORMALIZE_NFKC);
    for (const char *at = plain ? strchr(plain, '@') : NULL; at; at = strchr(at + 1, '@')) {
        gsize length = strspn(at + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
        while (length && at[length] == '.')
            length--;
        g_autofree char *shown = g_strndup(at + 1, length);
        if (strchr(shown, '.') && !belongs(domain, shown) && !belongs(shown, domain))
            return TRUE;
    }
    return FALSE;
}

MgkSender mgk_mail_sender_judge(const MgkMailAddress *address, const char *own_domains)
{
    const char *at = address->address ? strrchr(address->address, '@') : NULL;
    const char *domain = at ? at + 1 : "";
    g_auto(GStrv) own = g_strsplit_set(own_domains, " ,", -1);
    g_autofree char *look = skeleton(domain), *lower = g_utf8_strdown(address->name, -1);
    MgkSender verdict = MGK_SENDER_HONEST;
    for (guint i = 0; own[i]; i++) {
        g_autofree char *mine = g_ascii_strdown(own[i], -1), *mine_look = skeleton(own[i]);
        if (!*mine)
            continue;
        if (belongs(domain, mine))
            return shows_other_address(address->name, domain) ? MGK_SENDER_OTHER_ADDRESS : MGK_SENDER_HONEST;
        if (*domain && strstr(look, mine_look))
            verdict = MGK_SENDER_LOOKALIKE;
        else if (verdict == MGK_SENDER_HONEST && strstr(lower, mine))
            verdict = MGK_SENDER_OWN_NAME;
    }
    if (verdict != MGK_SENDER_LOOKALIKE && shows_other_address(address->name, domain))
        return verdict == MGK_SENDER_OWN_NAME ? verdict : MGK_SENDER_OTHER_ADDRESS;
    return verdict == MGK_SENDER_HONEST && mixes_scripts(domain) ? MGK_SENDER_MIXED : verdict;
}
