/* gunzip.h - gzip (RFC 1952) by zlib, which verifies length and checksum; and drawings that are packed so as a matter
 * of course (svgz, emz, wmz). */
#pragma once

#include "engines/archive_growth.h"
#include "model/job.h"

/* All of the job's bytes, unpacked within the limits; *ret_end is where the packed ones end. Owned by the caller.
 * Errors: MALFORMED, LIMIT as mgk_growth_commit() says. */
GBytes *mgk_gunzip(const MgkJob *job, MgkGrowth *growth, gsize *ret_end, GError **error);
/* The first bytes of what is packed, at most room of them; 0 when it is not gzip. */
gsize mgk_gunzip_head(const guint8 *data, gsize size, guint8 *out, gsize room);
/* For probes: when the bytes are gzip and the name ends as asked, *ret_probe is about the first bytes inside, at most
 * room of them, unpacked into buffer. Else FALSE. */
gboolean mgk_gunzip_probe(const MgkProbe *probe, const char *extension, guint8 *buffer, gsize room,
                          MgkProbe *ret_probe);
/* Runs clean on what is packed in the job's bytes, or on them when they are not packed. Holds the job when they cannot
 * be unpacked. */
gboolean mgk_gunzip_clean(MgkJob *job, gboolean (*clean)(MgkJob *job, GError **error), GError **error);
