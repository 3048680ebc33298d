#include "doctor/milters.h"

#include "doctor/postconf.h"

#include <string.h>

static void milter_free(gpointer data)
{
    MgkMilter *milter = data;
    g_free(milter->endpoint);
    g_hash_table_unref(milter->options);
    g_free(milter);
}

/* "name=value", or "{ name = value }" */
static void add_option(GHashTable *options, const char *word)
{
    g_autofree char *bare = g_strdup(word);
    if (*bare == '{') {
        *bare = ' ';
        g_strdelimit(bare, "}", ' ');
    }
    char *equals = strchr(bare, '=');
    if (!equals)
        return;
    *equals = '\0';
    g_hash_table_insert(options, g_strdup(g_strstrip(bare)), g_strdup(g_strstrip(equals + 1)));
}

static MgkMilter *milter_new(const char *word)
{
    MgkMilter *milter = g_new0(MgkMilter, 1);
    milter->options = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (*word != '{') {
        milter->endpoint = g_strdup(word);
        return milter;
    }
    gsize n = strlen(word);
    g_autofree char *inside = g_strndup(word + 1, n - (word[n - 1] == '}' ? 2 : 1));
    g_autoptr(GPtrArray) words = mgk_postconf_words(inside);
    milter->endpoint = g_strdup(words->len ? g_ptr_array_index(words, 0) : "");
    for (guint i = 1; i < words->len; i++)
        add_option(milter->options, g_ptr_array_index(words, i));
    return milter;
}

GPtrArray *mgk_milters_parse(const char *list)
{
    GPtrArray *milters = g_ptr_array_new_with_free_func(milter_free);
    g_autoptr(GPtrArray) words = mgk_postconf_words(list);
    for (guint i = 0; i < words->len; i++)
        g_ptr_array_add(milters, milter_new(g_ptr_array_index(words, i)));
    return milters;
}

char *mgk_milters_path(const char *endpoint, const char *root, gboolean chroot)
{
    if (!g_str_has_prefix(endpoint, "unix:"))
        return NULL;
    const char *path = endpoint + strlen("unix:");
    return chroot || *path != '/' ? g_build_filename(root, path, NULL) : g_strdup(path);
}
