/* ours.h - the filter among those that Postfix names. */
#pragma once

#include "doctor/exam.h"
#include "doctor/milters.h"

/* The list of filters that a service uses: smtpd_milters, or non_smtpd_milters for cleanup; "" for other programs.
 * Borrowed. */
const char *mgk_ours_list(const MgkExam *exam, const MgkService *service);
/* The index of our filter in a service's list, or -1: by the name that the filter listens at, or by the file that a
 * chroot makes of it. */
int mgk_ours_find(const MgkExam *exam, const MgkService *service, const GPtrArray *milters);
/* Calls visit with a setting as it is in main.cf, and wherever a service with our filter has another one: "option"
 * inside { } of the list, or "milter_option" after -o. */
void mgk_ours_each(MgkExam *exam, const char *option,
                   void (*visit)(MgkExam *exam, const char *place, const char *name, const char *value));
