/* disk.h - the few steps on folders and files that every part of the store takes in the same way.
 *
 * A name appears when its bytes are on the disk, or not at all: nameless file (O_TMPFILE), write, fsync, linkat, fsync
 * of the folder. A descriptor whose fsync failed is closed and never asked again: the kernel may have thrown the bytes
 * away and would say yes the second time. Functions return FALSE or -1 with errno; mgk_disk_fail() makes the GError. */
#pragma once

#include "model/error.h"

/* Sets MGK_ERROR_IO "what: reason of errno"; returns FALSE. */
gboolean mgk_disk_fail(GError **error, const char *what);
/* Opens a folder below parent and makes it first, mode 0700, when it is missing; its name is on the disk then. */
int mgk_disk_folder(int parent, const char *name);
/* The same for a path, with what is missing above it. */
int mgk_disk_path(const char *path);
/* A nameless file in folder, mode 0600, open for reading and writing. */
int mgk_disk_nameless(int folder);
/* The nameless file fd is on the disk and then has this name in folder, which is on the disk as well. EEXIST when the
 * name is taken. fd stays open. */
gboolean mgk_disk_publish(int fd, int folder, const char *name);
/* The same, in the place of what has the name. The old file stays whole until the new one is. */
gboolean mgk_disk_replace(int fd, int folder, const char *name);
/* Writes these bytes as the file `name`, in the place of what had it. */
gboolean mgk_disk_write(int folder, const char *name, const void *bytes, gsize size);
/* Names of a folder without "." and "..", sorted by byte; owned by the caller. NULL with errno. */
GPtrArray *mgk_disk_list(int folder);
/* Overwrites a file's bytes with zeros, on the disk, through a descriptor open for writing. */
gboolean mgk_disk_wipe(int fd);
/* Removes the names that mgk_disk_replace() left in folder when it was interrupted. */
gboolean mgk_disk_tidy(int folder);
