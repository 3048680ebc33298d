#include "formats/formats.h"

const MgkHandler mgk_format_pptx = {0};
