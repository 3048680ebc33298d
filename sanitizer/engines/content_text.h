/* content_text.h - the text of calendars and contacts of our own writing: handler->text of ics and vcf. */
#pragma once

#include "model/job.h"

/* A line for each field that says something to a reader, "NAME: value", an empty line between entries. */
gboolean mgk_content_text(MgkJob *job, GError **error);
