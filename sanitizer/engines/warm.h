/* warm.h - everything the engines must open before a worker is locked. Called once, in the zygote. */
#pragma once

/* What libraries would otherwise fetch at first use: fontconfig, libxml2, glibc. Reads nothing hostile. */
void mgk_engines_warm(void);
/* "libxml2 2.9.14\n…", for --version. Owned by the caller. */
char *mgk_engines_libraries(void);
