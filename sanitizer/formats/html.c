/* html.c - HTML and XHTML, by doctype, root element or a first tag of pages: recognised only, held. */
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static guint probe(const MgkProbe *probe)
{
    static const char *const starts[] = {"<!doctype html", "<html",  "<head",  "<body", "<script", "<iframe", "<table",
                                         "<title",         "<meta ", "<style", "<div",  "<center", "<h1",     "<img ",
                                         "<form",          "<a href"};
    g_autofree char *head = mgk_recognise_head(probe);
    g_autofree char *root = mgk_recognise_root(head);
    if (MGK_HEAD_STARTS(head, starts) || strcmp(root, "html") == 0 || g_str_has_suffix(root, ":html"))
        return 76;
    gboolean named = mgk_format_has_extension(MGK_FORMAT_ID_html, probe->extension);
    if (head[0] == '<' && (strstr(head, "<html") || strstr(head, "<body") || strstr(head, "<!doctype html")))
        return 76;
    return named && *head ? 65 : 0;
}

const MgkHandler mgk_format_html = {.probe = probe};
