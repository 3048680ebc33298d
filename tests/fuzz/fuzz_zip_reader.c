/* engines/zip_reader: both ways of reading an entry agree. */
#include "engines/zip_reader.h"
#include "model/policy.h"

#include "fuzz.h"

#include <string.h>

#define MOST (1u << 20)

static void read_stream(MgkZip *zip, MgkZipEntry *entry, GByteArray *all, GError **error)
{
    g_autoptr(MgkZipStream) stream = mgk_zip_stream_new(zip, entry, error);
    guint8 buffer[1000];
    gsize n = 0;
    while (stream && mgk_zip_stream_read(stream, buffer, sizeof buffer, &n, error) && n > 0 && all->len <= MOST)
        g_byte_array_append(all, buffer, (guint)n);
}

static void compare(MgkZip *zip, MgkZipEntry *entry)
{
    g_autoptr(GByteArray) pieces = g_byte_array_new();
    g_autoptr(GError) stream_error = NULL;
    g_autoptr(GError) bytes_error = NULL;
    read_stream(zip, entry, pieces, &stream_error);
    if (pieces->len > MOST)
        return;
    g_autoptr(GBytes) whole = mgk_zip_entry_bytes(zip, entry, MOST, &bytes_error);
    g_assert((whole == NULL) == (bytes_error != NULL));
    g_assert((whole != NULL) == (stream_error == NULL));
    if (whole)
        g_assert(g_bytes_get_size(whole) == pieces->len &&
                 (pieces->len == 0 || memcmp(g_bytes_get_data(whole, NULL), pieces->data, pieces->len) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MgkPolicy policy;
    mgk_policy_init(&policy);
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkZip) zip = mgk_zip_open(data, size, &policy.limits, &error);
    g_assert((zip == NULL) == (error != NULL));
    for (guint i = 0; zip && i < MIN(mgk_zip_count(zip), 20); i++) {
        MgkZipEntry *entry = mgk_zip_entry(zip, i);
        g_assert(g_utf8_validate(entry->name, -1, NULL));
        g_assert(entry->offset <= size && entry->packed_size <= size - entry->offset);
        compare(zip, entry);
    }
    return 0;
}
