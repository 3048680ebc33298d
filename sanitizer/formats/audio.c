/* audio.c - sound files: recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "ID3"),      MGK_MAGIC(0, "OggS"),       MGK_MAGIC(0, "fLaC"),
                                     MGK_MAGIC(8, "WAVEfmt "), MGK_MAGIC(8, "AIFF"),       MGK_MAGIC(8, "AIFC"),
                                     MGK_MAGIC(0, "#!AMR"),    MGK_MAGIC(0, ".snd\0\0\0"), MGK_MAGIC(0, "MThd\0\0\0\6"),
                                     MGK_MAGIC(4, "ftypM4A"),  MGK_MAGIC(4, "ftypM4B"),    MGK_MAGIC(0, "MAC \x96"),
                                     MGK_MAGIC(0, "wvpk")};
    if (MGK_MAGIC_ANY(probe, table))
        return 90;
    return g_str_has_prefix(probe->media_type, "audio/") ? 35 : 0; /* libmagic alone never outweighs text */
}

const MgkHandler mgk_format_audio = {.probe = probe};
