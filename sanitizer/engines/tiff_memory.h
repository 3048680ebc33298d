/* tiff_memory.h - libtiff on bytes in memory, its complaints counted instead of printed. */
#pragma once

#include <glib.h>
#include <tiffio.h>

typedef struct MgkTiffMemory {
    const guint8 *data; /* borrowed; reading */
    gsize size;
    GByteArray *out; /* borrowed; writing, else NULL */
    gsize at;
    guint errors;
    char message[96]; /* the first error */
} MgkTiffMemory;

/* Opens memory for reading, or for writing when memory->out is set. NULL when libtiff refuses; the caller closes. One
 * allocation of libtiff is at most max_bytes. */
TIFF *mgk_tiff_memory_open(MgkTiffMemory *memory, gsize max_bytes);
