#include "engines/text_out.h"

#include "engines/text_tidy.h"

#include <string.h>

#define FLUSH_BYTES (64u << 10)

struct MgkTextOut {
    MgkJob *job;      /* borrowed */
    GString *line;    /* owned; as it came */
    GString *ready;   /* owned; finished lines */
    gboolean started; /* a line was written */
    gboolean blank;   /* an empty line is due before the next one */
    GError *error;    /* owned; the first failure of write */
};

MgkTextOut *mgk_text_out_new(MgkJob *job)
{
    MgkTextOut *out = g_new0(MgkTextOut, 1);
    *out = (MgkTextOut){.job = job, .line = g_string_new(NULL), .ready = g_string_new(NULL)};
    return out;
}

void mgk_text_out_free(MgkTextOut *out)
{
    if (!out)
        return;
    g_string_free(out->line, TRUE);
    g_string_free(out->ready, TRUE);
    g_clear_error(&out->error);
    g_free(out);
}

static void flush(MgkTextOut *out, gsize keep)
{
    if (out->ready->len <= keep)
        return;
    if (!out->error)
        (void)out->job->write(out->job, out->ready->str, out->ready->len, &out->error);
    g_string_truncate(out->ready, 0);
}

/* Leaves out what text.c would leave out of a text file. */
static void tidy(GString *line)
{
    g_autoptr(GString) kept = g_string_sized_new(line->len);
    mgk_text_tidy_append(kept, line->str, line->len, NULL);
    gsize length = kept->len;
    while (length > 0 && (kept->str[length - 1] == ' ' || kept->str[length - 1] == '\t'))
        length--;
    g_string_truncate(line, 0);
    g_string_append_len(line, kept->str, (gssize)length);
}

void mgk_text_out_newline(MgkTextOut *out)
{
    tidy(out->line);
    if (out->line->len == 0) {
        out->blank = out->started;
        return;
    }
    g_string_append(out->ready, out->started ? out->blank ? "\r\n" : "" : "\xef\xbb\xbf");
    g_string_append_len(out->ready, out->line->str, (gssize)out->line->len);
    g_string_append(out->ready, "\r\n");
    g_string_truncate(out->line, 0);
    out->started = TRUE;
    out->blank = FALSE;
    flush(out, FLUSH_BYTES);
}

void mgk_text_out_add(MgkTextOut *out, const char *text, gssize size)
{
    const char *end = text + (size < 0 ? (gssize)strlen(text) : size);
    while (text < end) {
        const char *stop = text;
        while (stop < end && *stop != '\n' && *stop != '\f' && *stop != '\v')
            stop++;
        g_string_append_len(out->line, text, stop - text);
        if (stop < end)
            mgk_text_out_newline(out);
        text = stop + 1;
    }
}

gboolean mgk_text_out_at_start(const MgkTextOut *out)
{
    return out->line->len == 0;
}

void mgk_text_out_break(MgkTextOut *out)
{
    if (out->line->len > 0)
        mgk_text_out_newline(out);
}

void mgk_text_out_gap(MgkTextOut *out)
{
    mgk_text_out_break(out);
    out->blank = out->started;
}

gboolean mgk_text_out_finish(MgkTextOut *out, GError **error)
{
    mgk_text_out_break(out);
    flush(out, 0);
    if (out->error)
        g_propagate_error(error, g_steal_pointer(&out->error));
    else
        return TRUE;
    return FALSE;
}
