/* docx_lists.h - list labels ("1.", "第２条", "①", "・") of WordprocessingML paragraphs (ISO/IEC 29500-1, 17.9), for
 * taking text. */
#pragma once

#include "engines/xml_events.h"

typedef struct MgkDocxLists MgkDocxLists;

/* Reads the numbering part and the paragraph styles' share in it; member names may be NULL. */
MgkDocxLists *mgk_docx_lists_new(MgkZip *zip, const char *numbering, const char *styles, GError **error);
void mgk_docx_lists_free(MgkDocxLists *lists);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkDocxLists, mgk_docx_lists_free)

/* Counts one paragraph and returns its label, owned by the caller; NULL when it has none. style: its style's id or
 * NULL; number, level: its own w:numId and w:ilvl, or -1. */
char *mgk_docx_lists_next(MgkDocxLists *lists, const char *style, int number, int level);
