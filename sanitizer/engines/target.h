/* target.h - which format a picture leaves in. */
#pragma once

#include "model/job.h"

/* Sets the outcome's format: PNG or JPEG when a container asks for it, else own. A format other than the detected one
 * makes the verdict `converted`. */
void mgk_target_choose(MgkJob *job, MgkFormatId own);
