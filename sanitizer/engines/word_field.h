/* word_field.h - what a field instruction of a Word document would do (ISO/IEC 29500-1 17.16). */
#pragma once

#include <glib.h>

typedef enum {
    MGK_FIELD_SAFE,      /* local: page numbers, references, dates */
    MGK_FIELD_LINK,      /* HYPERLINK to a web page or mail address */
    MGK_FIELD_LINK_EVIL, /* HYPERLINK to anything else */
    MGK_FIELD_FROZEN,    /* shows what does not cross: becomes its text */
    MGK_FIELD_ACTIVE,    /* runs or fetches something */
    MGK_FIELD_BUTTON,    /* runs something; what it shows is in its instruction */
    MGK_FIELD_UNKNOWN,
} MgkFieldFate;

typedef struct MgkField {
    MgkFieldFate fate;
    char keyword[24]; /* upper case, ASCII, "" when there is none */
} MgkField;

/* Judges an instruction (UTF-8). computed: a part of it is made by another field, so that the rest is not the whole. */
MgkField mgk_word_field_judge(const char *instruction, gboolean computed);
/* What a MACROBUTTON or GOTOBUTTON shows: the text after the first argument. Owned by the caller, may be "". */
char *mgk_word_field_button_text(const char *instruction);
