#include "isolation/heap.h"

#ifdef MGK_DEBUG_SANDBOX

void mgk_heap_fill(void) {}

#else

#include <glib.h>
#include <malloc.h>
#include <unistd.h>

#define LARGEST (64u << 10) /* far below what malloc maps instead */
#define FINE 1040u          /* up to here malloc keeps a list for each size */
#define STEP 16u
#define SMALLEST 24u

/* Takes blocks of this size until one comes from beyond the heap's used part. */
static void take_all(gsize size, guintptr top)
{
    void *block;
    do
        block = malloc(size);
    while (block && (guintptr)block < top);
    if (size > FINE)
        free(block); /* joins the free end again; a small one would lie in its list, on a page of the zygote's */
}

void mgk_heap_fill(void)
{
    guintptr top = (guintptr)sbrk(0) - mallinfo2().keepcost;
    for (gsize size = LARGEST; size > FINE; size /= 2)
        take_all(size, top);
    for (gsize size = FINE; size >= SMALLEST; size -= STEP)
        take_all(size, top);
}

#endif
