#include "doctor/postconf.h"

#include <string.h>

#define SERVICE_FIELDS 8 /* name type private unpriv chroot wakeup maxproc command */

static void service_free(gpointer data)
{
    MgkService *service = data;
    g_free(service->name);
    g_free(service->type);
    g_free(service->program);
    g_hash_table_unref(service->overrides);
    g_free(service);
}

void mgk_postconf_free(MgkPostconf *postconf)
{
    if (!postconf)
        return;
    g_free(postconf->folder);
    g_hash_table_unref(postconf->values);
    g_ptr_array_unref(postconf->services);
    g_free(postconf->warnings);
    g_free(postconf);
}

static GHashTable *new_table(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

/* "name = value" → table. */
static void add_value(GHashTable *table, const char *line)
{
    const char *equals = strchr(line, '=');
    if (!equals)
        return;
    g_autofree char *name = g_strndup(line, (gsize)(equals - line)), *value = g_strdup(equals + 1);
    g_strstrip(name);
    g_strstrip(value);
    if (*name)
        g_hash_table_insert(table, g_steal_pointer(&name), g_steal_pointer(&value));
}

/* master(5): "-" means "n" since compatibility level 1, and "y" before. */
static gboolean default_chroot(const MgkPostconf *postconf)
{
    return g_ascii_strtoull(mgk_postconf_get(postconf, NULL, "compatibility_level"), NULL, 10) < 1;
}

static void add_service(MgkPostconf *postconf, const char *line)
{
    char *fields[SERVICE_FIELDS];
    guint n = 0;
    g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);
    for (guint i = 0; words[i] && n < SERVICE_FIELDS; i++) {
        if (*words[i])
            fields[n++] = words[i];
    }
    if (n < SERVICE_FIELDS)
        return;
    MgkService *service = g_new0(MgkService, 1);
    service->name = g_strdup(fields[0]);
    service->type = g_strdup(fields[1]);
    service->chroot = strcmp(fields[4], "-") == 0 ? default_chroot(postconf) : strcmp(fields[4], "y") == 0;
    service->program = g_strdup(fields[7]);
    service->overrides = new_table();
    g_ptr_array_add(postconf->services, service);
}

/* "smtp/inet/smtpd_milters = value" */
static void add_override(MgkPostconf *postconf, const char *line)
{
    for (guint i = 0; i < postconf->services->len; i++) {
        const MgkService *service = g_ptr_array_index(postconf->services, i);
        g_autofree char *prefix = g_strdup_printf("%s/%s/", service->name, service->type);
        if (g_str_has_prefix(line, prefix))
            add_value(service->overrides, line + strlen(prefix));
    }
}

MgkPostconf *mgk_postconf_parse(const char *values, const char *services, const char *overrides)
{
    g_auto(GStrv) value_lines = g_strsplit(values, "\n", -1), service_lines = g_strsplit(services, "\n", -1);
    g_auto(GStrv) override_lines = g_strsplit(overrides, "\n", -1);
    MgkPostconf *postconf = g_new0(MgkPostconf, 1);
    postconf->folder = g_strdup("");
    postconf->warnings = g_strdup("");
    postconf->values = new_table();
    postconf->services = g_ptr_array_new_with_free_func(service_free);
    for (guint i = 0; value_lines[i]; i++)
        add_value(postconf->values, value_lines[i]);
    for (guint i = 0; service_lines[i]; i++)
        add_service(postconf, service_lines[i]);
    for (guint i = 0; override_lines[i]; i++)
        add_override(postconf, override_lines[i]);
    return postconf;
}

/* Standard output of `postconf [-c FOLDER] OPTION`; what it complains of goes to *warnings. Owned by the caller. */
static char *ask(const char *folder, const char *option, char **warnings, GError **error)
{
    /* PATH may be a stranger's or lack sbin, and MAIL_CONFIG would name another configuration. */
    char *environment[] = {(char[]){"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, (char[]){"LC_ALL=C"}, NULL};
    g_autofree char *place = g_strdup(folder), *flag = g_strdup(option);
    char *arguments[] = {(char[]){"/usr/sbin/postconf"}, flag, (char[]){"-c"}, place, NULL};
    g_autofree char *output = NULL, *complaint = NULL;
    g_autoptr(GError) problem = NULL;
    int status = 0;
    if (!folder)
        arguments[2] = NULL;
    if (!g_spawn_sync(NULL, arguments, environment, G_SPAWN_DEFAULT, NULL, NULL, &output, &complaint, &status,
                      &problem)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "%s", problem->message);
        return NULL;
    }
    g_strchomp(complaint);
    if (!g_spawn_check_wait_status(status, NULL)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "%s", complaint);
        return NULL;
    }
    if (warnings)
        *warnings = g_steal_pointer(&complaint);
    return g_steal_pointer(&output);
}

MgkPostconf *mgk_postconf_read(const char *folder, GError **error)
{
    g_autofree char *warnings = NULL, *values = ask(folder, "-x", &warnings, error);
    g_autofree char *services = values ? ask(folder, "-M", NULL, error) : NULL;
    g_autofree char *overrides = services ? ask(folder, "-Px", NULL, error) : NULL;
    if (!overrides)
        return NULL;
    MgkPostconf *postconf = mgk_postconf_parse(values, services, overrides);
    g_free(postconf->folder);
    g_free(postconf->warnings);
    postconf->folder = g_strdup(folder ? folder : mgk_postconf_get(postconf, NULL, "config_directory"));
    postconf->warnings = g_steal_pointer(&warnings);
    return postconf;
}

const char *mgk_postconf_get(const MgkPostconf *postconf, const MgkService *service, const char *name)
{
    const char *value = service ? g_hash_table_lookup(service->overrides, name) : NULL;
    if (!value)
        value = g_hash_table_lookup(postconf->values, name);
    return value ? value : "";
}

gboolean mgk_postconf_is_yes(const char *value)
{
    return g_ascii_strcasecmp(value, "yes") == 0;
}

static gboolean is_separator(char c)
{
    return c == ',' || g_ascii_isspace(c);
}

GPtrArray *mgk_postconf_words(const char *value)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    for (const char *start = value; *start;) {
        const char *end = start;
        guint depth = 0;
        for (; *end && (depth > 0 || !is_separator(*end)); end++) {
            if (*end == '{')
                depth++;
            else if (*end == '}' && depth > 0)
                depth--;
        }
        if (end > start)
            g_ptr_array_add(words, g_strndup(start, (gsize)(end - start)));
        start = *end ? end + 1 : end;
    }
    return words;
}

gboolean mgk_postconf_number(const char *value, guint64 *ret_number)
{
    return g_ascii_string_to_unsigned(value, 10, 0, G_MAXINT64, ret_number, NULL);
}

gboolean mgk_postconf_seconds(const char *value, guint64 *ret_seconds)
{
    static const struct {
        char letter;
        guint64 seconds;
    } units[] = {{'\0', 1}, {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
    char *end = NULL;
    if (!g_ascii_isdigit(*value))
        return FALSE;
    guint64 number = g_ascii_strtoull(value, &end, 10);
    for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
        if (g_ascii_tolower(*end) == units[i].letter && (!*end || !end[1]))
            return g_uint64_checked_mul(ret_seconds, number, units[i].seconds);
    }
    return FALSE;
}
