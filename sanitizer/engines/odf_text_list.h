/* odf_text_list.h - what stands before the items of lists in OpenDocument (ISO/IEC 26300-1, 16.30, 19.500, 19.880). */
#pragma once

#include <glib.h>

typedef struct MgkOdfLists MgkOdfLists;

MgkOdfLists *mgk_odf_lists_new(void);
void mgk_odf_lists_free(MgkOdfLists *lists);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkOdfLists, mgk_odf_lists_free)

/* Events of the styles and of the body; names as our writer writes them. Others are ignored. */
void mgk_odf_lists_start(MgkOdfLists *lists, const char *name, const char *const *attributes);
void mgk_odf_lists_end(MgkOdfLists *lists, const char *name);
/* The label of the item whose first paragraph this is ("1.", "・"), or NULL. Owned by the caller. */
char *mgk_odf_lists_label(MgkOdfLists *lists);
