/* limits.h - the named bounds (limits.def) as one plain struct of 64-bit numbers. */
#pragma once

#include <glib.h>

#define MGK_KIB G_GUINT64_CONSTANT(1024)
#define MGK_MIB (MGK_KIB * 1024)
#define MGK_GIB (MGK_MIB * 1024)

typedef struct MgkLimits {
#define MGK_LIMIT(name, def, min, max, text) guint64 name;
#include "model/limits.def"
#undef MGK_LIMIT
} MgkLimits;

typedef struct MgkLimitInfo {
    const char *name; /* "input_bytes" */
    guint64 def, min, max;
    const char *text; /* untranslated msgid */
    gsize offset;     /* of its guint64 within MgkLimits */
} MgkLimitInfo;

/* The table of limits in the order of limits.def; *ret_n is its length. Static. */
const MgkLimitInfo *mgk_limits_table(gsize *ret_n);
void mgk_limits_init(MgkLimits *limits); /* fills in the defaults */
