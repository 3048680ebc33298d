/* property_set.h - the document properties of compound files ([MS-OLEPS], [MS-OSHARED] 2.3.3), read and built anew.
 *
 * What stays is rules/property_set.def: titles, subjects, counts, dates, and of a document's own properties the
 * sensitivity labels (MSIP_Label_*). Authors, companies, templates, link bases, thumbnails, digital signatures and the
 * names of parts go (MGK_KIND_METADATA, MGK_KIND_THUMBNAIL), as in OOXML (rules/package.def). */
#pragma once

#include "model/job.h"

typedef enum {
    MGK_PROPERTIES_SUMMARY,  /* "\5SummaryInformation" */
    MGK_PROPERTIES_DOCUMENT, /* "\5DocumentSummaryInformation", with the user-defined section */
} MgkProperties;

/* The name of the stream that holds such a set. */
const char *mgk_properties_stream(MgkProperties which);
/* Rebuilds one set and records what went. NULL when nothing worth keeping is left or the bytes are no such set; a
 * damaged set is recorded as MGK_KIND_UNKNOWN_PART. */
GByteArray *mgk_properties_rebuild(MgkJob *job, MgkProperties which, const guint8 *data, gsize size);
