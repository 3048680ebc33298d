/* video.c - moving pictures: recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(4, "ftyp"),
                                     MGK_MAGIC(4, "moov"),
                                     MGK_MAGIC(4, "mdat"),
                                     MGK_MAGIC(8, "AVI LIST"),
                                     MGK_MAGIC(0, "\x1a\x45\xdf\xa3"),
                                     MGK_MAGIC(0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
                                     MGK_MAGIC(0, "FLV\1"),
                                     MGK_MAGIC(0, "\0\0\1\xba"),
                                     MGK_MAGIC(0, "\0\0\1\xb3"),
                                     MGK_MAGIC(0, ".RMF")};
    if (MGK_MAGIC_ANY(probe, table))
        return 89;
    return g_str_has_prefix(probe->media_type, "video/") ? 35 : 0; /* libmagic alone never outweighs text */
}

const MgkHandler mgk_format_video = {.probe = probe};
