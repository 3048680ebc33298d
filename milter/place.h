/* place.h - where the filter lives: its socket and its user. */
#pragma once

#include "options.h"

/* Opens libmilter's socket (smfi_register() must be done), after a stale one was removed, with mode and group as asked
 * for, and owned by --user. Errors: MGK_ERROR_IO, MGK_ERROR_USAGE. */
gboolean mgk_place_open_socket(const MgkMilterOptions *options, GError **error);
/* Stops being root: --user and its groups. Refuses to go on as root. Makes the state folder when it is missing, owned
 * by that user. Errors: MGK_ERROR_USAGE, MGK_ERROR_IO. */
gboolean mgk_place_become_user(const MgkMilterOptions *options, GError **error);
