/* heap.h - what a zygote does to its heap so that its workers' memory is cheap. Worker side only. */
#pragma once

/* After warming up, before the first fork: takes all free blocks inside the heap, for good. A worker that was handed
 * one would first copy the page around it, twice the price of a fresh page, and its small blocks would lie scattered
 * over hundreds of them; now it takes fresh ones from the top. Does nothing in sanitizer builds. */
void mgk_heap_fill(void);
