/* descriptor.h - reading and writing of whole stretches through descriptors that somebody else opened.
 *
 * The kernel may take or give fewer bytes than asked for, and a signal may come in between: here is the one place that
 * goes on. Below every layer that owns descriptors (isolation, store, cli, milter, holdd); nothing here opens or closes
 * one.
 */
#pragma once

#include <glib.h>

/* Writes all `size` bytes at fd's position. FALSE with errno (never 0) when the kernel refuses or takes nothing; what
 * was written until then stays written. */
gboolean mgk_fd_write_all(int fd, const void *data, gsize size);
/* Reads exactly `size` bytes from fd's position. FALSE with errno; an end before that is EPIPE. */
gboolean mgk_fd_read_all(int fd, void *ret_data, gsize size);
/* Like read(2), started again after a signal. */
gssize mgk_fd_read(int fd, void *ret_data, gsize size);
/* Like pread(2), started again after a signal: may give fewer bytes than asked for, 0 at the end. */
gssize mgk_fd_read_at(int fd, void *ret_data, gsize size, guint64 offset);
