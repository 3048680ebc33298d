/* flat_opc.c - flat OPC: a docx, xlsx or pptx written as one XML file (root pkg:package; Word and PowerPoint save it as
 * "Word XML document", "PowerPoint XML presentation"; documented with Open XML SDK and [MS-DOCX]'s use of it).
 *
 * The parts are packed into the archive that they stand for (engines/flat_opc.h), which a child cleans as docx.c,
 * xlsx.c or pptx.c say. Kept and gone: as there; processing instructions and comments around the parts go. Output: the
 * real docx, xlsx or pptx, which every program opens. Held: document types, entities, parts without name, type or
 * content, two parts of one name, and packages that are no Office document. */
#include "engines/flat_opc.h"
#include "engines/inner_document.h"
#include "engines/recognise.h"
#include "engines/text_tidy.h"
#include "engines/xml_copy.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    g_autofree char *root = mgk_recognise_root(head);
    const char *colon = strrchr(root, ':');
    gboolean named = strcmp(colon ? colon + 1 : root, "package") == 0;
    return named && strstr(head, "schemas.microsoft.com/office/2006/xmlpackage") ? 92 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autofree char *label = mgk_xml_copy_label(job->data, job->size);
    g_autoptr(GString) text = mgk_text_tidy_decode(job, label);
    if (!text)
        return TRUE;
    g_autoptr(GBytes) package = mgk_flat_opc_pack(text, &job->policy->limits, &local);
    if (!package) {
        gboolean limit = g_error_matches(local, MGK_ERROR, MGK_ERROR_LIMIT);
        return mgk_job_hold(job, limit ? MGK_REASON_TOO_MANY : MGK_REASON_MALFORMED, local->message);
    }
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(package, &size);
    job->outcome.verdict = MGK_VERDICT_CONVERTED;
    return mgk_inner_document_clean(job, data, size, error);
}

const MgkHandler mgk_format_flat_opc = {.probe = probe, .clean = clean};
