/* data.h - the second looks at texts that programs read: they share no code with the cleaning. */
#pragma once

#include "model/job.h"

/* One JSON value in UTF-8 without byte order mark: RFC 8259 to the letter, no name twice in an object, no lone
 * surrogate, at most 512 levels; and what mgk_check_text() demands. */
gboolean mgk_check_json(MgkJob *job, GError **error);
/* One XML document in UTF-8 by xml_walk.h, whose root has no namespace or a listed one and is no page, program or
 * settings that anything obeys, and no element that browsers run; and what mgk_check_text() demands. */
gboolean mgk_check_xml(MgkJob *job, GError **error);
/* A calendar (VCALENDAR) or contacts (VCARD) of ours: CRLF, lines of at most 75 bytes cut between characters,
 * components that match, only components, properties and parameters of content_names.def, pictures as PNG or JPEG; and
 * mgk_check_text(). */
gboolean mgk_check_ics(MgkJob *job, GError **error);
gboolean mgk_check_vcf(MgkJob *job, GError **error);
/* A drawing of ours: only listed elements and attributes, references within the document, links by http, https and
 * mailto, style sheets without at-rules but @media, pictures that our encoders write. */
gboolean mgk_check_svg(MgkJob *job, GError **error);
