#include "formats/formats.h"

#include "checks/ooxml.h"

const MgkHandler mgk_format_pptx = {.check = mgk_check_pptx};
