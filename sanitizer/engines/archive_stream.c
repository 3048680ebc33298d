/* archive_stream.c - files packed as one stream: unpacked whole, within the limits. gzip by
 * engines/gunzip.h; the others by libarchive's filters, registered by name. */
#include "engines/archive_internal.h"
#include "engines/archive_out.h"
#include "engines/gunzip.h"
#include "engines/member_names.h"

#include <string.h>

typedef int (*Register)(struct archive *archive);

static const Register table[MGK_N_STREAMS][2] = {
    [MGK_STREAM_BZIP2] = {archive_read_support_filter_bzip2},
    [MGK_STREAM_XZ] = {archive_read_support_filter_xz, archive_read_support_filter_lzma},
    [MGK_STREAM_ZSTD] = {archive_read_support_filter_zstd},
    [MGK_STREAM_COMPRESS] = {archive_read_support_filter_compress},
    [MGK_STREAM_LZIP] = {archive_read_support_filter_lzip},
    [MGK_STREAM_LZ4] = {archive_read_support_filter_lz4},
};

/* What is cut off or replaced at the end of a packed file's name; one that stands for two becomes the other. */
static const struct {
    const char *suffix, *instead;
} endings[] = {{".gz", ""},       {".bz2", ""},     {".xz", ""},       {".lzma", ""},    {".zst", ""},
               {".z", ""},        {".lz", ""},      {".lz4", ""},      {".bz", ""},      {".tgz", ".tar"},
               {".taz", ".tar"},  {".tbz", ".tar"}, {".tbz2", ".tar"}, {".txz", ".tar"}, {".tzst", ".tar"},
               {".svgz", ".svg"}, {".emz", ".emf"}, {".wmz", ".wmf"}};

static char *unpacked_name(const char *name)
{
    const char *base = mgk_member_names_base(name);
    gsize length = strlen(base);
    for (guint i = 0; i < G_N_ELEMENTS(endings); i++) {
        gsize cut = strlen(endings[i].suffix);
        if (length > cut && g_ascii_strcasecmp(base + length - cut, endings[i].suffix) == 0)
            return g_strdup_printf("%.*s%s", (int)(length - cut), base, endings[i].instead);
    }
    return g_strdup(base);
}

static GBytes *unpack_whole(const MgkJob *job, MgkStreamKind kind, MgkGrowth *growth, gsize *ret_end, GError **error)
{
    g_autoptr(MgkLibarchive) archive = archive_read_new();
    struct archive_entry *entry = NULL;
    if (!archive) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "worker_memory: libarchive");
        return NULL;
    }
    for (guint i = 0; i < G_N_ELEMENTS(table[kind]) && table[kind][i]; i++)
        table[kind][i](archive);
    archive_read_support_format_raw(archive);
    archive_read_support_format_empty(archive);
    archive_read_open_memory(archive, job->data, job->size);
    int result = archive_read_next_header(archive, &entry);
    if (result == ARCHIVE_EOF)
        return g_bytes_new_static("", 0);
    if (result != ARCHIVE_OK || archive_filter_count(archive) < 2) {
        mgk_archive_set_error(archive, error);
        return NULL;
    }
    GBytes *bytes = mgk_archive_content(archive, growth, error);
    gint64 end = archive_filter_bytes(archive, -1);
    *ret_end = end < 0 ? job->size : (gsize)end;
    return bytes;
}

static gboolean put_alone(MgkJob *job, GBytes *bytes, GError **error)
{
    g_autoptr(MgkArchiveOut) out = mgk_archive_out_new(job);
    g_autofree char *name = unpacked_name(job->name);
    MgkArchiveFile file = {.name = name, .dos_time = MGK_ZIP_EPOCH, .bytes = bytes};
    if (!mgk_archive_out_file(out, &file, error))
        return FALSE;
    return mgk_archive_out_goes_on(out) ? mgk_archive_out_finish(out, error) : TRUE;
}

/* Ends the job because of `why`. A stream that grows without bound is more than damaged. */
static gboolean refuse_stream(MgkJob *job, const GError *why)
{
    MgkReason reason = mgk_archive_reason(why);
    const char *message = why ? why->message : "";
    if (reason == MGK_REASON_BOMB)
        return mgk_archive_refuse(job, MGK_KIND_ARCHIVE_BOMB, reason, message);
    return mgk_job_hold(job, reason, message);
}

gboolean mgk_archive_clean_stream(MgkJob *job, MgkStreamKind kind, GError **error)
{
    MgkGrowth growth = {.limits = &job->policy->limits, .packed = job->size};
    gsize end = job->size, size = 0;
    g_autoptr(GError) why = NULL;
    if (mgk_archive_is_twin(job))
        return TRUE;
    g_autoptr(GBytes) bytes =
        kind == MGK_STREAM_GZIP ? mgk_gunzip(job, &growth, &end, &why) : unpack_whole(job, kind, &growth, &end, &why);
    if (!bytes)
        return refuse_stream(job, why);
    mgk_archive_judge_rest(job, end);
    const guint8 *data = g_bytes_get_data(bytes, &size);
    if (size == 0)
        return mgk_job_hold(job, MGK_REASON_EMPTY, "nothing packed");
    if (!mgk_verdict_crosses(job->outcome.verdict))
        return TRUE;
    if (mgk_archive_is_tar(data, size))
        return mgk_archive_clean(job, MGK_ARCHIVE_TAR, data, size, error);
    job->outcome.format = MGK_FORMAT_ID_zip;
    job->outcome.verdict = MGK_VERDICT_CONVERTED;
    return put_alone(job, bytes, error);
}
