#include "isolation/sandbox.h"

#include "isolation/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The worker's memory limit counts address space; this much the zygote's libraries and fonts had mapped already. */
static rlim_t base_address_space;
static struct sock_fprog program;

/* Stands for the worker's own number in the program compiled by the zygote; larger than any process's. */
#define OWN_PID 0x7ffffff5u

static gboolean fail(GError **error, const char *step)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_SANDBOX, "%s: %s", step, g_strerror(errno));
    return FALSE;
}

/* ---- seccomp ---- */

/* What pure computing on mapped memory needs. Everything not named here kills the process. */
static const int allowed[] = {
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(futex),
    SCMP_SYS(exit_group),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getrandom), /* qpdf draws some on opening encrypted files; it tells a worker nothing */
};

/* Library probes that are told "no" and go on. */
static const int refused[] = {SCMP_SYS(openat), SCMP_SYS(access), SCMP_SYS(newfstatat), SCMP_SYS(readlink),
                              SCMP_SYS(sysinfo)};

static gboolean add_rules(scmp_filter_ctx ctx)
{
    int rc = 0;
    for (guint i = 0; i < G_N_ELEMENTS(allowed); i++)
        rc |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++)
        rc |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES), refused[i], 0);
    /* reading is for the broker's answers and for the decoder's records */
    rc |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(read), 1, SCMP_A0(SCMP_CMP_EQ, MGK_FD_CONTROL));
    for (guint i = 0; i < MGK_MAX_DECODERS; i++)
        rc |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(read), 1, SCMP_A0(SCMP_CMP_EQ, MGK_FD_PIXELS_IN + i));
    /* memory: anonymous, never executable */
    rc |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                           SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
    rc |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    rc |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(madvise), 1, SCMP_A2(SCMP_CMP_EQ, MADV_DONTNEED));
    /* abort() raises this one signal, in this one process: the zygote and the caller have the same user */
    rc |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 2, SCMP_A0(SCMP_CMP_EQ, OWN_PID),
                           SCMP_A2(SCMP_CMP_EQ, SIGABRT));
    return rc == 0;
}

static gboolean compile_program(GError **error)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!ctx)
        return fail(error, "seccomp_init");
    int fd = memfd_create("bpf", MFD_CLOEXEC);
    gboolean ok = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
                  seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 && add_rules(ctx) && fd >= 0 &&
                  seccomp_export_bpf(ctx, fd) == 0;
    seccomp_release(ctx);
    off_t length = ok ? lseek(fd, 0, SEEK_END) : 0;
    if (length > 0) {
        program.filter = g_malloc((gsize)length);
        program.len = (unsigned short)((gsize)length / sizeof(struct sock_filter));
    }
    ok = length > 0 && pread(fd, program.filter, (gsize)length, 0) == length;
    if (fd >= 0)
        close(fd);
    return ok ? TRUE : fail(error, "seccomp program");
}

#ifndef MGK_DEBUG_SANDBOX
/* Puts the process's number in its place; FALSE unless there is exactly one. */
static gboolean fill_in_own_pid(void)
{
    guint places = 0;
    for (guint i = 0; i < program.len; i++) {
        struct sock_filter *step = &program.filter[i];
        if (step->code == (BPF_JMP | BPF_JEQ | BPF_K) && step->k == OWN_PID) {
            step->k = (guint32)getpid();
            places++;
        }
    }
    return places == 1;
}
#endif

/* ---- Landlock: own constants, since Debian 12's headers end at ABI 2 ---- */

struct landlock_rules {
    guint64 handled_access_fs, handled_access_net, scoped;
};

static int landlock_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1u /* LANDLOCK_CREATE_RULESET_VERSION */);
    return abi > 0 ? (int)abi : 0;
}

/* A ruleset that handles everything this kernel knows and allows nothing. */
static gboolean enter_landlock(GError **error)
{
    int abi = landlock_abi();
    if (abi < 1)
        return fail(error, "Landlock is missing");
    struct landlock_rules rules = {.handled_access_fs = (1u << 13) - 1};
    if (abi >= 2)
        rules.handled_access_fs |= 1u << 13; /* refer */
    if (abi >= 3)
        rules.handled_access_fs |= 1u << 14; /* truncate */
    if (abi >= 5)
        rules.handled_access_fs |= 1u << 15; /* device ioctl */
    if (abi >= 4)
        rules.handled_access_net = 3; /* bind, connect */
    if (abi >= 6)
        rules.scoped = 3; /* abstract sockets, signals */
    gsize size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
    int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    if (fd < 0)
        return fail(error, "Landlock ruleset");
    long rc = syscall(SYS_landlock_restrict_self, fd, 0);
    close(fd);
    return rc == 0 ? TRUE : fail(error, "Landlock");
}

/* ---- the rest ---- */

/* In the zygote, which needs none either, and for good: forty calls that no worker has to make again. */
static gboolean drop_capabilities(GError **error)
{
    for (int cap = 0; cap < 64; cap++) {
        if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno == EINVAL)
            break; /* past the kernel's last; EPERM is fine: the sets below are emptied all the same */
    }
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};
    return syscall(SYS_capset, &header, data) == 0 ? TRUE : fail(error, "capset");
}

static gboolean set_limit(__rlimit_resource_t resource, rlim_t soft, rlim_t hard)
{
    struct rlimit limit = {soft, hard};
    return setrlimit(resource, &limit) == 0;
}

static gboolean set_limits(const MgkPolicy *policy, GError **error)
{
    const MgkLimits *limits = &policy->limits;
    rlim_t file = MAX(limits->output_bytes, limits->input_bytes);
    static const __rlimit_resource_t zero[] = {RLIMIT_CORE, RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_MEMLOCK,
                                               RLIMIT_MSGQUEUE};
    gboolean ok = set_limit(RLIMIT_FSIZE, file, file) && set_limit(RLIMIT_STACK, 8 << 20, 8 << 20) &&
                  set_limit(RLIMIT_CPU, limits->worker_cpu_seconds, limits->worker_cpu_seconds + 1);
#ifndef MGK_DEBUG_SANDBOX
    rlim_t space = base_address_space + limits->worker_memory;
    ok = ok && set_limit(RLIMIT_AS, space, space);
#endif
    for (guint i = 0; i < G_N_ELEMENTS(zero); i++)
        ok = ok && set_limit(zero[i], 0, 0);
    return ok ? TRUE : fail(error, "setrlimit");
}

static gboolean write_proc(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return FALSE;
    ssize_t n = write(fd, text, strlen(text));
    close(fd);
    return n == (ssize_t)strlen(text);
}

/* Best effort: where the kernel or the distribution forbids it, the mandatory layers stand alone. */
static gboolean take_namespaces(void)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWCGROUP) < 0)
        return FALSE;
    g_autofree char *uid_map = g_strdup_printf("%u %u 1\n", uid, uid);
    g_autofree char *gid_map = g_strdup_printf("%u %u 1\n", gid, gid);
    (void)write_proc("/proc/self/setgroups", "deny");
    return write_proc("/proc/self/uid_map", uid_map) && write_proc("/proc/self/gid_map", gid_map);
}

static rlim_t address_space_now(void)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
        return 0;
    return (rlim_t)(g_ascii_strtoull(text, NULL, 10) * (guint64)sysconf(_SC_PAGESIZE));
}

gboolean mgk_sandbox_prepare(MgkSandboxLevel *ret_level, GError **error)
{
    base_address_space = address_space_now();
    *ret_level = (MgkSandboxLevel){.namespaces = take_namespaces(), .landlock_abi = landlock_abi()};
    return drop_capabilities(error) && compile_program(error);
}

gboolean mgk_sandbox_enter(const MgkPolicy *policy, GError **error)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return fail(error, "no_new_privs");
    if (!(policy->landlock_optional && landlock_abi() == 0) && !enter_landlock(error))
        return FALSE;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return fail(error, "dumpable");
    if (!set_limits(policy, error))
        return FALSE;
#ifndef MGK_DEBUG_SANDBOX
    errno = EPROTO;
    if (!fill_in_own_pid() || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
        return fail(error, "seccomp");
#endif
    return TRUE;
}
