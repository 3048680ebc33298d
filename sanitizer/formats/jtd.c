/* jtd.c - JustSystems 一太郎 8 and later (.jtd, .jtt): a compound file whose stream DocumentText has the text. There is
 * no public specification; what is used here is what people found in files: "SsmgV.01" at 0, "TextV.01" at 20, the
 * number of code units at 28 (big-endian), then UTF-16BE. In it a record begins with 001C, its type and its length in
 * units, and ends with 001F; records of type 1 enclose text between 001D and 001E: shown (the base of a ruby, a
 * placeholder) or beside it (a reading, an instruction of the template).
 *
 * The document itself cannot be made safe, so it is held, but in the profile text its text crosses: kept are the body,
 * line and page ends, tabs, and readings in parentheses; gone is all else, macros and embedded files included. Output:
 * UTF-8 with byte order mark, CRLF, .txt. Held: what has no DocumentText (compressed templates .jttc), and documents
 * without text. Limits known: text in boxes, notes, headers and footers is kept in other streams and is missing; tables
 * become lines. */
#include "checks/text.h"
#include "engines/cfb_peek.h"
#include "engines/cfb_read.h"
#include "engines/text_out.h"
#include "formats/formats.h"

#include <string.h>

#define HEAD_BYTES 32
#define TEXT_AT 20
#define INLINE_UNITS 4096 /* the longest text inside a record */
#define RECORD_UNITS 65535

enum {
    TAB = 0x09,
    LINE = 0x0a,
    PAGE = 0x0c,
    RETURN = 0x0d,
    ROW = 0x0e,
    RECORD = 0x1c,
    OPEN = 0x1d,
    CLOSE = 0x1e,
    END = 0x1f
};

typedef struct Units {
    const guint8 *data; /* borrowed */
    gsize n, at;
    MgkTextOut *out; /* borrowed */
} Units;

static guint unit(const Units *u, gsize index)
{
    return index < u->n ? (guint)u->data[2 * index] << 8 | u->data[2 * index + 1] : 0;
}

/* One character at u->at, which moves behind it. Halves of surrogate pairs and characters that nobody has become
 * U+FFFD. */
static void put_character(Units *u)
{
    guint c = unit(u, u->at++);
    gunichar code = c;
    if (c >= 0xd800 && c <= 0xdfff) {
        guint low = unit(u, u->at);
        gboolean pair = c <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
        code = pair ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
        u->at += pair;
    }
    char utf8[6];
    mgk_text_out_add(u->out, utf8, g_unichar_to_utf8(code, utf8));
}

static gboolean is_control(guint c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xfffe || c == 0xffff;
}

/* A record of type 1 at u->at: 001C 0001 0007 0000 beside kind 001D text 001E, and 0005 0000 0001 001F. FALSE when it
 * does not have this shape. */
static gboolean take_inline(Units *u)
{
    enum { BESIDE = 4, KIND = 5, START = 6, READING = 0x82, TAIL = 5 };
    gsize start = u->at + START + 1, end = start;
    if (unit(u, u->at + 1) != 1 || unit(u, u->at + 2) != START + 1 || unit(u, u->at + START) != OPEN)
        return FALSE;
    while (end < u->n && end - start < INLINE_UNITS && unit(u, end) != CLOSE)
        end++;
    if (unit(u, end) != CLOSE)
        return FALSE;
    gboolean shown = unit(u, u->at + BESIDE) == 0, reading = !shown && unit(u, u->at + KIND) == READING;
    if (reading)
        mgk_text_out_add(u->out, "(", 1);
    for (u->at = start; (shown || reading) && u->at < end;) {
        if (is_control(unit(u, u->at)))
            u->at++;
        else
            put_character(u);
    }
    if (reading)
        mgk_text_out_add(u->out, ")", 1);
    gboolean tail = unit(u, end + TAIL - 1) == END;
    u->at = end + (tail ? TAIL : 1);
    return TRUE;
}

/* At 001C: the record, by its own length where its end confirms it; else only its mark. */
static void take_record(Units *u)
{
    guint length = unit(u, u->at + 2);
    if (take_inline(u))
        return;
    gboolean sound = length >= 4 && length <= u->n - u->at && unit(u, u->at + length - 1) == END;
    u->at += sound ? length : 1;
}

static void take_control(Units *u)
{
    switch (unit(u, u->at)) {
    case RECORD:
        take_record(u);
        return;
    case TAB:
        mgk_text_out_add(u->out, "\t", 1);
        break;
    case LINE:
        mgk_text_out_newline(u->out);
        break;
    case RETURN:
        if (unit(u, u->at + 1) != LINE)
            mgk_text_out_newline(u->out);
        break;
    case PAGE:
    case ROW:
        mgk_text_out_break(u->out);
        break;
    default:
        break;
    }
    u->at++;
}

static guint probe(const MgkProbe *probe)
{
    g_autoptr(MgkCfbPeek) peek = mgk_cfb_peek_open(probe->data, probe->size);
    return peek && (mgk_cfb_peek_has(peek, "DocumentText") ||
                    mgk_cfb_peek_has_anywhere(peek, "JSRV_SegmentInformation") ||
                    mgk_cfb_peek_has_prefix(peek, "JSRV_"))
               ? 94
               : 0;
}

/* The stream's text; FALSE when it is none. */
static gboolean open_text(const guint8 *stream, gsize size, Units *ret_units)
{
    if (size < HEAD_BYTES || memcmp(stream, "SsmgV.01", 8) != 0 || memcmp(stream + TEXT_AT, "TextV.01", 8) != 0)
        return FALSE;
    const guint8 *p = stream + HEAD_BYTES - 4;
    guint64 untrusted_units = (guint64)p[0] << 24 | (guint64)p[1] << 16 | (guint64)p[2] << 8 | p[3];
    *ret_units = (Units){.data = stream + HEAD_BYTES, .n = (gsize)MIN(untrusted_units, (size - HEAD_BYTES) / 2)};
    return TRUE;
}

static gboolean write_text(MgkJob *job, Units *units, GError **error)
{
    g_autoptr(MgkTextOut) out = mgk_text_out_new(job);
    units->out = out;
    while (units->at < units->n) {
        if (is_control(unit(units, units->at)))
            take_control(units);
        else
            put_character(units);
    }
    job->outcome.format = MGK_FORMAT_ID_text;
    job->outcome.verdict = MGK_VERDICT_CONVERTED;
    return mgk_text_out_finish(out, error);
}

static gboolean clean(MgkJob *job, GError **error)
{
    if (job->policy->profile != MGK_PROFILE_TEXT || job->role == MGK_ROLE_PART)
        return mgk_job_hold(job, MGK_REASON_ASK_FOR_PDF, "Ichitaro");
    g_autoptr(GError) local = NULL;
    g_autoptr(MgkCfb) cfb = mgk_cfb_open(job->data, job->size, &local);
    gint index = cfb ? mgk_cfb_find(cfb, "DocumentText") : -1;
    if (index < 0)
        return mgk_job_hold(job, cfb ? MGK_REASON_NO_TEXT : MGK_REASON_MALFORMED,
                            cfb ? "no DocumentText" : local->message);
    gsize size = 0;
    g_autofree guint8 *stream = mgk_cfb_read(cfb, (guint)index, &size);
    Units units = {.n = 0};
    if (!open_text(stream, size, &units))
        return mgk_job_hold(job, MGK_REASON_NO_TEXT, "a DocumentText of another version");
    return write_text(job, &units, error);
}

const MgkHandler mgk_format_jtd = {.probe = probe, .clean = clean, .check = mgk_check_text};
