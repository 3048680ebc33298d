/* draw_send.h - a page's operations on their way to the encoder (draw_ops.h). */
#pragma once

#include "engines/draw_record.h"
#include "model/job.h"

/* Is it little enough to be worth more than pixels, and within what the encoder takes? */
gboolean mgk_draw_fits(const MgkDrawRecord *record, const MgkLimits *limits);
/* Sends SHAPES, IMAGE and DRAW records. The record was culled, and fits. */
gboolean mgk_draw_send(MgkJob *job, const MgkDrawRecord *record, GError **error);
