/* cfb_write.h - a compound file ([MS-CFB]) written afresh: version 3, sectors of 512 bytes, streams in the root storage
 * only, one after another; no free sector, slack of zeros, no times, no class but the root's. The same streams always
 * give the same bytes. checks/cfb.c accepts nothing else. */
#pragma once

#include <glib.h>

typedef struct MgkCfbWriter MgkCfbWriter;

/* root_class: 16 bytes, copied. */
MgkCfbWriter *mgk_cfb_writer_new(const guint8 *root_class);
void mgk_cfb_writer_free(MgkCfbWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkCfbWriter, mgk_cfb_writer_free)

/* Adds a stream. name: ASCII, at most 31 bytes, each once (any case); data is borrowed until finish. */
void mgk_cfb_writer_add(MgkCfbWriter *writer, const char *name, const guint8 *data, gsize size);
/* The whole file; owned by the caller. NULL with MGK_ERROR_LIMIT when it would be 2 GiB or more. */
GByteArray *mgk_cfb_writer_finish(MgkCfbWriter *writer, GError **error);
