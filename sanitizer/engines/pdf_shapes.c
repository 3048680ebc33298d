#include "engines/pdf_shapes.h"

#include "model/error.h"

#include <nettle/sha2.h>
#include <string.h>

#define A_FONT 256
#define MAX_SHAPES 500000 /* of one document */
#define DIGEST 16         /* bytes */

typedef struct Shape {
    guint object, advance;
} Shape;

struct MgkPdfShapes {
    MgkPdfOutput *output; /* borrowed */
    GHashTable *known;    /* digest → number + 1 */
    GArray *list;         /* of Shape, by number */
    GArray *fonts;        /* of guint: object numbers */
};

static guint digest_hash(gconstpointer key)
{
    guint hash;
    memcpy(&hash, key, sizeof hash);
    return hash;
}

static gboolean digest_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, DIGEST) == 0;
}

MgkPdfShapes *mgk_pdf_shapes_new(MgkPdfOutput *output)
{
    MgkPdfShapes *shapes = g_new0(MgkPdfShapes, 1);
    shapes->output = output;
    shapes->known = g_hash_table_new_full(digest_hash, digest_equal, g_free, NULL);
    shapes->list = g_array_new(FALSE, FALSE, sizeof(Shape));
    shapes->fonts = g_array_new(FALSE, FALSE, sizeof(guint));
    return shapes;
}

void mgk_pdf_shapes_free(MgkPdfShapes *shapes)
{
    if (!shapes)
        return;
    g_hash_table_unref(shapes->known);
    g_array_unref(shapes->list);
    g_array_unref(shapes->fonts);
    g_free(shapes);
}

/* printf takes ten times as long. */
void mgk_pdf_append_whole(GString *out, gint64 value)
{
    char text[24], *at = text + sizeof text;
    guint64 rest = (guint64)ABS(value);
    *--at = ' ';
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        *--at = '-';
    g_string_append_len(out, at, text + sizeof text - at);
}

static gint64 divided(gint32 value, gint divide)
{
    gint64 half = value < 0 ? -divide / 2 : divide / 2;
    return (value + half) / divide;
}

void mgk_pdf_append_path(GString *out, const guint32 *words, gsize n, gint divide)
{
    static const char *const operators[] = {
        [MGK_PATH_MOVE] = "m ", [MGK_PATH_LINE] = "l ", [MGK_PATH_CURVE] = "c ", [MGK_PATH_CLOSE] = "h "};
    for (gsize i = 0; i < n;) {
        guint32 verb = words[i++];
        for (guint left = mgk_path_numbers(verb); left > 0; left--)
            mgk_pdf_append_whole(out, divided((gint32)words[i++], divide));
        g_string_append_len(out, operators[verb], 2);
    }
}

/* The box of all points, of curves their control points too. */
static void box_of(const guint32 *words, gsize n, gint32 *ret_box)
{
    gboolean any = FALSE;
    for (gsize i = 0; i < n;) {
        guint numbers = mgk_path_numbers(words[i++]);
        for (guint k = 0; k < numbers; k += 2, i += 2) {
            gint32 x = (gint32)words[i], y = (gint32)words[i + 1];
            ret_box[0] = any ? MIN(ret_box[0], x) : x;
            ret_box[1] = any ? MIN(ret_box[1], y) : y;
            ret_box[2] = any ? MAX(ret_box[2], x) : x;
            ret_box[3] = any ? MAX(ret_box[3], y) : y;
            any = TRUE;
        }
    }
}

static gboolean write_shape(MgkPdfShapes *shapes, guint object, const MgkDrawShape *shape, const guint32 *path,
                            GError **error)
{
    g_autoptr(GString) body = g_string_sized_new(512);
    gint32 box[4] = {0};
    box_of(path, shape->n_path, box);
    mgk_pdf_append_whole(body, shape->advance);
    g_string_append(body, "0 ");
    for (guint i = 0; i < 4; i++)
        mgk_pdf_append_whole(body, box[i]);
    g_string_append(body, "d1\n");
    mgk_pdf_append_path(body, path, shape->n_path, 1);
    g_string_append(body, "f");
    return mgk_pdf_output_deflated(shapes->output, object, "", (const guint8 *)body->str, body->len, error);
}

gboolean mgk_pdf_shapes_add(MgkPdfShapes *shapes, const MgkDrawShape *shape, const guint32 *path, guint *ret_number,
                            GError **error)
{
    guint8 digest[DIGEST];
    struct sha256_ctx sum;
    sha256_init(&sum);
    sha256_update(&sum, sizeof *shape, (const guint8 *)shape);
    sha256_update(&sum, shape->n_path * sizeof(guint32), (const guint8 *)path);
    sha256_digest(&sum, sizeof digest, digest);
    guint known = GPOINTER_TO_UINT(g_hash_table_lookup(shapes->known, digest));
    if (known) {
        *ret_number = known - 1;
        return TRUE;
    }
    if (shapes->list->len >= MAX_SHAPES) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "page_drawing: too many different shapes");
        return FALSE;
    }
    Shape entry = {.object = mgk_pdf_output_number(shapes->output), .advance = (guint)shape->advance};
    if (!write_shape(shapes, entry.object, shape, path, error))
        return FALSE;
    *ret_number = shapes->list->len;
    g_array_append_val(shapes->list, entry);
    g_hash_table_insert(shapes->known, g_memdup2(digest, sizeof digest), GUINT_TO_POINTER(*ret_number + 1));
    if (shapes->fonts->len * A_FONT < shapes->list->len) {
        guint font = mgk_pdf_output_number(shapes->output);
        g_array_append_val(shapes->fonts, font);
    }
    return TRUE;
}

guint mgk_pdf_shapes_advance(const MgkPdfShapes *shapes, guint number)
{
    return g_array_index(shapes->list, Shape, number).advance;
}

guint mgk_pdf_shapes_font(const MgkPdfShapes *shapes, guint font)
{
    return g_array_index(shapes->fonts, guint, font);
}

static gboolean write_font(MgkPdfShapes *shapes, guint font, guint unicode, GError **error)
{
    guint first = font * A_FONT, n = MIN(shapes->list->len - first, A_FONT);
    g_autoptr(GString) body = g_string_new("<</Type/Font/Subtype/Type3/FontBBox[0 0 0 0]/FontMatrix[0.0005 0 0 0.0005 "
                                           "0 0]/Encoding<</Type/Encoding/Differences[0");
    for (guint i = 0; i < n; i++)
        g_string_append_printf(body, "/s%u", i);
    g_string_append(body, "]>>/CharProcs<<");
    for (guint i = 0; i < n; i++)
        g_string_append_printf(body, "/s%u %u 0 R", i, g_array_index(shapes->list, Shape, first + i).object);
    g_string_append_printf(body, ">>/FirstChar 0/LastChar %u/Widths[", n - 1);
    for (guint i = 0; i < n; i++)
        mgk_pdf_append_whole(body, g_array_index(shapes->list, Shape, first + i).advance);
    g_string_append_printf(body, "]/ToUnicode %u 0 R/Resources<<>>>>", unicode);
    return mgk_pdf_output_object(shapes->output, g_array_index(shapes->fonts, guint, font), body->str, error);
}

/* To readers every code is a space, so that no search finds, and nobody copies, what only looks like text. */
static void append_spaces(GString *out)
{
    g_string_append(out, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                         "/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n"
                         "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                         "1 begincodespacerange\n<00> <FF>\nendcodespacerange\n");
    for (guint code = 0; code < A_FONT; code++) {
        if (code % 64 == 0)
            g_string_append(out, "64 beginbfchar\n");
        g_string_append_printf(out, "<%02X> <0020>\n", code);
        if (code % 64 == 63)
            g_string_append(out, "endbfchar\n");
    }
    g_string_append(out, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
}

gboolean mgk_pdf_shapes_finish(MgkPdfShapes *shapes, GError **error)
{
    if (!shapes->fonts->len)
        return TRUE;
    g_autoptr(GString) spaces = g_string_new("");
    append_spaces(spaces);
    guint unicode = mgk_pdf_output_number(shapes->output);
    if (!mgk_pdf_output_deflated(shapes->output, unicode, "", (const guint8 *)spaces->str, spaces->len, error))
        return FALSE;
    for (guint font = 0; font < shapes->fonts->len; font++) {
        if (!write_font(shapes, font, unicode, error))
            return FALSE;
    }
    return TRUE;
}
