/* docx_fields.h - fields of a Word document as they pass through the XML filter.
 *
 * A complex field is a run with fldChar begin, runs with instrText, fldChar separate, the text last shown, fldChar end;
 * fields nest, and an instruction may be cut into any number of runs. Its output is held until the instruction is
 * known, and taken back when it must not cross; the text last shown stays. An instruction is judged as every program
 * may read it: with and without tracked changes, with pieces trimmed or not; pieces in different branches of
 * AlternateContent make a field that is not kept. */
#pragma once

#include "engines/xml_hook.h"

typedef struct MgkDocxFields MgkDocxFields;

MgkDocxFields *mgk_docx_fields_new(void);
void mgk_docx_fields_free(MgkDocxFields *fields);

/* Text that flows on its own: fields do not cross its borders. */
void mgk_docx_fields_enter(MgkDocxFields *fields);
void mgk_docx_fields_leave(MgkDocxFields *fields, MgkXmlFilter *filter);
/* A tracked insertion (or move to), or deletion (or move from), begins or ends. */
void mgk_docx_fields_revise(MgkDocxFields *fields, gboolean deletion, int by);
/* What becomes of w:fldChar, w:fldSimple, and w:instrText with its text. */
MgkXmlAction mgk_docx_fields_char(MgkDocxFields *fields, MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_docx_fields_simple(MgkDocxFields *fields, MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_docx_fields_code(MgkDocxFields *fields, MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_docx_fields_code_text(MgkDocxFields *fields, MgkXmlFilter *filter, const GString *text);
