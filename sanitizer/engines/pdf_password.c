#include "engines/pdf_password.h"

#include <qpdf/qpdf-c.h>

gboolean mgk_pdf_password_opens(const MgkJob *job)
{
    qpdf_data qpdf = qpdf_init();
    qpdf_silence_errors(qpdf);
    qpdf_set_suppress_warnings(qpdf, QPDF_TRUE);
    QPDF_ERROR_CODE result = qpdf_read_memory(qpdf, "pdf", (const char *)job->data, job->size, job->password);
    gboolean wrong = (result & QPDF_ERRORS) && qpdf_get_error_code(qpdf, qpdf_get_error(qpdf)) == qpdf_e_password;
    gboolean unread = (result & QPDF_ERRORS) != 0;
    qpdf_cleanup(&qpdf);
    return !wrong && !unread;
}
