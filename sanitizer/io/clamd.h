/* clamd.h - asks a running ClamAV daemon about a file, over its UNIX socket (clamd(8), command INSTREAM): the bytes go
 * through the socket, so the daemon needs no right to read our files. Nothing hostile is parsed here. */
#pragma once

#include <glib.h>

#define MGK_CLAMD_NAME 128

typedef enum {
    MGK_CLAMD_CLEAN,
    MGK_CLAMD_FOUND,  /* its signature's name is known */
    MGK_CLAMD_FAILED, /* not reachable, too slow, or it refused (a file above its StreamMaxLength): no verdict */
} MgkClamdAnswer;

/* Sends all of fd (read from offset 0 by position; fd's own position does not change) to the daemon at `socket`.
 * Waits at most `seconds` for each step. ret_words: the signature's name, or what went wrong, printable ASCII; never
 * NULL, "" when clean. */
MgkClamdAnswer mgk_clamd_scan(const char *socket, int fd, guint seconds, char ret_words[MGK_CLAMD_NAME]);
