/* jp2.c - JPEG 2000 files and code streams (ISO/IEC 15444-1).
 *
 * Kept: the picture, gray or colour, with transparency, at 8 bits a sample. Gone: XML, UUID and all other boxes, what
 * follows the code stream; a colour profile is applied (to sRGB) and dropped.
 * Output: JPEG, or PNG where there is transparency (verdict `converted`): office computers open neither .jp2 nor .j2k.
 * Known limits: printing colours and pictures of more than four channels are held, as is anything damaged. */
#include "engines/jp2_read.h"
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "\0\0\0\x0cjP  \r\n"), MGK_MAGIC(0, "\xff\x4f\xff\x51")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

const MgkHandler mgk_format_jp2 = {.probe = probe, .clean = mgk_jp2_read};
