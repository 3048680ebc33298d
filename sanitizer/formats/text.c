#include "formats/formats.h"

const MgkHandler mgk_format_text = {0};
