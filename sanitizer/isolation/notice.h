/* notice.h - the text file that stands in a container for a member that did not cross. */
#pragma once

#include "model/report.h"

/* UTF-8 with byte-order mark, CRLF lines, in the process's language. Owned by the caller. */
char *mgk_notice_text(const MgkReport *report);
/* "NAME.無害化保留.txt", at most 255 bytes. Owned by the caller. */
char *mgk_notice_name(const char *name);
