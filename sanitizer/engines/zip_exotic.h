/* zip_exotic.h - entries that the own reader does not unpack: encrypted ones, and methods other than deflate. */
#pragma once

#include "engines/zip_reader.h"

/* The content of an entry by way of libarchive, which sees an archive of this one entry only, made in memory from what
 * was verified. ZipCrypto and WinZip AES over stored or deflated data (password in UTF-8, may be NULL);
 * without encryption bzip2, LZMA, XZ, Zstandard, PPMd. Bounds as
 * mgk_zip_entry_bytes(). Errors: MGK_ERROR_ENCRYPTED password missing or wrong (message "no password" or "wrong
 * password"), MGK_ERROR_UNSUPPORTED, MGK_ERROR_LIMIT, MGK_ERROR_MALFORMED. Opens nothing; TZ must be UTC0 so that
 * libarchive reads no time zone. */
GBytes *mgk_zip_exotic_bytes(MgkZip *zip, MgkZipEntry *entry, const char *password, gsize max, GError **error);
