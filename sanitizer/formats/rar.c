/* rar.c - RAR 1.5 to 4 and RAR 5 archives (RARLAB's technote.txt).
 *
 * Kept, gone, output: as zip.c; RAR 4 stores the sender's clock, RAR 5 universal time, shown as in Japan. Held: volumes
 * of a split archive, encrypted headers, archives whose files are all encrypted (libarchive opens none: the notice says
 * that a password does not help), RAR before 1.5. An encrypted member among others is replaced by its notice; so is one
 * that needs a filter program libarchive does not know. Self-extracting archives are programs. */
#include "checks/checks.h"
#include "engines/archive_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "Rar!\x1a\7"), MGK_MAGIC(0, "RE~^")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

/* A number of seven bits a byte, the last one below 128; -1 when it does not end. */
static gint64 take_number(const guint8 **at, const guint8 *end)
{
    guint64 value = 0;
    for (guint shift = 0; *at < end && shift < 63; shift += 7) {
        guint8 c = *(*at)++;
        value |= (guint64)(c & 0x7f) << shift;
        if (c < 0x80)
            return (gint64)value;
    }
    return -1;
}

/* RAR 5: signature, CRC-32, size, type, flags, size of the extra area when flags say so, flags of the archive. */
static MgkReason look_at_5(const MgkJob *job)
{
    enum { TYPE_MAIN = 1, TYPE_ENCRYPTION = 4, HAS_EXTRA = 1, IS_VOLUME = 1 };
    const guint8 *at = job->data + 12, *end = job->data + job->size;
    take_number(&at, end);
    gint64 type = take_number(&at, end), flags = take_number(&at, end);
    if (type == TYPE_ENCRYPTION)
        return MGK_REASON_ENCRYPTED_UNSUPPORTED;
    if (flags >= 0 && (flags & HAS_EXTRA))
        take_number(&at, end);
    gint64 archive = take_number(&at, end);
    if (type != TYPE_MAIN || archive < 0)
        return MGK_REASON_MALFORMED;
    return archive & IS_VOLUME ? MGK_REASON_UNSUPPORTED_FEATURE : MGK_REASON_NONE;
}

/* RAR 1.5 to 4: signature, then the archive header: CRC-16, type, flags, size. */
static MgkReason look_at_4(const MgkJob *job)
{
    enum { TYPE_MAIN = 0x73, IS_VOLUME = 1, IS_ENCRYPTED = 0x80 };
    guint flags = mgk_recognise_u16le(job->data + 10);
    if (job->data[9] != TYPE_MAIN)
        return MGK_REASON_MALFORMED;
    if (flags & IS_ENCRYPTED)
        return MGK_REASON_ENCRYPTED_UNSUPPORTED;
    return flags & IS_VOLUME ? MGK_REASON_UNSUPPORTED_FEATURE : MGK_REASON_NONE;
}

static gboolean clean(MgkJob *job, GError **error)
{
    if (job->size < 20)
        return mgk_job_hold(job, MGK_REASON_MALFORMED, "cut off");
    if (memcmp(job->data, "RE~^", 4) == 0)
        return mgk_job_hold(job, MGK_REASON_UNSUPPORTED_FORMAT, "RAR before 1.5");
    gboolean is_5 = job->data[6] == 1;
    MgkReason reason = is_5 ? look_at_5(job) : look_at_4(job);
    if (reason == MGK_REASON_ENCRYPTED_UNSUPPORTED)
        mgk_job_find(job, MGK_KIND_ARCHIVE_ENCRYPTED, NULL, NULL);
    if (reason != MGK_REASON_NONE)
        return mgk_job_hold(job, reason,
                            reason == MGK_REASON_UNSUPPORTED_FEATURE ? "one of several volumes" : "header");
    return mgk_archive_clean(job, is_5 ? MGK_ARCHIVE_RAR5 : MGK_ARCHIVE_RAR, job->data, job->size, error);
}

const MgkHandler mgk_format_rar = {.probe = probe, .clean = clean, .check = mgk_check_zip};
