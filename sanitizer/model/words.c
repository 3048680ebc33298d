#include "model/words.h"

#include <libintl.h>
#include <locale.h>
#include <string.h>

/* The first name of a language in the environment, or NULL; "C" and "POSIX" name none. */
static const char *environment_language(void)
{
    static const char *const variables[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};
    for (guint i = 0; i < G_N_ELEMENTS(variables); i++) {
        const char *value = g_getenv(variables[i]);
        if (value && *value && !g_str_has_prefix(value, "C") && strcmp(value, "POSIX") != 0)
            return value;
    }
    return NULL;
}

static char *catalogue_folder(void)
{
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = program ? g_path_get_dirname(program) : g_strdup("/usr/bin");
    return g_build_filename(folder, "..", "share", "locale", NULL);
}

static gboolean choose_locale(void)
{
    static const char *const names[] = {"C.UTF-8", "C.utf8", "en_US.UTF-8", "ja_JP.UTF-8"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (setlocale(LC_ALL, names[i]))
            return TRUE;
    }
    return FALSE;
}

void mgk_words_init(const char *language)
{
    if (!language)
        language = environment_language();
    gboolean japanese = !language || g_str_has_prefix(language, "ja");
    g_setenv("LANGUAGE", japanese ? "ja" : "en", TRUE);
    choose_locale();
    g_autofree char *folder = catalogue_folder();
    bindtextdomain(MGK_WORDS_DOMAIN, folder);
    bind_textdomain_codeset(MGK_WORDS_DOMAIN, "UTF-8");
    textdomain(MGK_WORDS_DOMAIN);
}

const char *mgk_words_language(void)
{
    const char *language = g_getenv("LANGUAGE");
    return language && g_str_has_prefix(language, "en") ? "en" : "ja";
}

const char *mgk_words(const char *msgid)
{
    return *msgid ? dgettext(MGK_WORDS_DOMAIN, msgid) : msgid; /* the empty msgid is the catalogue's header */
}

const char *mgk_words_n(const char *one, const char *many, guint n)
{
    return dngettext(MGK_WORDS_DOMAIN, one, many, n);
}
