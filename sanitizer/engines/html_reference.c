#include "engines/html_token.h"

#include <string.h>

#define LONGEST_NAME 25 /* bytes of the longest row of html_entities.def */
#define MOST_DIGITS 64  /* leading zeros are legal; more than this is noise */

typedef struct Entity {
    const char *name;
    gunichar code;
    gboolean legacy; /* also without semicolon */
} Entity;

static const Entity entities[] = {
#define MGK_HTML_ENTITY(name, code, legacy) {name, code, legacy},
#include "rules/html_entities.def"
#undef MGK_HTML_ENTITY
};

/* What the numbers 0x80 to 0x9f mean: Windows-1252 (13.2.5.80). */
static const guint16 c1[32] = {0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
                               0x2039, 0x0152, 0x8d,   0x017d, 0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
                               0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};

static const Entity *find_entity(const char *name, gsize length)
{
    gsize low = 0, high = G_N_ELEMENTS(entities);
    while (low < high) {
        gsize middle = low + (high - low) / 2;
        int order = strncmp(entities[middle].name, name, length);
        if (order == 0 && entities[middle].name[length])
            order = 1;
        if (order == 0)
            return &entities[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static gunichar scalar(guint32 untrusted_code)
{
    if (untrusted_code >= 0x80 && untrusted_code <= 0x9f)
        return c1[untrusted_code - 0x80];
    if (untrusted_code == 0 || untrusted_code > 0x10ffff || (untrusted_code >= 0xd800 && untrusted_code <= 0xdfff))
        return 0xfffd;
    return untrusted_code;
}

/* &#60; and &#x3c; at p, after the &. Returns the bytes used, 0 when it is none. */
static gsize number(const char *p, gsize n, gunichar *ret_code)
{
    gsize i = 1;
    gboolean hex = n > 1 && (p[1] == 'x' || p[1] == 'X');
    i += hex ? 1 : 0;
    gsize first = i;
    guint32 untrusted_code = 0;
    while (i < n && i - first < MOST_DIGITS && (hex ? g_ascii_isxdigit(p[i]) : g_ascii_isdigit(p[i]))) {
        untrusted_code = MIN(untrusted_code * (hex ? 16 : 10) + (guint32)g_ascii_xdigit_value(p[i]), 0x110000);
        i++;
    }
    if (i == first)
        return 0;
    *ret_code = scalar(untrusted_code);
    return i < n && p[i] == ';' ? i + 1 : i;
}

/* A name at p, after the &. Returns the bytes used, 0 when it is none. */
static gsize named(const char *p, gsize n, gboolean in_attribute, gunichar *ret_code)
{
    gsize length = 0;
    while (length < n && length < LONGEST_NAME && g_ascii_isalnum(p[length]))
        length++;
    const Entity *e = length > 0 && length < n && p[length] == ';' ? find_entity(p, length) : NULL;
    if (e) {
        *ret_code = e->code;
        return length + 1;
    }
    for (gsize l = length; l > 1; l--) {
        e = find_entity(p, l);
        if (!e || !e->legacy)
            continue;
        if (in_attribute && l < n && (p[l] == '=' || g_ascii_isalnum(p[l])))
            return 0;
        *ret_code = e->code;
        return l;
    }
    return 0;
}

void mgk_html_decode(GString *out, const char *text, gsize length, gboolean in_attribute)
{
    gsize i = 0;
    while (i < length) {
        const char *amp = memchr(text + i, '&', length - i);
        gsize plain = amp ? (gsize)(amp - text) - i : length - i;
        g_string_append_len(out, text + i, (gssize)plain);
        i += plain;
        if (!amp)
            return;
        gunichar code = 0;
        gsize left = length - i - 1;
        gsize used = 0;
        if (left > 0)
            used = amp[1] == '#' ? number(amp + 1, left, &code) : named(amp + 1, left, in_attribute, &code);
        if (used)
            g_string_append_unichar(out, code);
        else
            g_string_append_c(out, '&');
        i += 1 + used;
    }
}
