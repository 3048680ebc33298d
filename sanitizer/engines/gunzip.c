#include "engines/gunzip.h"

#include "engines/signature.h"

#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#define INPUT_STEP (1u << 30) /* zlib counts in unsigned int */
#define GZIP_BITS (16 + MAX_WBITS)

typedef struct Gunzip {
    z_stream z;
    const guint8 *data;
    gsize size, given; /* given: to zlib, from the start of data */
} Gunzip;

static gboolean is_gzip(const guint8 *data, gsize size)
{
    return size >= 18 && memcmp(data, "\x1f\x8b\x08", 3) == 0;
}

/* Several gzip files one behind the other are one file (RFC 1952 2.2). TRUE when the next one begins here. */
static gboolean next_member(Gunzip *gunzip)
{
    gsize at = gunzip->given - gunzip->z.avail_in;
    return is_gzip(gunzip->data + at, gunzip->size - at) && inflateReset(&gunzip->z) == Z_OK;
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

GBytes *mgk_gunzip(const MgkJob *job, MgkGrowth *growth, gsize *ret_end, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    Gunzip gunzip = {.data = job->data, .size = job->size};
    if (inflateInit2(&gunzip.z, GZIP_BITS) != Z_OK) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_FAILED, "zlib does not start");
        return NULL;
    }
    gboolean ok = inflate_all(&gunzip, growth, bytes, error);
    *ret_end = gunzip.given - gunzip.z.avail_in;
    inflateEnd(&gunzip.z);
    return ok ? g_byte_array_free_to_bytes(g_steal_pointer(&bytes)) : NULL;
}

gsize mgk_gunzip_head(const guint8 *data, gsize size, guint8 *out, gsize room)
{
    z_stream z = {.next_in = data, .avail_in = (uInt)MIN(size, INPUT_STEP), .next_out = out, .avail_out = (uInt)room};
    if (!is_gzip(data, size) || inflateInit2(&z, GZIP_BITS) != Z_OK)
        return 0;
    inflate(&z, Z_SYNC_FLUSH); /* what came out counts, whatever stopped it */
    inflateEnd(&z);
    return room - z.avail_out;
}

gboolean mgk_gunzip_probe(const MgkProbe *probe, const char *extension, guint8 *buffer, gsize room, MgkProbe *ret_probe)
{
    if (strcmp(probe->extension, extension) != 0)
        return FALSE;
    *ret_probe = *probe;
    ret_probe->head = NULL;
    ret_probe->data = buffer;
    ret_probe->size = mgk_gunzip_head(probe->data, probe->size, buffer, room);
    return ret_probe->size > 0;
}

gboolean mgk_gunzip_clean(MgkJob *job, gboolean (*clean)(MgkJob *job, GError **error), GError **error)
{
    if (!is_gzip(job->data, job->size))
        return clean(job, error);
    MgkGrowth growth = {.limits = &job->policy->limits, .packed = job->size};
    g_autoptr(GError) why = NULL;
    gsize end = job->size, size = 0;
    g_autoptr(GBytes) bytes = mgk_gunzip(job, &growth, &end, &why);
    if (!bytes) {
        gboolean bomb = g_error_matches(why, MGK_ERROR, MGK_ERROR_LIMIT);
        return mgk_job_hold(job, bomb ? MGK_REASON_BOMB : MGK_REASON_MALFORMED, why->message);
    }
    mgk_signature_report_tail(job, end);
    const guint8 *packed = job->data;
    gsize packed_size = job->size;
    job->data = g_bytes_get_data(bytes, &size);
    job->size = size;
    gboolean ok = clean(job, error);
    job->data = packed;
    job->size = packed_size;
    return ok;
}
