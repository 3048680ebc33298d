/* pages_warm.h - what only workers that make pages and pictures need warm; the light worker has none of it. */
#pragma once

/* Once, in the zygote: fontconfig and poppler. */
void mgk_pages_warm(void);
