/* xml.c - XML data (XML 1.0 with namespaces). A root element alone, without declaration, counts where the extension is
 * no text's; documents with a vocabulary of their own (SVG, flat OpenDocument, XHTML) have rows of their own.
 *
 * Kept: elements, attributes, text, prefixes, white space. Goes: processing instructions (xml-stylesheet,
 * mso-application and all others), comments, a document type that only refers elsewhere, CDATA sections (their text
 * stays), characters that nobody sees. Held: declarations in a document type, entities, roots whose namespace is in
 * neither rules/xml_roots.def nor xml_authorities.def, and anything in a namespace that programs run or obey
 * (rules/xml_active.def). Output: UTF-8, one declaration. Encodings read: UTF-8, UTF-16, the Japanese ones. Limits
 * known: what the data mean to the program that reads them is not judged; signatures over the bytes (not over XML's
 * canonical form) no longer fit. */
#include "checks/data.h"
#include "engines/recognise.h"
#include "engines/xml_copy.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    g_autofree char *head = mgk_recognise_head(probe);
    if (g_str_has_prefix(head, "<?xml"))
        return 72;
    g_autofree char *root = mgk_recognise_root(head);
    gboolean text = mgk_format_has_extension(MGK_FORMAT_ID_text, probe->extension);
    gboolean doctype = g_str_has_prefix(head, "<!doctype");
    return *root && (doctype || (!text && (strstr(head, "xmlns") || strstr(head, "</")))) ? 60 : 0;
}

static void report(MgkJob *job, const MgkXmlCopied *copied)
{
    const struct {
        MgkKind kind;
        guint count;
    } table[] = {{MGK_KIND_XML_DOCTYPE, copied->doctypes},
                 {MGK_KIND_XML_INSTRUCTION, copied->instructions},
                 {MGK_KIND_XML_COMMENT, copied->comments}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *detail = g_strdup_printf("%u", table[i].count);
        if (table[i].count)
            mgk_job_find(job, table[i].kind, NULL, detail);
    }
    mgk_text_tidy_report(job, &copied->tally);
}

/* The handler's own index of the extension in use. */
static guint own_extension(const char *name)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    for (guint i = 0;; i++) {
        g_autofree char *extension = mgk_format_extension(MGK_FORMAT_ID_xml, i);
        g_autofree char *dotted = extension ? g_strconcat(".", extension, NULL) : NULL;
        if (!dotted || g_str_has_suffix(lower, dotted))
            return dotted ? i : 0;
    }
}

static gboolean clean(MgkJob *job, GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autofree char *label = mgk_xml_copy_label(job->data, job->size);
    g_autoptr(GString) text = mgk_text_tidy_decode(job, label), out = g_string_new(NULL);
    if (!text)
        return TRUE;
    MgkXmlCopied copied;
    if (!mgk_xml_copy(text, &job->policy->limits, out, &copied, &local)) {
        gboolean limit = g_error_matches(local, MGK_ERROR, MGK_ERROR_LIMIT);
        return mgk_job_hold(job, limit ? MGK_REASON_TOO_DEEP : MGK_REASON_MALFORMED, local->message);
    }
    if (copied.active || !copied.known)
        return mgk_job_hold(job, MGK_REASON_UNSUPPORTED_FORMAT,
                            copied.active ? copied.active : "a vocabulary that is not on the list");
    report(job, &copied);
    job->outcome.extension = own_extension(job->name);
    return job->write(job, out->str, out->len, error);
}

const MgkHandler mgk_format_xml = {.probe = probe, .clean = clean, .check = mgk_check_xml};
