/* cms_signed.h - what an opaque S/MIME signature wraps (CMS SignedData, RFC 5652 section 5.1; RFC 8551 section 3.5.2).
 */
#pragma once

#include <glib.h>

/* The signed content of a SignedData in BER or DER; NULL when the bytes are anything else (EnvelopedData above all),
 * are broken, or carry no content. Nothing is verified: the signature is lost anyway. Owned by the caller. */
GBytes *mgk_cms_signed_content(GBytes *bytes);
