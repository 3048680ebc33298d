/* archive_internal.h - one libarchive reader, shared by archive_read.c and archive_stream.c. */
#pragma once

#include "engines/archive_growth.h"
#include "engines/archive_read.h"

#include <archive.h>
#include <archive_entry.h>

typedef struct archive MgkLibarchive;

static inline void mgk_archive_free(MgkLibarchive *archive)
{
    archive_read_free(archive);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkLibarchive, mgk_archive_free)

/* The entry's content, whole. Errors: MGK_ERROR_LIMIT (archive_growth.h), MGK_ERROR_ENCRYPTED "unsupported",
 * MGK_ERROR_UNSUPPORTED, MGK_ERROR_MALFORMED. */
GBytes *mgk_archive_content(struct archive *archive, MgkGrowth *growth, GError **error);
/* What libarchive's last failure means; NULL stays NULL. */
void mgk_archive_set_error(struct archive *archive, GError **error);
/* Holds the job for what libarchive's last failure means. Always TRUE. */
gboolean mgk_archive_hold(MgkJob *job, struct archive *archive);
