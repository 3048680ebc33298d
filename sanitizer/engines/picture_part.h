/* picture_part.h - what a picture inside a document becomes, decided by what it is, not by what it is called. */
#pragma once

#include "model/format.h"

#define MGK_PICTURE_HEAD 1024u /* as many first bytes as tell */

/* jpeg, gif, emf, wmf (packed with gzip, too), svg or, for everything else, png. */
MgkFormatId mgk_picture_part_format(const guint8 *head, gsize size);
/* What to call a packed picture when a child is asked for it, since it is known by its name; NULL for others. Static.
 */
const char *mgk_picture_part_name(const guint8 *head, gsize size);
/* The media type that documents give such a picture ("image/x-emf"); static. */
const char *mgk_picture_part_media(MgkFormatId format);
/* The extension of such a part, with its dot (".jpeg" or, short, ".jpg"); static. */
const char *mgk_picture_part_extension(MgkFormatId format, gboolean is_short);
