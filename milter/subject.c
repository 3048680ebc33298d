#include "subject.h"

#include <string.h>

#define FIELD "\r\nSubject:"
#define SUBJECT_BYTES 4000

/* The field's value with its folds undone; owned by the caller. */
static char *value_of(const char *message, gsize size)
{
    const char *end = g_strstr_len(message, (gssize)size, "\r\n\r\n");
    gsize head = end ? (gsize)(end - message) : size;
    const char *field = g_strstr_len(message, (gssize)head, FIELD);
    GString *value = g_string_new(NULL);
    for (const char *p = field ? field + strlen(FIELD) : NULL; p && p < message + head && value->len < SUBJECT_BYTES;) {
        if (*p == '\r' && p + 2 < message + head && p[2] != ' ')
            break;
        p += *p == '\r' ? 2 : 0;
        g_string_append_c(value, *p++);
    }
    return g_string_free(value, FALSE);
}

/* What our writer uses. Any other name would be a worker's choice of a library that iconv loads into this process. */
static gboolean is_own_charset(const char *name)
{
    return g_ascii_strcasecmp(name, "UTF-8") == 0 || g_ascii_strcasecmp(name, "ISO-2022-JP") == 0;
}

/* Appends an encoded word's text; FALSE when it is none. */
static gboolean add_word(GString *out, const char *word)
{
    g_auto(GStrv) pieces = g_strsplit(word, "?", -1);
    gsize size = 0;
    if (g_strv_length(pieces) != 5 || strcmp(pieces[0], "=") != 0 || strcmp(pieces[4], "=") != 0 ||
        g_ascii_strcasecmp(pieces[2], "B") != 0 || !is_own_charset(pieces[1]))
        return FALSE;
    g_autofree guchar *bytes = g_base64_decode(pieces[3], &size);
    g_autofree char *text = g_convert((const char *)bytes, (gssize)size, "UTF-8", pieces[1], NULL, NULL, NULL);
    g_string_append(out, text ? text : "");
    return text != NULL;
}

char *mgk_subject_of(GBytes *message)
{
    gsize size = 0;
    const char *bytes = message ? g_bytes_get_data(message, &size) : NULL;
    g_autofree char *value = bytes ? value_of(bytes, size) : g_strdup("");
    g_auto(GStrv) words = g_strsplit(g_strstrip(value), " ", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    gboolean encoded = FALSE;
    for (guint i = 0; words[i]; i++) {
        gsize before = out->len;
        gboolean word = add_word(out, words[i]);
        if (!word)
            g_string_append(out, words[i]);
        if (before > 0 && !(word && encoded)) /* between two encoded words the space is none */
            g_string_insert_c(out, (gssize)before, ' ');
        encoded = word;
    }
    return g_utf8_make_valid(out->str, (gssize)out->len);
}
