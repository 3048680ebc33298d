#include "engines/html_flow.h"

#include <string.h>

#define TINY 500 /* hundredths of px below which text counts as deceptive */
#define UNREADABLE 100
#define PALE 24 /* difference of colours, 0 to 255, up to which text counts as deceptive */
#define EQUAL 2 /* … as hidden */
#define FAR_AWAY (-500)
#define NO_MARGIN 4 /* px between paragraphs that do not look like a blank line */
#define MARGIN 10   /* … that do */

/* Largest difference of two colours in one of red, green, blue. */
static gint distance(gint32 a, gint32 b)
{
    gint most = 0;
    for (guint shift = 0; shift < 24; shift += 8)
        most = MAX(most, ABS(((a >> shift) & 255) - ((b >> shift) & 255)));
    return most;
}

static gboolean known(gint32 color)
{
    return color != MGK_CSS_UNKNOWN && color != MGK_CSS_TRANSPARENT;
}

static void set_colors(const MgkFlow *flow, MgkBox *box, const MgkHtmlStyle *style)
{
    const char *color = mgk_html_attr(&flow->t, box->tag == MGK_TAG_BODY ? MGK_ATTR_TEXT : MGK_ATTR_COLOR);
    const char *back = mgk_html_attr(&flow->t, MGK_ATTR_BGCOLOR);
    gint32 from = mgk_html_style_get(style, MGK_CSS_COLOR, color ? mgk_html_color(color) : MGK_CSS_TRANSPARENT);
    gint32 onto = mgk_html_style_get(style, MGK_CSS_BACKGROUND, back ? mgk_html_color(back) : MGK_CSS_TRANSPARENT);
    if (mgk_html_attr(&flow->t, MGK_ATTR_BACKGROUND) || mgk_html_style_get(style, MGK_CSS_POSITION, 0))
        onto = MGK_CSS_UNKNOWN;
    if (from != MGK_CSS_TRANSPARENT) {
        box->color = from;
        box->color_set = TRUE;
    } else if (box->tag == MGK_TAG_A && mgk_html_attr(&flow->t, MGK_ATTR_HREF)) {
        box->color_set = FALSE; /* browsers paint links in their own colour */
    }
    if (onto != MGK_CSS_TRANSPARENT) {
        box->back = onto;
        box->back_set = TRUE;
    }
}

static void set_font(MgkBox *box, const MgkHtmlStyle *style)
{
    gint32 size = mgk_html_style_get(style, MGK_CSS_FONT_SIZE, -100);
    if (size >= 0)
        box->font = size;
    else if (box->font != MGK_CSS_UNKNOWN)
        box->font = (gint32)MIN((gint64)box->font * -(gint64)size / 100, 100000);
}

/* Boxes without any extent, clipped or far outside. */
static gboolean is_nowhere(const MgkHtmlStyle *style)
{
    gboolean clipped = mgk_html_style_get(style, MGK_CSS_OVERFLOW, 0) != 0;
    gint32 high = MIN(mgk_html_style_get(style, MGK_CSS_MAX_HEIGHT, 99), mgk_html_style_get(style, MGK_CSS_HEIGHT, 99));
    gint32 wide = MIN(mgk_html_style_get(style, MGK_CSS_MAX_WIDTH, 99), mgk_html_style_get(style, MGK_CSS_WIDTH, 99));
    if (clipped && ((high >= 0 && high <= 1) || (wide >= 0 && wide <= 1)))
        return TRUE;
    gboolean placed = mgk_html_style_get(style, MGK_CSS_POSITION, 0) != 0;
    if (placed &&
        (mgk_html_style_get(style, MGK_CSS_CLIP, 0) || mgk_html_style_get(style, MGK_CSS_LEFT, 0) <= FAR_AWAY ||
         mgk_html_style_get(style, MGK_CSS_TOP, 0) <= FAR_AWAY ||
         mgk_html_style_get(style, MGK_CSS_RIGHT, 0) <= FAR_AWAY))
        return TRUE;
    return mgk_html_style_get(style, MGK_CSS_TEXT_INDENT, 0) <= FAR_AWAY ||
           mgk_html_style_get(style, MGK_CSS_MARGIN_LEFT, 0) <= FAR_AWAY;
}

static void set_hidden(const MgkFlow *flow, MgkBox *box, const MgkHtmlStyle *style)
{
    gint32 display = mgk_html_style_get(style, MGK_CSS_DISPLAY, MGK_CSS_OTHER);
    gboolean shown = (style->set & (1U << MGK_CSS_DISPLAY)) && display != MGK_CSS_NONE;
    if (display == MGK_CSS_NONE || (mgk_html_attr(&flow->t, MGK_ATTR_HIDDEN) && !shown) ||
        mgk_html_style_get(style, MGK_CSS_OPACITY, 100) == 0 || is_nowhere(style))
        box->hidden = TRUE;
    /* Newsletters hide from Outlook what a conditional comment gives it in another form. */
    if (mgk_html_style_get(style, MGK_CSS_MSO_HIDE, 0) && !flow->outlook)
        box->hidden = TRUE;
    box->invisible = mgk_html_style_get(style, MGK_CSS_VISIBILITY, box->invisible) != 0;
}

static gboolean is_pale(const MgkBox *box)
{
    return box->color_set && known(box->color) && known(box->back) && distance(box->color, box->back) <= PALE;
}

static void set_tricks(const MgkFlow *flow, MgkBox *box, const MgkHtmlStyle *style)
{
    const char *dir = mgk_html_attr(&flow->t, MGK_ATTR_DIR);
    gboolean leftward = mgk_html_style_get(style, MGK_CSS_DIRECTION, 0) != 0;
    box->rtl |= leftward || (box->tag == MGK_TAG_BDO && dir && g_ascii_strcasecmp(dir, "rtl") == 0) ||
                mgk_html_style_get(style, MGK_CSS_UNICODE_BIDI, 0) != 0;
    guint32 looks = 1U << MGK_CSS_COLOR | 1U << MGK_CSS_BACKGROUND | 1U << MGK_CSS_FONT_SIZE;
    gboolean looked = (style->set & looks) || mgk_html_attr(&flow->t, MGK_ATTR_COLOR);
    gboolean tiny = box->font != MGK_CSS_UNKNOWN && box->font < TINY;
    box->trick |= mgk_html_style_get(style, MGK_CSS_TRANSFORM, 0) || mgk_html_style_get(style, MGK_CSS_REORDER, 0) ||
                  mgk_html_style_get(style, MGK_CSS_POSITION, 0) || (looked && (tiny || is_pale(box)));
}

static void set_flow(const MgkFlow *flow, MgkBox *box, const MgkHtmlStyle *style)
{
    static const struct {
        const char *word;
        gint32 align;
    } aligns[] = {{"left", MGK_CSS_START}, {"right", MGK_CSS_RIGHTWARD}, {"center", MGK_CSS_CENTER}};
    const char *align = mgk_html_attr(&flow->t, MGK_ATTR_ALIGN);
    for (guint i = 0; align && i < G_N_ELEMENTS(aligns); i++) {
        if (g_ascii_strcasecmp(align, aligns[i].word) == 0)
            box->align = aligns[i].align;
    }
    box->align = mgk_html_style_get(style, MGK_CSS_ALIGN, box->tag == MGK_TAG_TABLE ? MGK_CSS_START : box->align);
    box->bare_list = mgk_html_style_get(style, MGK_CSS_LIST_STYLE, box->bare_list) != 0;
    box->pre = mgk_html_style_get(style, MGK_CSS_WHITE_SPACE, box->flags & MGK_HTML_PRE ? 2 : box->pre);
    gint32 display = mgk_html_style_get(style, MGK_CSS_DISPLAY, MGK_CSS_OTHER);
    if (display == MGK_CSS_BLOCK && !(box->flags & MGK_HTML_SCOPE))
        box->flags |= MGK_HTML_BLOCK;
    else if (display == MGK_CSS_INLINE && box->tag != MGK_TAG_TABLE)
        box->flags &= ~(guint)(MGK_HTML_BLOCK | MGK_HTML_PARA);
}

/* Margins that a page sets itself: mails written in Outlook have none around paragraphs. */
static void set_margins(MgkBox *box, const MgkHtmlStyle *style)
{
    gint32 usual = box->flags & MGK_HTML_PARA ? 16 : 0;
    gint32 both = mgk_html_style_get(style, MGK_CSS_MARGIN, usual);
    gint32 above = mgk_html_style_get(style, MGK_CSS_MARGIN_TOP, both);
    gint32 below = mgk_html_style_get(style, MGK_CSS_MARGIN_BOTTOM, both);
    gint32 most = MAX(above, below);
    if (most == MGK_CSS_UNKNOWN || !(box->flags & MGK_HTML_BLOCK) || box->tag == MGK_TAG_TABLE)
        return;
    if (most < NO_MARGIN)
        box->flags &= ~(guint)MGK_HTML_PARA;
    else if (most >= MARGIN)
        box->flags |= MGK_HTML_PARA;
}

void mgk_box_style(MgkFlow *flow, MgkBox *box, const MgkBox *parent)
{
    *box = (MgkBox){
        .tag = flow->t.tag,
        .flags = mgk_html_tag_flags(flow->t.tag),
        .dropped = parent->dropped,
        .hidden = parent->hidden,
        .invisible = parent->invisible,
        .trick = parent->trick,
        .back_set = parent->back_set,
        .color_set = parent->color_set,
        .color = parent->color,
        .back = parent->back,
        .font = parent->font,
        .pre = parent->pre,
        .rtl = parent->rtl,
        .align = parent->align,
        .bare_list = parent->bare_list,
    };
    MgkHtmlStyle style;
    const char *inline_style = mgk_html_attr(&flow->t, MGK_ATTR_STYLE);
    mgk_html_sheet_apply(&flow->sheet, flow->t.text->str, mgk_html_attr(&flow->t, MGK_ATTR_CLASS),
                         mgk_html_attr(&flow->t, MGK_ATTR_ID), inline_style, &style);
    flow->steps += inline_style ? strlen(inline_style) : 0;
    box->dropped |= (box->flags & MGK_HTML_DROP) != 0;
    set_colors(flow, box, &style);
    set_font(box, &style);
    set_hidden(flow, box, &style);
    set_tricks(flow, box, &style);
    set_flow(flow, box, &style);
    set_margins(box, &style);
}

gboolean mgk_box_hides(const MgkFlow *flow, const MgkBox *box)
{
    if (box->hidden || box->invisible || (box->font != MGK_CSS_UNKNOWN && box->font <= UNREADABLE))
        return TRUE;
    if (!box->color_set || !known(box->color) || !known(box->back) || distance(box->color, box->back) > EQUAL)
        return FALSE;
    return box->back_set || !flow->sheet.unread_colors;
}
