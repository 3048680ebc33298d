/* mail_rebuild.h - the whole way of a mail, from its bytes to the mail that crosses. */
#pragma once

#include "model/job.h"

/* Reads a mail (size bytes, borrowed), has its attachments cleaned and writes the fresh mail (formats/eml.c tells what
 * it keeps) by job->write. Ends the job as held where it cannot be read whole. FALSE when the whole job must end. */
gboolean mgk_mail_rebuild(MgkJob *job, const guint8 *data, gsize size, GError **error);
/* The output is a mail made of something else: CONVERTED, .eml. */
void mgk_mail_rebuild_choose(MgkJob *job);
