/* zip_internal.h - what the files of the ZIP reader share; nobody else includes it. */
#pragma once

#include "engines/zip_reader.h"

#include <libdeflate.h>

struct MgkZip {
    const guint8 *data; /* borrowed */
    gsize size;
    MgkLimits limits;
    GArray *entries;    /* owned; of MgkZipEntry */
    GArray *order;      /* owned; of guint: indices of entries by their place in the file */
    GStringChunk *text; /* owned; decoded names */
    GHashTable *names;  /* owned; name → index + 1; keys borrowed from text */
    guint32 anomalies;
    guint64 unpacked;                             /* spent of limits.total_bytes */
    struct libdeflate_decompressor *decompressor; /* owned; made when first needed */
};

/* Places of the archive's structures, all verified to lie inside the bytes. */
typedef struct MgkZipPlan {
    gsize end; /* of the end record */
    gsize directory, directory_end;
    gsize tail; /* where the directory's bytes should end: at the zip64 end record or the end record */
    gsize base; /* bytes by which all offsets are short: an archive behind a prefix */
    guint64 untrusted_count;
} MgkZipPlan;

/* What the extra fields of one header say. */
typedef struct MgkZipExtra {
    const guint8 *zip64; /* payload or NULL */
    guint16 zip64_size;
    const guint8 *path; /* payload of 0x7075 or NULL */
    guint16 path_size;
    gboolean encrypted, malformed, twice;
} MgkZipExtra;

static inline guint16 mgk_zip_u16(const guint8 *p)
{
    return (guint16)(p[0] | p[1] << 8);
}

static inline guint32 mgk_zip_u32(const guint8 *p)
{
    return mgk_zip_u16(p) | (guint32)mgk_zip_u16(p + 2) << 16;
}

static inline guint64 mgk_zip_u64(const guint8 *p)
{
    return mgk_zip_u32(p) | (guint64)mgk_zip_u32(p + 4) << 32;
}

static inline MgkZipEntry *mgk_zip_nth_by_place(const MgkZip *zip, guint n)
{
    return &g_array_index(zip->entries, MgkZipEntry, g_array_index(zip->order, guint, n));
}

/* Finds and places the end record and the directory; nothing of them is read yet. */
gboolean mgk_zip_end_find(MgkZip *zip, MgkZipPlan *ret_plan, GError **error);
/* After the entries are known: end records elsewhere, trailer, wrong count. */
void mgk_zip_end_judge(MgkZip *zip, const MgkZipPlan *plan);
/* TRUE when the bytes hold the start of a local header, central record or end record. */
gboolean mgk_zip_signature_within(const guint8 *data, gsize size);
/* Reads the central directory into zip->entries and compares every local header. */
gboolean mgk_zip_directory_read(MgkZip *zip, const MgkZipPlan *plan, GError **error);
/* Orders entries by place; finds descriptors, overlaps, prefix and gaps. */
void mgk_zip_layout_judge(MgkZip *zip, const MgkZipPlan *plan);
/* Decodes all names, compares 0x7075 extras, finds duplicates. */
void mgk_zip_naming_judge(MgkZip *zip);
MgkZipExtra mgk_zip_extra_parse(const guint8 *data, gsize size);
/* Counts bytes that an entry has yielded against ratio and total_bytes. */
gboolean mgk_zip_account(MgkZip *zip, MgkZipEntry *entry, guint64 produced, GError **error);
