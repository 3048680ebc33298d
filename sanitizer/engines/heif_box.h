/* heif_box.h - the boxes of a still picture file: HEIF (ISO/IEC 23008-12), on ISO base media (14496-12). */
#pragma once

#include "model/error.h"

#define MGK_FOURCC(a, b, c, d) ((guint32)(a) << 24 | (guint32)(b) << 16 | (guint32)(c) << 8 | (guint32)(d))

typedef struct MgkHeifProperty {
    guint32 type;
    const guint8 *data; /* borrowed; behind the box header */
    gsize size;
} MgkHeifProperty;

typedef struct MgkHeifItem {
    guint32 id, type;
    GBytes *bytes;      /* owned; NULL when its place is unknown or outside the file */
    GArray *properties; /* owned; of guint: indices into MgkHeif.properties */
    gboolean hidden;
} MgkHeifItem;

typedef struct MgkHeifReference {
    guint32 type, from, to;
} MgkHeifReference;

typedef struct MgkHeif {
    guint32 primary;
    GPtrArray *items;   /* owned; of MgkHeifItem* */
    GArray *properties; /* owned; of MgkHeifProperty */
    GArray *references; /* owned; of MgkHeifReference, in the order of the file */
} MgkHeif;

/* Reads the boxes that tell about the picture; data is borrowed as long as the result lives. Errors:
 * MGK_ERROR_MALFORMED, MGK_ERROR_LIMIT, MGK_ERROR_UNSUPPORTED (no still picture inside). */
MgkHeif *mgk_heif_new(const guint8 *data, gsize size, GError **error);
void mgk_heif_free(MgkHeif *heif);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkHeif, mgk_heif_free)
/* NULL when there is none. */
const MgkHeifItem *mgk_heif_item(const MgkHeif *heif, guint32 id);
const MgkHeifProperty *mgk_heif_property(const MgkHeif *heif, const MgkHeifItem *item, guint32 type);
