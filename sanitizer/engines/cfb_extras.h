/* cfb_extras.h - what stands in a compound file beside the streams that a format rebuilds. */
#pragma once

#include "engines/cfb_read.h"
#include "engines/cfb_write.h"
#include "model/job.h"

/* Records what else is in the root: macros, objects, controls, unknown parts, each kind once. own: names of the
 * format's streams and storages, n of them. */
void mgk_cfb_report_extras(MgkJob *job, const MgkCfb *cfb, const char *const *own, gsize n);
/* Rebuilds both property sets (engines/property_set.h) and adds to writer what is left of them. Returned: the bytes,
 * owned by the caller, which must outlive the writer's finish. */
GPtrArray *mgk_cfb_add_properties(MgkJob *job, const MgkCfb *cfb, MgkCfbWriter *writer);
