#include "sanitizer.h"

#include "isolation/broker.h"
#include "isolation/converter.h"
#include "isolation/probe.h"
#include "isolation/session.h"
#include "model/names.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct MgkSanitizer {
    MgkPolicy policy;
    MgkLauncher *launcher; /* owned */
    int interrupt_fd;      /* owned; readable from the first interrupt on */
    char *level;           /* owned */
    GMutex lock;
    GCond slot_free;
    guint slots;
};

static char *default_worker_path(void)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = self ? g_path_get_dirname(self) : NULL;
    g_autofree char *beside = folder ? g_build_filename(folder, "mugaika-worker", NULL) : NULL;
    if (beside && access(beside, X_OK) == 0)
        return g_steal_pointer(&beside);
    return g_strdup(MGK_LIBEXECDIR "/mugaika-worker");
}

/* The worker without pages and pictures, when it lies beside the whole one; else NULL: that one does everything. */
static char *light_beside(const char *worker)
{
    g_autofree char *folder = g_path_get_dirname(worker);
    g_autofree char *light = g_build_filename(folder, "mugaika-light", NULL);
    return access(light, X_OK) == 0 ? g_steal_pointer(&light) : NULL;
}

/* A milter proves both factories before it serves; a command only the one that it starts, the other before its first
 * job (session.c). */
static gboolean prove(MgkLauncher *launcher, MgkFactory first, const MgkPolicy *policy, gboolean full, GError **error)
{
    MgkFactory started = mgk_launcher_factory(launcher, first), other = MGK_N_FACTORIES - 1 - started;
    return mgk_probe_self_test(launcher, started, policy, full, error) &&
           (!full || mgk_launcher_factory(launcher, other) == started ||
            mgk_probe_self_test(launcher, other, policy, full, error));
}

static MgkFactory first_factory(const char *name)
{
    g_autofree char *text = mgk_names_to_utf8(name ? name : "", -1);
    return mgk_session_factory(text);
}

static char *describe_level(MgkLauncher *launcher)
{
    int abi;
    gboolean namespaces;
    mgk_launcher_level(launcher, &abi, &namespaces);
#ifdef MGK_DEBUG_SANDBOX
    const char *profile = "debug";
#else
    const char *profile = "strict seccomp";
#endif
    return g_strdup_printf("%s landlock=%d namespaces=%s", profile, abi, namespaces ? "yes" : "no");
}

const char *mgk_sanitizer_missing(const MgkPolicy *policy)
{
    return policy->profile == MGK_PROFILE_IMAGE || policy->html_image ? mgk_converter_missing() : NULL;
}

MgkSanitizer *mgk_sanitizer_new(const MgkPolicy *policy, const MgkSanitizerOptions *options, GError **error)
{
    const MgkSanitizerOptions defaults = {0};
    const MgkSanitizerOptions *o = options ? options : &defaults;
    const char *missing = mgk_sanitizer_missing(policy);
    if (missing) { /* never the standard result under another name */
        g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, "pages as pictures: %s is not installed", missing);
        return NULL;
    }
    g_autofree char *path = o->worker_path ? g_strdup(o->worker_path) : default_worker_path();
    g_autofree char *light = light_beside(path);
    MgkFactory first = first_factory(o->first_name);
    g_autoptr(MgkLauncher) launcher = mgk_launcher_new(path, light, first, error);
    if (!launcher || !prove(launcher, first, policy, o->full_self_test, error))
        return NULL;
    int interrupt_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (interrupt_fd < 0) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_SANDBOX, "eventfd: %s", g_strerror(errno));
        return NULL;
    }
    MgkSanitizer *sanitizer = g_new0(MgkSanitizer, 1);
    sanitizer->policy = *policy;
    sanitizer->interrupt_fd = interrupt_fd;
    sanitizer->level = describe_level(launcher);
    sanitizer->launcher = g_steal_pointer(&launcher);
    g_mutex_init(&sanitizer->lock);
    g_cond_init(&sanitizer->slot_free);
    sanitizer->slots = o->jobs ? o->jobs : g_get_num_processors();
    return sanitizer;
}

void mgk_sanitizer_free(MgkSanitizer *sanitizer)
{
    if (!sanitizer)
        return;
    mgk_launcher_free(sanitizer->launcher);
    close(sanitizer->interrupt_fd);
    g_mutex_clear(&sanitizer->lock);
    g_cond_clear(&sanitizer->slot_free);
    g_free(sanitizer->level);
    g_free(sanitizer);
}

static void take_slot(MgkSanitizer *sanitizer)
{
    g_mutex_lock(&sanitizer->lock);
    while (sanitizer->slots == 0)
        g_cond_wait(&sanitizer->slot_free, &sanitizer->lock);
    sanitizer->slots--;
    g_mutex_unlock(&sanitizer->lock);
}

static guint try_slots(gpointer slots, guint want)
{
    MgkSanitizer *sanitizer = slots;
    g_mutex_lock(&sanitizer->lock);
    guint n = MIN(want, sanitizer->slots);
    sanitizer->slots -= n;
    g_mutex_unlock(&sanitizer->lock);
    return n;
}

static void give_slots(gpointer slots, guint n)
{
    MgkSanitizer *sanitizer = slots;
    g_mutex_lock(&sanitizer->lock);
    sanitizer->slots += n;
    g_cond_broadcast(&sanitizer->slot_free);
    g_mutex_unlock(&sanitizer->lock);
}

static void refuse(MgkReport *report, MgkReason reason, const GError *error)
{
    report->verdict = MGK_VERDICT_HELD;
    report->reason = reason;
    g_free(report->reason_detail);
    report->reason_detail = g_strdup(error->message);
    report->finished_us = g_get_real_time();
}

static void clean_in_slot(MgkSanitizer *sanitizer, const MgkInput *input, MgkReport *report, int *ret_output)
{
    MgkPolicy policy = sanitizer->policy;
    const MgkLimits *limits = &policy.limits;
    g_auto(MgkBlob) blob = MGK_BLOB_NONE, output = MGK_BLOB_NONE;
    g_autoptr(GError) error = NULL;
    if (!mgk_blob_copy(input->fd, limits->input_bytes, &blob, &error)) {
        gboolean large = g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT);
        refuse(report, large ? MGK_REASON_TOO_LARGE : MGK_REASON_INPUT_UNREADABLE, error);
        return;
    }
    mgk_mail_policy_resolve(&policy, input->envelope);
    MgkTask task = {.launcher = sanitizer->launcher,
                    .policy = &policy,
                    .interrupt_fd = sanitizer->interrupt_fd,
                    .deadline_us = g_get_monotonic_time() + (gint64)limits->total_time * 1000,
                    .try_slots = try_slots,
                    .give_slots = give_slots,
                    .slots = sanitizer,
                    .passwords = input->passwords};
    MgkObject object = {.input = &blob, .name = report->name, .role = MGK_ROLE_TOP, .want = MGK_FORMAT_ID_NONE};
    mgk_broker_clean(&task, &object, report, &output);
    if (input->inspect_only || !mgk_verdict_crosses(report->verdict))
        return;
    *ret_output = output.fd;
    output.fd = -1;
}

MgkReport *mgk_sanitizer_clean(MgkSanitizer *sanitizer, const MgkInput *input, int *ret_output)
{
    g_autofree char *name = mgk_names_to_utf8(input->name, -1);
    MgkReport *report = mgk_report_new(name);
    *ret_output = -1;
    take_slot(sanitizer);
    clean_in_slot(sanitizer, input, report, ret_output);
    give_slots(sanitizer, 1);
    return report;
}

void mgk_sanitizer_interrupt(MgkSanitizer *sanitizer)
{
    const guint64 one = 1;
    ssize_t n = write(sanitizer->interrupt_fd, &one, sizeof one);
    (void)n; /* a full counter is readable already */
}

char *mgk_sanitizer_libraries(MgkSanitizer *sanitizer)
{
    char *lines = mgk_probe_libraries(sanitizer->launcher, &sanitizer->policy, NULL);
    return lines ? lines : g_strdup("");
}

const char *mgk_sanitizer_sandbox_level(const MgkSanitizer *sanitizer)
{
    return sanitizer->level;
}
