/* sink.h - where an encoder's bytes go. */
#pragma once

#include "model/job.h"

/* Takes output bytes; FALSE with an error ends the encoding. */
typedef gboolean (*MgkSink)(gpointer user, const void *data, gsize size, GError **error);

/* user is a MgkJob: the bytes are its output. */
gboolean mgk_sink_job(gpointer user, const void *data, gsize size, GError **error);
/* user is a GByteArray: the bytes are appended. Never fails. */
gboolean mgk_sink_array(gpointer user, const void *data, gsize size, GError **error);
