#include "formats/formats.h"

const MgkHandler mgk_format_pdf = {0};
