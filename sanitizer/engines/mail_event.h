/* mail_event.h - calendars (RFC 5545), contacts (vCard) and delivery reports (RFC 3464, RFC 8098) as readable lines. */
#pragma once

#include "model/policy.h"

/* text: UTF-8. Chosen properties only, one "label: value" a line, a heading an entry; "" when there is nothing to show.
 * Owned by the caller. */
char *mgk_mail_event_lines(const MgkPolicy *policy, const char *text);
/* The known fields of a delivery or disposition report or of returned header lines, as they are, decoded. Owned by the
 * caller. */
char *mgk_mail_report_lines(const char *text);
