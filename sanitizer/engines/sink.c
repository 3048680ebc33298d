#include "engines/sink.h"

gboolean mgk_sink_job(gpointer user, const void *data, gsize size, GError **error)
{
    MgkJob *job = user;
    return job->write(job, data, size, error);
}

gboolean mgk_sink_array(gpointer user, const void *data, gsize size, GError **error)
{
    (void)error;
    g_byte_array_append(user, data, (guint)size);
    return TRUE;
}
