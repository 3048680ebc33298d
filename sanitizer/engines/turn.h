/* turn.h - a raster writer that turns the picture the way its EXIF orientation asks for. */
#pragma once

#include "engines/raster.h"

typedef struct MgkTurn MgkTurn;
/* raster describes the picture as stored; orientation is 1 to 8. Orientations 1 and 2 stream, the others keep the
 * picture in memory. Errors as mgk_raster_writer_new(). */
MgkTurn *mgk_turn_new(MgkJob *job, const MgkRaster *raster, guint orientation, GError **error);
void mgk_turn_free(MgkTurn *turn);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkTurn, mgk_turn_free)
/* One stored row of mgk_raster_row_bytes(raster). */
gboolean mgk_turn_row(MgkTurn *turn, const guint8 *row, GError **error);
guint32 mgk_turn_rows(const MgkTurn *turn);
/* Ends the picture; stored rows that never came stay blank. */
gboolean mgk_turn_finish(MgkTurn *turn, GError **error);
