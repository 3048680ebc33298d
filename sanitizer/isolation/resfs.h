/* resfs.h - fonts and poppler's data served from memory, so that a locked worker needs no file at all.
 *
 * The zygote maps every font fontconfig knows and every file of poppler-data; after mgk_resfs_serve() the executable's
 * own fopen, open and FT_New_Face look there and nowhere else. The mappings are read-only and shared by all workers. */
#pragma once

#include <glib.h>

void mgk_resfs_load(void);   /* in the zygote, before lock-down */
void mgk_resfs_serve(void);  /* in the worker: from now on no path is opened */
guint mgk_resfs_count(void); /* files held */
