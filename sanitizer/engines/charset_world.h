/* charset_world.h - encodings beyond charset.h's, as mails and pages of the world name them: single bytes by tables of
 * ours (rules/charset_single.def), Chinese, Korean and the rarer Japanese ones by iconv handles that are opened before
 * the lock-down and kept, shifted seven-bit forms of those (ISO-2022-KR, ISO-2022-CN, HZ) and UTF-32 by own steps. */
#pragma once

#include <glib.h>

/* Opens the handles. Called in the zygote; the first conversion does it at the latest. */
void mgk_charset_world_warm(void);
/* Whether label (any case) names one of them. */
gboolean mgk_charset_world_knows(const char *label);
/* All of the bytes as valid UTF-8; what means nothing becomes U+FFFD and is counted in *ret_bad. NULL when label names
 * none of these encodings. *ret_size excludes the terminating NUL. Owned by the caller. */
char *mgk_charset_world_to_utf8(const char *label, const guint8 *data, gsize size, gsize *ret_size, gsize *ret_bad);
