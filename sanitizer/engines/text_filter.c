#include "engines/text_filter.h"

#include <string.h>

#define SAMPLE_BYTES (32 * 1024)
#define GLANCE_BYTES 4096
#define WRITE_BYTES (1024 * 1024)
#define SEQUENCE_CHARS 4096 /* longer escape sequences lose their ESC only */

typedef struct Range {
    gunichar first, last;
} Range;

static const Range bidi[] = {{0x061c, 0x061c}, {0x200e, 0x200f}, {0x202a, 0x202e}, {0x2066, 0x2069}};
static const Range invisible[] = {{0x00ad, 0x00ad},   {0x034f, 0x034f},  {0x115f, 0x1160}, {0x17b4, 0x17b5},
                                  {0x180b, 0x180f},   {0x200b, 0x200d},  {0x2060, 0x2065}, {0x206a, 0x206f},
                                  {0x3164, 0x3164},   {0xfeff, 0xfeff},  {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
                                  {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}};
static const Range selectors[] = {{0xfe00, 0xfe0f}, {0xe0100, 0xe01ef}};
static const Range emoji[] = {{0x00a9, 0x00ae}, {0x203c, 0x2049},   {0x2122, 0x2139}, {0x2190, 0x21ff},
                              {0x2300, 0x23ff}, {0x2460, 0x24ff},   {0x25a0, 0x27bf}, {0x2900, 0x297f},
                              {0x2b00, 0x2bff}, {0x1f000, 0x1faff}, {0xfe0f, 0xfe0f}};
/* scripts in which joiners shape words: Arabic to Sinhala, Tibetan and Myanmar, Khmer and Mongolian */
static const Range joining[] = {{0x0600, 0x0dff}, {0x0f00, 0x109f}, {0x1780, 0x18af}, {0xa840, 0xabff}};

#define IN(table, code) in_ranges(table, G_N_ELEMENTS(table), code)

static gboolean in_ranges(const Range *table, gsize n, gunichar code)
{
    for (gsize i = 0; i < n; i++) {
        if (code >= table[i].first && code <= table[i].last)
            return TRUE;
    }
    return FALSE;
}

static gboolean takes_selector(gunichar before)
{
    if (before < 0x80)
        return before == '#' || before == '*' || (before >= '0' && before <= '9'); /* keycaps */
    return before > 0xa0 && before != 0x3000 && !IN(selectors, before) && !IN(invisible, before);
}

static gboolean joins(gunichar before, gunichar code, gunichar next)
{
    if (IN(joining, before) && IN(joining, next))
        return code == 0x200c || code == 0x200d;
    return code == 0x200d && IN(emoji, before) && IN(emoji, next) && next != 0xfe0f;
}

MgkTextClass mgk_text_class(gunichar before, gunichar code, gunichar next)
{
    if (code < 0x20)
        return code == '\t' || code == '\n' || code == '\r' || code == '\f' ? MGK_TEXT_KEPT : MGK_TEXT_CONTROL;
    if (code < 0x7f)
        return MGK_TEXT_KEPT;
    if ((code >= 0x3000 && code <= 0x30ff) || (code >= 0x4e00 && code <= 0x9fff)) /* nearly all of Japanese */
        return MGK_TEXT_KEPT;
    if (code <= 0x9f || (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe)
        return MGK_TEXT_CONTROL;
    if (IN(bidi, code))
        return MGK_TEXT_BIDI;
    if (code >= 0xe0000 && code <= 0xe0fff && !IN(selectors, code))
        return MGK_TEXT_TAG;
    if (IN(selectors, code))
        return takes_selector(before) ? MGK_TEXT_KEPT : MGK_TEXT_INVISIBLE;
    if (IN(invisible, code))
        return joins(before, code, next) ? MGK_TEXT_KEPT : MGK_TEXT_INVISIBLE;
    return MGK_TEXT_KEPT;
}

typedef struct Filter {
    MgkJob *job;
    MgkCharsetReader reader;
    gsize run; /* where the bytes begin that are not written yet */
    gunichar before;
    guint64 line;
    guint64 count[MGK_N_TEXT_CLASSES], first_line[MGK_N_TEXT_CLASSES];
} Filter;

static gboolean flush(Filter *f, gsize end, GError **error)
{
    while (f->run < end) {
        gsize n = MIN(end - f->run, WRITE_BYTES);
        if (!f->job->write(f->job, f->job->data + f->run, n, error))
            return FALSE;
        f->run += n;
    }
    return TRUE;
}

/* The character after reader's place that is no shift; 0 at the end. */
static gunichar peek(const MgkCharsetReader *reader)
{
    MgkCharsetReader ahead = *reader;
    MgkChar c;
    while (mgk_charset_next(&ahead, &c)) {
        if (c.code != MGK_CHAR_SHIFT)
            return c.code;
    }
    return 0;
}

/* Skips to the end of a string control (OSC, DCS, PM, APC, SOS): BEL or ESC \. FALSE when a line ends before. */
static gboolean skip_string(MgkCharsetReader *ahead)
{
    MgkChar c;
    gboolean escape = FALSE;
    for (guint n = 0; n < SEQUENCE_CHARS && mgk_charset_next(ahead, &c); n++) {
        if (c.code == 0x07 || c.code == 0x9c || (escape && c.code == '\\'))
            return TRUE;
        if (c.code == '\n' || c.code == '\r' || c.code == MGK_CHAR_INVALID || c.code == MGK_CHAR_SHIFT)
            return FALSE;
        escape = c.code == 0x1b;
    }
    return FALSE;
}

/* CSI parameters and final byte (ECMA-48 5.4), or intermediates and final (ECMA-35). */
static gboolean skip_control(MgkCharsetReader *ahead, gunichar first_parameter, gunichar first_final)
{
    MgkChar c;
    for (guint n = 0; n < 64 && mgk_charset_next(ahead, &c); n++) {
        if (c.code >= first_final && c.code <= 0x7e)
            return TRUE;
        if (c.code < 0x20 || c.code > 0x3f || (c.code > 0x2f && c.code < first_parameter))
            return FALSE;
    }
    return FALSE;
}

/* reader stands after ESC or C1 CSI: moves it past a whole sequence, or leaves it. */
static void skip_sequence(MgkCharsetReader *reader, gunichar introducer)
{
    MgkCharsetReader ahead = *reader;
    MgkChar c = {.code = '['};
    if (introducer != 0x9b && !mgk_charset_next(&ahead, &c))
        return;
    gboolean whole = FALSE;
    if (c.code == '[')
        whole = skip_control(&ahead, 0x30, 0x40);
    else if (c.code == ']' || c.code == 'P' || c.code == 'X' || c.code == '^' || c.code == '_')
        whole = skip_string(&ahead);
    else if (c.code >= 0x20 && c.code <= 0x2f)
        whole = skip_control(&ahead, 0x40, 0x30);
    if (whole)
        *reader = ahead;
}

static gboolean drop(Filter *f, const MgkChar *c, MgkTextClass class, GError **error)
{
    if (!flush(f, c->offset, error))
        return FALSE;
    if (c->code == 0x1b || c->code == 0x9b) {
        class = MGK_TEXT_ESCAPE;
        skip_sequence(&f->reader, c->code);
    }
    if (f->count[class]++ == 0)
        f->first_line[class] = f->line;
    f->run = f->reader.offset;
    return TRUE;
}

static gboolean keep(Filter *f, const MgkCharsetReader *at, const MgkChar *c, MgkTextHook hook, gpointer data,
                     GError **error)
{
    f->line += c->code == '\n' || (c->code == '\r' && peek(&f->reader) != '\n');
    f->before = c->code;
    if (!hook || !hook(data, at, c))
        return TRUE;
    guint8 apostrophe[16];
    gsize n = mgk_charset_put_ascii(at, '\'', apostrophe);
    return flush(f, c->offset, error) && f->job->write(f->job, apostrophe, n, error);
}

static void report(const Filter *f)
{
    static const MgkKind kinds[MGK_N_TEXT_CLASSES] = {[MGK_TEXT_CONTROL] = MGK_KIND_TEXT_CONTROL,
                                                      [MGK_TEXT_ESCAPE] = MGK_KIND_TEXT_ESCAPE,
                                                      [MGK_TEXT_BIDI] = MGK_KIND_TEXT_BIDI,
                                                      [MGK_TEXT_INVISIBLE] = MGK_KIND_TEXT_INVISIBLE,
                                                      [MGK_TEXT_TAG] = MGK_KIND_TEXT_TAG};
    for (guint i = MGK_TEXT_CONTROL; i < MGK_N_TEXT_CLASSES; i++) {
        if (f->count[i] == 0)
            continue;
        g_autofree char *where = g_strdup_printf("line %" G_GUINT64_FORMAT, f->first_line[i]);
        g_autofree char *detail = g_strdup_printf("%" G_GUINT64_FORMAT " in all", f->count[i]);
        mgk_job_find(f->job, kinds[i], where, detail);
    }
}

static MgkTextClass class_of(gunichar before, const MgkChar *c, const MgkCharsetReader *behind)
{
    gboolean plain = c->code >= 0x20 && c->code < 0x7f;
    gboolean japanese = c->code >= 0x3000 && c->code <= 0x30ff; /* by far the most; the rest of the table follows */
    gboolean mark = c->code == 0xfeff && c->offset == 0;
    if (plain || japanese || mark || (c->code >= 0x4e00 && c->code <= 0x9fff))
        return MGK_TEXT_KEPT;
    return mgk_text_class(before, c->code, c->code == 0x200c || c->code == 0x200d ? peek(behind) : 0);
}

gboolean mgk_text_next(MgkTextCursor *cursor, MgkChar *ret_char)
{
    MgkChar c;
    while (mgk_charset_next(&cursor->reader, &c)) {
        gboolean shift = c.code == MGK_CHAR_SHIFT;
        if (c.code == MGK_CHAR_INVALID || (!shift && class_of(cursor->before, &c, &cursor->reader) == MGK_TEXT_KEPT)) {
            cursor->before = c.code;
            *ret_char = c;
            return TRUE;
        }
        if (c.code == 0x1b || c.code == 0x9b)
            skip_sequence(&cursor->reader, c.code);
    }
    return FALSE;
}

gboolean mgk_text_filter(MgkJob *job, MgkCharset charset, MgkTextHook hook, gpointer data, GError **error)
{
    Filter f = {.job = job, .line = 1};
    mgk_charset_reader_init(&f.reader, charset, job->data, job->size);
    for (;;) {
        MgkCharsetReader at = f.reader;
        MgkChar c;
        if (!mgk_charset_next(&f.reader, &c))
            break;
        if (c.code == MGK_CHAR_INVALID)
            return mgk_job_hold(job, MGK_REASON_AMBIGUOUS, "bytes that the text's encoding does not have");
        if (c.code == MGK_CHAR_SHIFT)
            continue;
        MgkTextClass class = class_of(f.before, &c, &f.reader);
        gboolean ok = class == MGK_TEXT_KEPT ? keep(&f, &at, &c, hook, data, error) : drop(&f, &c, class, error);
        if (!ok)
            return FALSE;
    }
    if (f.reader.irregular)
        return mgk_job_hold(job, MGK_REASON_AMBIGUOUS, "ISO-2022-JP: a line ends inside a Japanese character set");
    if (f.count[MGK_TEXT_CONTROL] > 16 + job->size / 20)
        return mgk_job_hold(job, MGK_REASON_UNKNOWN_FORMAT, "too many control characters for a text");
    report(&f);
    return flush(&f, job->size, error);
}

/* Detection on a sample must not fail for a character cut in two. */
static MgkCharset detect_sample(const guint8 *data, gsize size, gsize *ret_used)
{
    MgkCharset charset = MGK_CHARSET_NONE;
    gsize used = MIN(size, SAMPLE_BYTES);
    for (guint cut = 0; charset == MGK_CHARSET_NONE && cut < 4; cut++) {
        *ret_used = used - cut;
        charset = mgk_charset_detect(data, used - cut);
        if (used == size || used - cut <= 4)
            break;
    }
    return charset;
}

/* Most files that are asked about are no texts: a glance at their bytes saves trying encodings on them. */
static gboolean looks_binary(const guint8 *data, gsize size)
{
    gsize controls = 0, zeros[2] = {0, 0}, n = MIN(size, GLANCE_BYTES);
    for (gsize i = 0; i < n; i++) {
        zeros[i % 2] += data[i] == 0;
        controls += data[i] < 0x20 && data[i] != 0 && !strchr("\t\n\r\f\016\017\033", data[i]);
    }
    gboolean marked = n >= 2 && (data[0] ^ data[1]) == 1 && data[0] >= 0xfe;
    gboolean wide = marked || zeros[0] > 8 * zeros[1] + 1 || zeros[1] > 8 * zeros[0] + 1;
    return !wide && controls + zeros[0] + zeros[1] > 1 + n / 25;
}

guint mgk_text_probe(const MgkProbe *probe, guint base)
{
    if (looks_binary(probe->data, probe->size))
        return 0;
    gsize used = 0, chars = 0, controls = 0;
    MgkCharset charset = probe->size ? detect_sample(probe->data, probe->size, &used) : MGK_CHARSET_NONE;
    if (charset == MGK_CHARSET_NONE)
        return 0;
    MgkCharsetReader reader;
    MgkChar c;
    mgk_charset_reader_init(&reader, charset, probe->data, used);
    while (mgk_charset_next(&reader, &c)) {
        chars++;
        controls += c.code != 0x1b && c.code != MGK_CHAR_SHIFT && mgk_text_class(0, c.code, 0) == MGK_TEXT_CONTROL;
    }
    return controls <= 1 + chars / 50 ? base : 0;
}
