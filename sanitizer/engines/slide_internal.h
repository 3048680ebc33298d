/* slide_internal.h - what slide_survey.c finds out and slide_hooks.c uses; nobody else includes it. */
#pragma once

#include "engines/slide.h"

typedef struct MgkSlideBox {
    gint64 x, y, cx, cy; /* EMU */
    gboolean placed, sized;
} MgkSlideBox;

typedef struct MgkSlideSize {
    gint64 width, height; /* EMU; 0 unknown */
} MgkSlideSize;

/* An object or control, which becomes a picture, or a note where none is known. */
typedef struct MgkSlidePicture {
    char *id, *name; /* owned; of the shape */
    char *spid;      /* owned; of its VML shape */
    char *image;     /* owned; relationship id of its picture in the source, or NULL */
    MgkSlideBox box;
} MgkSlidePicture;

typedef struct MgkSlideFrame {
    gboolean has_content; /* a table, chart or diagram that crosses */
    gboolean is_object;
    MgkSlidePicture picture;
} MgkSlideFrame;

/* What the survey of one part found. */
typedef struct MgkSlideFacts {
    GPtrArray *frames;      /* owned; of MgkSlideFrame*, in order */
    GPtrArray *controls;    /* owned; of MgkSlidePicture* */
    GHashTable *ids;        /* owned; shape ids that stay */
    GHashTable *lost_times; /* owned; number of a time node + 1 → time nodes inside it */
    GHashTable *lost;       /* owned; numbers of top-level shapes that go, + 1 */
} MgkSlideFacts;

struct MgkSlideState {
    GHashTable *facts; /* owned; MgkOpcPart* (borrowed) → MgkSlideFacts* */
    MgkSlideSize slide, notes;
    const MgkSlideSize *page; /* borrowed; of the part being surveyed */
    /* the part being read */
    MgkSlideFacts *now; /* borrowed; NULL in parts without shapes */
    guint n_frames, n_shapes, n_times;
    guint frame_depth, group_depth;
    struct MgkSlideScan *scan; /* borrowed; during the survey */
};

MgkSlideState *mgk_slide_state(const MgkXmlFilter *filter);
void mgk_slide_reset(MgkSlideState *state, MgkSlideFacts *facts);
