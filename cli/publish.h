/* publish.h - results become visible whole or not at all, survive a power cut, and never replace anything. */
#pragma once

#include "model/error.h"

typedef struct MgkPlace {
    const char *root; /* borrowed; absolute folder, made when missing; links in it are followed: the user chose it */
    const char *sub;  /* borrowed; folders below root, made when missing; links are refused; "" for none */
    const char *name; /* borrowed; wished name, at most 255 bytes */
    gboolean mark;    /* a root that has to be made gets the marker of result folders (inputs.h) */
} MgkPlace;

/* Copies all of source (read from offset 0) to place, durably. A file of the same bytes counts as done; a name taken by
 * other bytes gets " (2)", " (3)"… *ret_path becomes the absolute path (owned by the caller).
 * Errors: MGK_ERROR_IO; the message is a msgid of trouble.h. Nothing is left behind then. */
gboolean mgk_publish_file(const MgkPlace *place, int source, char **ret_path, GError **error);
/* Makes the folder if it is missing, durably, and proves that files can be made in it. Errors: as above. */
gboolean mgk_publish_prepare(const char *folder, GError **error);
/* Copies all of source (from offset 0) to a stream. Errors: as above. */
gboolean mgk_publish_stream(int source, int stream, GError **error);
