/* sevenzip_header.h - the part of a 7z header that says how streams are packed (7zFormat.txt: Streams Info), read and
 * written again without what encrypts. */
#pragma once

#include "model/error.h"
#include "model/limits.h"

enum { MGK_SEVENZIP_CODERS = 8, MGK_SEVENZIP_STREAMS = 16 };

typedef struct MgkSevenzipCoder {
    guint8 method[15];
    guint method_size, n_in, n_out;
    const guint8 *properties; /* borrowed from the header's bytes */
    gsize properties_size;
} MgkSevenzipCoder;

typedef struct MgkSevenzipBond {
    guint in, out; /* streams of coders, numbered through the folder: what comes out of `out` goes into `in` */
} MgkSevenzipBond;

/* Coders that work together on the same data. */
typedef struct MgkSevenzipFolder {
    MgkSevenzipCoder coders[MGK_SEVENZIP_CODERS];
    MgkSevenzipBond bonds[MGK_SEVENZIP_STREAMS];
    guint packed[MGK_SEVENZIP_STREAMS];  /* which in-streams come from the archive, in its order */
    guint64 sizes[MGK_SEVENZIP_STREAMS]; /* unpacked, by out-stream */
    guint n_coders, n_bonds, n_packed, n_in, n_out;
    gboolean has_crc;
    guint32 crc;
} MgkSevenzipFolder;

typedef struct MgkSevenzipStreams {
    guint64 place;      /* of the first packed stream, behind the signature header; untrusted */
    GArray *sizes;      /* owned; of guint64: packed sizes; untrusted */
    GPtrArray *folders; /* owned; of MgkSevenzipFolder* */
} MgkSevenzipStreams;

/* From the bytes behind the id 0x04 or 0x17 on. *ret_used: bytes up to and with the end of the folders, behind which
 * sub-streams or the end of the block follow. NULL for what this version does not read: no error, another reader
 * decides. */
MgkSevenzipStreams *mgk_sevenzip_streams_read(const guint8 *data, gsize size, const MgkLimits *limits, gsize *ret_used);
void mgk_sevenzip_streams_free(MgkSevenzipStreams *streams);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkSevenzipStreams, mgk_sevenzip_streams_free)
/* The same the other way round, the packed streams at place 0. Checksums of folders are written as they were read. */
void mgk_sevenzip_streams_write(const MgkSevenzipStreams *streams, GByteArray *out);

gboolean mgk_sevenzip_coder_is(const MgkSevenzipCoder *coder, const char *method, gsize size);
/* Takes coder (of one in- and one out-stream) out of the chain: what fed it feeds what it fed. The only coder becomes
 * one that copies. */
void mgk_sevenzip_folder_bypass(MgkSevenzipFolder *folder, guint coder);
