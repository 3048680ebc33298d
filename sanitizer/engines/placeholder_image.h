/* placeholder_image.h - what a reader sees where a picture could not cross. */
#pragma once

#include "model/format.h"

/* A gray box with a border and a cross, as a PNG, JPEG, WMF or EMF file that passes the second look; owned by the
 * caller. width and height in pixels, brought into 8 to 4096. Any other format gives a PNG. */
GBytes *mgk_placeholder_image(MgkFormatId format, guint width, guint height);
