/* heif_codec.h - one coded picture of a HEIF file into planes: HEVC by libde265, AV1 by dav1d, both without threads. */
#pragma once

#include "engines/heif_box.h"
#include "engines/planes.h"

typedef struct MgkHeifPicture MgkHeifPicture;

/* Decodes the item (type hvc1 or av01). max_pixels bounds what the coded stream itself may claim. Errors:
 * MGK_ERROR_MALFORMED, MGK_ERROR_UNSUPPORTED. */
MgkHeifPicture *mgk_heif_picture_new(const MgkHeif *heif, const MgkHeifItem *item, guint64 max_pixels, GError **error);
void mgk_heif_picture_free(MgkHeifPicture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkHeifPicture, mgk_heif_picture_free)
/* Borrowed; lives as long as the picture. */
const MgkPlanes *mgk_heif_picture_planes(const MgkHeifPicture *picture);
