#include "engines/plain_text.h"

#include "engines/charset.h"

#include <string.h>

#define MARK "\xef\xbb\xbf"

gboolean mgk_plain_text(MgkJob *job, GError **error)
{
    MgkCharset charset = mgk_charset_detect(job->data, job->size);
    if (charset == MGK_CHARSET_NONE)
        return mgk_job_hold(job, MGK_REASON_AMBIGUOUS, "the text's encoding is not known for sure");
    gsize size = 0;
    g_autofree char *text = mgk_charset_to_utf8(charset, job->data, job->size, &size, error);
    return text && job->write(job, MARK, strlen(MARK), error) && job->write(job, text, size, error);
}
