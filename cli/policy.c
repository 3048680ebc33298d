#include "command.h"

#include "model/policy_file.h"
#include "model/words.h"
#include "options.h"
#include "sanitizer.h"

#include <stdio.h>
#include <string.h>

static MgkExit show(int argc, char **argv)
{
    MgkPolicy policy;
    g_autoptr(GError) error = NULL;
    if (!mgk_options_load_policy(&policy, argc > 0 ? argv[0] : NULL, &error))
        return mgk_command_misused(error->message);
    g_autofree char *text = mgk_policy_file_generate(&policy);
    fputs(text, stdout);
    return mgk_command_flush();
}

static MgkExit check(int argc, char **argv)
{
    MgkPolicy policy;
    g_autoptr(GError) error = NULL;
    (void)argc;
    mgk_policy_init(&policy);
    if (!mgk_policy_file_load(&policy, argv[0], &error))
        return mgk_command_misused(error->message);
    g_autofree char *lacks = mgk_options_lacks(&policy);
    if (lacks)
        return mgk_command_misused(lacks);
    g_autofree char *id = mgk_policy_file_id(&policy);
    printf(mgk_words(N_("correct; policy id %s\n")), id);
    return mgk_command_flush();
}

static GKeyFile *as_keys(const MgkPolicy *policy)
{
    g_autofree char *text = mgk_policy_file_generate(policy);
    GKeyFile *keys = g_key_file_new();
    (void)g_key_file_load_from_data(keys, text, strlen(text), G_KEY_FILE_NONE, NULL); /* our own words */
    return keys;
}

/* Keys of `keys` that differ in, or are missing from, `other`; with missing: only the latter, as taken away. */
static guint print_differences(GKeyFile *keys, GKeyFile *other, gboolean missing)
{
    guint n = 0;
    g_auto(GStrv) sections = g_key_file_get_groups(keys, NULL);
    for (guint s = 0; sections[s]; s++) {
        g_auto(GStrv) names = g_key_file_get_keys(keys, sections[s], NULL, NULL);
        for (guint k = 0; names && names[k]; k++) {
            g_autofree char *mine = g_key_file_get_value(keys, sections[s], names[k], NULL);
            g_autofree char *theirs = g_key_file_get_value(other, sections[s], names[k], NULL);
            if (g_strcmp0(mine, theirs) == 0 || (missing && theirs))
                continue;
            printf("[%s] %s: %s → %s\n", sections[s], names[k],
                   missing  ? mine
                   : theirs ? theirs
                            : "—",
                   missing ? "—" : mine);
            n++;
        }
    }
    return n;
}

/* diff FILE: against the built-in defaults; diff OLD NEW. */
static MgkExit diff(int argc, char **argv)
{
    MgkPolicy from, to;
    g_autoptr(GError) error = NULL;
    mgk_policy_init(&from);
    mgk_policy_init(&to);
    if ((argc > 1 && !mgk_policy_file_load(&from, argv[0], &error)) ||
        !mgk_policy_file_load(&to, argv[argc - 1], &error))
        return mgk_command_misused(error->message);
    g_autoptr(GKeyFile) old_keys = as_keys(&from);
    g_autoptr(GKeyFile) new_keys = as_keys(&to);
    if (print_differences(new_keys, old_keys, FALSE) + print_differences(old_keys, new_keys, TRUE) == 0)
        fputs(mgk_words(N_("no difference\n")), stdout);
    return mgk_command_flush();
}

static void list_kinds(void)
{
    for (guint i = 0; i < MGK_N_KINDS; i++) {
        const MgkKindInfo *kind = mgk_kind_info((MgkKind)i);
        printf("%-28s %s\n", kind->name, mgk_words(kind->label));
    }
}

static MgkExit explain(int argc, char **argv)
{
    MgkKind id = (MgkKind)0;
    MgkPolicy policy;
    g_autoptr(GError) error = NULL;
    if (argc == 0) {
        list_kinds();
        return mgk_command_flush();
    }
    if (!mgk_kind_from_name(argv[0], &id))
        return mgk_command_misused(mgk_words(N_("no such kind; 'mugaika policy explain' lists all")));
    if (!mgk_options_load_policy(&policy, NULL, &error))
        return mgk_command_misused(error->message);
    const MgkKindInfo *kind = mgk_kind_info(id);
    g_autofree char *choices = mgk_policy_file_choices(id, " ");
    printf("%s: %s\n%s\n", kind->name, mgk_words(kind->label), mgk_words(kind->text));
    printf(mgk_words(N_("In force: %s. Default: %s. Choices: %s.\n")), mgk_action_name((MgkAction)policy.actions[id]),
           mgk_action_name(kind->def), choices);
    return mgk_command_flush();
}

static const struct {
    const char *name;
    int least, most; /* arguments */
    MgkExit (*run)(int argc, char **argv);
} verbs[] = {{"show", 0, 1, show}, {"check", 1, 1, check}, {"explain", 0, 1, explain}, {"diff", 1, 2, diff}};

MgkExit mgk_command_policy(int argc, char **argv)
{
    argc = mgk_options_drop_language(argc, argv);
    for (guint i = 0; argc > 1 && i < G_N_ELEMENTS(verbs); i++) {
        if (strcmp(verbs[i].name, argv[1]) == 0 && argc - 2 >= verbs[i].least && argc - 2 <= verbs[i].most)
            return verbs[i].run(argc - 2, argv + 2);
    }
    return mgk_command_misused(mgk_words(N_("policy show [FILE] | check FILE | explain [KIND] | diff [OLD] NEW")));
}
