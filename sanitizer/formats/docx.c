#include "formats/formats.h"

const MgkHandler mgk_format_docx = {0};
