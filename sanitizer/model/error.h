/* error.h - why no verdict could be reached.
 *
 * What a file contains is a finding and goes into the report (report.h). A GError of this domain means that an
 * operation could not be carried out; whoever receives one must end in `held` or in a refusal, never in a release. */
#pragma once

#include <glib.h>

#define MGK_ERROR (mgk_error_quark())
GQuark mgk_error_quark(void);

typedef enum {
    MGK_ERROR_FAILED,      /* anything a caller cannot act on */
    MGK_ERROR_MALFORMED,   /* the bytes are not what their format demands */
    MGK_ERROR_LIMIT,       /* a named limit was reached; the message starts with the limit's name */
    MGK_ERROR_UNSUPPORTED, /* understood, but this version has no way to make it safe */
    MGK_ERROR_ENCRYPTED,   /* needs a password, or the given one is wrong */
    MGK_ERROR_IO,          /* the operating system refused: disk full, permission, vanished file */
    MGK_ERROR_SANDBOX,     /* isolation missing, or a worker died */
    MGK_ERROR_USAGE,       /* the caller's arguments or policy are wrong */
} MgkError;
