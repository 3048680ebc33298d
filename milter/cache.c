#include "cache.h"

#define OVERHEAD 256 /* of an entry beside its result */

typedef struct Entry {
    char *key;     /* owned */
    GBytes *bytes; /* owned */
    gboolean holds;
    GList link; /* in the order of use, newest first; data is the entry */
} Entry;

struct MgkCache {
    GMutex lock;
    GHashTable *entries; /* owned; by key, borrowed from the entry */
    GQueue order;
    gsize used, max_bytes;
};

static void entry_free(gpointer data)
{
    Entry *entry = data;
    g_bytes_unref(entry->bytes);
    g_free(entry->key);
    g_free(entry);
}

MgkCache *mgk_cache_new(gsize max_bytes)
{
    MgkCache *cache = g_new0(MgkCache, 1);
    g_mutex_init(&cache->lock);
    g_queue_init(&cache->order);
    cache->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
    cache->max_bytes = max_bytes;
    return cache;
}

void mgk_cache_free(MgkCache *cache)
{
    if (!cache)
        return;
    g_hash_table_unref(cache->entries);
    g_mutex_clear(&cache->lock);
    g_free(cache);
}

static gsize weight(const Entry *entry)
{
    return g_bytes_get_size(entry->bytes) + OVERHEAD;
}

static void drop(MgkCache *cache, Entry *entry)
{
    cache->used -= weight(entry);
    g_queue_unlink(&cache->order, &entry->link);
    g_hash_table_remove(cache->entries, entry->key);
}

GBytes *mgk_cache_get(MgkCache *cache, const char *key, gboolean *ret_holds)
{
    g_mutex_lock(&cache->lock);
    Entry *entry = g_hash_table_lookup(cache->entries, key);
    GBytes *result = entry ? g_bytes_ref(entry->bytes) : NULL;
    if (entry) {
        *ret_holds = entry->holds;
        g_queue_unlink(&cache->order, &entry->link);
        g_queue_push_head_link(&cache->order, &entry->link);
    }
    g_mutex_unlock(&cache->lock);
    return result;
}

void mgk_cache_put(MgkCache *cache, const char *key, GBytes *result, gboolean holds)
{
    if (g_bytes_get_size(result) >= cache->max_bytes / 4)
        return;
    Entry *entry = g_new0(Entry, 1);
    entry->key = g_strdup(key);
    entry->bytes = g_bytes_ref(result);
    entry->holds = holds;
    entry->link.data = entry;
    g_mutex_lock(&cache->lock);
    Entry *old = g_hash_table_lookup(cache->entries, key);
    if (old)
        drop(cache, old);
    cache->used += weight(entry);
    g_queue_push_head_link(&cache->order, &entry->link);
    g_hash_table_insert(cache->entries, entry->key, entry);
    while (cache->used > cache->max_bytes && cache->order.length > 1)
        drop(cache, g_queue_peek_tail(&cache->order));
    g_mutex_unlock(&cache->lock);
}
