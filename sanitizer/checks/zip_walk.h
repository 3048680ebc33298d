/* zip_walk.h - a checker's own reading of a ZIP file that we wrote: every byte accounted for, or refused.
 *
 * Stricter than any unzip: entries lie one behind the other from offset 0, local and central records agree in every
 * field, there is one end record and nothing after it. APPNOTE.TXT 4.3 is the source of the offsets. */
#pragma once

#include "model/error.h"

typedef struct MgkZipWalkEntry {
    char *name;   /* owned; printable ASCII, no "..", no "//" */
    gsize offset; /* of the entry's data within the file */
    guint64 packed, size;
    guint32 crc;
    guint16 method; /* 0 or 8 */
} MgkZipWalkEntry;

typedef struct MgkZipWalk {
    const guint8 *data; /* borrowed */
    gsize size;
    GArray *entries; /* owned; of MgkZipWalkEntry, in file order */
} MgkZipWalk;

/* Reads the directory. At most max_entries. FALSE with MGK_ERROR_MALFORMED when a byte is not accounted for. */
gboolean mgk_zip_walk_open(MgkZipWalk *walk, const guint8 *data, gsize size, guint64 max_entries, GError **error);
void mgk_zip_walk_clear(MgkZipWalk *walk);

/* Takes the next piece of an entry's bytes; FALSE with error set ends the reading. */
typedef gboolean (*MgkZipWalkSink)(gpointer context, const guint8 *data, gsize size, GError **error);
/* Feeds an entry to sink, in pieces of at most 64 KiB; size and CRC are verified. */
gboolean mgk_zip_walk_read(const MgkZipWalk *walk, const MgkZipWalkEntry *entry, MgkZipWalkSink sink, gpointer context,
                           GError **error);
