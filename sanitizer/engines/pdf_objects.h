/* pdf_objects.h - the visit of one PDF object: internal to pdf_walk. */
#pragma once

#include "model/job.h"

#include <qpdf/qpdf-c.h>

typedef struct MgkPdfVisit {
    MgkJob *job;       /* borrowed */
    qpdf_data pdf;     /* borrowed; the revision being read */
    guint revision;    /* 0 the latest, else how many versions back */
    GHashTable *known; /* owned; of char*: findings of the latest revision, not repeated for earlier ones */
    GArray *strays;    /* owned; of MgkPdfReference: references that a count of numbers would miss */
    guint findings;    /* made so far */
    guint64 found_kinds[(MGK_N_KINDS + 63) / 64]; /* bit per kind */
    guint fields, values;                         /* form fields, and those with something in them */
    guint attachments, attached_streams;          /* named by a file specification; bare */
    int max_id;
    guint steps;        /* values seen */
    gint64 deadline_us; /* monotonic; then the list stays as it is */
    gboolean exhausted; /* the deadline has passed */
} MgkPdfVisit;

typedef struct MgkPdfReference {
    int id, generation;
} MgkPdfReference;

void mgk_pdf_visit_init(MgkPdfVisit *visit, MgkJob *job);
void mgk_pdf_visit_clear(MgkPdfVisit *visit);
/* Visits an object and everything directly in it; id 0 is the trailer. */
void mgk_pdf_visit_object(MgkPdfVisit *visit, qpdf_oh object, int id);
/* Records a finding of this revision (the policy's action applies); where may be NULL: the object's number. */
void mgk_pdf_visit_find(MgkPdfVisit *visit, MgkKind kind, int id, const char *detail);
gboolean mgk_pdf_visit_found(const MgkPdfVisit *visit, MgkKind kind);
