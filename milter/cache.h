/* cache.h - results remembered, so that a mail sent again (the client gave up while we worked) ends the same way
 * without work. Least recently used goes first; bounded by bytes. Any thread. */
#pragma once

#include <glib.h>

typedef struct MgkCache MgkCache;

MgkCache *mgk_cache_new(gsize max_bytes);
void mgk_cache_free(MgkCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkCache, mgk_cache_free)

/* The result under key, owned by the caller, or NULL. *ret_holds: as given to mgk_cache_put(), untouched with NULL. */
GBytes *mgk_cache_get(MgkCache *cache, const char *key, gboolean *ret_holds);
/* Remembers result, unless it alone takes more than a quarter of the space. holds: a part of the mail stayed behind. */
void mgk_cache_put(MgkCache *cache, const char *key, GBytes *result, gboolean holds);
