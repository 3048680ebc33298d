/* keep.h - a file is given to the hold by hand: its original is kept, and what clean would say of it. */
#pragma once

#include "ask.h"

/* Keeps the file, inspects it in the sandbox, prints the record's number. */
MgkExit mgk_hold_keep(const MgkHoldGiven *given, int socket, const char *path, GError **error);
