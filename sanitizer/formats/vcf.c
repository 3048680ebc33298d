/* vcf.c - contacts: vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350).
 *
 * Kept: names with their Japanese readings, addresses, numbers, notes, and pictures inside, which are cleaned as
 * children (PNG stays PNG, all else becomes JPEG). Goes: sounds, keys, agents, pictures that lie elsewhere, addresses
 * other than web, mail and telephone, fields of single programs. vCard 2.1 stays 2.1: what is not ASCII leaves as
 * quoted-printable UTF-8 whatever it came in (CP932 mostly). Output and what is held: as ics.c. Limits known: base64
 * that is neither indented nor in one line is cut at its first line, and the picture then left out. */
#include "checks/data.h"
#include "engines/content_lines.h"
#include "engines/content_text.h"
#include "engines/recognise.h"
#include "formats/formats.h"

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    return g_str_has_prefix(head, "begin:vcard") ? 84 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    return mgk_content_lines_clean(job, MGK_CONTENT_CONTACT, error);
}

const MgkHandler mgk_format_vcf = {.probe = probe, .clean = clean, .check = mgk_check_vcf, .text = mgk_content_text};
