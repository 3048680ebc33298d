#include "isolation/port.h"

#include "engines/detect.h"
#include "formats/formats.h"
#include "io/descriptor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

typedef struct Port {
    GHashTable *findings; /* owned; MgkMessage* → itself, counted in message->c */
    guint64 omitted;
    guint64 written;
    gboolean pixels_started;
    guint turn, streams; /* encoder: whose record is next, of how many decoders */
    gboolean light;      /* pages and pictures are for another worker */
} Port;

/* A worker that cannot talk to its broker has nobody to work for. */
static void die_unheard(void)
{
    _exit(MGK_EXIT_PROTOCOL);
}

static void say(MgkMessage *message)
{
    message->magic = MGK_WIRE_MAGIC;
    if (!mgk_fd_write_all(MGK_FD_CONTROL, message, sizeof *message))
        die_unheard();
}

/* ---- MgkJob's functions ---- */

static gboolean port_write(MgkJob *job, const void *data, gsize size, GError **error)
{
    Port *port = job->priv;
    if (size > job->policy->limits.output_bytes - port->written) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "output_bytes: the result would be too large");
        return FALSE;
    }
    if (!mgk_fd_write_all(MGK_FD_OUTPUT, data, size)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "cannot write the result: %s", g_strerror(errno));
        return FALSE;
    }
    port->written += size;
    return TRUE;
}

static gboolean port_send(MgkJob *job, guint32 type, const void *data, gsize size, GError **error)
{
    Port *port = job->priv;
    if (!port->pixels_started) {
        MgkMessage message = {.type = MGK_MESSAGE_PIXELS, .a = job->outcome.format};
        say(&message);
        port->pixels_started = TRUE;
    }
    MgkRecordHeader header = {.magic = MGK_WIRE_MAGIC, .type = type, .size = size};
    if (!mgk_fd_write_all(MGK_FD_PIXELS_OUT, &header, sizeof header) ||
        !mgk_fd_write_all(MGK_FD_PIXELS_OUT, data, size)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_SANDBOX, "the encoder is gone");
        return FALSE;
    }
    return TRUE;
}

/* Reads a header from the decoder whose turn it is; FALSE in *ret_more at the orderly end of all streams. A stream that
 * has ended loses its turns. */
static gboolean read_header(Port *port, MgkRecordHeader *header, gboolean *ret_more, GError **error)
{
    gssize n = 0;
    for (guint tried = 0; n == 0 && tried < port->streams; tried++) {
        port->turn = tried ? (port->turn + 1) % port->streams : port->turn;
        n = mgk_fd_read((int)(MGK_FD_PIXELS_IN + port->turn), header, 1);
    }
    *ret_more = n != 0;
    if (n == 0)
        return TRUE;
    if (n < 0 || !mgk_fd_read_all((int)(MGK_FD_PIXELS_IN + port->turn), (guint8 *)header + 1, sizeof *header - 1) ||
        header->magic != MGK_WIRE_MAGIC || (header->type & ~MGK_RECORD_TURN) == 0) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_SANDBOX, "broken record stream");
        return FALSE;
    }
    return TRUE;
}

static gboolean port_receive(MgkJob *job, gsize max, guint32 *ret_type, guint8 **ret_data, gsize *ret_size,
                             GError **error)
{
    Port *port = job->priv;
    MgkRecordHeader header;
    gboolean more;
    if (!read_header(port, &header, &more, error))
        return FALSE;
    if (!more) {
        *ret_type = 0;
        *ret_data = NULL;
        *ret_size = 0;
        return TRUE;
    }
    if (header.size > max) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "record of %" G_GUINT64_FORMAT " bytes", header.size);
        return FALSE;
    }
    g_autofree guint8 *data = header.size ? g_malloc(header.size) : NULL;
    if (!mgk_fd_read_all((int)(MGK_FD_PIXELS_IN + port->turn), data, header.size)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_SANDBOX, "record stream ends early");
        return FALSE;
    }
    *ret_type = header.type & ~MGK_RECORD_TURN;
    if (header.type & MGK_RECORD_TURN)
        port->turn = (port->turn + 1) % port->streams;
    *ret_data = g_steal_pointer(&data);
    *ret_size = header.size;
    return TRUE;
}

static gboolean read_answer_bytes(gsize size, GBytes **ret_bytes, GError **error)
{
    g_autofree guint8 *data = g_malloc(MAX(size, 1));
    for (gsize done = 0; done < size;) {
        gssize n = mgk_fd_read_at(MGK_FD_ANSWER, data + done, size - done, done);
        if (n <= 0) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_SANDBOX, "answer ends early");
            return FALSE;
        }
        done += (gsize)n;
    }
    *ret_bytes = g_bytes_new_take(g_steal_pointer(&data), size);
    return TRUE;
}

static void hear_answer(MgkMessage *answer)
{
    gssize n = mgk_fd_read(MGK_FD_CONTROL, answer, sizeof *answer);
    if (!mgk_wire_message_valid(answer, n) || answer->type != MGK_MESSAGE_ANSWER)
        die_unheard();
}

static guint port_spread(MgkJob *job, guint pages)
{
    Port *port = job->priv;
    if (job->first > 0 || port->pixels_started)
        return job->stride;
    MgkMessage message = {.type = MGK_MESSAGE_SPREAD, .n = pages};
    say(&message);
    MgkMessage answer;
    hear_answer(&answer);
    job->stride = (guint)CLAMP(answer.n, 1, MGK_MAX_DECODERS);
    return job->stride;
}

static gboolean port_ask(MgkJob *job, const MgkAsk *ask, MgkAnswer *ret_answer, GError **error)
{
    (void)job;
    if (!mgk_fd_write_all(MGK_FD_ASK, ask->data, ask->size)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "cannot pass on a part: %s", g_strerror(errno));
        return FALSE;
    }
    MgkMessage message = {.type = MGK_MESSAGE_ASK, .a = ask->role, .b = ask->want, .c = ask->refuse, .n = ask->size};
    mgk_wire_set_text(message.text, ask->name);
    mgk_wire_set_text(message.text2, ask->declared);
    say(&message);
    MgkMessage answer;
    hear_answer(&answer);
    *ret_answer =
        (MgkAnswer){.verdict = (MgkVerdict)answer.a, .reason = (MgkReason)answer.b, .format = (MgkFormatId)answer.c};
    g_strlcpy(ret_answer->name, answer.text, sizeof ret_answer->name);
    return !answer.d || read_answer_bytes(answer.n, &ret_answer->output, error);
}

/* ---- findings: equal ones are counted here, so that a million links are one message ---- */

static guint finding_hash(gconstpointer key)
{
    const MgkMessage *m = key;
    return g_str_hash(m->text) * 31u + g_str_hash(m->text2) * 7u + m->a * 5u + m->b;
}

static gboolean finding_equal(gconstpointer a, gconstpointer b)
{
    const MgkMessage *x = a, *y = b;
    return x->a == y->a && x->b == y->b && !strcmp(x->text, y->text) && !strcmp(x->text2, y->text2);
}

static void port_find(MgkJob *job, MgkKind kind, MgkAction action, const char *where, const char *detail)
{
    Port *port = job->priv;
    MgkMessage message = {.type = MGK_MESSAGE_FINDING, .a = kind, .b = action, .c = 1};
    mgk_wire_set_text(message.text, where);
    mgk_wire_set_text(message.text2, detail);
    MgkMessage *known = g_hash_table_lookup(port->findings, &message);
    if (known)
        known->c += known->c < G_MAXUINT32;
    else if (g_hash_table_size(port->findings) < job->policy->limits.findings)
        g_hash_table_add(port->findings, g_memdup2(&message, sizeof message));
    else
        port->omitted++;
}

static void flush_findings(Port *port)
{
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, port->findings);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        say(key);
    if (port->omitted) {
        MgkMessage message = {.type = MGK_MESSAGE_OMITTED, .n = port->omitted};
        say(&message);
    }
}

/* ---- the job ---- */

void mgk_port_open(MgkJob *job, const MgkRequest *request, const guint8 *data)
{
    static Port port;
    port = (Port){.findings = g_hash_table_new_full(finding_hash, finding_equal, g_free, NULL),
                  .streams = CLAMP(request->streams, 1, MGK_MAX_DECODERS),
                  .light = request->light != 0};
    *job = (MgkJob){.data = data,
                    .size = request->input_size,
                    .name = request->name,
                    .password = request->has_password ? request->password : NULL,
                    .policy = &request->policy,
                    .depth = request->depth,
                    .role = (MgkRole)request->role,
                    .format = (MgkFormatId)request->format,
                    .want = (MgkFormatId)request->want,
                    .first = request->first,
                    .stride = MAX(request->stride, 1),
                    .outcome = {.verdict = MGK_VERDICT_CLEANED, .format = (MgkFormatId)request->format},
                    .write = port_write,
                    .ask_child = port_ask,
                    .send = port_send,
                    .spread = port_spread,
                    .receive = port_receive,
                    .find = port_find,
                    .priv = &port};
}

static gboolean hold_without_handler(MgkJob *job)
{
    const MgkFormatInfo *info = mgk_format_info(job->format);
    if (info->flags & MGK_FORMAT_NEVER)
        return mgk_job_block(job, MGK_REASON_EXECUTABLE, info->id);
    return mgk_job_hold(job, MGK_REASON_UNSUPPORTED_FORMAT, info->id);
}

/* FALSE: it crosses no further, see the outcome. */
static gboolean detect(MgkJob *job)
{
    g_autofree char *media_type = NULL;
    job->format = job->size ? mgk_detect(job->data, job->size, job->name, &media_type) : MGK_FORMAT_ID_NONE;
    job->outcome.format = job->format;
    MgkMessage message = {.type = MGK_MESSAGE_DETECTED, .a = job->format};
    mgk_wire_set_text(message.text, media_type);
    say(&message);
    if (job->size > 0)
        return mgk_detect_apply_name(job, NULL);
    mgk_job_hold(job, MGK_REASON_EMPTY, "");
    return FALSE;
}

gboolean mgk_port_detect_and_clean(MgkJob *job, gboolean *ret_here, GError **error)
{
    const Port *port = job->priv;
    *ret_here = TRUE;
    if (job->format == MGK_FORMAT_ID_NONE && !detect(job))
        return TRUE;
    if (job->format == MGK_FORMAT_ID_NONE)
        return mgk_job_hold(job, MGK_REASON_UNKNOWN_FORMAT, "");
    *ret_here = !(port->light && (mgk_format_info(job->format)->flags & MGK_FORMAT_PIXELS));
    if (!*ret_here)
        return TRUE;
    const MgkHandler *handler = mgk_formats_handler(job->format);
    return handler->clean ? handler->clean(job, error) : hold_without_handler(job);
}

void mgk_port_hand_over(MgkJob *job)
{
    flush_findings(job->priv);
    MgkMessage message = {.type = MGK_MESSAGE_ELSEWHERE};
    say(&message);
}

void mgk_port_say_allowed(MgkJob *job, gboolean allowed)
{
    (void)job;
    MgkMessage message = {.type = MGK_MESSAGE_TEXT, .a = allowed};
    say(&message);
}

void mgk_port_say_text(MgkJob *job, const char *text)
{
    (void)job;
    MgkMessage message = {.type = MGK_MESSAGE_TEXT};
    mgk_wire_set_text(message.text, text);
    say(&message);
}

void mgk_port_conclude(MgkJob *job, gboolean ok, const GError *error)
{
    Port *port = job->priv;
    flush_findings(port);
    MgkMessage message = {.type = MGK_MESSAGE_DONE};
    if (ok) {
        message.a = job->outcome.verdict;
        message.b = job->outcome.reason;
        message.c = job->outcome.format;
        message.d = job->outcome.extension;
        message.n = port->written;
        mgk_wire_set_text(message.text, job->outcome.detail);
    } else {
        message.type = MGK_MESSAGE_FAILED;
        message.a = error && error->domain == MGK_ERROR ? (guint32)error->code : MGK_ERROR_FAILED;
        mgk_wire_set_text(message.text, error ? error->message : "no reason given");
    }
    say(&message);
}
