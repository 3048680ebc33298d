/* milter/edit: the one reader of whole mails outside a sandbox. What it takes has our grammar to the last byte. */
#include "edit.h"

#include "fuzz.h"

#include <string.h>

static gboolean progress(void *data)
{
    (void)data;
    return TRUE;
}

static gboolean no_remove(void *data, const char *name, guint index)
{
    (void)data, (void)name;
    return index > 0;
}

static gboolean add(void *data, const char *name, const char *value)
{
    (void)data;
    g_assert(*name && !strpbrk(name, ": \r\n"));
    for (const char *end = strchr(value, '\n'); end; end = strchr(end + 1, '\n'))
        g_assert(end[1] == ' ' && end[2]); /* nothing of a value begins a field of its own */
    g_assert(!strchr(value, '\r'));
    return TRUE;
}

static gboolean body(void *data, const guint8 *bytes, gsize size)
{
    (void)data;
    g_assert(size == 0 || !memchr(bytes, 0, size));
    return TRUE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) message = g_bytes_new(data, size);
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkEdit) edit = mgk_edit_parse(message, &error);
    g_assert((edit == NULL) == (error != NULL));
    g_autoptr(GPtrArray) old = g_ptr_array_new();
    const MgkEditSink sink = {.progress = progress, .remove = no_remove, .add = add, .body = body};
    if (edit)
        g_assert(mgk_edit_apply(edit, old, "20261120/A1", &sink));
    return 0;
}
