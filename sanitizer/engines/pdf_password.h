/* pdf_password.h - whether a PDF opens with the password that came along. */
#pragma once

#include "model/job.h"

/* poppler 22.12 frees its stream twice on a wrong password, so qpdf tries job->password first. */
gboolean mgk_pdf_password_opens(const MgkJob *job);
