#include "isolation/selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Numbers that Debian 12's headers have, named here so that the table reads evenly. */
#define CALL(number, ...) syscall(number, __VA_ARGS__)

static long act_open_read(void)
{
    return CALL(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0);
}

static long act_open_fonts(void)
{
    return CALL(SYS_openat, AT_FDCWD, "/usr/share/fonts", O_RDONLY | O_DIRECTORY, 0);
}

static long act_open_create(void)
{
    return CALL(SYS_openat, AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR, 0600);
}

static long act_open_memory(void)
{
    return CALL(SYS_openat, AT_FDCWD, "/proc/self/mem", O_RDWR, 0);
}

static long act_open_maps(void)
{
    return CALL(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY, 0);
}

static long act_openat2(void)
{
    const guint64 how[3] = {O_RDONLY, 0, 0};
    return CALL(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof how);
}

static long act_stat(void)
{
    struct stat st;
    return CALL(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &st, 0);
}

static long act_statx(void)
{
    char buffer[256];
    return CALL(SYS_statx, AT_FDCWD, "/etc/passwd", 0, 0xfff, buffer);
}

static long act_mkdir(void)
{
    return CALL(SYS_mkdirat, AT_FDCWD, "/tmp/mugaika-self-test", 0700);
}

static long act_unlink(void)
{
    return CALL(SYS_unlinkat, AT_FDCWD, "/tmp/mugaika-self-test", AT_REMOVEDIR);
}

static long act_chdir(void)
{
    return CALL(SYS_chdir, "/");
}

static long act_socket_inet(void)
{
    return CALL(SYS_socket, AF_INET, SOCK_STREAM, 0);
}

static long act_socket_unix(void)
{
    return CALL(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
}

static long act_socketpair(void)
{
    int pair[2];
    return CALL(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pair);
}

static long act_bind(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    long fd = CALL(SYS_socket, AF_INET, SOCK_DGRAM, 0);
    return fd < 0 ? fd : CALL(SYS_bind, fd, &address, sizeof address);
}

static long act_ptrace(void)
{
    return CALL(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
}

static long act_vm_read(void)
{
    char buffer[8], other[8] = "secret";
    struct iovec local = {buffer, sizeof buffer}, remote = {other, sizeof other};
    return CALL(SYS_process_vm_readv, getpid(), &local, 1, &remote, 1, 0);
}

static long act_kill(void)
{
    return CALL(SYS_kill, getpid(), 0);
}

static long act_kill_all(void)
{
    return CALL(SYS_kill, -1, 0);
}

static long act_tgkill(void)
{
    return CALL(SYS_tgkill, getpid(), getpid(), 0);
}

static long act_pidfd(void)
{
    return CALL(SYS_pidfd_open, getpid(), 0);
}

static long act_unshare(void)
{
    return CALL(SYS_unshare, CLONE_NEWUSER);
}

static long act_setns(void)
{
    return CALL(SYS_setns, CALL(SYS_pidfd_open, getpid(), 0), CLONE_NEWNET);
}

static long act_mount(void)
{
    return CALL(SYS_mount, "none", "/tmp", "tmpfs", 0, 0);
}

static long act_chroot(void)
{
    return CALL(SYS_chroot, "/");
}

static long act_io_uring(void)
{
    char params[256] = {0};
    return CALL(SYS_io_uring_setup, 4, params);
}

static long act_bpf(void)
{
    char attr[128] = {0};
    return CALL(SYS_bpf, 0, attr, sizeof attr);
}

static long act_perf(void)
{
    struct perf_event_attr attr = {.size = sizeof attr, .exclude_kernel = 1};
    return CALL(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static long act_userfaultfd(void)
{
    return CALL(SYS_userfaultfd, 1 /* user mode only */);
}

static long act_keyctl(void)
{
    return CALL(SYS_keyctl, 0, -3, 0, 0, 0);
}

static long act_memfd(void)
{
    return CALL(SYS_memfd_create, "x", 0);
}

static long act_map_exec(void)
{
    void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return map == MAP_FAILED ? -1 : 0;
}

static long act_protect_exec(void)
{
    void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return map == MAP_FAILED ? -1 : mprotect(map, 4096, PROT_READ | PROT_EXEC);
}

static long act_inotify(void)
{
    return CALL(SYS_inotify_init1, 0);
}

static long act_ioctl(void)
{
    int bytes;
    int pair[2];
    return CALL(SYS_pipe2, pair, 0) < 0 ? -1 : ioctl(pair[0], FIONREAD, &bytes);
}

static long act_dumpable(void)
{
    return CALL(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long act_rlimit(void)
{
    guint64 limit[2];
    return CALL(SYS_prlimit64, 0, 7, NULL, limit);
}

static long act_affinity(void)
{
    guint64 mask = 1;
    return CALL(SYS_sched_getaffinity, 0, sizeof mask, &mask);
}

static long act_shm(void)
{
    return CALL(SYS_shmget, 0, 4096, 0600);
}

static long act_pipe(void)
{
    int pair[2];
    return CALL(SYS_pipe2, pair, 0);
}

static long act_dup(void)
{
    return CALL(SYS_dup, 2);
}

static long act_fork(void)
{
    long pid = CALL(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        CALL(SYS_exit, 0);
    return pid;
}

static long act_exec(void)
{
    const char *const argv[] = {"true", NULL};
    return CALL(SYS_execve, "/bin/true", argv, NULL); /* returns only when refused */
}

static long act_setuid(void)
{
    return CALL(SYS_setuid, getuid());
}

static const MgkForbidden table[] = {
    {"open a file for reading", act_open_read, TRUE},
    {"open a socket", act_socket_inet, TRUE},
    {"fork", act_fork, TRUE},
    {"execute a program", act_exec, TRUE},
    {"trace", act_ptrace, TRUE},
    {"send a signal", act_kill, TRUE},
    {"map executable memory", act_map_exec, TRUE},
    {"set up io_uring", act_io_uring, TRUE},
    {"open the font folder", act_open_fonts, FALSE},
    {"create a file", act_open_create, FALSE},
    {"open own memory", act_open_memory, FALSE},
    {"open own maps", act_open_maps, FALSE},
    {"openat2", act_openat2, FALSE},
    {"stat", act_stat, FALSE},
    {"statx", act_statx, FALSE},
    {"make a folder", act_mkdir, FALSE},
    {"remove a folder", act_unlink, FALSE},
    {"change folder", act_chdir, FALSE},
    {"open a local socket", act_socket_unix, FALSE},
    {"open a socket pair", act_socketpair, FALSE},
    {"bind a port", act_bind, FALSE},
    {"read a process's memory", act_vm_read, FALSE},
    {"signal everybody", act_kill_all, FALSE},
    {"signal a thread", act_tgkill, FALSE},
    {"open a pidfd", act_pidfd, FALSE},
    {"unshare a namespace", act_unshare, FALSE},
    {"enter a namespace", act_setns, FALSE},
    {"mount", act_mount, FALSE},
    {"change root", act_chroot, FALSE},
    {"load a BPF program", act_bpf, FALSE},
    {"open performance counters", act_perf, FALSE},
    {"userfaultfd", act_userfaultfd, FALSE},
    {"use the key ring", act_keyctl, FALSE},
    {"create a memory file", act_memfd, FALSE},
    {"make memory executable", act_protect_exec, FALSE},
    {"watch files", act_inotify, FALSE},
    {"ioctl", act_ioctl, FALSE},
    {"become dumpable", act_dumpable, FALSE},
    {"read or raise limits", act_rlimit, FALSE},
    {"ask for processor affinity", act_affinity, FALSE},
    {"shared memory", act_shm, FALSE},
    {"open a pipe", act_pipe, FALSE},
    {"duplicate a descriptor", act_dup, FALSE},
    {"set the user", act_setuid, FALSE},
};

const MgkForbidden *mgk_selftest_table(guint *ret_n)
{
    *ret_n = G_N_ELEMENTS(table);
    return table;
}

gboolean mgk_selftest_act(guint index)
{
    return index >= G_N_ELEMENTS(table) || table[index].act() >= 0;
}
