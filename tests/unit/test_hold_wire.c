#include "store/hold_wire.h"

#include <check.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static void make_pair(int pair[2])
{
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
}

static GVariant *question(void)
{
    GVariantDict dict;
    const char *const names[] = {"税務課", "b", NULL};
    g_variant_dict_init(&dict, NULL);
    g_variant_dict_insert(&dict, "text", "s", "会議");
    g_variant_dict_insert(&dict, "number", "t", (guint64)42);
    g_variant_dict_insert(&dict, "flag", "b", TRUE);
    g_variant_dict_insert(&dict, "texts", "^as", names);
    return g_variant_dict_end(&dict);
}

START_TEST(test_hold_wire__arguments_and_a_descriptor_arrive)
{
    int pair[2], fd = memfd_create("original", MFD_CLOEXEC), got = -1;
    g_autoptr(GError) error = NULL;
    make_pair(pair);
    ck_assert_int_eq(write(fd, "bytes", 5), 5);
    ck_assert(mgk_hold_send(pair[0], "deposit", question(), fd, &error));
    g_autoptr(GVariant) frame = mgk_hold_receive(pair[1], &got, &error);
    ck_assert_msg(frame != NULL, "%s", error ? error->message : "");
    const char *word = NULL;
    char bytes[6] = "";
    g_autoptr(GVariant) arguments = NULL;
    g_variant_get(frame, "(&s@a{sv})", &word, &arguments);
    g_autofree const char **texts = mgk_hold_texts(arguments, "texts");
    ck_assert_str_eq(word, "deposit");
    ck_assert_str_eq(mgk_hold_text(arguments, "text"), "会議");
    ck_assert_uint_eq(mgk_hold_number(arguments, "number"), 42);
    ck_assert(mgk_hold_flag(arguments, "flag"));
    ck_assert_str_eq(texts[0], "税務課");
    ck_assert_ptr_null(texts[2]);
    ck_assert_int_eq(pread(got, bytes, 5, 0), 5);
    ck_assert_str_eq(bytes, "bytes");
    close(got);
    close(fd);
    close(pair[0]);
    close(pair[1]);
}
END_TEST

START_TEST(test_hold_wire__what_is_missing_or_of_another_type_is_empty)
{
    g_autoptr(GVariant) arguments = g_variant_ref_sink(question());
    g_autofree const char **texts = mgk_hold_texts(arguments, "number");
    ck_assert_str_eq(mgk_hold_text(arguments, "nothing"), "");
    ck_assert_str_eq(mgk_hold_text(arguments, "number"), "");
    ck_assert_uint_eq(mgk_hold_number(arguments, "text"), 0);
    ck_assert(!mgk_hold_flag(arguments, "number"));
    ck_assert_ptr_null(texts[0]);
}
END_TEST

/* Bytes that are no frame: each is refused, and nothing is read behind its end. */
START_TEST(test_hold_wire__refuses_what_is_no_frame)
{
    static const struct {
        const char *what, *bytes;
        gsize size;
    } rows[] = {
        {"a length of nothing", "\0\0\0\0", 4},
        {"a length past the bound", "\xff\xff\xff\xff", 4},
        {"a cut length", "\x10\0", 2},
        {"a cut body", "\x20\0\0\0abc", 7},
        {"no variant", "\x10\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 20},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        int pair[2];
        g_autoptr(GError) error = NULL;
        make_pair(pair);
        ck_assert_int_eq(write(pair[0], rows[i].bytes, rows[i].size), (gssize)rows[i].size);
        close(pair[0]);
        g_autoptr(GVariant) frame = mgk_hold_receive(pair[1], NULL, &error);
        ck_assert_msg(!frame && error, "%s: was taken", rows[i].what);
        close(pair[1]);
    }
}
END_TEST

START_TEST(test_hold_wire__an_end_between_frames_is_no_error)
{
    int pair[2], fd = 0;
    g_autoptr(GError) error = NULL;
    make_pair(pair);
    close(pair[0]);
    ck_assert_ptr_null(mgk_hold_receive(pair[1], &fd, &error));
    ck_assert_ptr_null(error);
    ck_assert_int_eq(fd, -1);
    close(pair[1]);
}
END_TEST

/* A descriptor nobody asked for must not stay open: it would be a leak that a client controls. */
START_TEST(test_hold_wire__a_descriptor_that_is_not_wanted_is_closed)
{
    int pair[2], before = dup(0);
    g_autoptr(GError) error = NULL;
    close(before);
    make_pair(pair);
    ck_assert(mgk_hold_send(pair[0], "list", NULL, 0, &error));
    g_autoptr(GVariant) frame = mgk_hold_receive(pair[1], NULL, &error);
    ck_assert_ptr_nonnull(frame);
    close(pair[0]);
    close(pair[1]);
    int after = dup(0);
    ck_assert_int_eq(after, before);
    close(after);
}
END_TEST

static gpointer refuse(gpointer data)
{
    GVariantDict dict;
    int socket = GPOINTER_TO_INT(data);
    g_autoptr(GVariant) frame = mgk_hold_receive(socket, NULL, NULL);
    g_variant_dict_init(&dict, NULL);
    g_variant_dict_insert(&dict, "code", "t", (guint64)MGK_ERROR_LIMIT);
    g_variant_dict_insert(&dict, "message", "s", "too much");
    ck_assert(mgk_hold_send(socket, "refused", g_variant_dict_end(&dict), -1, NULL));
    return NULL;
}

START_TEST(test_hold_wire__a_refusal_is_an_error_with_its_code)
{
    int pair[2];
    g_autoptr(GError) error = NULL;
    make_pair(pair);
    GThread *thread = g_thread_new("refuse", refuse, GINT_TO_POINTER(pair[1]));
    ck_assert_ptr_null(mgk_hold_ask(pair[0], "admit", NULL, -1, NULL, &error));
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_LIMIT));
    ck_assert_str_eq(error->message, "too much");
    g_thread_join(thread);
    close(pair[0]);
    close(pair[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hold_wire");
    TCase *tcase = tcase_create("all");
    tcase_add_test(tcase, test_hold_wire__arguments_and_a_descriptor_arrive);
    tcase_add_test(tcase, test_hold_wire__what_is_missing_or_of_another_type_is_empty);
    tcase_add_test(tcase, test_hold_wire__refuses_what_is_no_frame);
    tcase_add_test(tcase, test_hold_wire__an_end_between_frames_is_no_error);
    tcase_add_test(tcase, test_hold_wire__a_descriptor_that_is_not_wanted_is_closed);
    tcase_add_test(tcase, test_hold_wire__a_refusal_is_an_error_with_its_code);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
