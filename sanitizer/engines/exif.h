/* exif.h - the few EXIF fields that decide how a picture looks, and those worth a finding (EXIF 2.3, TIFF 6.0). */
#pragma once

#include <glib.h>

typedef struct MgkExif {
    guint orientation;            /* 1 to 8; 1 when absent or wrong */
    guint32 density_x, density_y; /* pixels a metre, 0 unknown */
    gboolean has_gps, has_thumbnail;
} MgkExif;

/* Reads a TIFF structure (what follows "Exif\0\0" in a JPEG, or a whole eXIf chunk). Never fails: what cannot be read
 * stays at its default. */
void mgk_exif_read(const guint8 *data, gsize size, MgkExif *ret_exif);
