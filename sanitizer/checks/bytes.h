/* bytes.h - the last look over any output: bytes by which other programs would take it for another kind of file. */
#pragma once

#include "model/job.h"

/* FALSE with MGK_ERROR_MALFORMED naming signature and place when an output of this format could be opened as something
 * else. Each signature is looked for only where some program looks, so that megabytes of honest compressed data do not
 * spell one by chance:
 *   a program at 0 (MZ with a binary header, ELF, #!), every format
 *   another archive's end record in the last 64 KiB, every format; in archives one whose comment reaches the end
 *   %PDF- in the first 1,024 bytes, a local file header at 0: pictures and what is not a PDF or an archive
 *   <script, <hta, <html, <?php anywhere: pictures and PDFs, which nobody reads as text, while mshta and PHP read
 *   anything; in archives and texts such words are ordinary content
 * By chance a megabyte of compressed data hits with probability 0.2 %. Whoever encodes scans first (engines/) and on a
 * hit encodes differently: deflate at another level, JPEG with other quality or restart intervals, PNG with another
 * filter; a hit here holds the file. */
gboolean mgk_check_foreign_signatures(const guint8 *data, gsize size, MgkFormatId format, GError **error);
