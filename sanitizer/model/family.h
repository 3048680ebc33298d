/* family.h - formats that share a fate, and that fate in words (families.def). */
#pragma once

#include "model/format.h"

typedef struct MgkFamily {
    const char *formats;             /* ids, space separated */
    const char *name, *stays, *goes; /* msgids */
} MgkFamily;

const MgkFamily *mgk_families(gsize *ret_n); /* static */
/* The family of a format, or NULL. */
const MgkFamily *mgk_family_of(MgkFormatId id);
