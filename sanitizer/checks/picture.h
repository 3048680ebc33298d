/* picture.h - pictures inside documents: the checker of their own format decides. */
#pragma once

#include "model/job.h"

/* Looks at a part of outer's document by format (png, jpeg, gif, svg, emf, wmf; anything else is refused). */
gboolean mgk_check_picture(const MgkJob *outer, const char *name, MgkFormatId format, const guint8 *data, gsize size,
                           GError **error);
