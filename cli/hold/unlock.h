/* unlock.h - a person gives the password of something that is held. */
#pragma once

#include "ask.h"

/* Passwords from --password-file, or one line asked for on the terminal without echo; never from the command line. */
MgkExit mgk_hold_unlock(const MgkHoldGiven *given, int socket, const char *id, GError **error);
