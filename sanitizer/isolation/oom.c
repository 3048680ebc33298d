/* The executable's own malloc family, in front of glibc's. A debug build (sanitizers) has its own and leaves this out.
 */
#include "isolation/oom.h"

#include "isolation/wire.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static int armed;

void mgk_oom_arm(void)
{
    armed = 1;
}

#ifndef MGK_DEBUG_SANDBOX

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *memalign(size_t alignment, size_t size);

static void *checked(void *block, size_t size)
{
    if (!block && size > 0 && armed)
        syscall(SYS_exit_group, MGK_EXIT_MEMORY);
    return block;
}

void *malloc(size_t size)
{
    return checked(__libc_malloc(size), size);
}

void *calloc(size_t count, size_t size)
{
    return checked(__libc_calloc(count, size), count && size);
}

void *realloc(void *block, size_t size)
{
    return checked(__libc_realloc(block, size), size);
}

void *memalign(size_t alignment, size_t size)
{
    return checked(__libc_memalign(alignment, size), size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return checked(__libc_memalign(alignment, size), size);
}

int posix_memalign(void **ret_block, size_t alignment, size_t size)
{
    void *block = checked(__libc_memalign(alignment, size), size);
    if (!block)
        return ENOMEM;
    *ret_block = block;
    return 0;
}

#endif
