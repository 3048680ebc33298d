#include "engines/pdf_walk.h"

#include "engines/pdf_objects.h"
#include "engines/signature.h"

#include <string.h>

#define HEADER_WITHIN 1024
#define MAX_REVISIONS 8
#define MAX_STRAYS 100000
#define TAIL_BYTES (65536 + 22) /* where a ZIP reader looks for its directory */
/* Part of the worker's processor time after which the list is left as it is: the pages matter more. */
#define PATIENCE_PART 4

typedef struct Walk {
    MgkJob *job; /* borrowed */
    MgkPdfVisit visit;
} Walk;

/* The highest number in "12 0 obj": a trailer may claim less, or far more, than is there. */
static int highest_written_id(const guint8 *data, gsize size, int cap)
{
    static const char mark[] = " obj";
    int highest = 0;
    const guint8 *at = data, *end = data + size;
    while ((at = memmem(at, (gsize)(end - at), mark, 4))) {
        const guint8 *p = at;
        while (p > data && g_ascii_isdigit(p[-1]))
            p--;
        if (p < at && p > data && p[-1] == ' ') {
            const guint8 *last = --p;
            while (p > data && g_ascii_isdigit(p[-1]) && last - p < 8)
                p--;
            g_autofree char *digits = g_strndup((const char *)p, (gsize)(last - p));
            highest = MAX(highest, (int)MIN(g_ascii_strtoll(digits, NULL, 10), cap));
        }
        at += 4;
    }
    return highest;
}

static int claimed_size(qpdf_data pdf, qpdf_oh trailer, int cap)
{
    qpdf_oh size = qpdf_oh_get_key(pdf, trailer, "/Size");
    long long untrusted_size = qpdf_oh_is_integer(pdf, size) ? qpdf_oh_get_int_value(pdf, size) : 0;
    qpdf_oh_release(pdf, size);
    return (int)CLAMP(untrusted_size, 0, cap);
}

static void visit_id(Walk *walk, int id, int generation)
{
    qpdf_oh object = qpdf_get_object_by_id(walk->visit.pdf, id, generation);
    mgk_pdf_visit_object(&walk->visit, object, id);
    qpdf_oh_release(walk->visit.pdf, object);
}

/* References with a generation, or beyond the count; each once. */
static void visit_strays(Walk *walk)
{
    g_autoptr(GHashTable) done = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    for (guint i = 0; i < walk->visit.strays->len && i < MAX_STRAYS && !walk->visit.exhausted; i++) {
        MgkPdfReference reference = g_array_index(walk->visit.strays, MgkPdfReference, i);
        gint64 key = (gint64)reference.id << 16 | (reference.generation & 0xffff);
        if (g_hash_table_add(done, g_memdup2(&key, sizeof key)))
            visit_id(walk, reference.id, reference.generation);
    }
    g_array_set_size(walk->visit.strays, 0);
}

static void list_info(Walk *walk, qpdf_oh trailer)
{
    static const char *const keys[] = {"/Author",   "/Subject", "/Keywords",     "/Creator",
                                       "/Producer", "/Company", "/CreationDate", "/ModDate"};
    qpdf_data pdf = walk->visit.pdf;
    qpdf_oh info = qpdf_oh_get_key(pdf, trailer, "/Info");
    g_autoptr(GString) found = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(keys) && qpdf_oh_is_dictionary(pdf, info); i++) {
        if (qpdf_oh_has_key(pdf, info, keys[i]))
            g_string_append_printf(found, "%s%s", found->len ? ", " : "", keys[i] + 1);
    }
    qpdf_oh_release(pdf, info);
    if (found->len)
        mgk_pdf_visit_find(&walk->visit, MGK_KIND_METADATA, 0, found->str);
}

static void visit_document(Walk *walk, gsize size)
{
    qpdf_data pdf = walk->visit.pdf;
    int cap = (int)MIN(walk->job->policy->limits.pdf_objects, G_MAXINT);
    qpdf_oh trailer = qpdf_get_trailer(pdf);
    int written = highest_written_id(walk->job->data, size, cap), claimed = claimed_size(pdf, trailer, cap);
    walk->visit.max_id = MAX(written, claimed);
    mgk_pdf_visit_object(&walk->visit, trailer, 0);
    list_info(walk, trailer);
    qpdf_oh_release(pdf, trailer);
    for (int id = 1; id <= walk->visit.max_id && !walk->visit.exhausted; id++)
        visit_id(walk, id, 0);
    visit_strays(walk);
}

typedef enum { OPENED, LOCKED, UNREADABLE } Opened;

static qpdf_data reader_new(gboolean recover)
{
    qpdf_data pdf = qpdf_init();
    qpdf_silence_errors(pdf);
    qpdf_set_suppress_warnings(pdf, QPDF_TRUE);
    qpdf_set_attempt_recovery(pdf, recover ? QPDF_TRUE : QPDF_FALSE);
    return pdf;
}

static Opened open_bytes(qpdf_data pdf, const MgkJob *job, gsize size)
{
    QPDF_ERROR_CODE code = qpdf_read_memory(pdf, "", (const char *)job->data, size, job->password);
    if (!(code & QPDF_ERRORS))
        return OPENED;
    qpdf_error problem = qpdf_has_error(pdf) ? qpdf_get_error(pdf) : NULL;
    return problem && qpdf_get_error_code(pdf, problem) == qpdf_e_password ? LOCKED : UNREADABLE;
}

/* Reads the first size bytes as a document of their own. */
static Opened walk_bytes(Walk *walk, gsize size)
{
    qpdf_data pdf = reader_new(walk->visit.revision == 0);
    Opened opened = open_bytes(pdf, walk->job, size);
    walk->visit.pdf = pdf;
    if (opened == OPENED) {
        if (walk->visit.revision == 0 && qpdf_is_encrypted(pdf))
            mgk_pdf_visit_find(&walk->visit, MGK_KIND_PDF_ENCRYPTION, 0, NULL);
        visit_document(walk, size);
    }
    walk->visit.pdf = NULL;
    qpdf_cleanup(&pdf);
    return opened;
}

static GArray *ends_of(const MgkJob *job)
{
    static const char mark[] = "%%EOF";
    GArray *ends = g_array_new(FALSE, FALSE, sizeof(gsize));
    const guint8 *at = job->data, *end = job->data + job->size;
    while ((at = memmem(at, (gsize)(end - at), mark, 5))) {
        at += 5;
        gsize offset = (gsize)(at - job->data);
        g_array_append_val(ends, offset);
    }
    return ends;
}

/* A file prepared for the web has an end mark near its front that ends no revision (annex F). */
static gboolean is_linearized(const MgkJob *job)
{
    return memmem(job->data, MIN(job->size, 2048), "/Linearized", 11) != NULL;
}

static void walk_revisions(Walk *walk, const GArray *ends)
{
    guint skipped = is_linearized(walk->job) ? 1 : 0;
    if (ends->len < 2 + skipped)
        return;
    guint n = ends->len - 1 - skipped;
    g_autofree char *detail = g_strdup_printf("%u", n);
    mgk_job_find(walk->job, MGK_KIND_PDF_REVISION, NULL, detail);
    for (guint back = 1; back <= MIN(n, MAX_REVISIONS) && !walk->visit.exhausted; back++) {
        walk->visit.revision = back;
        walk_bytes(walk, g_array_index(ends, gsize, ends->len - 1 - back));
    }
    walk->visit.revision = 0;
}

static gboolean is_blank(const guint8 *data, gsize size)
{
    for (gsize i = 0; i < size; i++) {
        if (!memchr(" \t\r\n\f\0", data[i], 6))
            return FALSE;
    }
    return TRUE;
}

static void look_before_and_after(MgkJob *job, const GArray *ends)
{
    const guint8 *header = memmem(job->data, MIN(job->size, HEADER_WITHIN + 5), "%PDF-", 5);
    gsize before = header ? (gsize)(header - job->data) : 0;
    g_autofree char *detail = g_strdup_printf("%" G_GSIZE_FORMAT " bytes", before);
    const char *front = before ? mgk_signature_head(job->data, before) : NULL;
    if (before && !is_blank(job->data, before))
        mgk_job_find(job, MGK_KIND_PDF_PREFIX, NULL, detail);
    gsize tail = MIN(job->size, TAIL_BYTES);
    if (!front && memmem(job->data + job->size - tail, tail, "PK\005\006", 4))
        front = "ZIP";
    if (front)
        mgk_job_find(job, MGK_KIND_PDF_POLYGLOT, NULL, front);
    gsize end = ends->len ? g_array_index(ends, gsize, ends->len - 1) : job->size;
    if (is_blank(job->data + end, job->size - end))
        return;
    g_autofree char *after = g_strdup_printf("%" G_GSIZE_FORMAT " bytes", job->size - end);
    mgk_job_find(job, MGK_KIND_TRAILING_DATA, NULL, after);
}

/* Names in the plain bytes that the walk did not come across: objects that no table lists, or a file too damaged to be
 * walked. Only long names, which chance does not spell. */
static void look_at_raw_bytes(Walk *walk)
{
    static const struct {
        const char *name;
        MgkKind kind;
    } names[] = {
        {"/JavaScript", MGK_KIND_PDF_JAVASCRIPT},   {"/Launch", MGK_KIND_PDF_LAUNCH},
        {"/EmbeddedFile", MGK_KIND_PDF_ATTACHMENT}, {"/RichMedia", MGK_KIND_PDF_RICH_MEDIA},
        {"/SubmitForm", MGK_KIND_PDF_SUBMIT},       {"/ImportData", MGK_KIND_PDF_IMPORT_DATA},
    };
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        gboolean known = mgk_pdf_visit_found(&walk->visit, names[i].kind);
        if (!known && memmem(walk->job->data, walk->job->size, names[i].name, strlen(names[i].name)))
            mgk_job_find(walk->job, names[i].kind, "unlisted object", names[i].name + 1);
    }
}

static void conclude(Walk *walk)
{
    MgkPdfVisit *visit = &walk->visit;
    g_autofree char *detail = g_strdup_printf("%u", visit->fields);
    if (visit->fields)
        mgk_job_find(walk->job, visit->values ? MGK_KIND_PDF_FORM_FILLED : MGK_KIND_PDF_FORM_EMPTY, NULL, detail);
    if (visit->attached_streams && !visit->attachments)
        mgk_pdf_visit_find(visit, MGK_KIND_PDF_ATTACHMENT, 0, NULL);
    if (visit->exhausted)
        mgk_job_find(walk->job, MGK_KIND_PDF_DAMAGED, NULL, "inspection took too long");
}

gboolean mgk_pdf_walk(MgkJob *job, GError **error)
{
    (void)error;
    Walk walk = {.job = job};
    gint64 patience = (gint64)(job->policy->limits.worker_cpu_seconds * G_USEC_PER_SEC / PATIENCE_PART);
    mgk_pdf_visit_init(&walk.visit, job);
    walk.visit.deadline_us = g_get_monotonic_time() + patience;
    g_autoptr(GArray) ends = ends_of(job);
    Opened opened = walk_bytes(&walk, job->size);
    if (opened == OPENED)
        walk_revisions(&walk, ends);
    if (opened == UNREADABLE)
        mgk_job_find(job, MGK_KIND_PDF_DAMAGED, NULL, "structure");
    conclude(&walk);
    look_before_and_after(job, ends);
    look_at_raw_bytes(&walk);
    mgk_pdf_visit_clear(&walk.visit);
    return TRUE;
}
