/* heif.c - HEIC and AVIF photos (ISO/IEC 23008-12 and AOM's AVIF: an ftyp box with a still picture brand).
 *
 * Kept: the primary picture with its transparency, turned as the file says, at 8 bits a sample. Gone: EXIF with
 * coordinates, XMP, previews, depth maps, further pictures, moving parts; a colour profile is applied (to sRGB) and
 * dropped.
 * Output: JPEG, or PNG where there is transparency (verdict `converted`): coding HEVC or AV1 anew takes seconds, and
 * few office computers open either.
 * The boxes are read by our own code (engines/heif_box.c), the pictures decoded by libde265 and dav1d in one thread.
 * Known limits: mirrored or cropped files and pictures made of others by other ways than a grid are held; colour planes
 * of half size are enlarged without smoothing. */
#include "checks/checks.h"
#include "engines/heif_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(4, "ftypheic"), MGK_MAGIC(4, "ftypheix"), MGK_MAGIC(4, "ftypheim"),
                                     MGK_MAGIC(4, "ftypheis"), MGK_MAGIC(4, "ftyphevc"), MGK_MAGIC(4, "ftyphevx"),
                                     MGK_MAGIC(4, "ftypmif1"), MGK_MAGIC(4, "ftypmsf1"), MGK_MAGIC(4, "ftypavif"),
                                     MGK_MAGIC(4, "ftypavis")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

const MgkHandler mgk_format_heif = {.probe = probe, .clean = mgk_heif_read};
