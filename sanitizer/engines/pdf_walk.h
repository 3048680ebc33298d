/* pdf_walk.h - lists what a PDF holds beside its pages, by visiting every object of every revision. */
#pragma once

#include "model/job.h"

/* Inspection only: records findings, writes nothing, and never holds a file for being damaged: whether the pages can be
 * shown is the renderer's to say. With a password needed and none fitting it says nothing either. job->data is a PDF by
 * detection. Always TRUE; the error is for the handler's signature. */
gboolean mgk_pdf_walk(MgkJob *job, GError **error);
