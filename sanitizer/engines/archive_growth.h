/* archive_growth.h - bytes as they come out of an unpacker, bounded in size, growth and total (limits input_bytes,
 * ratio, total_bytes). */
#pragma once

#include "model/error.h"
#include "model/limits.h"

typedef struct MgkGrowth {
    const MgkLimits *limits; /* borrowed */
    guint64 packed;          /* bytes of the archive */
    guint64 unpacked;        /* bytes made of it so far */
} MgkGrowth;

#define MGK_GROWTH_STEP (256u << 10) /* bytes to ask an unpacker for at a time */

/* Room for the next MGK_GROWTH_STEP bytes behind what is there. Borrowed; commit what was written. */
guint8 *mgk_growth_room(GByteArray *bytes, gsize used);
/* Takes note of n more bytes, of which `bytes` then holds used. MGK_ERROR_LIMIT: "ratio …", "total_bytes …" (the whole
 * archive is a bomb), "size …" (this file alone is too large). */
gboolean mgk_growth_commit(MgkGrowth *growth, gsize used, gsize n, GError **error);
