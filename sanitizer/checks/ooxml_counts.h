/* ooxml_counts.h - what Office counts and numbers: ids that must be unique, indices that must be in range, cells that
 * must ascend, table columns that must equal their header cells. */
#pragma once

#include "checks/ooxml_look.h"

typedef struct MgkLookCounts MgkLookCounts;

MgkLookCounts *mgk_look_counts_new(void);
void mgk_look_counts_free(MgkLookCounts *counts);
/* A new part begins (look->part). */
void mgk_look_counts_part(MgkLook *look);
/* What there is to do for an element, as bits; 0: nothing, start and end need not be called. */
guint mgk_look_counts_interest(const MgkLook *look, MgkLookNs ns, const char *local);
void mgk_look_counts_start(MgkLook *look, const MgkLookElement *element, guint interest);
/* text is that of the element when it has a treatment, else stale. */
void mgk_look_counts_end(MgkLook *look, guint interest, const char *text);
/* After the last part: compares what was used with what there is. */
void mgk_look_counts_finish(MgkLook *look);
