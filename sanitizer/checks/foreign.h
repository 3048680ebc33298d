/* foreign.h - the second look's own list of what no picture of ours may spell. */
#pragma once

#include <glib.h>

/* TRUE when the bytes hold, anywhere, the mark by which some program would take them for another kind of file. */
gboolean mgk_check_foreign(const guint8 *data, gsize size);
