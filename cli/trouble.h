/* trouble.h - what an errno means to a clerk. */
#pragma once

#include <sys/stat.h>

/* A msgid that says why something cannot be read or written; static, never NULL. */
const char *mgk_trouble_reading(int error_number);
const char *mgk_trouble_writing(int error_number);
/* Why a thing of this st_mode cannot be cleaned, or NULL for an ordinary file; static msgid. */
const char *mgk_trouble_type(mode_t mode);
