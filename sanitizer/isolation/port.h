/* port.h - the worker's side of the wire: fills MgkJob's functions with writes to fixed descriptors. */
#pragma once

#include "isolation/wire.h"

void mgk_port_open(MgkJob *job, const MgkRequest *request, const guint8 *data);
/* MGK_JOB_CLEAN: what is it, may a file of this name cross at all, then the handler, if it is here: else FALSE
 * in *ret_here, for mgk_port_hand_over(). */
gboolean mgk_port_detect_and_clean(MgkJob *job, gboolean *ret_here, GError **error);
/* Flushes findings and sends ELSEWHERE. */
void mgk_port_hand_over(MgkJob *job);
void mgk_port_say_allowed(MgkJob *job, gboolean allowed);
void mgk_port_say_text(MgkJob *job, const char *text);
/* Flushes findings and sends DONE (ok) or FAILED. */
void mgk_port_conclude(MgkJob *job, gboolean ok, const GError *error);
