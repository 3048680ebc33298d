/* zip_reader.h - a bounded reader of ZIP directories over memory (PKWARE APPNOTE 6.3.10).
 *
 * Opening reads the end record, the whole central directory and every local header, and compares them. What two readers
 * could understand differently does not stop the opening: it is returned as anomaly bits of the archive and of each
 * entry, and whoever asked decides (MGK_ZIP_MISLEADING and MGK_ZIP_UNREADABLE name the classes). Contents come out by
 * stream or in one piece; sizes, checksum and growth are verified, nothing declared is trusted. */
#pragma once

#include "model/error.h"
#include "model/limits.h"

enum {
    /* of the archive */
    MGK_ZIP_PREFIX = 1 << 0,       /* bytes before the first entry */
    MGK_ZIP_TRAILING = 1 << 1,     /* bytes after the end record and its comment */
    MGK_ZIP_GAP = 1 << 2,          /* bytes between entries, directory and end record that nothing describes */
    MGK_ZIP_COMMENT = 1 << 3,      /* a comment (archive's or entry's) */
    MGK_ZIP_SECOND_END = 1 << 4,   /* more than one plausible end record */
    MGK_ZIP_END_MISMATCH = 1 << 5, /* end records and directory disagree on counts, sizes, places */
    MGK_ZIP_HIDDEN_ENTRY = 1 << 6, /* a prefix, gap or trailer with a ZIP signature in it */
    MGK_ZIP_MULTI_DISK = 1 << 7,
    /* of an entry (the archive's bits are the union) */
    MGK_ZIP_LOCAL_MISMATCH = 1 << 8,  /* local header ≠ central record: name, method, flags, sizes or checksum */
    MGK_ZIP_OVERLAP = 1 << 9,         /* shares bytes with another entry */
    MGK_ZIP_DUPLICATE = 1 << 10,      /* same name as an earlier entry */
    MGK_ZIP_CASE_DUPLICATE = 1 << 11, /* same name but for case or composition as an earlier entry */
    MGK_ZIP_NAME_CONFLICT = 1 << 12,  /* unicode path extra 0x7075 names something else, or is stale */
    MGK_ZIP_NAME_ENCODING = 1 << 13,  /* bit 11 but no UTF-8 */
    MGK_ZIP_NAME_LEGACY = 1 << 14,    /* non-ASCII without bit 11: decoded as UTF-8, CP932 or CP437 */
    MGK_ZIP_NAME_NUL = 1 << 15,       /* NUL in the name, or an empty name */
    MGK_ZIP_NAME_BACKSLASH = 1 << 16, /* a backslash after decoding (not the second byte of a CP932 character) */
    MGK_ZIP_NAME_PERCENT = 1 << 17,   /* %HH: harmless in an archive, ambiguous in OOXML */
    MGK_ZIP_ZIP64_ODD = 1 << 18,      /* zip64 extra that some readers use and others ignore */
    MGK_ZIP_DESCRIPTOR = 1 << 19,     /* bit 3, but the data descriptor is missing or ≠ central record */
    MGK_ZIP_EXTRA = 1 << 20,          /* malformed extra fields */
    MGK_ZIP_ENCRYPTED = 1 << 21,      /* bits 0, 6, 13, method 99 or extras 0x9901, 0x0017 */
    MGK_ZIP_METHOD = 1 << 22,         /* neither stored nor deflated */
    MGK_ZIP_LINK = 1 << 23,           /* symbolic link, device, socket, reparse point */

    /* built, or damaged, so that readers see different contents: hold */
    MGK_ZIP_MISLEADING = MGK_ZIP_SECOND_END | MGK_ZIP_END_MISMATCH | MGK_ZIP_HIDDEN_ENTRY | MGK_ZIP_LOCAL_MISMATCH |
                         MGK_ZIP_OVERLAP | MGK_ZIP_NAME_CONFLICT | MGK_ZIP_NAME_ENCODING | MGK_ZIP_NAME_NUL |
                         MGK_ZIP_ZIP64_ODD | MGK_ZIP_DESCRIPTOR | MGK_ZIP_EXTRA | MGK_ZIP_MULTI_DISK,
    /* mgk_zip_entry_bytes() and mgk_zip_stream_new() refuse such entries */
    MGK_ZIP_UNREADABLE = MGK_ZIP_ENCRYPTED | MGK_ZIP_METHOD | MGK_ZIP_OVERLAP | MGK_ZIP_MULTI_DISK,
};

typedef struct MgkZipEntry {
    const char *name;       /* decoded, UTF-8, separators as stored, NUL cut; a directory's ends with '/' */
    const guint8 *raw_name; /* borrowed from the archive's bytes */
    guint16 raw_name_size;
    guint16 flags, method;
    guint32 dos_time; /* date << 16 | time, as stored: local time of the sender */
    guint32 crc;
    guint32 anomalies;
    guint32 unix_mode; /* S_IFMT and permissions, 0 when the maker is no unix */
    gboolean directory;
    guint64 untrusted_size;      /* declared size; believe only what was read */
    gsize packed_size;           /* verified to lie inside the archive */
    gsize header_offset, offset; /* of the local header and of the packed data, in the archive's bytes */
    gsize end_offset;            /* after data and descriptor */
    guint64 unpacked;            /* most bytes any read of this entry has produced */
} MgkZipEntry;

typedef struct MgkZip MgkZip;
typedef struct MgkZipStream MgkZipStream;

/* data is borrowed and must outlive the result; limits are copied (zip_entries, ratio, total_bytes are used).
 * Errors: MGK_ERROR_MALFORMED no archive, or cut off; MGK_ERROR_LIMIT too many entries. */
MgkZip *mgk_zip_open(const guint8 *data, gsize size, const MgkLimits *limits, GError **error);
void mgk_zip_free(MgkZip *zip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkZip, mgk_zip_free)

/* TRUE when the bytes have an end record: cheap, for probes of archives behind a prefix. */
gboolean mgk_zip_has_end(const guint8 *data, gsize size);
guint mgk_zip_count(const MgkZip *zip);
MgkZipEntry *mgk_zip_entry(const MgkZip *zip, guint index);     /* central directory order; borrowed */
MgkZipEntry *mgk_zip_find(const MgkZip *zip, const char *name); /* exact decoded name, the first; NULL if none */
guint32 mgk_zip_anomalies(const MgkZip *zip);                   /* all of them, archive and entries */
char *mgk_zip_anomalies_text(guint32 anomalies);                /* "second-end,overlap"; owned by the caller */
const guint8 *mgk_zip_packed(const MgkZip *zip, const MgkZipEntry *entry); /* packed_size bytes; borrowed */

/* The whole content, verified (length, CRC-32, nothing after the deflate stream), at most max bytes. A stored entry is
 * not copied: the result must not outlive the archive's bytes. Errors: MGK_ERROR_MALFORMED, _LIMIT ("ratio: …",
 * "total_bytes: …", "size: …" when longer than max), _ENCRYPTED, _UNSUPPORTED (method). */
GBytes *mgk_zip_entry_bytes(MgkZip *zip, MgkZipEntry *entry, gsize max, GError **error);

/* The same in pieces, in constant memory. *ret_size is 0 at the end, and only then length and CRC are verified: nothing
 * made of earlier pieces may be released before. Same errors. */
MgkZipStream *mgk_zip_stream_new(MgkZip *zip, MgkZipEntry *entry, GError **error);
gboolean mgk_zip_stream_read(MgkZipStream *stream, guint8 *buffer, gsize size, gsize *ret_size, GError **error);
void mgk_zip_stream_free(MgkZipStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkZipStream, mgk_zip_stream_free)
