#include "formats/formats.h"

const MgkHandler mgk_format_xlsx = {0};
