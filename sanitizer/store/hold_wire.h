/* hold_wire.h - what clients say to mugaika-holdd over its UNIX socket, and what it answers.
 *
 * A frame is its length (32 bits, little endian, at most MGK_HOLD_FRAME) and a GVariant "(sa{sv})" in little endian:
 * a word and named arguments. At most one descriptor rides along with a frame. A client asks, waits for one answer, and
 * may ask again. The answer's word is "ok", or "refused" with "code" (t, an MgkError) and "message" (s, a sentence of
 * po/, untranslated: the client has the person's language).
 *
 * Who asks is what the kernel says of the socket's other end (SO_PEERCRED); nothing in a frame is believed about that.
 * Errors: MGK_ERROR_IO, MGK_ERROR_MALFORMED. */
#pragma once

#include "model/error.h"

#define MGK_HOLD_SOCKET "/run/mugaika-hold/hold.sock"
#define MGK_HOLD_FRAME (4u << 20)
#define MGK_HOLD_TYPE "(sa{sv})"

/* Sends a frame. arguments: "a{sv}", or NULL for none; a floating one is taken. fd: -1 for none; borrowed. */
gboolean mgk_hold_send(int socket, const char *word, GVariant *arguments, int fd, GError **error);
/* Waits for a frame: "(sa{sv})" in normal form, owned by the caller, bounded. *ret_fd (NULL: none is wanted, and one
 * that comes is closed) becomes the descriptor, owned by the caller, or -1. NULL without error: the other side ended
 * between two frames. */
GVariant *mgk_hold_receive(int socket, int *ret_fd, GError **error);

/* Connects; path NULL: MGK_HOLD_SOCKET. Waits at most `seconds` for each answer. -1 with error. */
int mgk_hold_connect(const char *path, guint seconds, GError **error);
/* Asks and returns the arguments of an "ok" (owned by the caller); a refusal is NULL with its code and its message,
 * untranslated. ret_fd as above. */
GVariant *mgk_hold_ask(int socket, const char *word, GVariant *arguments, int fd, int *ret_fd, GError **error);

/* Arguments by name: "" or 0 or FALSE when they are missing or of another type. Borrowed from arguments. */
const char *mgk_hold_text(GVariant *arguments, const char *name);
guint64 mgk_hold_number(GVariant *arguments, const char *name);
gboolean mgk_hold_flag(GVariant *arguments, const char *name);
/* NULL-terminated; the array is owned by the caller (g_free), its strings are borrowed; empty when missing. */
const char **mgk_hold_texts(GVariant *arguments, const char *name);
