/* release.h - an original leaves the hold unsanitized: by mail to its recipients, or as a file into a folder. */
#pragma once

#include "hold.h"

typedef struct MgkRelease {
    const MgkRecord *record;   /* borrowed */
    const MgkRequest *request; /* borrowed; the approval */
    int original;              /* borrowed; sealed memory file, its hash verified */
} MgkRelease;

/* Sends or writes it, marked as released unsanitized under this approval. Once more with the same release: the mail is
 * sent again, the file is left as it is. *ret_where: "mail: a@b", a path; owned by the caller. Errors: MGK_ERROR_IO,
 * MGK_ERROR_USAGE. */
gboolean mgk_release_carry_out(const MgkHoldConfig *config, const MgkRelease *release, char **ret_where,
                               GError **error);
/* What the mail carries: a notice, and the original as an attachment, byte for byte in base64. to: NULL-terminated
 * addresses, NULL for none fit to be written. Owned by the caller. */
GBytes *mgk_release_mail(const MgkHoldConfig *config, const MgkRelease *release, GError **error);
