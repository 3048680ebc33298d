/* pdf_signer.h - who signed, as the signature itself claims. Nothing is verified. */
#pragma once

#include <glib.h>

/* The common name (else the whole name) of the signer's certificate in a PKCS#7 block (RFC 2315, DER, possibly padded
 * with zeros as PDF does), UTF-8, untrusted; NULL when there is none to read. Owned by the caller. */
char *mgk_pdf_signer_name(const guint8 *data, gsize size);
