#include "command.h"

#include "options.h"
#include "run.h"

MgkExit mgk_command_inspect(int argc, char **argv)
{
    g_auto(MgkOptions) options = {.jobs = 0};
    g_autoptr(GError) error = NULL;
    if (!mgk_options_parse(&options, argc, argv, TRUE, &error))
        return mgk_command_misused(error->message);
    return mgk_run(&options);
}
