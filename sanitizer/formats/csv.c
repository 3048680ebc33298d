#include "formats/formats.h"

const MgkHandler mgk_format_csv = {0};
