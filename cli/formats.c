#include "command.h"

#include "model/family.h"
#include "model/kind.h"
#include "model/policy_file.h"
#include "model/words.h"
#include "options.h"

#include <stdio.h>
#include <string.h>

static gboolean crosses(MgkFormatId id)
{
    return !(mgk_format_info(id)->flags & (MGK_FORMAT_NEVER | MGK_FORMAT_HELD));
}

/* "docx dotx xlsx …": the extensions of a family's formats that are made safe; owned by the caller. */
static char *extensions(const MgkFamily *family)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (guint i = 0; i < MGK_N_FORMATS; i++) {
        if (crosses((MgkFormatId)i) && mgk_family_of((MgkFormatId)i) == family)
            g_string_append_printf(list, "%s%s", list->len ? " " : "", mgk_format_info((MgkFormatId)i)->extensions);
    }
    return g_string_free(g_steal_pointer(&list), FALSE);
}

static void print_families(void)
{
    gsize n = 0;
    const MgkFamily *families = mgk_families(&n);
    for (gsize i = 0; i < n; i++) {
        g_autofree char *list = extensions(&families[i]);
        if (!*list)
            continue;
        printf("%s [%s]\n", mgk_words(families[i].name), list);
        printf(mgk_words(N_("  stays: %s\n")), mgk_words(families[i].stays));
        printf(mgk_words(N_("  goes:  %s\n")), mgk_words(families[i].goes));
    }
}

static void print_rest(guint flag, const char *head)
{
    puts(head);
    for (guint i = 0; i < MGK_N_FORMATS; i++) {
        const MgkFormatInfo *format = mgk_format_info((MgkFormatId)i);
        if (format->flags & flag)
            printf("  %s [%s]\n", mgk_words(format->label), format->extensions);
    }
}

/* ---- docs/FORMATS.md ---- */

static void table_head(const char *title, const char *columns, guint n)
{
    printf("\n## %s\n\n%s\n|", title, columns);
    for (guint i = 0; i < n; i++)
        fputs("---|", stdout);
    putchar('\n');
}

static void table_rest(guint flag, const char *title)
{
    table_head(title, mgk_words(N_("| format | extensions |")), 2);
    for (guint i = 0; i < MGK_N_FORMATS; i++) {
        const MgkFormatInfo *format = mgk_format_info((MgkFormatId)i);
        if (format->flags & flag)
            printf("| %s | %s |\n", mgk_words(format->label), format->extensions);
    }
}

static void table_kinds(void)
{
    table_head(mgk_words(N_("What is found, and what is done")), mgk_words(N_("| kind | name | default | choices |")),
               4);
    for (guint i = 0; i < MGK_N_KINDS; i++) {
        const MgkKindInfo *kind = mgk_kind_info((MgkKind)i);
        g_autofree char *choices = mgk_policy_file_choices((MgkKind)i, " ");
        printf("| %s | `%s` | %s | %s |\n", mgk_words(kind->label), kind->name, mgk_action_name(kind->def), choices);
    }
}

static void table_limits(void)
{
    gsize n = 0;
    const MgkLimitInfo *limits = mgk_limits_table(&n);
    table_head(mgk_words(N_("Limits")), mgk_words(N_("| limit | default | meaning |")), 3);
    for (gsize i = 0; i < n; i++)
        printf("| `%s` | %" G_GUINT64_FORMAT " | %s |\n", limits[i].name, limits[i].def, mgk_words(limits[i].text));
}

static void print_markdown(void)
{
    gsize n = 0;
    const MgkFamily *families = mgk_families(&n);
    printf("# %s\n\n%s\n", mgk_words(N_("Formats")),
           mgk_words(N_("Written by `mugaika formats --markdown`; do not edit.")));
    table_head(mgk_words(N_("Made safe")), mgk_words(N_("| formats | extensions | what stays | what goes |")), 4);
    for (gsize i = 0; i < n; i++) {
        g_autofree char *list = extensions(&families[i]);
        if (*list)
            printf("| %s | %s | %s | %s |\n", mgk_words(families[i].name), list, mgk_words(families[i].stays),
                   mgk_words(families[i].goes));
    }
    table_rest(MGK_FORMAT_HELD, mgk_words(N_("Held")));
    table_rest(MGK_FORMAT_NEVER, mgk_words(N_("Blocked")));
    table_kinds();
    table_limits();
}

MgkExit mgk_command_formats(int argc, char **argv)
{
    argc = mgk_options_drop_language(argc, argv);
    gboolean markdown = argc > 1 && strcmp(argv[1], "--markdown") == 0;
    if (argc > (markdown ? 2 : 1))
        return mgk_command_misused(mgk_words(N_("formats [--markdown]")));
    if (markdown) {
        print_markdown();
        return mgk_command_flush();
    }
    print_families();
    print_rest(MGK_FORMAT_HELD, mgk_words(N_("Recognised and held:")));
    print_rest(MGK_FORMAT_NEVER, mgk_words(N_("Blocked:")));
    puts(mgk_words(N_("Everything else is held; programs and scripts are blocked.")));
    return mgk_command_flush();
}
