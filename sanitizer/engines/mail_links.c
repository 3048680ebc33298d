/* mail_links.c - web addresses that stand in plain text. */
#include "engines/mail_render.h"

#include <string.h>

static gsize scheme_at(const char *p)
{
    static const char *const schemes[] = {"http://", "https://", "ftp://"};
    for (guint i = 0; i < G_N_ELEMENTS(schemes); i++) {
        if (g_ascii_strncasecmp(p, schemes[i], strlen(schemes[i])) == 0)
            return strlen(schemes[i]);
    }
    return 0;
}

/* Where an address ends: at a blank, a bracket, a quotation mark, or Japanese punctuation. */
static gsize address_length(const char *p)
{
    const char *begin = p;
    while (*p) {
        gunichar c = g_utf8_get_char(p);
        if (c <= ' ' || strchr("<>\"`|", (int)(c < 0x80 ? c : 'x')) || (c >= 0x3000 && c <= 0x303f) ||
            (c >= 0xff00 && c <= 0xffef))
            break;
        p = g_utf8_next_char(p);
    }
    return (gsize)(p - begin);
}

static gboolean is_mixed(const char *host)
{
    gboolean latin = FALSE, alike = FALSE;
    for (const char *p = host; *p; p = g_utf8_next_char(p)) {
        GUnicodeScript script = g_unichar_get_script(g_utf8_get_char(p));
        latin |= script == G_UNICODE_SCRIPT_LATIN && *p > 0;
        alike |= script == G_UNICODE_SCRIPT_CYRILLIC || script == G_UNICODE_SCRIPT_GREEK ||
                 script == G_UNICODE_SCRIPT_ARMENIAN || script == G_UNICODE_SCRIPT_CHEROKEE;
    }
    return latin && alike;
}

static void defang(GString *out, const char *host, gsize length)
{
    for (gsize i = 0; i < length; i++) {
        if (host[i] == '.')
            g_string_append(out, "[.]");
        else
            g_string_append_c(out, host[i]);
    }
}

static void put_address(MgkMailDraft *draft, GString *out, const char *p, gsize scheme, gsize length)
{
    guint mode = draft->job->policy->mail.links;
    gsize authority = MIN(strcspn(p + scheme, "/?#\\"), length - scheme);
    g_autofree char *whole = g_strndup(p + scheme, authority);
    char *at = strrchr(whole, '@'), *host = at ? at + 1 : whole;
    if (at && memchr(whole, '.', (gsize)(at - whole)))
        mgk_mail_note(draft, MGK_MAIL_WORD_LINK_DECEPTIVE, whole);
    gboolean mixed = is_mixed(host);
    g_autofree char *puny = mixed ? g_hostname_to_ascii(host) : NULL;
    if (mixed)
        mgk_mail_note(draft, MGK_MAIL_WORD_LINK_MIXED, puny ? puny : host);
    if (mode == 2) {
        g_string_append(out, mgk_mail_word(draft->job->policy, MGK_MAIL_WORD_LINK_GONE));
        return;
    }
    g_autofree char *shown = g_strdup_printf("%.*s%s", (int)(host - whole), whole, puny ? puny : host);
    if (mode == 1) {
        g_string_append_len(out, p[0] == 'h' || p[0] == 'H' ? "hxx" : "f", p[0] == 'h' || p[0] == 'H' ? 3 : 1);
        gsize skip = p[0] == 'h' || p[0] == 'H' ? 3 : 1;
        g_string_append_len(out, p + skip, (gssize)(scheme - skip));
        defang(out, shown, strlen(shown));
    } else {
        g_string_append_len(out, p, (gssize)scheme);
        g_string_append(out, shown);
    }
    g_string_append_len(out, p + scheme + authority, (gssize)(length - scheme - authority));
}

char *mgk_mail_links(MgkMailDraft *draft, const char *text)
{
    GString *out = g_string_sized_new(strlen(text) + 64);
    for (const char *p = text; *p;) {
        gsize plain = strcspn(p, "hHfF");
        g_string_append_len(out, p, (gssize)plain);
        p += plain;
        gsize scheme = *p ? scheme_at(p) : 0;
        gsize length = scheme ? address_length(p) : 0;
        if (length > scheme && scheme) {
            put_address(draft, out, p, scheme, length);
            p += length;
        } else if (*p) {
            g_string_append_c(out, *p++);
        }
    }
    return g_string_free(out, FALSE);
}
