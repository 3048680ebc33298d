/* watch.h - what goes on beside the mails, on threads of its own: reload on SIGUSR1, control socket, metrics file; the
 * removal of kept mails whose time is over; and the canary that feeds systemd's watchdog. */
#pragma once

#include "options.h"
#include "service.h"

typedef struct MgkWatch MgkWatch;

/* SIGUSR1 must be blocked in all threads. service and options are borrowed. control: listening descriptor, or -1. */
MgkWatch *mgk_watch_new(const MgkService *service, const MgkMilterOptions *options, int control, GError **error);
/* Stops the threads and writes the metrics a last time. */
void mgk_watch_free(MgkWatch *watch);
