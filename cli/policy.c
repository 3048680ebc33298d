#include "command.h"

#include "model/policy_file.h"
#include "model/words.h"
#include "options.h"

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
    g_autofree char *id = mgk_policy_file_id(&policy);
    printf(mgk_words(N_("correct; policy id %s\n")), id);
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
} verbs[] = {{"show", 0, 1, show}, {"check", 1, 1, check}, {"explain", 0, 1, explain}};

/* Drops --lang, which main() has dealt with. */
static int drop_language(int argc, char **argv)
{
    int kept = 0;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--lang") == 0)
            i++;
        else if (!g_str_has_prefix(argv[i], "--lang="))
            argv[kept++] = argv[i];
    }
    return kept;
}

MgkExit mgk_command_policy(int argc, char **argv)
{
    argc = drop_language(argc, argv);
    for (guint i = 0; argc > 1 && i < G_N_ELEMENTS(verbs); i++) {
        if (strcmp(verbs[i].name, argv[1]) == 0 && argc - 2 >= verbs[i].least && argc - 2 <= verbs[i].most)
            return verbs[i].run(argc - 2, argv + 2);
    }
    return mgk_command_misused(mgk_words(N_("policy show [FILE] | check FILE | explain [KIND]")));
}
