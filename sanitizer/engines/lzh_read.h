/* lzh_read.h - a bounded reader of LZH archives over memory: headers of levels 0 to 3 by this program, contents by
 * liblhasa's decoders (-lh0- to -lh7-, -lhx-, -lk7-, -lz4-, -lz5-, -lzs-, -pm0- to -pm2-). Facts of the format: the
 * header notes of LHA for UNIX, and those of UNLHA32 for extended headers 0x40 to 0x46. */
#pragma once

#include "engines/archive_growth.h"
#include "engines/archive_names.h"

typedef struct MgkLzhEntry {
    char *raw_name; /* owned; folder and name as stored, '/' between folders; bytes of any encoding */
    gsize raw_size;
    char *name; /* owned; UTF-8 when the archive has the name in UTF-16, else NULL */
    guint32 dos_time;
    gboolean directory, link; /* link: also devices and reparse points */
    char method[6];           /* "-lh5-" */
    const guint8 *packed;     /* borrowed from the archive's bytes, packed_size lie inside */
    gsize packed_size;
    guint64 untrusted_size; /* declared */
    guint16 crc;
} MgkLzhEntry;

/* All entries (MgkLzhEntry *, owned by the array), in order; *ret_end is where the archive ends. Errors:
 * MGK_ERROR_MALFORMED, MGK_ERROR_LIMIT too many entries. data is borrowed and must outlive the result. */
GPtrArray *mgk_lzh_open(const guint8 *data, gsize size, const MgkLimits *limits, gsize *ret_end, GError **error);
/* The whole content, length and CRC-16 verified. Errors: MGK_ERROR_UNSUPPORTED (method), MGK_ERROR_LIMIT
 * (archive_growth.h), MGK_ERROR_MALFORMED. */
GBytes *mgk_lzh_content(const MgkLzhEntry *entry, MgkGrowth *growth, GError **error);
