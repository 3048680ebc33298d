/* evil_worker - the real zygote and worker around handlers that do what a captured parser might do. The first line of
 * the input names the deed. Proves that the broker ends every deed as held with the right reason, and that nothing
 * crosses. */
#include "engines/detect.h"
#include "engines/warm.h"
#include "formats/formats.h"
#include "isolation/selftest.h"
#include "isolation/wire.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static gboolean fail_with(GError **error, MgkError code)
{
    g_set_error(error, MGK_ERROR, code, "as asked");
    return FALSE;
}

static void say_raw(const void *data, gsize size)
{
    if (write(MGK_FD_CONTROL, data, size) < 0)
        abort();
}

static MgkMessage message(MgkMessageType type)
{
    return (MgkMessage){.magic = MGK_WIRE_MAGIC, .type = type};
}

static gboolean deed_good(MgkJob *job, GError **error)
{
    return job->write(job, "clean\n", 6, error);
}

static gboolean deed_crash(MgkJob *job, GError **error)
{
    (void)job, (void)error;
    volatile gsize nowhere = 8;
    *(volatile int *)nowhere = 1;
    return TRUE;
}

static gboolean deed_sleep(MgkJob *job, GError **error)
{
    char byte;
    (void)job, (void)error;
    return read(MGK_FD_CONTROL, &byte, 1) > 0;
}

static gboolean deed_spin(MgkJob *job, GError **error)
{
    (void)job, (void)error;
    volatile gboolean on = TRUE;
    while (on) {
    }
    return TRUE;
}

static gboolean deed_memory(MgkJob *job, GError **error)
{
    (void)job, (void)error;
    for (guint i = 0; i < 100; i++) {
        char *block = malloc(64 << 20); /* never NULL: the worker ends first */
        memset(block, 1, 64 << 20);
    }
    return TRUE;
}

static gboolean deed_flood(MgkJob *job, GError **error)
{
    static char block[1 << 20];
    for (;;) {
        if (!job->write(job, block, sizeof block, error))
            return FALSE;
    }
}

static gboolean deed_flood_raw(MgkJob *job, GError **error)
{
    static char block[1 << 20];
    (void)job, (void)error;
    while (write(MGK_FD_OUTPUT, block, sizeof block) > 0) {
    }
    return fail_with(error, MGK_ERROR_IO);
}

static gboolean deed_chatter(MgkJob *job, GError **error)
{
    (void)job, (void)error;
    for (guint i = 0; i < 100000000; i++) {
        MgkMessage m = message(MGK_MESSAGE_FINDING);
        say_raw(&m, sizeof m);
    }
    return TRUE;
}

static gboolean deed_garbage(MgkJob *job, GError **error)
{
    char block[sizeof(MgkMessage)];
    (void)job, (void)error;
    memset(block, 0xa5, sizeof block);
    say_raw(block, sizeof block);
    return deed_good(job, error);
}

static gboolean deed_short(MgkJob *job, GError **error)
{
    MgkMessage m = message(MGK_MESSAGE_DONE);
    say_raw(&m, 12);
    return deed_good(job, error);
}

static gboolean deed_long(MgkJob *job, GError **error)
{
    char block[sizeof(MgkMessage) + 8] = {0};
    MgkMessage m = message(MGK_MESSAGE_OMITTED);
    memcpy(block, &m, sizeof m);
    say_raw(block, sizeof block);
    return deed_good(job, error);
}

static gboolean deed_bad_kind(MgkJob *job, GError **error)
{
    MgkMessage m = message(MGK_MESSAGE_FINDING);
    m.a = MGK_N_KINDS;
    say_raw(&m, sizeof m);
    return deed_good(job, error);
}

static gboolean deed_bad_text(MgkJob *job, GError **error)
{
    MgkMessage m = message(MGK_MESSAGE_FINDING);
    memset(m.text, 'x', sizeof m.text);
    say_raw(&m, sizeof m);
    return deed_good(job, error);
}

static gboolean deed_bad_verdict(MgkJob *job, GError **error)
{
    job->outcome.verdict = (MgkVerdict)77;
    return deed_good(job, error);
}

static gboolean deed_bad_extension(MgkJob *job, GError **error)
{
    job->outcome.extension = 4711;
    return deed_good(job, error);
}

static gboolean deed_bad_format(MgkJob *job, GError **error)
{
    job->outcome.format = (MgkFormatId)(MGK_N_FORMATS + 5);
    return deed_good(job, error);
}

static gboolean deed_twice(MgkJob *job, GError **error)
{
    MgkMessage m = message(MGK_MESSAGE_DONE);
    m.c = MGK_FORMAT_ID_text;
    m.n = 6;
    if (!deed_good(job, error))
        return FALSE;
    say_raw(&m, sizeof m);
    return TRUE;
}

static gboolean deed_lie_size(MgkJob *job, GError **error)
{
    if (write(MGK_FD_OUTPUT, "unaccounted", 11) < 0)
        return fail_with(error, MGK_ERROR_IO);
    return deed_good(job, error);
}

static gboolean deed_nothing(MgkJob *job, GError **error)
{
    (void)job, (void)error;
    return TRUE;
}

static gboolean deed_exit_early(MgkJob *job, GError **error)
{
    deed_good(job, error);
    _exit(0);
}

static gboolean deed_open(MgkJob *job, GError **error)
{
    if (open("/etc/passwd", O_RDONLY) >= 0)
        return deed_good(job, error); /* a hole: the test sees it cross */
    return fail_with(error, MGK_ERROR_FAILED);
}

static gboolean deed_syscall(MgkJob *job, GError **error)
{
    return getppid() > 0 ? deed_good(job, error) : fail_with(error, MGK_ERROR_FAILED);
}

static gboolean ask(MgkJob *job, const char *text, GError **error)
{
    MgkAsk request = {.name = "child.txt",
                      .declared = "",
                      .role = MGK_ROLE_MEMBER,
                      .want = MGK_FORMAT_ID_NONE,
                      .data = (const guint8 *)text,
                      .size = strlen(text)};
    g_auto(MgkAnswer) answer = {0};
    if (!job->ask_child(job, &request, &answer, error))
        return FALSE;
    g_autofree char *line =
        g_strdup_printf("%s %s %s\n", mgk_verdict_name(answer.verdict), mgk_reason_name(answer.reason), answer.name);
    if (!job->write(job, line, strlen(line), error))
        return FALSE;
    gsize size = 0;
    const char *bytes = answer.output ? g_bytes_get_data(answer.output, &size) : "";
    return job->write(job, bytes, size, error);
}

static gboolean deed_ask(MgkJob *job, GError **error)
{
    return ask(job, "good\n", error) && ask(job, "crash\n", error) && ask(job, "good\n", error);
}

static gboolean deed_nest(MgkJob *job, GError **error)
{
    return ask(job, "nest\n", error);
}

static gboolean deed_echo(MgkJob *job, GError **error)
{
    return job->write(job, job->data, job->size, error);
}

/* A child too large for memory storage: its input and its output lie on disk, the answer in memory. */
static gboolean deed_ask_large(MgkJob *job, GError **error)
{
    gsize size = (64u << 20) + 4711;
    g_autofree guint8 *data = g_malloc(size);
    for (gsize i = 0; i < size; i++)
        data[i] = (guint8)(i * 7 + (i >> 16));
    memcpy(data, "echo\n", 5);
    MgkAsk request = {.name = "large.txt",
                      .declared = "",
                      .role = MGK_ROLE_MEMBER,
                      .want = MGK_FORMAT_ID_NONE,
                      .data = data,
                      .size = size};
    g_auto(MgkAnswer) answer = {0};
    if (!job->ask_child(job, &request, &answer, error))
        return FALSE;
    gboolean same = answer.output && g_bytes_get_size(answer.output) == size &&
                    memcmp(g_bytes_get_data(answer.output, NULL), data, size) == 0;
    return job->write(job, same ? "same\n" : "differs\n", same ? 5 : 8, error);
}

static gboolean deed_ask_bad_role(MgkJob *job, GError **error)
{
    MgkMessage m = message(MGK_MESSAGE_ASK);
    m.a = MGK_ROLE_TOP;
    say_raw(&m, sizeof m);
    return deed_good(job, error);
}

static gboolean deed_ask_lie(MgkJob *job, GError **error)
{
    MgkMessage m = message(MGK_MESSAGE_ASK);
    m.a = MGK_ROLE_MEMBER;
    m.b = MGK_FORMAT_ID_NONE;
    m.n = G_MAXUINT64;
    say_raw(&m, sizeof m);
    return deed_good(job, error);
}

/* Asks and asks and reads no answer: whoever waits for room to answer waits for ever. */
static gboolean deed_ask_unheard(MgkJob *job, GError **error)
{
    MgkMessage m = message(MGK_MESSAGE_ASK);
    m.a = MGK_ROLE_MEMBER;
    m.b = MGK_FORMAT_ID_NONE;
    m.c = MGK_REASON_ENCRYPTED; /* so that no worker need be started */
    for (guint i = 0; i < 5000; i++)
        say_raw(&m, sizeof m);
    return deed_good(job, error);
}

/* Only a light worker may hand a job over. */
static gboolean deed_elsewhere(MgkJob *job, GError **error)
{
    (void)job, (void)error;
    MgkMessage m = message(MGK_MESSAGE_ELSEWHERE);
    say_raw(&m, sizeof m);
    _exit(0);
}

/* Every DETECTED of a PDF starts a walker. */
static gboolean deed_detect_twice(MgkJob *job, GError **error)
{
    MgkMessage m = message(MGK_MESSAGE_DETECTED);
    m.a = MGK_FORMAT_ID_pdf;
    for (guint i = 0; i < 50; i++)
        say_raw(&m, sizeof m);
    return deed_good(job, error);
}

static gboolean deed_omit(MgkJob *job, GError **error)
{
    MgkMessage m = message(MGK_MESSAGE_OMITTED);
    m.n = G_MAXUINT64;
    for (guint i = 0; i < 3; i++)
        say_raw(&m, sizeof m);
    return deed_good(job, error);
}

static pid_t zygote; /* known to its children */

/* The zygote, like the caller, runs as the same user; abort() needs this call, but for oneself only. */
static gboolean deed_abort_zygote(MgkJob *job, GError **error)
{
    (void)job;
    syscall(SYS_tgkill, zygote, zygote, SIGABRT);
    return fail_with(error, MGK_ERROR_FAILED);
}

static gboolean deed_abort(MgkJob *job, GError **error)
{
    (void)job, (void)error;
    abort();
}

static gboolean deed_pixels(MgkJob *job, GError **error)
{
    return job->send(job, 1, "pixels\n", 7, error);
}

static gboolean deed_pixels_crash(MgkJob *job, GError **error)
{
    return job->send(job, 2, "crash", 5, error) && deed_sleep(job, error);
}

static gboolean deed_pixels_huge(MgkJob *job, GError **error)
{
    MgkRecordHeader header = {.magic = MGK_WIRE_MAGIC, .type = 1, .size = G_MAXUINT64};
    if (!job->send(job, 1, "x", 1, error) || write(MGK_FD_PIXELS_OUT, &header, sizeof header) < 0)
        return FALSE;
    return TRUE;
}

static gboolean deed_spread(MgkJob *job, GError **error)
{
    guint stride = job->spread(job, 16);
    for (guint i = job->first; i < 16; i += stride) {
        char page[16];
        g_snprintf(page, sizeof page, "%u/%u ", i, stride);
        if (!job->send(job, 1 | MGK_RECORD_TURN, page, strlen(page), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean deed_spread_crash(MgkJob *job, GError **error)
{
    guint stride = job->spread(job, 16);
    if (job->first == 1)
        abort();
    (void)stride;
    return job->send(job, 1 | MGK_RECORD_TURN, "page", 4, error);
}

typedef struct Deed {
    const char *name;
    gboolean (*act)(MgkJob *, GError **);
} Deed;

static const Deed deeds[] = {
    {"good", deed_good},
    {"crash", deed_crash},
    {"sleep", deed_sleep},
    {"spin", deed_spin},
    {"memory", deed_memory},
    {"flood", deed_flood},
    {"flood-raw", deed_flood_raw},
    {"chatter", deed_chatter},
    {"garbage", deed_garbage},
    {"short", deed_short},
    {"long", deed_long},
    {"bad-kind", deed_bad_kind},
    {"bad-text", deed_bad_text},
    {"bad-verdict", deed_bad_verdict},
    {"bad-extension", deed_bad_extension},
    {"bad-format", deed_bad_format},
    {"twice", deed_twice},
    {"lie-size", deed_lie_size},
    {"nothing", deed_nothing},
    {"exit-early", deed_exit_early},
    {"open", deed_open},
    {"syscall", deed_syscall},
    {"ask", deed_ask},
    {"nest", deed_nest},
    {"echo", deed_echo},
    {"ask-large", deed_ask_large},
    {"ask-bad-role", deed_ask_bad_role},
    {"ask-lie", deed_ask_lie},
    {"ask-unheard", deed_ask_unheard},
    {"detect-twice", deed_detect_twice},
    {"elsewhere", deed_elsewhere},
    {"walk-elsewhere", deed_elsewhere},
    {"walk-soil", deed_good},
    {"omit", deed_omit},
    {"abort-zygote", deed_abort_zygote},
    {"abort", deed_abort},
    {"pixels", deed_pixels},
    {"pixels-crash", deed_pixels_crash},
    {"pixels-huge", deed_pixels_huge},
    {"spread", deed_spread},
    {"spread-crash", deed_spread_crash},
    {"walk-well", deed_good},
    {"walk-crash", deed_sleep},
    {"walk-memory", deed_sleep},
    {"walk-syscall", deed_sleep},
    {"walk-garbage", deed_sleep},
    {"walk-fail", deed_good},
    {"walk-hold", deed_good},
    {"walk-sleep", deed_good},
};

/* What the walker does while the main worker does the deed of the same name. */
static gboolean walk_hold(MgkJob *job, GError **error)
{
    (void)error;
    return mgk_job_hold(job, MGK_REASON_ENCRYPTED, "walker");
}

static gboolean walk_fail(MgkJob *job, GError **error)
{
    (void)job;
    return fail_with(error, MGK_ERROR_MALFORMED);
}

static const Deed walks[] = {
    {"walk-elsewhere", deed_sleep}, {"walk-soil", deed_nothing},  {"walk-well", deed_nothing},
    {"walk-crash", deed_crash},     {"walk-memory", deed_memory}, {"walk-syscall", deed_syscall},
    {"walk-garbage", deed_garbage}, {"walk-fail", walk_fail},     {"walk-hold", walk_hold},
    {"walk-sleep", deed_sleep},
};

static gboolean act(const Deed *table, guint n_table, MgkJob *job, GError **error)
{
    for (guint i = 0; i < n_table; i++) {
        gsize n = strlen(table[i].name);
        if (job->size > n && memcmp(job->data, table[i].name, n) == 0 && job->data[n] == '\n')
            return table[i].act(job, error);
    }
    return fail_with(error, MGK_ERROR_UNSUPPORTED);
}

static gboolean evil_clean(MgkJob *job, GError **error)
{
    return act(deeds, G_N_ELEMENTS(deeds), job, error);
}

static gboolean evil_walk(MgkJob *job, GError **error)
{
    return act(walks, G_N_ELEMENTS(walks), job, error);
}

static gboolean evil_encode(MgkJob *job, GError **error)
{
    for (;;) {
        guint32 type;
        gsize size;
        guint8 *data;
        if (!job->receive(job, 100, &type, &data, &size, error))
            return FALSE;
        g_autofree guint8 *owned = data;
        if (type == 0)
            return TRUE;
        if (type == 2)
            abort();
        if (!job->write(job, data, size, error))
            return FALSE;
    }
}

static gboolean evil_check(MgkJob *job, GError **error)
{
    if (job->size >= 4 && memcmp(job->data, "evil", 4) == 0)
        return fail_with(error, MGK_ERROR_MALFORMED);
    return TRUE;
}

static const MgkHandler evil = {.clean = evil_clean, .walk = evil_walk, .encode = evil_encode, .check = evil_check};

/* ---- in place of the real formats and engines ---- */

const MgkHandler *mgk_formats_handler(MgkFormatId id)
{
    (void)id;
    return &evil;
}

MgkFormatId mgk_detect(const guint8 *data, gsize size, const char *name, char **ret_media_type)
{
    (void)name;
    *ret_media_type = g_strdup("application/evil");
    if (size > 9 && memcmp(data, "walk-soil", 9) == 0 && write(MGK_FD_OUTPUT, "evil\n", 5) < 0)
        abort();
    return size > 5 && memcmp(data, "walk-", 5) == 0 ? MGK_FORMAT_ID_pdf : MGK_FORMAT_ID_text;
}

gboolean mgk_detect_apply_name(MgkJob *job, const char *declared)
{
    (void)job, (void)declared;
    return TRUE;
}

gboolean mgk_formats_warm(GError **error)
{
    (void)error;
    zygote = getpid();
    return TRUE;
}

void mgk_engines_warm(void) {}

char *mgk_engines_libraries(void)
{
    return g_strdup("evil 1.0");
}
