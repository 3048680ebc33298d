#include "io/descriptor.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define BIG ((gsize)1 << 20) /* many times a pipe's 64 KiB: every write is a partial one */

static void on_signal(int number)
{
    (void)number;
}

typedef struct Reader {
    int fd;
    pthread_t writer;
    guint8 *got;
    gboolean whole;
} Reader;

static void *read_disturbing(void *data)
{
    Reader *reader = data;
    for (gsize done = 0; done < BIG; done += BIG / 64) {
        pthread_kill(reader->writer, SIGUSR1);
        if (!mgk_fd_read_all(reader->fd, reader->got + done, BIG / 64))
            return NULL;
    }
    reader->whole = TRUE;
    return NULL;
}

START_TEST(test_descriptor__partial_writes_and_signals)
{
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: calls end with EINTR */
    sigaction(SIGUSR1, &action, NULL);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    g_autofree guint8 *want = g_malloc(BIG), *got = g_malloc0(BIG);
    for (gsize i = 0; i < BIG; i++)
        want[i] = (guint8)(i * 2654435761u >> 13);
    Reader reader = {.fd = ends[0], .writer = pthread_self(), .got = got};
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, read_disturbing, &reader), 0);
    ck_assert(mgk_fd_write_all(ends[1], want, BIG));
    pthread_join(thread, NULL);
    ck_assert(reader.whole);
    ck_assert_mem_eq(got, want, BIG);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(test_descriptor__early_end)
{
    int ends[2];
    guint8 bytes[4];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert(mgk_fd_write_all(ends[1], "abc", 3));
    close(ends[1]);
    errno = 0;
    ck_assert(!mgk_fd_read_all(ends[0], bytes, 4));
    ck_assert_int_eq(errno, EPIPE);
    ck_assert(mgk_fd_read_all(ends[0], bytes, 0));
    close(ends[0]);
}
END_TEST

START_TEST(test_descriptor__full_disk)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(full, 0);
    errno = 0;
    ck_assert(!mgk_fd_write_all(full, "abc", 3));
    ck_assert_int_eq(errno, ENOSPC);
    ck_assert(mgk_fd_write_all(full, "", 0));
    close(full);
}
END_TEST

START_TEST(test_descriptor__positions)
{
    char path[] = "/tmp/mugaika-descriptor-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    unlink(path);
    guint8 bytes[8];
    ck_assert(mgk_fd_write_all(fd, "abcdef", 6));
    ck_assert_int_eq(mgk_fd_read_at(fd, bytes, sizeof bytes, 4), 2);
    ck_assert_mem_eq(bytes, "ef", 2);
    ck_assert_int_eq(mgk_fd_read_at(fd, bytes, sizeof bytes, 6), 0);
    ck_assert_int_eq(mgk_fd_read(fd, bytes, sizeof bytes), 0); /* its own position is where the writing ended */
    close(fd);
    ck_assert_int_lt(mgk_fd_read(fd, bytes, sizeof bytes), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("descriptor");
    TCase *tc = tcase_create("descriptor");
    tcase_add_test(tc, test_descriptor__partial_writes_and_signals);
    tcase_add_test(tc, test_descriptor__early_end);
    tcase_add_test(tc, test_descriptor__full_disk);
    tcase_add_test(tc, test_descriptor__positions);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
