/* ooxml_package.h - the graph of an output: content types, relationships, and that nothing lies outside it. */
#pragma once

#include "checks/ooxml_look.h"

typedef struct MgkLookPartRow {
    guint families;
    const char *relationship, *content_type;
    MgkLookNs root_ns;
    const char *root; /* "" for pictures */
} MgkLookPartRow;

const MgkLookPartRow *mgk_look_part_row(int row); /* NULL for -1; static */

/* Reads [Content_Types].xml and all relationship parts of look->zip into look->parts and checks them. FALSE with error
 * when there is no package to look at; broken rules are recorded. */
gboolean mgk_look_read_package(MgkLook *look, GError **error);
void mgk_look_part_free(gpointer part);
