/* blip.h - the pictures inside drawings of Office 97 to 2003 ([MS-ODRAW] 2.2.23 OfficeArtBlip). */
#pragma once

#include <glib.h>

/* Whether records of this type hold a picture. */
gboolean mgk_blip_is(guint type);
/* Where the picture's own header begins in a record's body: behind one or two identifiers of 16 bytes each. */
gsize mgk_blip_ids(guint type, guint instance);
/* The picture as a file: metafiles unpacked, bitmaps with the header of a BMP. Owned by the caller; NULL when the body
 * (size bytes) holds none or it would be larger than `most`. *ret_extension: static, "emf", "pict", "png" …, as the
 * record says. */
GBytes *mgk_blip_file(guint type, guint instance, const guint8 *body, gsize size, gsize most,
                      const char **ret_extension);
