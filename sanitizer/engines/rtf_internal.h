/* rtf_internal.h - the state of a rebuilding. Groups of the output are opened only when something is written into them,
 * so what is dropped leaves no empty group behind. */
#pragma once

#include "engines/rtf_charset.h"
#include "engines/rtf_out.h"
#include "engines/rtf_token.h"
#include "rules/rtf_rules.h"

/* What text and words in a group are. Groups inherit it. */
typedef enum {
    MGK_RTF_IN_BODY,
    MGK_RTF_IN_NOTHING, /* all of it goes */
    MGK_RTF_IN_FONTS,
    MGK_RTF_IN_FIELD, /* between the parts of a field */
    MGK_RTF_IN_INSTRUCTION,
    MGK_RTF_IN_OBJECT, /* between the parts of an object: only its picture stays */
    MGK_RTF_IN_PICTURE,
    MGK_RTF_IN_PROPERTY, /* between name and value of a drawing's property */
    MGK_RTF_IN_NAME,
    MGK_RTF_IN_VALUE,
} MgkRtfPlace;

typedef struct MgkRtfFrame {
    MgkRtfPlace place;
    gboolean own;    /* the place begins with this group */
    gboolean opened; /* its brace is written */
    gboolean extra;  /* and a second one, where a destination began in the middle of a group */
    gboolean star;   /* \* was seen, its word not yet */
    gboolean hidden;
    gboolean level_text;    /* control characters are numbers here */
    gboolean label;         /* in \userprops: the property at hand stays */
    gboolean shape_picture; /* the picture for new readers was here, so the one for old ones goes */
    guint fallback;         /* of \uc */
    guint codepage;         /* of the font in force */
    guint levels;           /* of a list override */
} MgkRtfFrame;

enum { MGK_RTF_HEAD_BYTES = 8192 }; /* before the first brace there may be blanks */

/* A field: \field{\*\fldinst …}{\fldrslt …}. Its instruction is read as documents and other readers may decode it. */
typedef struct MgkRtfField {
    guint frame;             /* index of its group */
    MgkRtfMark mark;         /* behind the group's brace */
    gboolean reading;        /* its instruction is open */
    gboolean decided;        /* the instruction is complete */
    gboolean dropped;        /* only its result stays */
    gboolean computed;       /* another field makes a part of the instruction */
    gboolean tainted;        /* programs would read different instructions */
    gboolean wide;           /* it has bytes beyond ASCII, so the readings may differ */
    MgkRtfWords words;       /* as the document says */
    GString *single, *pairs; /* owned; every byte for itself; every high byte with the next one */
    gboolean pair;           /* in pairs: the next byte is a second one */
} MgkRtfField;

typedef struct MgkRtf {
    MgkJob *job; /* borrowed */
    MgkRtfReader reader;
    MgkRtfToken token;
    MgkRtfOut out;
    GArray *frames;    /* owned; of MgkRtfFrame */
    GPtrArray *fields; /* owned; of MgkRtfField*, open ones, innermost last */
    GHashTable *fonts; /* owned; number → code page */
    guint font;        /* being defined */
    guint default_codepage;
    guint n_fonts, n_overrides;
    guint skip;    /* characters that stand for the last \u */
    gboolean lead; /* the last byte begins a pair */
    gboolean ended, told_hidden, hide;
    struct {
        GByteArray *bytes; /* owned */
        MgkRtfMark mark;
        gint64 width, height; /* as wanted, in twips */
        gint64 mapping;       /* of a Windows metafile: 1 to 8 */
        guint8 nibble;
        gboolean half, open;
    } picture;
    struct {
        MgkRtfWords name, value;
        MgkRtfValue type;
        gboolean open; /* a picture is being written as its value */
        MgkRtfMark mark;
        gsize start; /* where that picture begins */
        guint frame;
    } property;
} MgkRtf;

MgkRtfFrame *mgk_rtf_top(MgkRtf *rtf);
MgkRtfFrame *mgk_rtf_parent(MgkRtf *rtf);
/* Writes the braces of the first n groups that are not written yet. */
void mgk_rtf_open_groups(MgkRtf *rtf, guint n);
/* Makes the present group, or the rest of it, a destination and writes its word. */
void mgk_rtf_begin(MgkRtf *rtf, gboolean star, const char *word);
/* TRUE where something of its own may begin: in text, but not in a group whose end something else waits for. */
gboolean mgk_rtf_may_begin(MgkRtf *rtf);
/* Drops the rest of the present group. */
void mgk_rtf_skip_group(MgkRtf *rtf);
void mgk_rtf_put_byte(MgkRtf *rtf, guint8 byte);
void mgk_rtf_put_unit(MgkRtf *rtf, guint16 unit);
/* Does what the rule of a word says. */
void mgk_rtf_word(MgkRtf *rtf);
MgkAction mgk_rtf_find(MgkRtf *rtf, guint kind, const char *detail);

void mgk_rtf_field_begin(MgkRtf *rtf);
void mgk_rtf_field_instruction(MgkRtf *rtf);
void mgk_rtf_field_result(MgkRtf *rtf);
void mgk_rtf_field_note_byte(MgkRtf *rtf, guint8 byte);
void mgk_rtf_field_note_unit(MgkRtf *rtf, guint16 unit);
/* At the end of a group of theirs. */
void mgk_rtf_field_instruction_end(MgkRtf *rtf);
void mgk_rtf_field_end(MgkRtf *rtf);
void mgk_rtf_field_free(gpointer field);

void mgk_rtf_picture_begin(MgkRtf *rtf);
void mgk_rtf_picture_digit(MgkRtf *rtf, guint8 byte);
gboolean mgk_rtf_picture_end(MgkRtf *rtf, GError **error);

void mgk_rtf_property_begin(MgkRtf *rtf);
void mgk_rtf_property_name(MgkRtf *rtf);
void mgk_rtf_property_value(MgkRtf *rtf);
void mgk_rtf_property_value_end(MgkRtf *rtf);
