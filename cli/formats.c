#include "command.h"

#include "model/format.h"
#include "model/words.h"

#include <stdio.h>

static const char *fate(const MgkFormatInfo *format)
{
    if (format->flags & MGK_FORMAT_NEVER)
        return N_("blocked");
    return format->flags & MGK_FORMAT_HELD ? N_("held") : N_("made safe");
}

MgkExit mgk_command_formats(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return mgk_command_misused(mgk_words(N_("formats takes no arguments")));
    for (guint i = 0; i < MGK_N_FORMATS; i++) {
        const MgkFormatInfo *format = mgk_format_info((MgkFormatId)i);
        printf("%-8s %s\t%s\t[%s]\n", format->id, mgk_words(fate(format)), mgk_words(format->label),
               format->extensions);
    }
    puts(mgk_words(N_("Everything else is held; programs and scripts are blocked.")));
    return mgk_command_flush();
}
