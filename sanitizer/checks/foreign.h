/* foreign.h - the last look over any output: bytes by which other programs would take it for another kind of file. */
#pragma once

#include "model/job.h"

/* What an output is made of decides which signatures say something about it: see foreign.def. */
typedef enum {
    MGK_FOREIGN_PICTURE = 1 << 0, /* PNG, JPEG: every byte compressed by us */
    MGK_FOREIGN_PDF = 1 << 1,
    MGK_FOREIGN_PACKAGE = 1 << 2, /* Office documents: the container */
    MGK_FOREIGN_ARCHIVE = 1 << 3, /* ZIP: members keep their words, so only its own structure speaks */
    MGK_FOREIGN_PART = 1 << 4, /* XML stored in a package without compression: chosen bytes stand there as they are */
    MGK_FOREIGN_TEXT = 1 << 5, /* text, CSV, mail: words are words; only the beginning and a ZIP's end count */
} MgkForeignShape;

/* The shape of outputs of a format. */
MgkForeignShape mgk_foreign_shape(MgkFormatId format);
/* The shape of a member by its name's extension; without one that is known, MGK_FOREIGN_ARCHIVE, which is the least. */
MgkForeignShape mgk_foreign_shape_of_name(const char *name);
/* FALSE with MGK_ERROR_MALFORMED naming signature and place when bytes of that shape could be opened as something else.
 *
 * By chance a megabyte of compressed pixels hits with probability 0.2 %: whoever encodes scans first
 * (engines/signature.h) and on a hit encodes differently; a hit here holds the file. */
gboolean mgk_check_foreign(const guint8 *data, gsize size, MgkForeignShape shape, GError **error);
