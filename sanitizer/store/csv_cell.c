#include "store/csv_cell.h"

#include "model/names.h"

static gboolean is_sign(gunichar c)
{
    static const gunichar signs[] = {'=', '+', '-', '@', 0xff1d, 0xff0b, 0xff0d, 0xff20, 0x2212};
    for (guint i = 0; i < G_N_ELEMENTS(signs); i++) {
        if (c == signs[i])
            return TRUE;
    }
    return FALSE;
}

static gboolean is_separator(gunichar c)
{
    return c == ',' || c == ';' || c == '|' || c == 0xff0c || c == 0xff1b || c == 0xff5c;
}

void mgk_csv_cell(GString *row, const char *text)
{
    g_autofree char *shown = mgk_names_display(text, -1, 0);
    gboolean start = TRUE; /* nothing but spaces and quotes since some reader's cell began */
    g_string_append_c(row, '"');
    for (const char *p = shown; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (start && is_sign(c))
            g_string_append_c(row, '\'');
        start = is_separator(c) || (start && (g_unichar_isspace(c) || c == '"'));
        g_string_append_unichar(row, c);
        if (c == '"')
            g_string_append_c(row, '"');
    }
    g_string_append_c(row, '"');
}

void mgk_csv_row(GString *out, const char *const *cells, guint n)
{
    for (guint i = 0; i < n; i++) {
        if (i)
            g_string_append_c(out, ',');
        mgk_csv_cell(out, cells[i]);
    }
    g_string_append(out, "\r\n");
}
