/* checks.h - the second looks: strict readers of our own outputs. They share no code with the cleaning (engines/). */
#pragma once

#include "model/job.h"

/* TRUE when job->data is exactly what our encoder of that format emits; else FALSE with MGK_ERROR_MALFORMED. */
gboolean mgk_check_png(MgkJob *job, GError **error);
gboolean mgk_check_jpeg(MgkJob *job, GError **error);
/* TRUE when every byte of a stranger's picture is accounted for, for the profile confirm. */
gboolean mgk_confirm_png(MgkJob *job, GError **error);
gboolean mgk_confirm_jpeg(MgkJob *job, GError **error);
gboolean mgk_check_gif(MgkJob *job, GError **error);
gboolean mgk_check_ico(MgkJob *job, GError **error);
gboolean mgk_check_tiff(MgkJob *job, GError **error);
gboolean mgk_check_webp(MgkJob *job, GError **error);
gboolean mgk_check_zip(MgkJob *job, GError **error);
gboolean mgk_check_pdf(MgkJob *job, GError **error);
gboolean mgk_check_eml(MgkJob *job, GError **error);
gboolean mgk_check_emf(MgkJob *job, GError **error);
gboolean mgk_check_wmf(MgkJob *job, GError **error);
