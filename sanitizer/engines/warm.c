#include "engines/warm.h"

#include "engines/archive_read.h"
#include "engines/charset_world.h"
#include "engines/mime_tree.h"
#include "engines/pages_warm.h"

#include "rules/xml_rules.h"

#include <libxml/parser.h>
#include <stdlib.h>

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* glibc's qsort asks for the size of memory once; let it ask while it may. */
static void warm_qsort(void)
{
    int numbers[2] = {2, 1};
    qsort(numbers, 2, sizeof *numbers, compare_ints);
}

void mgk_engines_warm(void)
{
    warm_qsort();
    xmlInitParser();
    mgk_xml_rules_warm();
    mgk_mime_warm();
    mgk_archive_warm(NULL); /* without it archives with names of their own are held */
    mgk_charset_world_warm();
    mgk_pages_warm();
}
