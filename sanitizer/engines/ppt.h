/* ppt.h - rebuilds the streams of a PowerPoint 97-2003 presentation ([MS-PPT]) record by record, by rules/ppt.def. */
#pragma once

#include "engines/ppt_file.h"

/* Rebuilds what file shows; findings go to job. *ret_document, *ret_pictures (NULL when there are none) and *ret_user
 * are the streams "PowerPoint Document", "Pictures" and "Current User", owned by the caller. FALSE with
 * MGK_ERROR_MALFORMED when it makes no sense, or another error when the whole job must end. */
gboolean mgk_ppt_rebuild(MgkJob *job, const MgkPptFile *file, GByteArray **ret_document, GByteArray **ret_pictures,
                         GByteArray **ret_user, GError **error);
