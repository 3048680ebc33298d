#include "engines/target.h"

void mgk_target_choose(MgkJob *job, MgkFormatId own)
{
    gboolean asked = job->want == MGK_FORMAT_ID_png || job->want == MGK_FORMAT_ID_jpeg;
    job->outcome.format = asked ? job->want : own;
    if (job->outcome.format != job->format)
        job->outcome.verdict = MGK_VERDICT_CONVERTED;
}
