/* archive_stream.c - files packed as one stream: unpacked whole, within the limits. gzip by zlib, which verifies length
 * and checksum (RFC 1952); the others by libarchive's filters, registered by name. */
#include "engines/archive_internal.h"
#include "engines/archive_out.h"
#include "engines/member_names.h"

#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#define INPUT_STEP (1u << 30) /* zlib counts in unsigned int */

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

typedef struct Gunzip {
    z_stream z;
    const guint8 *data;
    gsize size, given; /* given: to zlib, from the start of data */
} Gunzip;

/* Several gzip files one behind the other are one file (RFC 1952 2.2). TRUE when the next one begins here. */
static gboolean next_member(Gunzip *gunzip)
{
    gsize at = gunzip->given - gunzip->z.avail_in;
    if (gunzip->size - at < 18 || memcmp(gunzip->data + at, "\x1f\x8b\x08", 3) != 0)
        return FALSE;
    return inflateReset(&gunzip->z) == Z_OK;
}

static gboolean inflate_all(Gunzip *gunzip, MgkGrowth *growth, GByteArray *bytes, GError **error)
{
    z_stream *z = &gunzip->z;
    gsize used = 0;
    int result = Z_OK;
    while (result == Z_OK || next_member(gunzip)) {
        if (z->avail_in == 0) {
            z->next_in = gunzip->data + gunzip->given;
            z->avail_in = (uInt)MIN(gunzip->size - gunzip->given, INPUT_STEP);
            gunzip->given += z->avail_in;
        }
        z->next_out = mgk_growth_room(bytes, used);
        z->avail_out = MGK_GROWTH_STEP;
        result = inflate(z, Z_NO_FLUSH);
        gsize n = MGK_GROWTH_STEP - z->avail_out;
        if (!mgk_growth_commit(growth, used, n, error))
            return FALSE;
        used += n;
        if (result != Z_OK && result != Z_STREAM_END) {
            g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "gzip stream is broken or cut off");
            return FALSE;
        }
    }
    g_byte_array_set_size(bytes, (guint)used);
    return TRUE;
}

static GBytes *gunzip_whole(const MgkJob *job, MgkGrowth *growth, gsize *ret_end, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    Gunzip gunzip = {.data = job->data, .size = job->size};
    if (inflateInit2(&gunzip.z, 16 + MAX_WBITS) != Z_OK) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_FAILED, "zlib does not start");
        return NULL;
    }
    gboolean ok = inflate_all(&gunzip, growth, bytes, error);
    *ret_end = gunzip.given - gunzip.z.avail_in;
    inflateEnd(&gunzip.z);
    return ok ? g_byte_array_free_to_bytes(g_steal_pointer(&bytes)) : NULL;
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
        kind == MGK_STREAM_GZIP ? gunzip_whole(job, &growth, &end, &why) : unpack_whole(job, kind, &growth, &end, &why);
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
