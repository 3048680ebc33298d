/* rtf_rules.h - what becomes of the control words and drawing properties of RTF: rtf.def, rtf_properties.def. */
#pragma once

#include "model/kind.h"

#define MGK_RTF_NO_KIND MGK_N_KINDS

typedef enum {
    MGK_RTF_KEEP,
    MGK_RTF_GROUP,
    MGK_RTF_STAR,
    MGK_RTF_DROP,
    MGK_RTF_SKIP,
    MGK_RTF_SKIP_OBJECT, /* DROP inside an object, else SKIP */
    MGK_RTF_HEADER,
    MGK_RTF_CODEPAGE,
    MGK_RTF_FONTS,
    MGK_RTF_FONT,
    MGK_RTF_FONT_CHARSET,
    MGK_RTF_LIST_OVERRIDE,
    MGK_RTF_LIST_LEVEL,
    MGK_RTF_LEVEL_TEXT,
    MGK_RTF_PLAIN,
    MGK_RTF_HIDDEN,
    MGK_RTF_CHARACTER, /* a word that is a character: one fallback of \u */
    MGK_RTF_UNICODE,
    MGK_RTF_FALLBACK,
    MGK_RTF_FIELD,
    MGK_RTF_INSTRUCTION,
    MGK_RTF_RESULT,
    MGK_RTF_COMMENT,
    MGK_RTF_REVISION,
    MGK_RTF_PICTURE,
    MGK_RTF_SHAPE_PICTURE,
    MGK_RTF_OTHER_PICTURE,
    MGK_RTF_PICTURE_WORD,
    MGK_RTF_OBJECT,
    MGK_RTF_OBJECT_RESULT,
    MGK_RTF_PROPERTY,
    MGK_RTF_PROPERTY_NAME,
    MGK_RTF_PROPERTY_VALUE,
    MGK_RTF_LABEL,
    MGK_RTF_LABEL_WORD,
    MGK_RTF_LABEL_VALUE,
} MgkRtfAction;

typedef struct MgkRtfRule {
    MgkRtfAction action;
    guint kind; /* MgkKind, or MGK_RTF_NO_KIND */
    gint64 max; /* largest parameter of either sign */
} MgkRtfRule;

typedef enum { MGK_RTF_NO_VALUE, MGK_RTF_NUMBER, MGK_RTF_LIST, MGK_RTF_TEXT, MGK_RTF_PICTURE_VALUE } MgkRtfValue;

/* The rule of a control word (without backslash), or NULL; static. */
const MgkRtfRule *mgk_rtf_rule(const char *word);
/* What the value of a drawing property must be; NO_VALUE when the property has no place in an output. */
MgkRtfValue mgk_rtf_property(const char *name);
