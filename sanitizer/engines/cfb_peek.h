/* cfb_peek.h - what a compound file (MS-CFB) holds: names of storages and streams, and the beginning of a stream.
 *
 * A first look for probes, not a reader: tolerant, bounded (4,096 directory entries, chains no longer than the file),
 * and it never follows a loop. */
#pragma once

#include <glib.h>

typedef struct MgkCfbPeek MgkCfbPeek;

/* data is borrowed. NULL when the bytes are no compound file, or its directory cannot be found. */
MgkCfbPeek *mgk_cfb_peek_open(const guint8 *data, gsize size);
void mgk_cfb_peek_free(MgkCfbPeek *peek);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkCfbPeek, mgk_cfb_peek_free)

gboolean mgk_cfb_peek_is(const guint8 *data, gsize size); /* the signature only */
/* TRUE when a stream or storage of this name (UTF-8, any ASCII case) is in the root storage; _has_anywhere: at any
 * level. */
gboolean mgk_cfb_peek_has(const MgkCfbPeek *peek, const char *name);
gboolean mgk_cfb_peek_has_anywhere(const MgkCfbPeek *peek, const char *name);
gboolean mgk_cfb_peek_has_prefix(const MgkCfbPeek *peek, const char *prefix);
const guint8 *mgk_cfb_peek_root_class(const MgkCfbPeek *peek); /* 16 bytes; borrowed */
/* The first bytes, at most max, of a stream in the root storage; 0 when there is none. Returns the bytes read. */
gsize mgk_cfb_peek_read(const MgkCfbPeek *peek, const char *name, guint8 *buffer, gsize max);
