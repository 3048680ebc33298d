#include "checks/pdf_look.h"

#include <string.h>

static gboolean check_count(MgkPdfLook *look, const MgkPdfValue *value)
{
    return mgk_pdf_is_integer(value, -100000, 100000) || mgk_pdf_wrong(look, "a count");
}

static gboolean check_size(MgkPdfLook *look, const MgkPdfValue *value)
{
    return mgk_pdf_is_integer(value, 1, 4e9) || mgk_pdf_wrong(look, "a size");
}

static gboolean check_numbers(MgkPdfLook *look, const MgkPdfValue *value, guint n, double bound)
{
    if (!value || value->type != MGK_PDF_ARRAY || mgk_pdf_count(value) != n)
        return mgk_pdf_wrong(look, "a list of numbers");
    for (guint i = 0; i < n; i++) {
        const MgkPdfValue *item = mgk_pdf_item(value, i);
        if (item->type != MGK_PDF_NUMBER || item->number < -bound || item->number > bound)
            return mgk_pdf_wrong(look, "a number");
    }
    return TRUE;
}

static gboolean check_text(MgkPdfLook *look, const MgkPdfValue *value)
{
    /* UTF-16 after its byte order mark; no controls */
    if (value->type != MGK_PDF_HEX || value->length % 4 || value->length < 4 || memcmp(value->text, "FEFF", 4) != 0)
        return mgk_pdf_wrong(look, "a text");
    for (gsize i = 4; i < value->length; i += 4) {
        if (memcmp(value->text + i, "00", 2) == 0 &&
            (value->text[i + 2] < '2' || value->text[i + 2] == '8' || value->text[i + 2] == '9'))
            return mgk_pdf_wrong(look, "a control character in a text");
    }
    return TRUE;
}

static gboolean check_dest(MgkPdfLook *look, const MgkPdfValue *value)
{
    guint n = mgk_pdf_count(value);
    if (value->type != MGK_PDF_ARRAY || n < 2 || !mgk_pdf_refer(look, mgk_pdf_item(value, 0), MGK_PDF_ROLE_PAGE))
        return mgk_pdf_wrong(look, "a destination");
    if (n == 2)
        return mgk_pdf_is(mgk_pdf_item(value, 1), MGK_PDF_NAME, "Fit") || mgk_pdf_wrong(look, "a destination");
    const MgkPdfValue *x = mgk_pdf_item(value, 2), *y = mgk_pdf_item(value, 3), *zoom = mgk_pdf_item(value, 4);
    gboolean ok = n == 5 && mgk_pdf_is(mgk_pdf_item(value, 1), MGK_PDF_NAME, "XYZ") &&
                  (x->type == MGK_PDF_NUMBER || x->type == MGK_PDF_NULL) && y->type == MGK_PDF_NUMBER &&
                  zoom->type == MGK_PDF_NULL;
    return ok || mgk_pdf_wrong(look, "a destination");
}

static gboolean check_action(MgkPdfLook *look, const MgkPdfValue *value)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:"};
    const MgkPdfValue *uri = mgk_pdf_get(value, "URI");
    if (mgk_pdf_count(value) != 2 || !mgk_pdf_is(mgk_pdf_get(value, "S"), MGK_PDF_NAME, "URI") || !uri ||
        uri->type != MGK_PDF_STRING)
        return mgk_pdf_wrong(look, "an action");
    for (guint i = 0; i < G_N_ELEMENTS(schemes); i++) {
        if (uri->length > strlen(schemes[i]) &&
            g_ascii_strncasecmp((const char *)uri->text, schemes[i], strlen(schemes[i])) == 0)
            return TRUE;
    }
    return mgk_pdf_wrong(look, "a link that is no web or mail address");
}

static gboolean check_box(MgkPdfLook *look, const MgkPdfValue *value)
{
    return check_numbers(look, value, 4, 200000) &&
           ((mgk_pdf_item(value, 0)->number == 0 && mgk_pdf_item(value, 1)->number == 0 &&
             mgk_pdf_item(value, 2)->number > 0 && mgk_pdf_item(value, 3)->number > 0) ||
            mgk_pdf_wrong(look, "a page's size"));
}

static gboolean check_rect(MgkPdfLook *look, const MgkPdfValue *value)
{
    return check_numbers(look, value, 4, 400000);
}

static gboolean check_border(MgkPdfLook *look, const MgkPdfValue *value)
{
    return check_numbers(look, value, 3, 0);
}

static gboolean check_print_flag(MgkPdfLook *look, const MgkPdfValue *value)
{
    return mgk_pdf_is_integer(value, 4, 4) || mgk_pdf_wrong(look, "flags of a link");
}

static gboolean check_references(MgkPdfLook *look, const MgkPdfValue *value, MgkPdfRole role)
{
    if (value->type != MGK_PDF_ARRAY)
        return mgk_pdf_wrong(look, "a list of references");
    for (guint i = 0; i < mgk_pdf_count(value); i++) {
        if (!mgk_pdf_refer(look, mgk_pdf_item(value, i), role))
            return FALSE;
    }
    return TRUE;
}

static gboolean check_kids(MgkPdfLook *look, const MgkPdfValue *value)
{
    look->pages = mgk_pdf_count(value);
    return check_references(look, value, MGK_PDF_ROLE_PAGE);
}

static gboolean check_links(MgkPdfLook *look, const MgkPdfValue *value)
{
    return check_references(look, value, MGK_PDF_ROLE_LINK);
}

static gboolean check_descendants(MgkPdfLook *look, const MgkPdfValue *value)
{
    return mgk_pdf_count(value) == 1 ? check_references(look, value, MGK_PDF_ROLE_DESCENDANT)
                                     : mgk_pdf_wrong(look, "a font");
}

static gboolean check_category(MgkPdfLook *look, const MgkPdfValue *dict, MgkPdfRole role)
{
    for (guint i = 0; i < mgk_pdf_count(dict); i++) {
        if (!mgk_pdf_refer(look, mgk_pdf_item(dict, 2 * i + 1), role))
            return FALSE;
    }
    return dict->type == MGK_PDF_DICT || mgk_pdf_wrong(look, "resources");
}

/* Fonts of outlines are named T0, T1 …, invisible ones F0, F1 … */
static gboolean check_fonts(MgkPdfLook *look, const MgkPdfValue *dict)
{
    for (guint i = 0; i < mgk_pdf_count(dict); i++) {
        gboolean outlines = mgk_pdf_item(dict, 2 * i)->text[0] == 'T';
        if (!mgk_pdf_refer(look, mgk_pdf_item(dict, 2 * i + 1), outlines ? MGK_PDF_ROLE_SHAPES : MGK_PDF_ROLE_FONT))
            return FALSE;
    }
    return dict->type == MGK_PDF_DICT || mgk_pdf_wrong(look, "resources");
}

static gboolean check_state(MgkPdfLook *look, const MgkPdfValue *state)
{
    static const char *const modes[] = {"Normal",     "Multiply",   "Screen",    "Overlay",   "Darken",     "Lighten",
                                        "ColorDodge", "ColorBurn",  "HardLight", "SoftLight", "Difference", "Exclusion",
                                        "Hue",        "Saturation", "Color",     "Luminosity"};
    const MgkPdfValue *fill = mgk_pdf_get(state, "ca"), *stroke = mgk_pdf_get(state, "CA");
    gboolean known = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(modes); i++)
        known = known || mgk_pdf_is(mgk_pdf_get(state, "BM"), MGK_PDF_NAME, modes[i]);
    return (known && mgk_pdf_count(state) == 3 && fill && fill->type == MGK_PDF_NUMBER && stroke &&
            stroke->type == MGK_PDF_NUMBER && fill->number > 0 && fill->number <= 1 &&
            stroke->number == fill->number) ||
           mgk_pdf_wrong(look, "transparency");
}

static gboolean check_states(MgkPdfLook *look, const MgkPdfValue *dict)
{
    for (guint i = 0; i < mgk_pdf_count(dict); i++) {
        if (!check_state(look, mgk_pdf_item(dict, 2 * i + 1)))
            return FALSE;
    }
    return (dict->type == MGK_PDF_DICT && look->job->policy->pdf_outlines) || mgk_pdf_wrong(look, "resources");
}

static gboolean check_resources(MgkPdfLook *look, const MgkPdfValue *value)
{
    const MgkPdfValue *images = mgk_pdf_get(value, "XObject"), *fonts = mgk_pdf_get(value, "Font");
    const MgkPdfValue *states = mgk_pdf_get(value, "ExtGState"), *shadings = mgk_pdf_get(value, "Shading");
    guint known = (images != NULL) + (fonts != NULL) + (states != NULL) + (shadings != NULL);
    if (value->type != MGK_PDF_DICT || mgk_pdf_count(value) != known)
        return mgk_pdf_wrong(look, "resources");
    return (!images || check_category(look, images, MGK_PDF_ROLE_IMAGE)) && (!fonts || check_fonts(look, fonts)) &&
           (!states || check_states(look, states)) &&
           (!shadings || check_category(look, shadings, MGK_PDF_ROLE_SHADING));
}

static gboolean check_label(MgkPdfLook *look, const MgkPdfValue *label)
{
    const MgkPdfValue *prefix = mgk_pdf_get(label, "P");
    if (label->type != MGK_PDF_DICT)
        return mgk_pdf_wrong(look, "a page label");
    if (prefix)
        return mgk_pdf_count(label) == 1 ? check_text(look, prefix) : mgk_pdf_wrong(look, "a page label");
    return (mgk_pdf_count(label) == 2 && mgk_pdf_is(mgk_pdf_get(label, "S"), MGK_PDF_NAME, "D") &&
            mgk_pdf_is_integer(mgk_pdf_get(label, "St"), 1, 1e9)) ||
           mgk_pdf_wrong(look, "a page label");
}

static gboolean check_labels(MgkPdfLook *look, const MgkPdfValue *value)
{
    const MgkPdfValue *entries = mgk_pdf_get(value, "Nums");
    double last = -1;
    if (mgk_pdf_count(value) != 1 || !entries || entries->type != MGK_PDF_ARRAY || mgk_pdf_count(entries) % 2)
        return mgk_pdf_wrong(look, "page labels");
    for (guint i = 0; i < mgk_pdf_count(entries); i += 2) {
        const MgkPdfValue *page = mgk_pdf_item(entries, i);
        if (!mgk_pdf_is_integer(page, last + 1, 1e6) || !check_label(look, mgk_pdf_item(entries, i + 1)))
            return mgk_pdf_wrong(look, "page labels");
        last = page->number;
    }
    return TRUE;
}

static gboolean check_preferences(MgkPdfLook *look, const MgkPdfValue *value)
{
    const MgkPdfValue *title = mgk_pdf_get(value, "DisplayDocTitle");
    return (mgk_pdf_count(value) == 1 && title && title->type == MGK_PDF_BOOLEAN && title->number == 1) ||
           mgk_pdf_wrong(look, "preferences");
}

static gboolean check_system(MgkPdfLook *look, const MgkPdfValue *value)
{
    return (mgk_pdf_count(value) == 3 && mgk_pdf_is(mgk_pdf_get(value, "Registry"), MGK_PDF_STRING, "Adobe") &&
            mgk_pdf_is(mgk_pdf_get(value, "Ordering"), MGK_PDF_STRING, "Identity") &&
            mgk_pdf_is_integer(mgk_pdf_get(value, "Supplement"), 0, 0)) ||
           mgk_pdf_wrong(look, "a font's character collection");
}

static gboolean check_widths(MgkPdfLook *look, const MgkPdfValue *value)
{
    const MgkPdfValue *list = mgk_pdf_item(value, 1);
    if (value->type != MGK_PDF_ARRAY || mgk_pdf_count(value) != 2 ||
        !mgk_pdf_is_integer(mgk_pdf_item(value, 0), 1, 1) || list->type != MGK_PDF_ARRAY || mgk_pdf_count(list) > 65535)
        return mgk_pdf_wrong(look, "widths");
    for (guint i = 0; i < mgk_pdf_count(list); i++) {
        if (!mgk_pdf_is_integer(mgk_pdf_item(list, i), 0, 10000))
            return mgk_pdf_wrong(look, "a width");
    }
    return TRUE;
}

static gboolean check_metric(MgkPdfLook *look, const MgkPdfValue *value)
{
    return mgk_pdf_is_integer(value, -1000, 1000) || mgk_pdf_wrong(look, "a font's measure");
}

static gboolean check_font_box(MgkPdfLook *look, const MgkPdfValue *value)
{
    return check_numbers(look, value, 4, 1000);
}

static gboolean check_nothing(MgkPdfLook *look, const MgkPdfValue *value)
{
    (void)look;
    (void)value;
    return TRUE; /* pdf_streams.h looks at it */
}

static gboolean check_filter(MgkPdfLook *look, const MgkPdfValue *value)
{
    return mgk_pdf_is(value, MGK_PDF_NAME, "FlateDecode") || mgk_pdf_is(value, MGK_PDF_NAME, "DCTDecode") ||
           mgk_pdf_wrong(look, "a filter");
}

/* ---- fonts of outlines ---- */

static gboolean is_list(const MgkPdfValue *value, const double *wanted, guint n)
{
    if (!value || value->type != MGK_PDF_ARRAY || mgk_pdf_count(value) != n)
        return FALSE;
    for (guint i = 0; i < n; i++) {
        const MgkPdfValue *item = mgk_pdf_item(value, i);
        if (item->type != MGK_PDF_NUMBER || item->number < wanted[i] - 1e-9 || item->number > wanted[i] + 1e-9)
            return FALSE;
    }
    return TRUE;
}

static gboolean check_no_box(MgkPdfLook *look, const MgkPdfValue *value)
{
    return is_list(value, (const double[]){0, 0, 0, 0}, 4) || mgk_pdf_wrong(look, "a font's box");
}

static gboolean check_em(MgkPdfLook *look, const MgkPdfValue *value)
{
    return is_list(value, (const double[]){0.0005, 0, 0, 0.0005, 0, 0}, 6) || mgk_pdf_wrong(look, "a font's unit");
}

static gboolean check_procedures(MgkPdfLook *look, const MgkPdfValue *value)
{
    return check_category(look, value, MGK_PDF_ROLE_PROCEDURE);
}

static gboolean check_advances(MgkPdfLook *look, const MgkPdfValue *value)
{
    if (value->type != MGK_PDF_ARRAY)
        return mgk_pdf_wrong(look, "widths");
    for (guint i = 0; i < mgk_pdf_count(value); i++) {
        if (!mgk_pdf_is_integer(mgk_pdf_item(value, i), 0, 100000))
            return mgk_pdf_wrong(look, "a width");
    }
    return TRUE;
}

static gboolean check_empty(MgkPdfLook *look, const MgkPdfValue *value)
{
    return (value->type == MGK_PDF_DICT && mgk_pdf_count(value) == 0) || mgk_pdf_wrong(look, "resources of a font");
}

gboolean mgk_pdf_shapes_font_ok(const MgkPdfValue *dict)
{
    const MgkPdfValue *encoding = mgk_pdf_get(dict, "Encoding"), *list = mgk_pdf_get(encoding, "Differences");
    const MgkPdfValue *procedures = mgk_pdf_get(dict, "CharProcs");
    guint n = mgk_pdf_count(procedures);
    if (!n || n > 256 || mgk_pdf_count(encoding) != 2 || mgk_pdf_count(list) != n + 1 || list->type != MGK_PDF_ARRAY ||
        !mgk_pdf_is(mgk_pdf_get(encoding, "Type"), MGK_PDF_NAME, "Encoding") ||
        !mgk_pdf_is_integer(mgk_pdf_item(list, 0), 0, 0) || !mgk_pdf_is_integer(mgk_pdf_get(dict, "FirstChar"), 0, 0) ||
        !mgk_pdf_is_integer(mgk_pdf_get(dict, "LastChar"), n - 1, n - 1) ||
        mgk_pdf_count(mgk_pdf_get(dict, "Widths")) != n)
        return FALSE;
    for (guint i = 0; i < n; i++) {
        char name[16];
        g_snprintf(name, sizeof name, "s%u", i);
        if (!mgk_pdf_is(mgk_pdf_item(list, i + 1), MGK_PDF_NAME, name) ||
            !mgk_pdf_is(mgk_pdf_item(procedures, 2 * i), MGK_PDF_NAME, name))
            return FALSE;
    }
    return TRUE;
}

/* ---- gradients ---- */

static gboolean is_color(const MgkPdfValue *value)
{
    for (guint i = 0; i < 3; i++) {
        const MgkPdfValue *item = mgk_pdf_item(value, i);
        if (!item || item->type != MGK_PDF_NUMBER || item->number < 0 || item->number > 1)
            return FALSE;
    }
    return value->type == MGK_PDF_ARRAY && mgk_pdf_count(value) == 3;
}

static gboolean is_ramp(const MgkPdfValue *value)
{
    return mgk_pdf_count(value) == 5 && mgk_pdf_is_integer(mgk_pdf_get(value, "FunctionType"), 2, 2) &&
           is_list(mgk_pdf_get(value, "Domain"), (const double[]){0, 1}, 2) && is_color(mgk_pdf_get(value, "C0")) &&
           is_color(mgk_pdf_get(value, "C1")) && mgk_pdf_is_integer(mgk_pdf_get(value, "N"), 1, 1);
}

/* Ramps one behind the other. */
static gboolean is_stitched(const MgkPdfValue *value)
{
    const MgkPdfValue *ramps = mgk_pdf_get(value, "Functions"), *bounds = mgk_pdf_get(value, "Bounds");
    const MgkPdfValue *encode = mgk_pdf_get(value, "Encode");
    guint n = mgk_pdf_count(ramps);
    if (!n || mgk_pdf_count(value) != 5 || !mgk_pdf_is_integer(mgk_pdf_get(value, "FunctionType"), 3, 3) ||
        !is_list(mgk_pdf_get(value, "Domain"), (const double[]){0, 1}, 2) || ramps->type != MGK_PDF_ARRAY || !bounds ||
        bounds->type != MGK_PDF_ARRAY || mgk_pdf_count(bounds) != n - 1 || mgk_pdf_count(encode) != 2 * n)
        return FALSE;
    double last = 0;
    for (guint i = 0; i < n; i++) {
        const MgkPdfValue *bound = mgk_pdf_item(bounds, i);
        if (!is_ramp(mgk_pdf_item(ramps, i)) || !mgk_pdf_is_integer(mgk_pdf_item(encode, 2 * i), 0, 0) ||
            !mgk_pdf_is_integer(mgk_pdf_item(encode, 2 * i + 1), 1, 1) ||
            (bound && (bound->type != MGK_PDF_NUMBER || bound->number <= last || bound->number >= 1)))
            return FALSE;
        last = bound ? bound->number : last;
    }
    return encode->type == MGK_PDF_ARRAY;
}

static gboolean check_function(MgkPdfLook *look, const MgkPdfValue *value)
{
    return is_ramp(value) || is_stitched(value) || mgk_pdf_wrong(look, "a gradient");
}

static gboolean check_gradient(MgkPdfLook *look, const MgkPdfValue *value)
{
    return mgk_pdf_is_integer(value, 2, 3) || mgk_pdf_wrong(look, "a gradient");
}

static gboolean check_ends(MgkPdfLook *look, const MgkPdfValue *value)
{
    return check_numbers(look, value, mgk_pdf_count(value) == 6 ? 6 : 4, 1e9);
}

static gboolean check_extend(MgkPdfLook *look, const MgkPdfValue *value)
{
    const MgkPdfValue *before = mgk_pdf_item(value, 0), *behind = mgk_pdf_item(value, 1);
    return (value->type == MGK_PDF_ARRAY && mgk_pdf_count(value) == 2 && before->type == MGK_PDF_BOOLEAN &&
            behind->type == MGK_PDF_BOOLEAN) ||
           mgk_pdf_wrong(look, "a gradient");
}

#define FONT_NAME "MugaikaInvisible"

static const MgkPdfKey catalog_keys[] = {{"Type", TRUE, "Catalog", 0, NULL},
                                         {"Pages", TRUE, NULL, MGK_PDF_ROLE_PAGES, NULL},
                                         {"Outlines", FALSE, NULL, MGK_PDF_ROLE_OUTLINES, NULL},
                                         {"PageMode", FALSE, "UseOutlines", 0, NULL},
                                         {"PageLabels", FALSE, NULL, 0, check_labels},
                                         {"ViewerPreferences", FALSE, NULL, 0, check_preferences},
                                         {NULL, 0, NULL, 0, NULL}};
static const MgkPdfKey info_keys[] = {{"Title", TRUE, NULL, 0, check_text}, {NULL, 0, NULL, 0, NULL}};
static const MgkPdfKey pages_keys[] = {{"Type", TRUE, "Pages", 0, NULL},
                                       {"Count", TRUE, NULL, 0, check_count},
                                       {"Kids", TRUE, NULL, 0, check_kids},
                                       {NULL, 0, NULL, 0, NULL}};
static const MgkPdfKey page_keys[] = {{"Type", TRUE, "Page", 0, NULL},
                                      {"Parent", TRUE, NULL, MGK_PDF_ROLE_PAGES, NULL},
                                      {"MediaBox", TRUE, NULL, 0, check_box},
                                      {"Contents", TRUE, NULL, MGK_PDF_ROLE_CONTENT, NULL},
                                      {"Resources", TRUE, NULL, 0, check_resources},
                                      {"Annots", FALSE, NULL, 0, check_links},
                                      {NULL, 0, NULL, 0, NULL}};
static const MgkPdfKey link_keys[] = {{"Type", TRUE, "Annot", 0, NULL},        {"Subtype", TRUE, "Link", 0, NULL},
                                      {"Border", TRUE, NULL, 0, check_border}, {"F", TRUE, NULL, 0, check_print_flag},
                                      {"Rect", TRUE, NULL, 0, check_rect},     {"Dest", FALSE, NULL, 0, check_dest},
                                      {"A", FALSE, NULL, 0, check_action},     {NULL, 0, NULL, 0, NULL}};
static const MgkPdfKey outlines_keys[] = {{"Type", TRUE, "Outlines", 0, NULL},
                                          {"First", TRUE, NULL, MGK_PDF_ROLE_ITEM, NULL},
                                          {"Last", TRUE, NULL, MGK_PDF_ROLE_ITEM, NULL},
                                          {"Count", TRUE, NULL, 0, check_count},
                                          {NULL, 0, NULL, 0, NULL}};
static const MgkPdfKey item_keys[] = {{"Title", TRUE, NULL, 0, check_text},
                                      {"Parent", TRUE, NULL, MGK_PDF_ROLE_NONE, check_nothing},
                                      {"Prev", FALSE, NULL, MGK_PDF_ROLE_ITEM, NULL},
                                      {"Next", FALSE, NULL, MGK_PDF_ROLE_ITEM, NULL},
                                      {"First", FALSE, NULL, MGK_PDF_ROLE_ITEM, NULL},
                                      {"Last", FALSE, NULL, MGK_PDF_ROLE_ITEM, NULL},
                                      {"Count", FALSE, NULL, 0, check_count},
                                      {"Dest", FALSE, NULL, 0, check_dest},
                                      {NULL, 0, NULL, 0, NULL}};
static const MgkPdfKey font_keys[] = {{"Type", TRUE, "Font", 0, NULL},
                                      {"Subtype", TRUE, "Type0", 0, NULL},
                                      {"BaseFont", TRUE, FONT_NAME, 0, NULL},
                                      {"Encoding", TRUE, "Identity-H", 0, NULL},
                                      {"DescendantFonts", TRUE, NULL, 0, check_descendants},
                                      {"ToUnicode", TRUE, NULL, MGK_PDF_ROLE_UNICODE, NULL},
                                      {NULL, 0, NULL, 0, NULL}};
static const MgkPdfKey descendant_keys[] = {{"Type", TRUE, "Font", 0, NULL},
                                            {"Subtype", TRUE, "CIDFontType2", 0, NULL},
                                            {"BaseFont", TRUE, FONT_NAME, 0, NULL},
                                            {"CIDSystemInfo", TRUE, NULL, 0, check_system},
                                            {"FontDescriptor", TRUE, NULL, MGK_PDF_ROLE_DESCRIPTOR, NULL},
                                            {"CIDToGIDMap", TRUE, NULL, MGK_PDF_ROLE_MAP, NULL},
                                            {"DW", TRUE, NULL, 0, check_metric},
                                            {"W", TRUE, NULL, 0, check_widths},
                                            {NULL, 0, NULL, 0, NULL}};
static const MgkPdfKey descriptor_keys[] = {{"Type", TRUE, "FontDescriptor", 0, NULL},
                                            {"FontName", TRUE, FONT_NAME, 0, NULL},
                                            {"Flags", TRUE, NULL, 0, check_print_flag},
                                            {"FontBBox", TRUE, NULL, 0, check_font_box},
                                            {"ItalicAngle", TRUE, NULL, 0, check_metric},
                                            {"Ascent", TRUE, NULL, 0, check_metric},
                                            {"Descent", TRUE, NULL, 0, check_metric},
                                            {"CapHeight", TRUE, NULL, 0, check_metric},
                                            {"StemV", TRUE, NULL, 0, check_metric},
                                            {"FontFile2", TRUE, NULL, MGK_PDF_ROLE_PROGRAM, NULL},
                                            {NULL, 0, NULL, 0, NULL}};
static const MgkPdfKey image_keys[] = {{"Type", TRUE, "XObject", 0, NULL},
                                       {"Subtype", TRUE, "Image", 0, NULL},
                                       {"Width", TRUE, NULL, 0, check_size},
                                       {"Height", TRUE, NULL, 0, check_size},
                                       {"ColorSpace", TRUE, NULL, 0, check_nothing},
                                       {"BitsPerComponent", TRUE, NULL, 0, check_size},
                                       {"SMask", FALSE, NULL, MGK_PDF_ROLE_MASK, NULL},
                                       {"Filter", TRUE, NULL, 0, check_filter},
                                       {"Length", TRUE, NULL, 0, check_size},
                                       {NULL, 0, NULL, 0, NULL}};
static const MgkPdfKey plain_keys[] = {
    {"Filter", TRUE, "FlateDecode", 0, NULL}, {"Length", TRUE, NULL, 0, check_size}, {NULL, 0, NULL, 0, NULL}};
static const MgkPdfKey program_keys[] = {{"Length1", TRUE, NULL, 0, check_size},
                                         {"Filter", TRUE, "FlateDecode", 0, NULL},
                                         {"Length", TRUE, NULL, 0, check_size},
                                         {NULL, 0, NULL, 0, NULL}};

static const MgkPdfKey mask_keys[] = {{"Type", TRUE, "XObject", 0, NULL},
                                      {"Subtype", TRUE, "Image", 0, NULL},
                                      {"Width", TRUE, NULL, 0, check_size},
                                      {"Height", TRUE, NULL, 0, check_size},
                                      {"ColorSpace", TRUE, "DeviceGray", 0, NULL},
                                      {"BitsPerComponent", TRUE, NULL, 0, check_size},
                                      {"Filter", TRUE, "FlateDecode", 0, NULL},
                                      {"Length", TRUE, NULL, 0, check_size},
                                      {NULL, 0, NULL, 0, NULL}};
static const MgkPdfKey shapes_keys[] = {{"Type", TRUE, "Font", 0, NULL},
                                        {"Subtype", TRUE, "Type3", 0, NULL},
                                        {"FontBBox", TRUE, NULL, 0, check_no_box},
                                        {"FontMatrix", TRUE, NULL, 0, check_em},
                                        {"Encoding", TRUE, NULL, 0, check_nothing},
                                        {"CharProcs", TRUE, NULL, 0, check_procedures},
                                        {"FirstChar", TRUE, NULL, 0, check_count},
                                        {"LastChar", TRUE, NULL, 0, check_count},
                                        {"Widths", TRUE, NULL, 0, check_advances},
                                        {"ToUnicode", TRUE, NULL, MGK_PDF_ROLE_SPACES, NULL},
                                        {"Resources", TRUE, NULL, 0, check_empty},
                                        {NULL, 0, NULL, 0, NULL}};
static const MgkPdfKey shading_keys[] = {
    {"ShadingType", TRUE, NULL, 0, check_gradient}, {"ColorSpace", TRUE, "DeviceRGB", 0, NULL},
    {"Coords", TRUE, NULL, 0, check_ends},          {"Extend", TRUE, NULL, 0, check_extend},
    {"Function", TRUE, NULL, 0, check_function},    {NULL, 0, NULL, 0, NULL}};

static const MgkPdfKey *const keys_of[] = {
    [MGK_PDF_ROLE_CATALOG] = catalog_keys,
    [MGK_PDF_ROLE_INFO] = info_keys,
    [MGK_PDF_ROLE_PAGES] = pages_keys,
    [MGK_PDF_ROLE_PAGE] = page_keys,
    [MGK_PDF_ROLE_CONTENT] = plain_keys,
    [MGK_PDF_ROLE_IMAGE] = image_keys,
    [MGK_PDF_ROLE_FONT] = font_keys,
    [MGK_PDF_ROLE_DESCENDANT] = descendant_keys,
    [MGK_PDF_ROLE_DESCRIPTOR] = descriptor_keys,
    [MGK_PDF_ROLE_PROGRAM] = program_keys,
    [MGK_PDF_ROLE_MAP] = plain_keys,
    [MGK_PDF_ROLE_UNICODE] = plain_keys,
    [MGK_PDF_ROLE_OUTLINES] = outlines_keys,
    [MGK_PDF_ROLE_ITEM] = item_keys,
    [MGK_PDF_ROLE_LINK] = link_keys,
    [MGK_PDF_ROLE_SHAPES] = shapes_keys,
    [MGK_PDF_ROLE_PROCEDURE] = plain_keys,
    [MGK_PDF_ROLE_SPACES] = plain_keys,
    [MGK_PDF_ROLE_SHADING] = shading_keys,
    [MGK_PDF_ROLE_MASK] = mask_keys,
};

const MgkPdfKey *mgk_pdf_keys(MgkPdfRole role)
{
    return keys_of[role];
}
