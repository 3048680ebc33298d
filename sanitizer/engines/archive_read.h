/* archive_read.h - archives read by libarchive from memory and rebuilt by engines/archive_out.h.
 *
 * Each format is registered by its name, never "all": that would try external programs and formats nobody asked for.
 * Names come out in the archive's own encoding (7z, RAR, Joliet: UTF-16 or UTF-8 by libarchive's own tables under the
 * locale C.UTF-8 that mgk_archive_warm() made; others as bytes, engines/archive_names.h). */
#pragma once

#include "model/job.h"

typedef enum {
    MGK_ARCHIVE_SEVENZIP,
    MGK_ARCHIVE_RAR, /* 1.5 to 4 */
    MGK_ARCHIVE_RAR5,
    MGK_ARCHIVE_TAR,
    MGK_ARCHIVE_CAB,
    MGK_ARCHIVE_CPIO,
    MGK_ARCHIVE_ISO,
    MGK_N_ARCHIVES
} MgkArchiveKind;

/* A packer of one stream. */
typedef enum {
    MGK_STREAM_GZIP,
    MGK_STREAM_BZIP2,
    MGK_STREAM_XZ, /* and the older .lzma */
    MGK_STREAM_ZSTD,
    MGK_STREAM_COMPRESS,
    MGK_STREAM_LZIP,
    MGK_STREAM_LZ4,
    MGK_N_STREAMS
} MgkStreamKind;

/* Makes the locale that names need; before the lock-down. FALSE with MGK_ERROR_FAILED when C.UTF-8 is not installed. */
gboolean mgk_archive_warm(GError **error);
/* Rebuilds the archive in data (job->data, or what was unpacked of it) as ZIP: the clean() of a format. */
gboolean mgk_archive_clean(MgkJob *job, MgkArchiveKind kind, const guint8 *data, gsize size, GError **error);
/* TRUE when the first file that is not empty can be read to its end, checksum included: the password was right. */
gboolean mgk_archive_opens(MgkArchiveKind kind, const guint8 *data, gsize size, const MgkLimits *limits);
/* The same for a packed stream: a tar inside is rebuilt like a tar, anything else is one member, named like the job's
 * file without its last extension. */
gboolean mgk_archive_clean_stream(MgkJob *job, MgkStreamKind kind, GError **error);
/* TRUE when the first header of a tar stands in the bytes: by its checksum (POSIX.1-1988 10.1.1). */
gboolean mgk_archive_is_tar(const guint8 *data, gsize size);
