/* warm.h - everything the engines must open before a worker is locked. Called once, in the zygote. */
#pragma once

/* Opens the magic database, character-set converters, font and poppler tables. Reads nothing hostile. */
void mgk_engines_warm(void);
/* "libxml2 2.9.14\n…", for --version. Owned by the caller. */
char *mgk_engines_libraries(void);
