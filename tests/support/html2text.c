/* html2text - one page as text: `html2text FILE [WIDTH]`. A development tool for docs/HTML-TO-TEXT.md; never installed.
 * Text on stdout, counts on stderr. */
#include "engines/html_text.h"

#include <stdio.h>
#include <stdlib.h>

static void print_counts(const MgkHtmlResult *r)
{
    const MgkHtmlCounts *c = &r->count;
    fprintf(stderr, "charset %s, hidden %u (%u characters), links %u (deceptive %u, dangerous %u, mixed scripts %u), ",
            r->charset, c->hidden_pieces, c->hidden_chars, c->links, c->links_deceptive, c->links_dangerous,
            c->links_mixed_script);
    fprintf(stderr, "images %u, trackers %u, forms %u, password fields %u, tricks %u, ", c->images, c->trackers,
            c->forms, c->password_fields, c->tricks);
    fprintf(stderr, "stripped %u, tables %u, steps %" G_GUINT64_FORMAT "\n",
            c->controls + c->bidi + c->invisible + c->tags, c->tables, r->steps);
}

int main(int argc, char **argv)
{
    g_autofree char *data = NULL;
    gsize size = 0;
    g_autoptr(GError) error = NULL;
    if (argc < 2 || !g_file_get_contents(argv[1], &data, &size, &error)) {
        fprintf(stderr, "usage: html2text FILE [WIDTH]\n");
        return 2;
    }
    MgkHtmlOptions options = {.width = argc > 2 ? (guint)atoi(argv[2]) : 0, .japanese = TRUE};
    g_auto(MgkHtmlResult) result = {.text = NULL};
    if (!mgk_html_to_text((const guint8 *)data, size, NULL, &options, &result, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    fputs(result.text, stdout);
    print_counts(&result);
    return 0;
}
