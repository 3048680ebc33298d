/* wmf.h - the records of a Windows metafile, one at a time, by rules/wmf.def. */
#pragma once

#include "engines/metafile.h"

#define MGK_WMF_RECORD_HEAD 6u
#define MGK_WMF_SLOTS 65536u

typedef struct MgkWmf {
    MgkJob *job;      /* borrowed */
    GByteArray *out;  /* owned; what was written so far */
    guint8 *live;     /* owned; MGK_WMF_SLOTS flags: the slot holds an object */
    guint slots;      /* slots ever in use at once */
    guint free;       /* no slot below is free */
    guint32 longest;  /* longest record, in words */
    gboolean damaged; /* told already */
    GHashTable *told; /* owned; functions reported already */
} MgkWmf;

/* Judges the record of size bytes (its head included, at least MGK_WMF_RECORD_HEAD) and appends what is kept of it. */
void mgk_wmf_record(MgkWmf *wmf, guint function, const guint8 *record, gsize size);
/* Tells once that records are damaged. */
void mgk_wmf_tell_damaged(MgkWmf *wmf, const char *what);
