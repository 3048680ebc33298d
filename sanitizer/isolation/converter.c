#include "isolation/converter.h"

#include "io/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define BWRAP "/usr/bin/bwrap"
#define SOFFICE "/usr/bin/soffice"
#define DOCUMENT_FD 3
#define CHUNK (64u << 10)

/* The box. /usr and fonts to read, an own /tmp in memory, nothing else; limits on processor time, files and memory. */
/* clang-format off */
static const char *const box[] = {
    BWRAP, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
    "--clearenv", "--setenv", "HOME", "/tmp", "--setenv", "PATH", "/usr/bin", "--setenv", "LANG", "C.UTF-8",
    "--ro-bind", "/usr", "/usr",
    "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
    "--ro-bind", "/etc/fonts", "/etc/fonts", "--ro-bind-try", "/var/cache/fontconfig", "/var/cache/fontconfig",
    "--ro-bind-try", "/etc/libreoffice", "/etc/libreoffice", "--ro-bind-try", "/etc/alternatives", "/etc/alternatives",
    "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/tmp"};
/* clang-format on */

/* Its own words go nowhere: a stranger's document could choose them. */
#define SCRIPT \
    "ulimit -c 0; ulimit -t 600; ulimit -f 4194304; " \
    "case $1 in *.csv) in=CSV:44,34,76,1;; *.tsv) in=CSV:9,34,76,1;; *.txt) in='Text (encoded):UTF8';; esac; " \
    "soffice --headless --norestore --nolockcheck -env:UserInstallation=file:///tmp/profile " \
    "${in:+\"--infilter=$in\"} " \
    "--convert-to pdf --outdir /tmp/out \"$1\" >/dev/null 2>&1 && exec cat /tmp/out/document.pdf"

const char *mgk_converter_missing(void)
{
    if (access(BWRAP, X_OK) != 0)
        return "bwrap";
    return access(SOFFICE, X_OK) != 0 ? "soffice" : NULL;
}

static char **command_for(const char *name)
{
    GPtrArray *words = g_ptr_array_new();
    for (guint i = 0; i < G_N_ELEMENTS(box); i++)
        g_ptr_array_add(words, g_strdup(box[i]));
    g_autofree char *fd = g_strdup_printf("%d", DOCUMENT_FD);
    const char *const tail[] = {"--file", fd, name, "/bin/sh", "-c", SCRIPT, "sh", name};
    for (guint i = 0; i < G_N_ELEMENTS(tail); i++)
        g_ptr_array_add(words, g_strdup(tail[i]));
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

/* bwrap reads from the descriptor's position, which is shared with nobody this way. */
static int open_again(int fd)
{
    char path[64];
    g_snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static gboolean spawn(const MgkBlob *document, const char *name, int *ret_pages, GPid *ret_pid, GError **error)
{
    g_auto(GStrv) command = command_for(name);
    const char *const no_environment[] = {NULL};
    const int target = DOCUMENT_FD;
    int source = open_again(document->fd);
    if (source < 0) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_FAILED, "cannot pass the document: %s", g_strerror(errno));
        return FALSE;
    }
    g_autoptr(GError) failure = NULL;
    gboolean ok = g_spawn_async_with_pipes_and_fds(
        "/", (const char *const *)command, no_environment,
        G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL | G_SPAWN_CLOEXEC_PIPES, NULL, NULL, -1, -1, -1, &source,
        &target, 1, ret_pid, NULL, ret_pages, NULL, &failure);
    close(source);
    if (!ok)
        g_set_error(error, MGK_ERROR, MGK_ERROR_FAILED, "cannot start %s: %s", BWRAP, failure->message);
    return ok;
}

/* Waits for more of the pages. */
static gboolean wait_for(int pages, int interrupt_fd, gint64 deadline_us, GError **error)
{
    for (;;) {
        struct pollfd fds[] = {{pages, POLLIN, 0}, {interrupt_fd, POLLIN, 0}};
        gint64 left = deadline_us - g_get_monotonic_time();
        if (left <= 0) {
            g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "total_time: making pages took too long");
            return FALSE;
        }
        if (poll(fds, G_N_ELEMENTS(fds), (int)MIN(left / 1000 + 1, 60000)) < 0 && errno != EINTR)
            return TRUE; /* read() will tell */
        if (fds[1].revents) {
            g_set_error_literal(error, MGK_ERROR, MGK_ERROR_FAILED, "interrupted");
            return FALSE;
        }
        if (fds[0].revents)
            return TRUE;
    }
}

static gboolean collect(int pages, int interrupt_fd, gint64 deadline_us, guint64 max, MgkBlob *pdf, GError **error)
{
    g_autofree guint8 *buffer = g_malloc(CHUNK);
    guint64 total = 0;
    for (;;) {
        if (!wait_for(pages, interrupt_fd, deadline_us, error))
            return FALSE;
        gssize n = mgk_fd_read(pages, buffer, CHUNK);
        if (n == 0)
            return TRUE;
        total += n > 0 ? (guint64)n : 0;
        if (total > max) {
            g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "output_bytes: too many pages");
            return FALSE;
        }
        if (n < 0 || !mgk_fd_write_all(pdf->fd, buffer, (gsize)n)) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "cannot store the pages: %s", g_strerror(errno));
            return FALSE;
        }
    }
}

/* Reaps the box; killed first unless it came to its own end. TRUE when it ended well. */
static gboolean end_box(GPid pid, gboolean kill_it)
{
    int status = -1;
    if (kill_it)
        kill(pid, SIGKILL); /* --die-with-parent: everything inside goes along */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

gboolean mgk_converter_run(const MgkBlob *document, const char *extension, gint64 deadline_us, int interrupt_fd,
                           guint64 max, MgkBlob *ret_pdf, GError **error)
{
    const char *missing = mgk_converter_missing();
    if (missing) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "%s is not installed", missing);
        return FALSE;
    }
    g_autofree char *name = g_strdup_printf("/tmp/document.%s", extension);
    g_auto(MgkBlob) pdf = MGK_BLOB_NONE;
    int pages = -1;
    GPid pid = 0;
    if (!mgk_blob_create(document->size, &pdf, error) || !spawn(document, name, &pages, &pid, error))
        return FALSE;
    gboolean ok = collect(pages, interrupt_fd, deadline_us, max, &pdf, error);
    close(pages);
    if (!end_box(pid, !ok) && ok) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "no pages came of this document");
        return FALSE;
    }
    if (!ok || !mgk_blob_finish(&pdf, max, error))
        return FALSE;
    *ret_pdf = pdf;
    pdf = MGK_BLOB_NONE;
    return TRUE;
}
