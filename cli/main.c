/* main.c - mugaika(1): finds the command and runs it */
#include "command.h"
#include "interrupt.h"
#include "model/words.h"
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static MgkExit help(int argc, char **argv);

static const struct {
    const char *name, *words;
    MgkCommand run;
} commands[] = {
    {"clean", N_("rebuild files so that nothing dangerous is left in them"), mgk_command_clean},
    {"inspect", N_("say what clean would find and do; writes nothing"), mgk_command_inspect},
    {"mail", N_("convert one mail to text with attachments made safe"), mgk_command_mail},
    {"formats", N_("list the kinds of files that can be made safe"), mgk_command_formats},
    {"policy", N_("show, check or explain the policy"), mgk_command_policy},
    {"hold", N_("what is held, and what people decide about it"), mgk_command_hold},
    {"log", N_("what happened, and whether the log still proves it"), mgk_command_log},
    {"doctor", N_("look for ways around the mail filter"), mgk_command_doctor},
    {"--version", N_("versions of the program and its libraries"), mgk_command_version},
    {"--help", N_("this overview"), help},
};

static MgkExit help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts(mgk_words(N_("Usage: mugaika COMMAND [OPTIONS] [FILE|FOLDER...]")));
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
        printf("  %-10s %s\n", commands[i].name, mgk_words(commands[i].words));
    puts(mgk_words(N_("'mugaika COMMAND --help' shows a command's options; mugaika(1) has everything.")));
    return mgk_command_flush();
}

MgkExit mgk_command_misused(const char *message)
{
    fprintf(stderr, "mugaika: %s\n", message);
    return MGK_EXIT_USAGE;
}

MgkExit mgk_command_flush(void)
{
    if (!ferror(stdout) && fflush(stdout) == 0)
        return MGK_EXIT_CROSSED;
    fprintf(stderr, "mugaika: %s\n", g_strerror(errno));
    return MGK_EXIT_CANTCREAT;
}

/* Each input, folder and output takes a descriptor, and the default bound of 1,024 is for programs that use select().
 */
static void raise_descriptor_bound(void)
{
    struct rlimit bound;
    if (getrlimit(RLIMIT_NOFILE, &bound) == 0) {
        bound.rlim_cur = bound.rlim_max;
        setrlimit(RLIMIT_NOFILE, &bound);
    }
}

int main(int argc, char **argv)
{
    mgk_words_init(mgk_options_language(argc, argv));
    mgk_interrupt_install();
    raise_descriptor_bound();
    g_set_prgname("mugaika");
    for (guint i = 0; argc > 1 && i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(commands[i].name, argv[1]) == 0)
            return (int)commands[i].run(argc - 1, argv + 1);
    }
    return (int)mgk_command_misused(argc > 1 ? mgk_words(N_("unknown command; see mugaika --help"))
                                             : mgk_words(N_("no command given; see mugaika --help")));
}
