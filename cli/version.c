#include "command.h"

#include "model/report_json.h"
#include "model/words.h"
#include "sanitizer.h"

#include <stdio.h>

MgkExit mgk_command_version(int argc, char **argv)
{
    MgkPolicy policy;
    g_autoptr(GError) error = NULL;
    (void)argc;
    (void)argv;
    mgk_policy_init(&policy);
    g_autofree char *rules = mgk_report_rule_version();
    printf("mugaika " MGK_VERSION "\n");
    printf(mgk_words(N_("rules: %s\n")), rules);
    g_autoptr(MgkSanitizer) sanitizer = mgk_sanitizer_new(&policy, NULL, &error);
    g_autofree char *libraries = sanitizer ? mgk_sanitizer_libraries(sanitizer) : g_strdup("");
    if (sanitizer)
        printf(mgk_words(N_("sandbox: %s\n")), mgk_sanitizer_sandbox_level(sanitizer));
    else
        fprintf(stderr, "mugaika: %s\n", error->message); /* an answer about versions is still one */
    fputs(libraries, stdout);
    if (*libraries && !g_str_has_suffix(libraries, "\n"))
        putchar('\n');
    return mgk_command_flush();
}
