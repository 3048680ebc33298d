/* jpeg_scan.h - walks a JPEG's segments for what is not picture: EXIF, previews, comments, strangers, data behind the
 * end (ITU-T T.81 annex B; JFIF 1.02; EXIF 2.3). */
#pragma once

#include "engines/exif.h"
#include "model/job.h"

typedef struct MgkJpegScan {
    MgkExif exif;
    gboolean has_end; /* EOI was reached */
    gboolean several; /* a multi-picture file (MPF): more JPEGs follow the first */
} MgkJpegScan;

/* Records findings; never fails: broken segments are the decoder's to judge. */
void mgk_jpeg_scan(MgkJob *job, MgkJpegScan *ret_scan);
