/* publish.h - a file appears in a folder that other people read: whole, on the disk, over nothing. */
#pragma once

#include "model/error.h"

/* Copies fd (from offset 0) under this name, or a numbered one when it is taken; a name that has these bytes already is
 * the result of a try before. Returns the path, owned by the caller; NULL with MGK_ERROR_IO. */
char *mgk_hold_publish(const char *folder, int fd, const char *name, GError **error);
