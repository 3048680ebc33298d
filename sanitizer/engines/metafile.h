/* metafile.h - what WMF and EMF have in common: little-endian output and the bitmaps inside records.
 *
 * A bitmap is rebuilt, not copied: a header of 40 bytes with known fields only, a full colour table, exactly the rows
 * that the header promises, the bits behind each row's end zeroed; run lengths are unpacked. What remains of the
 * sender's choice is the visible samples, which is why the handlers scan their output for foreign signatures. */
#pragma once

#include "model/job.h"

typedef struct MgkMetaBitmap {
    const guint8 *header; /* borrowed; header, masks and colours */
    gsize header_size;
    const guint8 *bits; /* borrowed */
    gsize bits_size;
    guint32 untrusted_usage; /* 0: colours; 1: 16-bit indices into the palette selected; 2: none (masks), which is
                                rebuilt with black and white, and then to be called 0 */
    guint32 untrusted_rows;  /* how many rows the bits hold; 0: all of them */
} MgkMetaBitmap;

/* Splits a packed bitmap (bits right behind the colours). FALSE when its header is none. */
gboolean mgk_meta_bitmap_split(MgkMetaBitmap *bitmap, const guint8 *data, gsize size);
/* Appends the rebuilt header and bits, each a multiple of 4 bytes. FALSE when it cannot be kept: unknown header,
 * embedded JPEG or PNG, larger than the limits, less than an eighth of it there. *ret_damaged: rows were missing. */
gboolean mgk_meta_bitmap_rebuild(const MgkMetaBitmap *bitmap, const MgkLimits *limits, GByteArray *header,
                                 GByteArray *bits, gboolean *ret_damaged);

void mgk_meta_put16(GByteArray *out, guint value);
void mgk_meta_put32(GByteArray *out, guint32 value);
void mgk_meta_set32(GByteArray *out, gsize at, guint32 value);
/* Zeros until the length since start is a multiple of 4. */
void mgk_meta_align(GByteArray *out, gsize start);
/* Records that a signature of another kind of file stands in the output, which then does not cross; TRUE when none. */
gboolean mgk_meta_is_unambiguous(MgkJob *job, const GByteArray *out);
