#include "engines/chart_text.h"

#include <string.h>

typedef struct Chart {
    MgkTextOut *out;     /* borrowed */
    GString *categories; /* owned; of the present series */
    GString *values;     /* owned; its name, then its values */
    GString *last;       /* owned; categories that stand above */
    GString *target;     /* borrowed; where c:v goes, or NULL */
    gboolean series, value, title;
} Chart;

static gboolean is(const char *name, const char *other)
{
    return strcmp(name, other) == 0;
}

static void on_start(gpointer user, const char *name, const char *const *attributes)
{
    Chart *chart = user;
    (void)attributes;
    if (is(name, "c:ser")) {
        chart->series = TRUE;
        g_string_truncate(chart->categories, 0);
        g_string_truncate(chart->values, 0);
    } else if (chart->series && (is(name, "c:cat") || is(name, "c:xVal"))) {
        chart->target = chart->categories;
    } else if (chart->series && (is(name, "c:tx") || is(name, "c:val") || is(name, "c:yVal"))) {
        chart->target = chart->values;
    } else if (is(name, "c:v")) {
        chart->value = chart->target != NULL;
    } else if (is(name, "a:t")) {
        chart->title = TRUE;
    }
}

static void end_series(Chart *chart)
{
    chart->series = FALSE;
    if (chart->categories->len > 0 && !g_string_equal(chart->categories, chart->last)) {
        mgk_text_out_add(chart->out, "\t", 1);
        mgk_text_out_add(chart->out, chart->categories->str, -1);
        mgk_text_out_break(chart->out);
        g_string_assign(chart->last, chart->categories->str);
    }
    mgk_text_out_add(chart->out, chart->values->str, -1);
    mgk_text_out_break(chart->out);
}

static void on_end(gpointer user, const char *name)
{
    Chart *chart = user;
    if (is(name, "c:ser")) {
        end_series(chart);
    } else if (is(name, "c:cat") || is(name, "c:xVal") || is(name, "c:tx") || is(name, "c:val") || is(name, "c:yVal")) {
        chart->target = NULL;
    } else if (is(name, "c:v") && chart->value) {
        g_string_append_c(chart->target, '\t');
        chart->value = FALSE;
    } else if (is(name, "a:t")) {
        chart->title = FALSE;
    } else if (is(name, "a:p")) {
        mgk_text_out_break(chart->out);
    }
}

static void on_text(gpointer user, const char *text, gsize size)
{
    Chart *chart = user;
    if (chart->value)
        g_string_append_len(chart->target, text, (gssize)size);
    else if (chart->title)
        mgk_text_out_add(chart->out, text, (gssize)size);
}

gboolean mgk_chart_text(MgkZip *zip, const char *member, MgkTextOut *out, GError **error)
{
    static const MgkXmlEvents events = {.start = on_start, .end = on_end, .text = on_text};
    Chart chart = {
        .out = out, .categories = g_string_new(NULL), .values = g_string_new(NULL), .last = g_string_new(NULL)};
    mgk_text_out_gap(out);
    gboolean ok = mgk_xml_events_read(zip, member, &events, &chart, error);
    g_string_free(chart.categories, TRUE);
    g_string_free(chart.values, TRUE);
    g_string_free(chart.last, TRUE);
    return ok;
}
