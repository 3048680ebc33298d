/* cfb.c - any other compound file ([MS-CFB]): Visio, Publisher, Project, Works, 한글, thumbnails and a damaged one:
 * recognised only, held. */
#include "engines/cfb_peek.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    return mgk_cfb_peek_is(probe->data, probe->size) ? 70 : 0;
}

const MgkHandler mgk_format_cfb = {.probe = probe};
