/* What the environment cannot tell a worker, which is started with one of our own: it leaves its memory to the kernel.
 * Only in AddressSanitizer builds. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}
