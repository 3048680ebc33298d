/* cfb.h - the second look at compound files: exactly the shape that engines/cfb_write.h describes, and of property sets
 * exactly the properties that may stay. Shares no code with the cleaning. */
#pragma once

#include <glib.h>

#define MGK_CHECK_CFB_STREAMS 16

typedef struct MgkCheckStream {
    char name[33];      /* ASCII */
    const guint8 *data; /* within the file, borrowed */
    gsize size;
} MgkCheckStream;

typedef struct MgkCheckCfb {
    guint8 root_class[16];
    guint n;
    MgkCheckStream streams[MGK_CHECK_CFB_STREAMS];
} MgkCheckCfb;

/* FALSE with MGK_ERROR_MALFORMED unless every byte of the file is accounted for: tables, directory, streams one after
 * another, slack of zeros. Fills *ret. */
gboolean mgk_check_cfb(const guint8 *data, gsize size, MgkCheckCfb *ret, GError **error);
const MgkCheckStream *mgk_check_cfb_find(const MgkCheckCfb *cfb, const char *name);
/* A stream "\5SummaryInformation" or "\5DocumentSummaryInformation" (by its name): FALSE with MGK_ERROR_MALFORMED when
 * it holds a property that has to go. */
gboolean mgk_check_properties(const MgkCheckStream *stream, GError **error);
