/* ooxml_field.h - Word's field codes, put together from runs as Word does (ECMA-376 part 1, 17.16). */
#pragma once

#include "checks/ooxml_look.h"

typedef struct MgkLookFields MgkLookFields;

/* TRUE when a complete field code does nothing outside the document. */
gboolean mgk_look_field_is_safe(const char *code);

MgkLookFields *mgk_look_fields_new(MgkLook *look); /* look is borrowed */
void mgk_look_fields_free(MgkLookFields *fields);
/* Feed it each start tag (w:fldChar matters), the text of w:instrText (is_code) and of w:t, and the end of the part. */
void mgk_look_fields_start(MgkLookFields *fields, const MgkLookElement *element);
void mgk_look_fields_text(MgkLookFields *fields, const char *text, gboolean is_code);
void mgk_look_fields_finish(MgkLookFields *fields);
