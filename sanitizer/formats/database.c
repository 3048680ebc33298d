/* database.c - SQLite and Access databases (Access holds macros): recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0, "SQLite format 3\0"), MGK_MAGIC(0, "\0\1\0\0Standard Jet DB"),
                                     MGK_MAGIC(0, "\0\1\0\0Standard ACE DB")};
    return MGK_MAGIC_ANY(probe, table) ? 93 : 0;
}

const MgkHandler mgk_format_database = {.probe = probe};
