/* converter.h - an office document to pages, by LibreOffice in a box of its own (bubblewrap), for the profile image.
 *
 * The one place where a program runs that is not locked by isolation/sandbox.c: it gets no network, no file of this
 * machine but programs and fonts, no user, no right, an empty disk in memory that dies with it, and only documents that
 * were cleaned and checked. What it writes is a stranger's PDF to us and goes the way of every PDF. */
#pragma once

#include "isolation/blob.h"

/* NULL when pages can be made here; else what is missing ("bwrap", "soffice"); static. */
const char *mgk_converter_missing(void);
/* Converts document, whose true extension is given, to PDF. Stops at deadline_us (monotonic), or when interrupt_fd
 * becomes readable, or at max bytes. Errors: MGK_ERROR_UNSUPPORTED not available or no pages came out, _LIMIT time or
 * size, _FAILED interrupted or could not be started. */
gboolean mgk_converter_run(const MgkBlob *document, const char *extension, gint64 deadline_us, int interrupt_fd,
                           guint64 max, MgkBlob *ret_pdf, GError **error);
