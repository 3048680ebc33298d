#include "formats/formats.h"

const MgkHandler mgk_format_png = {0};
