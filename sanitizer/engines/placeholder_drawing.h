/* placeholder_drawing.h - the gray box as a drawing, for places where only a WMF or EMF fits. */
#pragma once

#include "model/format.h"

/* A gray box with a border and a cross as a WMF (format wmf) or EMF; passes the second look; owned by the caller. width
 * and height in pixels of 1/96 inch, 8 to 4096. */
GBytes *mgk_placeholder_drawing(MgkFormatId format, guint width, guint height);
