/* archive_out.h - the one way every archive is rebuilt: as ZIP, each member cleaned as a child on its own.
 *
 * A reader of one archive format (engines/zip_reader.h, archive_read.h, lzh_read.h …) hands over what it finds in
 * order; names become safe and unique, a member that does not cross is replaced by its notice or holds the archive
 * (policy), links and devices are reported and dropped. Whatever holds or blocks the job is in job->outcome afterwards:
 * look at mgk_archive_out_goes_on() before the next member. */
#pragma once

#include "engines/zip_writer.h"

typedef struct MgkArchiveOut MgkArchiveOut;

/* One file of an archive. */
typedef struct MgkArchiveFile {
    const char *name; /* path as stored, decoded; UTF-8, untrusted; separators '/' and '\' */
    guint32 dos_time; /* as in zip_writer.h; what is no date becomes MGK_ZIP_EPOCH */
    GBytes *bytes;    /* borrowed; NULL when it could not be read, then `why` says so */
    const GError *why;
    const guint8 *packed; /* borrowed; what there is of it when bytes is NULL, for the report's sizes; may be NULL */
    gsize packed_size;
} MgkArchiveFile;

MgkArchiveOut *mgk_archive_out_new(MgkJob *job);
void mgk_archive_out_free(MgkArchiveOut *out);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkArchiveOut, mgk_archive_out_free)

gboolean mgk_archive_out_folder(MgkArchiveOut *out, const char *name, guint32 dos_time, GError **error);
void mgk_archive_out_link(MgkArchiveOut *out, const char *name);
/* Errors: of ask_child and write; the file's own troubles are findings and notices. */
gboolean mgk_archive_out_file(MgkArchiveOut *out, const MgkArchiveFile *file, GError **error);
/* FALSE when the job has been held or blocked on the way. */
gboolean mgk_archive_out_goes_on(const MgkArchiveOut *out);
/* Writes the directory; holds the job instead when every file is behind a password. */
gboolean mgk_archive_out_finish(MgkArchiveOut *out, GError **error);

/* Ends the job by policy, with the reason that says most. Always TRUE. */
gboolean mgk_archive_refuse(MgkJob *job, MgkKind kind, MgkReason reason, const char *detail);
/* Why a file cannot be read, as the reason of its notice. MGK_ERROR_LIMIT by its message ("ratio", "total_bytes": BOMB;
 * "size"; else memory), MGK_ERROR_ENCRYPTED by its message ("wrong password", "unsupported"). */
MgkReason mgk_archive_reason(const GError *error);
/* TRUE, and the job is held or blocked, when the file is an archive and ends as a ZIP archive, too: other programs
 * would unpack other files. */
gboolean mgk_archive_is_twin(MgkJob *job);
/* Reports what stands behind the end of the archive; zeros are padding. */
void mgk_archive_judge_rest(MgkJob *job, gsize end);
/* Seconds since 1970 as DOS date << 16 | time; what it cannot say is MGK_ZIP_EPOCH. */
guint32 mgk_archive_dos_time(gint64 seconds);
/* Japan has one zone and no summer time: how far its clocks are ahead of formats that store universal time. */
#define MGK_ARCHIVE_JAPAN (9 * 3600)
