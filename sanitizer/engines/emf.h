/* emf.h - the records of an enhanced metafile, one at a time, by rules/emf.def. */
#pragma once

#include "engines/metafile.h"

#define MGK_EMF_RECORD_HEAD 8u
#define MGK_EMF_NUMBERS 256u
#define MGK_EMF_HANDLES 65536u

typedef struct MgkEmf {
    MgkJob *job;     /* borrowed */
    GByteArray *out; /* owned; what was written so far */
    guint8 *live;    /* owned; MGK_EMF_HANDLES flags: the handle names an object */
    guint32 handles; /* highest handle ever made, plus one */
    guint32 records;
    gboolean paints;              /* something is drawn */
    gboolean damaged;             /* told already */
    guint8 told[MGK_EMF_NUMBERS]; /* records reported already */
} MgkEmf;

/* Judges the record of size bytes (its header included, at least MGK_EMF_RECORD_HEAD) and appends what is kept of it.
 * Comments (70) are the caller's. */
void mgk_emf_record(MgkEmf *emf, guint32 number, const guint8 *record, gsize size);
/* Tells once that records are damaged. */
void mgk_emf_tell_damaged(MgkEmf *emf, const char *what);
