/* wmf.c - Windows metafiles ([MS-WMF]), placeable or not: a header and drawing records for 16-bit GDI.
 *
 * Kept: the drawing records of rules/wmf.def, each rebuilt from its own fields; text, font names, bitmaps (rebuilt:
 * engines/metafile.h). Gone: every escape (CVE-2005-4560, PostScript, comments, EMF in pieces), bitmaps of old
 * devices, what no rule knows, whatever stands between records or behind META_EOF.
 * Output: WMF, never packed (wmz: the same, compressed with gzip), placeable as the input was. Sizes, the number of
 * objects, the longest record and the checksum are reckoned afresh. A record that would make an object but cannot be
 * kept becomes a gray brush: objects go by slots. Bitmaps: their visible samples are of the sender's choice; an output
 * that spells a signature of another kind of file anywhere is held (inside documents: a gray box). Known limits:
 * DRAWTEXT and other functions that were never documented are left out and reported. */
#include "engines/wmf.h"
#include "checks/checks.h"
#include "engines/gunzip.h"
#include "engines/recognise.h"
#include "engines/signature.h"
#include "formats/formats.h"

#define HEAD_BYTES 64u /* unpacked, as many as tell */
#define PLACEABLE 22u
#define PLACEABLE_KEY 0x9ac6cdd7u
#define HEADER 18u
#define HEADER_WORDS 9u

static guint probe_plain(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "\xd7\xcd\xc6\x9a"), MGK_MAGIC(0, "\1\0\x09\0\0\3"),
                                     MGK_MAGIC(0, "\2\0\x09\0\0\3"), MGK_MAGIC(0, "\1\0\x09\0\0\1")};
    return MGK_MAGIC_ANY(probe, table) ? 90 : 0;
}

static guint probe(const MgkProbe *probe)
{
    guint8 head[HEAD_BYTES];
    MgkProbe inside;
    if (mgk_gunzip_probe(probe, "wmz", head, sizeof head, &inside))
        return probe_plain(&inside) ? 94 : 0;
    return probe_plain(probe);
}

/* [MS-WMF] 2.3.2.3: the bounding box and its scale. */
static void put_placeable(GByteArray *out, const guint8 *data)
{
    mgk_meta_put32(out, PLACEABLE_KEY);
    mgk_meta_put16(out, 0);
    g_byte_array_append(out, data + 6, 10);
    mgk_meta_put32(out, 0);
    guint sum = 0;
    for (guint i = 0; i < 10; i++)
        sum ^= mgk_recognise_u16le(out->data + 2 * i);
    mgk_meta_put16(out, sum);
}

static void put_header(GByteArray *out)
{
    mgk_meta_put16(out, 1);
    mgk_meta_put16(out, HEADER_WORDS);
    mgk_meta_put16(out, 0x300);
    for (guint i = 0; i < 3; i++)
        mgk_meta_put32(out, 0); /* size, objects, longest record, members: put_end() */
}

static void put_end(MgkWmf *wmf, gsize start)
{
    mgk_meta_put32(wmf->out, 3);
    mgk_meta_put16(wmf->out, 0);
    mgk_meta_set32(wmf->out, start + 6, (guint32)((wmf->out->len - start) / 2));
    guint32 longest = MAX(wmf->longest, 3);
    mgk_meta_set32(wmf->out, start + 10, wmf->slots | longest << 16);
    mgk_meta_set32(wmf->out, start + 14, longest >> 16);
}

/* All records up to META_EOF. FALSE when the job must end. *ret_end is where the last one ended. */
static gboolean read_records(MgkWmf *wmf, gsize at, gsize *ret_end, GError **error)
{
    const MgkJob *job = wmf->job;
    guint function = 1;
    while (function && job->size - at >= MGK_WMF_RECORD_HEAD) {
        guint32 words = mgk_recognise_u32le(job->data + at);
        if (words < MGK_WMF_RECORD_HEAD / 2 || words > (job->size - at) / 2)
            break;
        function = mgk_recognise_u16le(job->data + at + 4);
        if (function)
            mgk_wmf_record(wmf, function, job->data + at, (gsize)words * 2);
        at += (gsize)words * 2;
        if (wmf->out->len > job->policy->limits.output_bytes || wmf->out->len > G_MAXINT32) {
            g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "output_bytes");
            return FALSE;
        }
    }
    if (function)
        mgk_wmf_tell_damaged(wmf, "records end too soon");
    *ret_end = function ? job->size : at;
    return TRUE;
}

static gboolean rebuild(MgkWmf *wmf, GError **error)
{
    MgkJob *job = wmf->job;
    gsize start = job->size >= PLACEABLE && mgk_recognise_u32le(job->data) == PLACEABLE_KEY ? PLACEABLE : 0, end = 0;
    if (job->size - start < HEADER || mgk_recognise_u16le(job->data + start + 2) != HEADER_WORDS)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "WMF header");
    if (start)
        put_placeable(wmf->out, job->data);
    put_header(wmf->out);
    if (!read_records(wmf, start + HEADER, &end, error))
        return FALSE;
    put_end(wmf, start);
    mgk_signature_report_tail(job, end);
    return !mgk_meta_is_unambiguous(job, wmf->out) || job->write(job, wmf->out->data, wmf->out->len, error);
}

static gboolean clean_plain(MgkJob *job, GError **error)
{
    MgkWmf wmf = {
        .job = job, .out = g_byte_array_new(), .live = g_malloc0(MGK_WMF_SLOTS), .told = g_hash_table_new(NULL, NULL)};
    gboolean ok = rebuild(&wmf, error);
    g_byte_array_unref(wmf.out);
    g_free(wmf.live);
    g_hash_table_unref(wmf.told);
    return ok;
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_gunzip_clean(job, clean_plain, error);
}

const MgkHandler mgk_format_wmf = {.probe = probe, .clean = clean, .check = mgk_check_wmf};
