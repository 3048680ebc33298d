/* png_scan.h - walks a PNG's chunks for what is not picture: metadata, animation, strangers, data behind the end. */
#pragma once

#include "engines/exif.h"
#include "model/job.h"

#define MGK_PNG_MAGIC_BYTES 8

typedef struct MgkPngScan {
    MgkExif exif;
    gboolean has_end; /* IEND was reached */
} MgkPngScan;

/* job->data starts with the PNG signature. Records findings; never fails: broken chunks are the decoder's to judge. */
void mgk_png_scan(MgkJob *job, MgkPngScan *ret_scan);
