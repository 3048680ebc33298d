#include "examine.h"

#include "io/clamd.h"
#include "model/words.h"

#include <unistd.h>

#define SCAN_SECONDS 120

static gboolean scan(const MgkHoldConfig *config, int original, char **ret_why, GError **error)
{
    char words[MGK_CLAMD_NAME];
    if (config->scan == MGK_SCAN_OFF)
        return TRUE;
    MgkClamdAnswer answer = mgk_clamd_scan(config->clamd, original, SCAN_SECONDS, words);
    if (answer == MGK_CLAMD_CLEAN || (answer == MGK_CLAMD_FAILED && config->scan == MGK_SCAN_WHEN_AVAILABLE))
        return TRUE;
    *ret_why = g_strdup_printf("clamd: %s", words);
    return mgk_ask_refuse(error, answer == MGK_CLAMD_FOUND
                                     ? N_("the virus scanner found something in it; it is never released")
                                     : N_("the virus scanner does not answer"));
}

/* The first blocked thing in the tree. */
static const MgkReport *find_blocked(const MgkReport *report)
{
    if (report->verdict == MGK_VERDICT_BLOCKED)
        return report;
    for (guint i = 0; report->children && i < report->children->len; i++) {
        const MgkReport *found = find_blocked(g_ptr_array_index(report->children, i));
        if (found)
            return found;
    }
    return NULL;
}

/* What could not be read to its end may hide a program; a person who agreed knows that it could not be cleaned. */
static gboolean inspect(const MgkHold *hold, int original, const char *name, char **ret_why, GError **error)
{
    int output = -1;
    const MgkInput input = {.fd = original, .name = name, .inspect_only = TRUE};
    g_autoptr(MgkReport) report = mgk_sanitizer_clean(hold->sanitizer, &input, &output);
    if (output >= 0)
        close(output);
    const MgkReport *blocked = find_blocked(report);
    if (!blocked)
        return TRUE;
    *ret_why = g_strdup_printf("blocked: %s, %s", blocked->name ? blocked->name : "", mgk_reason_name(blocked->reason));
    return mgk_ask_refuse(error, N_("there is a program or script in it; such things are never released"));
}

gboolean mgk_examine_original(const MgkHold *hold, int original, const char *name, char **ret_why, GError **error)
{
    return scan(hold->config, original, ret_why, error) && inspect(hold, original, name, ret_why, error);
}
