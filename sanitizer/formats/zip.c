#include "formats/formats.h"

const MgkHandler mgk_format_zip = {0};
