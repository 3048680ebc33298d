#include "formats/formats.h"

const MgkHandler mgk_format_jpeg = {0};
