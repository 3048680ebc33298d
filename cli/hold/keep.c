#include "keep.h"

#include "model/names.h"
#include "model/policy_file.h"
#include "model/report_json.h"
#include "model/words.h"
#include "options.h"
#include "sanitizer.h"
#include "store/hold_client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_file(const char *path, GError **error)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return fd;
    g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "%s: %s", path, fd < 0 ? g_strerror(errno) : g_strerror(EINVAL));
    if (fd >= 0)
        close(fd);
    return -1;
}

static gboolean conclude(int socket, const char *id, const MgkPolicy *policy, const MgkReport *report, GError **error)
{
    g_autofree char *policy_id = mgk_policy_file_id(policy), *rules = mgk_report_rule_version();
    const MgkConclusion conclusion = {.report = report, .holds = TRUE, .policy = policy_id, .rules = rules};
    return mgk_hold_conclude(socket, id, &conclusion, error);
}

MgkExit mgk_hold_keep(const MgkHoldGiven *given, int socket, const char *path, GError **error)
{
    MgkPolicy policy;
    char id[MGK_RECORD_ID];
    int output = -1;
    g_autofree char *base = g_path_get_basename(path), *name = mgk_names_to_utf8(base, -1);
    const MgkDeposit deposit = {.origin = MGK_ORIGIN_IMPORT, .subject = name};
    if (!mgk_options_load_policy(&policy, NULL, error))
        return MGK_EXIT_USAGE;
    int fd = open_file(path, error);
    if (fd < 0)
        return MGK_EXIT_NOINPUT;
    g_autoptr(MgkSanitizer) sanitizer = mgk_sanitizer_new(&policy, NULL, error);
    gboolean kept = sanitizer && mgk_hold_deposit(socket, fd, &deposit, id, error);
    const MgkInput input = {.fd = fd, .name = base, .inspect_only = TRUE};
    g_autoptr(MgkReport) report = kept ? mgk_sanitizer_clean(sanitizer, &input, &output) : NULL;
    close(fd);
    if (!report || !conclude(socket, id, &policy, report, error))
        return MGK_EXIT_INTERNAL;
    if (given->json)
        printf("{\"id\":\"%s\"}\n", id);
    else
        printf(mgk_words(N_("Kept under the number %s\n")), id);
    return MGK_EXIT_CROSSED;
}
