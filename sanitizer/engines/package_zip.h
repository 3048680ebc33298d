/* package_zip.h - a document that is a ZIP archive (OOXML, OpenDocument): opened only when every program reads it
 * alike. */
#pragma once

#include "engines/zip_reader.h"
#include "model/job.h"

/* Opens job->data. refuse: MGK_ZIP_… bits that hold this family's documents beside the misleading and duplicate ones.
 * *ret_entries: lower-case name without leading '/' → index of the entry + 1 (GUINT_TO_POINTER); folders are left out.
 * TRUE with *ret_zip NULL: the job is held. Both results are owned by the caller. Bytes outside are a finding. */
gboolean mgk_package_open(MgkJob *job, guint32 refuse, MgkZip **ret_zip, GHashTable **ret_entries, GError **error);
