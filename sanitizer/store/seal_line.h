/* seal_line.h - one seal as bytes, and the key file. seal.h says what they are for.
 *
 *   {"seal":3,"seq":4711,"hash":"HASH","time":"…","key":"HEX","next":"HEX","signature":"HEX"}
 *
 * The signature covers the bytes before ,"signature":. time is the sealed record's. The key file holds one line or two:
 * NUMBER SECRET, the secret in hex; two while a seal is being made. */
#pragma once

#include "store/seal.h"

#define MGK_SEAL_FILE "seals.jsonl"
#define MGK_SEAL_SECRET 64 /* bytes of an Ed25519 secret key, which ends in its public key */

/* The line with its newline, signed; owned by the caller. */
char *mgk_seal_line_make(const MgkSeal *seal, const guint8 *secret);
/* Reads a line without newline. FALSE when it is no seal, or not signed by the key it names. */
gboolean mgk_seal_line_parse(const char *line, gsize size, MgkSeal *ret_seal);
