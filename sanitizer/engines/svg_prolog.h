/* svg_prolog.h - what stands before the root of a drawing, and the entities that it declares.
 *
 * Drawing programs write document types: a reference to the W3C's, or short names for namespaces in an internal subset
 * (Adobe Illustrator). Neither reaches the parser: the prolog is left out, and references to entities with plain text
 * are replaced by that text, once and within bounds. Other entities stay as they are, and the parser refuses them. */
#pragma once

#include "model/job.h"

typedef struct MgkSvgProlog {
    gboolean doctype;    /* one that drawing programs do not write as a matter of course */
    gboolean stylesheet; /* an instruction that fetches a style sheet */
} MgkSvgProlog;

/* text: UTF-8 without byte order mark. Returns it without its prolog, owned by the caller (g_string_free). Errors:
 * MALFORMED (declarations that cannot be read, parameter entities), LIMIT (entities that make it grow). */
GString *mgk_svg_prolog(const GString *text, MgkSvgProlog *ret, GError **error);
