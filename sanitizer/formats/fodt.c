/* fodt.c - flat OpenDocument (ISO/IEC 26300-1 clause 3.1.2): a document as one XML file, root office:document, pictures
 * in base64 (office:binary-data).
 *
 * Kept and removed as odt.c says for the family. Pictures are decoded, rebuilt by a child job and encoded again;
 * embedded documents and MathML stand inside the XML and follow the same rules. Recognised by root element and its
 * namespace. Output: fodt, fods, fodp or fodg, as office:mimetype and body say. Limits: a picture beside an embedded
 * object is left out, programs draw it anew. */
#include "checks/odf.h"
#include "engines/odf.h"
#include "engines/odf_text.h"
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    g_autofree char *root = mgk_recognise_root(head);
    const char *colon = strrchr(root, ':');
    gboolean named = strcmp(colon ? colon + 1 : root, "document") == 0;
    return named && strstr(head, "urn:oasis:names:tc:opendocument:xmlns:office:1.0") ? 90 : 0;
}

const MgkHandler mgk_format_fodt = {
    .probe = probe, .clean = mgk_odf_clean_flat, .check = mgk_check_fodt, .text = mgk_odf_text};
