/* svg.h - drawings through the XML filter, by rules/svg.def: what the handler says of them, formats/svg.c. */
#pragma once

#include "model/job.h"

gboolean mgk_svg_clean(MgkJob *job, GError **error);
