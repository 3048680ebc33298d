#include "config.h"

#include "model/words.h"

#include <stdio.h>
#include <string.h>

typedef enum { TEXT, NUMBER, COUNT, SCAN } Type;

/* A key of [hold] or [retention]. */
typedef struct Key {
    const char *section, *name;
    Type type;
    gsize offset; /* in MgkHoldConfig */
    const char *text;
    guint64 number, max;
    guint64 unit; /* what the number counts, in the field's own units */
} Key;

#define AT(field) G_STRUCT_OFFSET(MgkHoldConfig, field)
#define DAYS(verdict) (AT(retention.verdict_days) + sizeof(guint) * (gsize)(verdict))

static const Key keys[] = {
    {"hold", "store", TEXT, AT(store), "/var/lib/mugaika-hold", 0, 0, 0},
    {"hold", "key_file", TEXT, AT(key_file), "/var/lib/mugaika-keys/hold.key", 0, 0, 0},
    {"hold", "seal_key", TEXT, AT(seal_key), "/var/lib/mugaika-keys/seal.key", 0, 0, 0},
    {"hold", "socket", TEXT, AT(socket), "/run/mugaika-hold/hold.sock", 0, 0, 0},
    {"hold", "socket_group", TEXT, AT(group), "", 0, 0, 0},
    {"hold", "policy", TEXT, AT(policy), "", 0, 0, 0},
    {"hold", "recipients", TEXT, AT(recipients), "", 0, 0, 0},
    {"hold", "people", TEXT, AT(people), "", 0, 0, 0},
    {"hold", "relay", TEXT, AT(relay), "", 0, 0, 0},
    {"hold", "mail_from", TEXT, AT(mail_from), "", 0, 0, 0},
    {"hold", "release_folder", TEXT, AT(release_folder), "", 0, 0, 0},
    {"hold", "clean_folder", TEXT, AT(clean_folder), "", 0, 0, 0},
    {"hold", "clamd", TEXT, AT(clamd), "/run/clamav/clamd.ctl", 0, 0, 0},
    {"hold", "language", TEXT, AT(language), "ja", 0, 0, 0},
    {"hold", "scan", SCAN, AT(scan), NULL, MGK_SCAN_OFF, 0, 0},
    {"hold", "free_megabytes", NUMBER, AT(free_bytes), NULL, 1024, 1 << 30, 1 << 20},
    {"hold", "original_megabytes", NUMBER, AT(original_bytes), NULL, 1024, 1 << 20, 1 << 20},
    {"hold", "day_megabytes", NUMBER, AT(day_bytes), NULL, 0, 1 << 30, 1 << 20},
    {"hold", "open_holds", NUMBER, AT(open_holds), NULL, 1000, 10000, 1},
    {"hold", "request_days", COUNT, AT(request_days), NULL, 7, 365, 1},
    {"hold", "seal_minutes", COUNT, AT(seal_minutes), NULL, 60, 1440, 1},
    {"retention", "confirmed_days", COUNT, DAYS(MGK_VERDICT_CONFIRMED), NULL, 30, 36500, 1},
    {"retention", "cleaned_days", COUNT, DAYS(MGK_VERDICT_CLEANED), NULL, 30, 36500, 1},
    {"retention", "converted_days", COUNT, DAYS(MGK_VERDICT_CONVERTED), NULL, 30, 36500, 1},
    {"retention", "held_days", COUNT, DAYS(MGK_VERDICT_HELD), NULL, 90, 36500, 1},
    {"retention", "blocked_days", COUNT, DAYS(MGK_VERDICT_BLOCKED), NULL, 365, 36500, 1},
    {"retention", "received_days", COUNT, AT(retention.received_days), NULL, 7, 36500, 1},
};

static const char *const role_names[] = {
#define MGK_ROLE(id, name) [MGK_ROLE_##id] = (name),
#include "roles.def"
#undef MGK_ROLE
};

const char *mgk_role_name(MgkRole role)
{
    return role < MGK_N_ROLES ? role_names[role] : "nobody";
}

MgkRole mgk_role_from_name(const char *name)
{
    guint role = 0;
    while (role < MGK_N_ROLES && strcmp(role_names[role], name) != 0)
        role++;
    return (MgkRole)role;
}

static void delegate_clear(gpointer data)
{
    MgkDelegate *delegate = data;
    g_free(delegate->account);
}

void mgk_hold_config_free(MgkHoldConfig *config)
{
    if (!config)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (keys[i].type == TEXT)
            g_free(G_STRUCT_MEMBER(char *, config, keys[i].offset));
    }
    for (guint i = 0; i < MGK_N_ROLES; i++)
        g_strfreev(config->members[i]);
    g_clear_pointer(&config->delegates, g_array_unref);
    g_clear_pointer(&config->chains, g_hash_table_unref);
    g_free(config->id);
    g_free(config);
}

static MgkHoldConfig *new_config(void)
{
    MgkHoldConfig *config = g_new0(MgkHoldConfig, 1);
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        const Key *key = &keys[i];
        if (key->type == TEXT)
            G_STRUCT_MEMBER(char *, config, key->offset) = g_strdup(key->text);
        else if (key->type == NUMBER)
            G_STRUCT_MEMBER(guint64, config, key->offset) = key->number * key->unit;
        else if (key->type == COUNT)
            G_STRUCT_MEMBER(guint, config, key->offset) = (guint)key->number;
    }
    config->delegates = g_array_new(FALSE, FALSE, sizeof(MgkDelegate));
    g_array_set_clear_func(config->delegates, delegate_clear);
    config->chains = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_hash_table_insert(config->chains, g_strdup("default"), g_strdup(mgk_role_name(MGK_ROLE_CISO)));
    return config;
}

static gboolean take_scan(MgkHoldConfig *config, const char *value)
{
    static const char *const names[] = {"off", "when-available", "required"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(names[i], value) == 0) {
            config->scan = (MgkScan)i;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean take_number(MgkHoldConfig *config, const Key *key, const char *value)
{
    guint64 number = 0;
    if (!g_ascii_string_to_unsigned(value, 10, 0, key->max, &number, NULL))
        return FALSE;
    if (key->type == NUMBER)
        G_STRUCT_MEMBER(guint64, config, key->offset) = number * key->unit;
    else
        G_STRUCT_MEMBER(guint, config, key->offset) = (guint)number;
    return TRUE;
}

/* What is wrong with the key, as a sentence; NULL when nothing is. */
static const char *take_key(MgkHoldConfig *config, const char *section, const char *name, const char *value)
{
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        const Key *key = &keys[i];
        if (strcmp(key->section, section) != 0 || strcmp(key->name, name) != 0)
            continue;
        if (key->type == SCAN)
            return take_scan(config, value) ? NULL : N_("not one of: off when-available required");
        if (key->type != TEXT)
            return take_number(config, key, value) ? NULL : N_("not a number, or out of range");
        g_free(G_STRUCT_MEMBER(char *, config, key->offset));
        G_STRUCT_MEMBER(char *, config, key->offset) = g_strdup(value);
        return NULL;
    }
    return N_("there is no such key");
}

static char **split_words(const char *value)
{
    g_autofree char *text = g_strdelimit(g_strdup(value), "\t,", ' ');
    char **all = g_strsplit(text, " ", -1);
    guint kept = 0;
    for (guint i = 0; all[i]; i++) {
        char *word = all[i];
        if (*word)
            all[kept++] = word;
        else
            g_free(word);
    }
    all[kept] = NULL;
    return all;
}

static const char *take_role(MgkHoldConfig *config, const char *name, const char *value)
{
    MgkRole role = mgk_role_from_name(name);
    if (role == MGK_N_ROLES)
        return N_("there is no such role");
    g_strfreev(config->members[role]);
    config->members[role] = split_words(value);
    return NULL;
}

gint64 mgk_hold_day(const char *text)
{
    guint year = 0, month = 0, day = 0;
    char rest = 0;
    if (strlen(text) != 10 || sscanf(text, "%4u-%2u-%2u%c", &year, &month, &day, &rest) != 3 || month < 1 ||
        month > 12 || !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
        return 0;
    g_autoptr(GDateTime) midnight = g_date_time_new_local((gint)year, (gint)month, (gint)day, 0, 0, 0);
    return midnight ? g_date_time_to_unix(midnight) * G_USEC_PER_SEC : 0;
}

/* ACCOUNT = ROLE FROM UNTIL */
static const char *take_delegate(MgkHoldConfig *config, const char *name, const char *value)
{
    g_auto(GStrv) words = split_words(value);
    if (g_strv_length(words) != 3)
        return N_("needs: ROLE FIRST-DAY LAST-DAY");
    MgkDelegate delegate = {
        .role = mgk_role_from_name(words[0]), .from_us = mgk_hold_day(words[1]), .until_us = mgk_hold_day(words[2])};
    if (delegate.role == MGK_N_ROLES)
        return N_("there is no such role");
    if (!delegate.from_us || !delegate.until_us || delegate.until_us < delegate.from_us)
        return N_("days are written as 2026-04-01, the first before the last");
    delegate.until_us += 24 * (gint64)3600 * G_USEC_PER_SEC;
    delegate.account = g_strdup(name);
    g_array_append_val(config->delegates, delegate);
    return NULL;
}

/* DEPARTMENT = ROLE ROLE …; a release nobody agrees to does not exist, so no chain is empty. */
static const char *take_chain(MgkHoldConfig *config, const char *name, const char *value)
{
    g_auto(GStrv) words = split_words(value);
    for (guint i = 0; words[i]; i++) {
        MgkRole role = mgk_role_from_name(words[i]);
        if (role != MGK_ROLE_APPROVER && role != MGK_ROLE_CISO)
            return N_("only approver and ciso can agree");
    }
    if (!words[0])
        return N_("at least one role must agree");
    g_hash_table_insert(config->chains, g_strdup(name), g_strjoinv(" ", words));
    return NULL;
}

static const char *take(MgkHoldConfig *config, const char *section, const char *name, const char *value)
{
    if (strcmp(section, "roles") == 0)
        return take_role(config, name, value);
    if (strcmp(section, "delegates") == 0)
        return take_delegate(config, name, value);
    if (strcmp(section, "chain") == 0)
        return take_chain(config, name, value);
    return take_key(config, section, name, value);
}

static void read_section(MgkHoldConfig *config, GKeyFile *file, const char *section, GString *problems)
{
    g_auto(GStrv) names = g_key_file_get_keys(file, section, NULL, NULL);
    for (guint i = 0; names && names[i]; i++) {
        g_autofree char *value = g_key_file_get_string(file, section, names[i], NULL);
        const char *wrong = value ? take(config, section, names[i], g_strstrip(value)) : N_("this is no text in UTF-8");
        if (wrong)
            g_string_append_printf(problems, "%s[%s] %s: %s", problems->len ? "\n" : "", section, names[i],
                                   mgk_words(wrong));
    }
}

MgkHoldConfig *mgk_hold_config_load(const char *path, GError **error)
{
    g_autoptr(MgkHoldConfig) config = new_config();
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GString) problems = g_string_new(NULL);
    g_autoptr(GError) reading = NULL;
    g_autofree char *text = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &text, &length, &reading) ||
        !g_key_file_load_from_data(file, text, length, G_KEY_FILE_NONE, &reading)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, "%s: %s", path, reading->message);
        return NULL;
    }
    g_auto(GStrv) sections = g_key_file_get_groups(file, NULL);
    for (guint i = 0; sections[i]; i++)
        read_section(config, file, sections[i], problems);
    if (problems->len) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, "%s: %s", path, problems->str);
        return NULL;
    }
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, (gssize)length);
    config->id = g_strndup(digest, 16);
    return g_steal_pointer(&config);
}

const char *mgk_hold_config_chain(const MgkHoldConfig *config, const char *department)
{
    const char *chain = department ? g_hash_table_lookup(config->chains, department) : NULL;
    return chain ? chain : g_hash_table_lookup(config->chains, "default");
}
