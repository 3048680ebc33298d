/* crash_at.c - preloaded into mugaika-milter by crash.py: names the steps of a mail's way, and ends the process at one.
 *
 * Stands between the filter and libmilter, and before the calls that put an original on the disk. CRASH_STEPS=FILE:
 * every step is written there as "name:N". CRASH_AT=name:N: SIGKILL just before that step. The program itself knows
 * nothing of this. */
#include <dlfcn.h>
#include <fcntl.h>
#include <libmilter/mfapi.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef enum {
    CONNECT,
    HELO,
    MAIL,
    RCPT,
    HEADER,
    EOH,
    BODY,
    EOM,
    PROGRESS,
    REMOVE,
    ADD,
    CHUNK,
    REPLY,
    LINK,
    SYNC,
    N
} Step;

static const char *const names[N] = {"connect",   "helo",        "mail",  "rcpt",     "header",
                                     "eoh",       "body",        "eom",   "progress", "chgheader",
                                     "addheader", "replacebody", "reply", "link",     "sync"};
static atomic_uint counts[N];
static struct smfiDesc real;
static _Thread_local int ending; /* other threads and the start write files, too */

static void step(Step which)
{
    char label[64];
    const char *at = getenv("CRASH_AT"), *steps = getenv("CRASH_STEPS");
    int n = snprintf(label, sizeof label, "%s:%u\n", names[which], atomic_fetch_add(&counts[which], 1) + 1);
    int fd = steps ? open(steps, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
    if (fd >= 0) {
        if (write(fd, label, (size_t)n) != n)
            abort();
        close(fd);
    }
    label[n - 1] = '\0';
    if (at && strcmp(at, label) == 0)
        kill(getpid(), SIGKILL);
}

static sfsistat on_connect(SMFICTX *context, char *name, _SOCK_ADDR *address)
{
    step(CONNECT);
    return real.xxfi_connect(context, name, address);
}

static sfsistat on_helo(SMFICTX *context, char *name)
{
    step(HELO);
    return real.xxfi_helo(context, name);
}

static sfsistat on_sender(SMFICTX *context, char **arguments)
{
    step(MAIL);
    return real.xxfi_envfrom(context, arguments);
}

static sfsistat on_recipient(SMFICTX *context, char **arguments)
{
    step(RCPT);
    return real.xxfi_envrcpt(context, arguments);
}

static sfsistat on_header(SMFICTX *context, char *name, char *value)
{
    step(HEADER);
    return real.xxfi_header(context, name, value);
}

static sfsistat on_header_end(SMFICTX *context)
{
    step(EOH);
    return real.xxfi_eoh(context);
}

static sfsistat on_body(SMFICTX *context, unsigned char *bytes, size_t size)
{
    step(BODY);
    return real.xxfi_body(context, bytes, size);
}

static sfsistat on_end(SMFICTX *context)
{
    step(EOM);
    ending = 1;
    sfsistat answer = real.xxfi_eom(context);
    ending = 0;
    step(REPLY);
    return answer;
}

static void *next(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (!function)
        abort();
    return function;
}

int smfi_register(struct smfiDesc description)
{
    int (*call)(struct smfiDesc) = next("smfi_register");
    real = description;
    description.xxfi_connect = on_connect;
    description.xxfi_helo = on_helo;
    description.xxfi_envfrom = on_sender;
    description.xxfi_envrcpt = on_recipient;
    description.xxfi_header = on_header;
    description.xxfi_eoh = on_header_end;
    description.xxfi_body = on_body;
    description.xxfi_eom = on_end;
    return call(description);
}

int smfi_progress(SMFICTX *context)
{
    int (*call)(SMFICTX *) = next("smfi_progress");
    step(PROGRESS);
    return call(context);
}

int smfi_chgheader(SMFICTX *context, char *name, int index, char *value)
{
    int (*call)(SMFICTX *, char *, int, char *) = next("smfi_chgheader");
    step(REMOVE);
    return call(context, name, index, value);
}

int smfi_addheader(SMFICTX *context, char *name, char *value)
{
    int (*call)(SMFICTX *, char *, char *) = next("smfi_addheader");
    step(ADD);
    return call(context, name, value);
}

int smfi_replacebody(SMFICTX *context, unsigned char *bytes, int size)
{
    int (*call)(SMFICTX *, unsigned char *, int) = next("smfi_replacebody");
    step(CHUNK);
    return call(context, bytes, size);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    int (*call)(int, const char *, int, const char *, int) = next("linkat");
    if (ending)
        step(LINK);
    return call(from_folder, from, to_folder, to, flags);
}

int syncfs(int fd)
{
    int (*call)(int) = next("syncfs");
    if (ending)
        step(SYNC);
    return call(fd);
}
