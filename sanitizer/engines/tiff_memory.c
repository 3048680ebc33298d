#include "engines/tiff_memory.h"

#include <stdio.h>
#include <string.h>

static tmsize_t on_read(thandle_t handle, void *out, tmsize_t size)
{
    MgkTiffMemory *memory = handle;
    const guint8 *data =
        memory->out ? memory->out->data : memory->data; /* directories are linked by reading them back */
    gsize all = memory->out ? memory->out->len : memory->size;
    gsize n = MIN((gsize)size, memory->at < all ? all - memory->at : 0);
    if (n)
        memcpy(out, data + memory->at, n);
    memory->at += n;
    return (tmsize_t)n;
}

static tmsize_t on_write(thandle_t handle, void *data, tmsize_t size)
{
    MgkTiffMemory *memory = handle;
    if (!memory->out || size < 0 || memory->at > G_MAXUINT32 / 2 || (gsize)size > G_MAXUINT32 / 2)
        return 0;
    gsize end = memory->at + (gsize)size;
    if (end > memory->out->len) {
        guint before = memory->out->len;
        g_byte_array_set_size(memory->out, (guint)end);
        memset(memory->out->data + before, 0, end - before);
    }
    memcpy(memory->out->data + memory->at, data, (gsize)size);
    memory->at = end;
    return size;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int whence)
{
    MgkTiffMemory *memory = handle;
    gsize size = memory->out ? memory->out->len : memory->size;
    toff_t base = whence == SEEK_CUR ? memory->at : whence == SEEK_END ? size : 0;
    memory->at = (gsize)(base + offset);
    return memory->at;
}

static int on_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t on_size(thandle_t handle)
{
    MgkTiffMemory *memory = handle;
    return memory->out ? memory->out->len : memory->size;
}

static int on_map(thandle_t handle, void **ret_base, toff_t *ret_size)
{
    MgkTiffMemory *memory = handle;
    if (memory->out)
        return 0;
    *ret_base = (void *)(gsize)memory->data; /* libtiff's interface has no const */
    *ret_size = memory->size;
    return 1;
}

static void on_unmap(thandle_t handle, void *base, toff_t size)
{
    (void)handle;
    (void)base;
    (void)size;
}

G_GNUC_PRINTF(4, 0)
static int on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments)
{
    MgkTiffMemory *memory = user;
    (void)tiff;
    (void)module;
    if (memory->errors++ == 0)
        g_vsnprintf(memory->message, sizeof memory->message, format, arguments);
    return 1;
}

static int on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments)
{
    (void)tiff;
    (void)user;
    (void)module;
    (void)format;
    (void)arguments;
    return 1;
}

TIFF *mgk_tiff_memory_open(MgkTiffMemory *memory, gsize max_bytes)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options)
        return NULL;
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)max_bytes);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, memory);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, memory);
    TIFF *tiff = TIFFClientOpenExt("picture", memory->out ? "w" : "r", memory, on_read, on_write, on_seek, on_close,
                                   on_size, on_map, on_unmap, options);
    TIFFOpenOptionsFree(options);
    return tiff;
}
