#include "model/limits.h"

#include <stddef.h>

#define N_(text) text

static const MgkLimitInfo table[] = {
#define MGK_LIMIT(limit, d, lo, hi, words) \
    {.name = #limit, .def = (d), .min = (lo), .max = (hi), .text = (words), .offset = offsetof(MgkLimits, limit)},
#include "model/limits.def"
#undef MGK_LIMIT
};

const MgkLimitInfo *mgk_limits_table(gsize *ret_n)
{
    *ret_n = G_N_ELEMENTS(table);
    return table;
}

void mgk_limits_init(MgkLimits *limits)
{
#define MGK_LIMIT(limit, d, lo, hi, words) limits->limit = (d);
#include "model/limits.def"
#undef MGK_LIMIT
}
