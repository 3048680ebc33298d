/* html_style.h - as much CSS as it takes to tell what a reader does not see: declarations of style attributes, and
 * rules of <style> whose selector is one element, class, id or element with class. Everything else is ignored, which
 * can only show more. Rules for other media (@media with features, print) are ignored as well: newsletters use them to
 * hide things on telephones. */
#pragma once

#include <glib.h>

typedef enum {
    MGK_CSS_ALIGN,      /* MgkCssAlign */
    MGK_CSS_BACKGROUND, /* colour, MGK_CSS_UNKNOWN or MGK_CSS_TRANSPARENT */
    MGK_CSS_BORDER,     /* 1: drawn */
    MGK_CSS_CLIP,       /* 1: clipped to nothing */
    MGK_CSS_COLOR,      /* colour or MGK_CSS_UNKNOWN */
    MGK_CSS_DIRECTION,  /* 1: right to left */
    MGK_CSS_DISPLAY,    /* MgkCssDisplay */
    MGK_CSS_FONT_SIZE,  /* hundredths of px; negative: -percent of the parent's; MGK_CSS_UNKNOWN */
    MGK_CSS_HEIGHT,     /* px, MGK_CSS_UNKNOWN */
    MGK_CSS_LEFT,
    MGK_CSS_LIST_STYLE, /* 1: none */
    MGK_CSS_MARGIN,     /* px above or below, whichever is more */
    MGK_CSS_MARGIN_BOTTOM,
    MGK_CSS_MARGIN_LEFT,
    MGK_CSS_MARGIN_TOP,
    MGK_CSS_MAX_HEIGHT,
    MGK_CSS_MAX_WIDTH,
    MGK_CSS_MSO_HIDE, /* 1: all */
    MGK_CSS_OPACITY,  /* percent */
    MGK_CSS_OVERFLOW, /* 1: hidden or clip */
    MGK_CSS_POSITION, /* 1: absolute or fixed */
    MGK_CSS_REORDER,  /* 1: reversed flex box */
    MGK_CSS_RIGHT,
    MGK_CSS_TEXT_INDENT,
    MGK_CSS_TOP,
    MGK_CSS_TRANSFORM,    /* 1: any */
    MGK_CSS_UNICODE_BIDI, /* 1: override */
    MGK_CSS_VISIBILITY,   /* 1: hidden or collapse */
    MGK_CSS_WHITE_SPACE,  /* 1: lines kept; 2: not wrapped either */
    MGK_CSS_WIDTH,
    MGK_N_CSS
} MgkCss;

typedef enum { MGK_CSS_INLINE, MGK_CSS_BLOCK, MGK_CSS_NONE, MGK_CSS_OTHER } MgkCssDisplay;
typedef enum { MGK_CSS_START, MGK_CSS_RIGHTWARD, MGK_CSS_CENTER } MgkCssAlign;

#define MGK_CSS_UNKNOWN G_MAXINT32
#define MGK_CSS_TRANSPARENT (G_MAXINT32 - 1)

typedef struct MgkHtmlStyle {
    guint32 set, important;   /* bit MgkCss: given */
    gint32 values[MGK_N_CSS]; /* valid where set */
} MgkHtmlStyle;

typedef struct MgkHtmlSheet {
    GHashTable *rules;      /* owned: "p", ".x", "p.x", "#id" -> MgkHtmlStyle; NULL when there are none */
    gboolean unread_colors; /* a selector not understood sets backgrounds: colours inherited from the page are unsure */
    guint tricks;           /* ::before and ::after that put words in */
    guint64 steps;
} MgkHtmlSheet;

/* Reads declarations ("display:none; color:#fff") into style, later ones win. Returns the bytes visited. */
gsize mgk_html_style_parse(MgkHtmlStyle *style, const char *text, gsize length);
/* Colours as CSS or HTML attributes write them; MGK_CSS_UNKNOWN when it is none. */
gint32 mgk_html_color(const char *text);
/* Reads the content of a <style>. */
void mgk_html_sheet_add(MgkHtmlSheet *sheet, const char *text, gsize length);
void mgk_html_sheet_clear(MgkHtmlSheet *sheet);
/* What sheet, then inline_style (or NULL), say about an element; class_names and id may be NULL. */
void mgk_html_sheet_apply(const MgkHtmlSheet *sheet, const char *tag, const char *class_names, const char *id,
                          const char *inline_style, MgkHtmlStyle *ret_style);
/* The value of a property, or otherwise. */
gint32 mgk_html_style_get(const MgkHtmlStyle *style, MgkCss property, gint32 otherwise);
