/* emf.c - enhanced metafiles ([MS-EMF]): a header and drawing records, played into a window one after another.
 *
 * Kept: the drawing records of rules/emf.def, each rebuilt from its own fields; text, font names, bitmaps (rebuilt:
 * engines/metafile.h). Gone: comments, and with them EMF+, spool data, PostScript and whole other metafiles; escapes to
 * drivers, OpenGL, colour profiles and their file names; the author's description; whatever stands between or behind.
 * Output: EMF, never packed (emz: the same, compressed with gzip). The header, sizes, counts and handles are reckoned
 * afresh; nothing follows EMR_EOF. EMF+: a file that is dual holds the whole drawing twice, and its plain records
 * cross; one that is EMF+ only is held, since what remained would not be the drawing. Bitmaps: their visible samples
 * are of the sender's choice. An output that spells a signature of another kind of file anywhere is held (inside
 * documents: a gray box), as is one whose records say nothing at all of a drawing. Known limits: PolyTextOut, JPEG or
 * PNG inside a bitmap record are left out and reported; glyphs given by index show as the reader's font has them. */
#include "engines/emf.h"
#include "checks/checks.h"
#include "engines/gunzip.h"
#include "engines/recognise.h"
#include "engines/signature.h"
#include "formats/formats.h"

#include <string.h>

#define HEAD_BYTES 64u /* unpacked, as many as tell */
#define HEADER_LEAST 88u
#define HEADER_SIZE 108u /* with extension 2: the device's size in micrometres */
#define SIGNATURE 0x464d4520u
#define RECORD_EOF 14u
#define RECORD_COMMENT 70u
#define EOF_SIZE 20u
#define COMMENT_PLUS 0x2b464d45u
#define COMMENT_PUBLIC 0x43494447u
#define PLUS_HEADER 0x4001u

/* What the comments were, told once each at the end. */
typedef struct Comments {
    gboolean any, plus, plus_only, foreign;
} Comments;

static guint probe_plain(const MgkProbe *probe)
{
    static const MgkMagic record[] = {MGK_MAGIC(0, "\1\0\0\0")}, signature[] = {MGK_MAGIC(40, " EMF")};
    return MGK_MAGIC_ANY(probe, record) && MGK_MAGIC_ANY(probe, signature) ? 93 : 0;
}

static guint probe(const MgkProbe *probe)
{
    guint8 head[HEAD_BYTES];
    MgkProbe inside;
    if (mgk_gunzip_probe(probe, "emz", head, sizeof head, &inside))
        return probe_plain(&inside) ? 94 : 0;
    return probe_plain(probe);
}

/* Public comments that hold other files: EPS, a WMF, several formats to choose from. */
static gboolean holds_foreign(guint32 identifier, const guint8 *record, gsize size)
{
    guint32 kind = identifier == COMMENT_PUBLIC && size >= 20 ? mgk_recognise_u32le(record + 16) : 0;
    return kind == 0x80000001u || kind == 0x40000004u;
}

static void read_comment(Comments *comments, const guint8 *record, gsize size)
{
    comments->any = TRUE;
    if (size < 16)
        return;
    guint32 identifier = mgk_recognise_u32le(record + 12);
    comments->foreign = comments->foreign || holds_foreign(identifier, record, size);
    if (identifier != COMMENT_PLUS)
        return;
    comments->plus = TRUE;
    if (size >= 20 && mgk_recognise_u16le(record + 16) == PLUS_HEADER)
        comments->plus_only = !(mgk_recognise_u16le(record + 18) & 1);
}

/* [MS-EMF] 2.3.4.2; what is reckoned at the end stays zero. */
static gboolean put_header(MgkEmf *emf, const guint8 *data, gsize record)
{
    GByteArray *out = emf->out;
    if (record < HEADER_LEAST || mgk_recognise_u32le(data + 40) != SIGNATURE)
        return FALSE;
    mgk_meta_put32(out, 1);
    mgk_meta_put32(out, HEADER_SIZE);
    g_byte_array_append(out, data + 8, 32); /* bounds, frame */
    mgk_meta_put32(out, SIGNATURE);
    mgk_meta_put32(out, 0x10000);
    for (guint i = 0; i < 6; i++)
        mgk_meta_put32(out, 0);              /* bytes, records, handles, description, palette */
    g_byte_array_append(out, data + 72, 16); /* device, millimetres */
    for (guint i = 0; i < 3; i++)
        mgk_meta_put32(out, 0); /* pixel format, OpenGL */
    for (guint i = 0; i < 2; i++) {
        guint32 millimetres = mgk_recognise_u32le(data + 80 + 4 * i);
        guint32 own = record >= HEADER_SIZE ? mgk_recognise_u32le(data + 100 + 4 * i) : 0;
        mgk_meta_put32(out, own ? own : millimetres * 1000u);
    }
    emf->records = 1;
    if (mgk_recognise_u32le(data + 60) > 0)
        mgk_job_find(emf->job, MGK_KIND_METADATA, NULL, "description");
    return TRUE;
}

static void put_end(MgkEmf *emf)
{
    mgk_meta_put32(emf->out, RECORD_EOF);
    mgk_meta_put32(emf->out, EOF_SIZE);
    mgk_meta_put32(emf->out, 0);
    mgk_meta_put32(emf->out, 16);
    mgk_meta_put32(emf->out, EOF_SIZE);
    emf->records++;
    mgk_meta_set32(emf->out, 48, emf->out->len);
    mgk_meta_set32(emf->out, 52, emf->records);
    mgk_meta_set32(emf->out, 56, emf->handles);
}

/* All records up to EMR_EOF; FALSE when the job must end. *ret_end is where the last one ended. */
static gboolean read_records(MgkEmf *emf, Comments *comments, gsize at, gsize *ret_end, GError **error)
{
    const MgkJob *job = emf->job;
    guint32 number = 0;
    while (number != RECORD_EOF && job->size - at >= MGK_EMF_RECORD_HEAD) {
        number = mgk_recognise_u32le(job->data + at);
        guint32 size = mgk_recognise_u32le(job->data + at + 4);
        if (size < MGK_EMF_RECORD_HEAD || size % 4 || size > job->size - at)
            break;
        if (number == RECORD_COMMENT)
            read_comment(comments, job->data + at, size);
        else if (number != RECORD_EOF)
            mgk_emf_record(emf, number, job->data + at, size);
        at += size;
        if (emf->out->len > job->policy->limits.output_bytes || emf->out->len > G_MAXINT32) {
            g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "output_bytes");
            return FALSE;
        }
    }
    if (number != RECORD_EOF)
        mgk_emf_tell_damaged(emf, "records end too soon");
    *ret_end = number == RECORD_EOF ? at : job->size;
    return TRUE;
}

static void tell_comments(MgkJob *job, const Comments *comments)
{
    if (comments->foreign)
        mgk_job_find(job, MGK_KIND_DRAWING_ESCAPE, NULL, "a comment that holds another file");
    if (comments->any)
        mgk_job_find(job, MGK_KIND_DRAWING_COMMENT, NULL, comments->plus ? "EMF+" : NULL);
}

static gboolean rebuild(MgkEmf *emf, GError **error)
{
    MgkJob *job = emf->job;
    guint32 size = job->size >= HEADER_LEAST ? mgk_recognise_u32le(job->data + 4) : 0;
    if (size > job->size || size % 4 || !put_header(emf, job->data, size))
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "EMF header");
    Comments comments = {0};
    gsize end = 0;
    if (!read_records(emf, &comments, size, &end, error))
        return FALSE;
    tell_comments(job, &comments);
    if (comments.plus_only || (comments.plus && !emf->paints))
        return mgk_job_hold(job, MGK_REASON_UNSUPPORTED_FEATURE, "EMF+ without a plain version");
    put_end(emf);
    mgk_signature_report_tail(job, end);
    return !mgk_meta_is_unambiguous(job, emf->out) || job->write(job, emf->out->data, emf->out->len, error);
}

static gboolean clean_plain(MgkJob *job, GError **error)
{
    MgkEmf emf = {.job = job, .out = g_byte_array_new(), .live = g_malloc0(MGK_EMF_HANDLES), .handles = 1};
    gboolean ok = rebuild(&emf, error);
    g_byte_array_unref(emf.out);
    g_free(emf.live);
    return ok;
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_gunzip_clean(job, clean_plain, error);
}

const MgkHandler mgk_format_emf = {.probe = probe, .clean = clean, .check = mgk_check_emf};
