/* Real files in a fresh folder under the temporary directory; a full disk is played by RLIMIT_FSIZE. */
#include "inputs.h"
#include "publish.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char *root; /* made anew for every test */

static void remove_tree(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    for (const char *name = folder ? g_dir_read_name(folder) : NULL; name; name = g_dir_read_name(folder)) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        remove_tree(inner);
    }
    (void)g_remove(path);
}

static void set_up(void)
{
    root = g_dir_make_tmp("mgk-publish-XXXXXX", NULL);
    ck_assert_ptr_nonnull(root);
}

static void tear_down(void)
{
    remove_tree(root);
    g_clear_pointer(&root, g_free);
}

static int source_of(const char *data, gsize size)
{
    int source = memfd_create("source", MFD_CLOEXEC);
    ck_assert_int_ge(source, 0);
    ck_assert_int_eq(write(source, data, size), (gssize)size);
    return source; /* left at the end: publishing must read from 0 */
}

static char *publish(const char *sub, const char *name, const char *data)
{
    g_autoptr(GError) error = NULL;
    char *path = NULL;
    int source = source_of(data, strlen(data));
    const MgkPlace place = {.root = root, .sub = sub, .name = name};
    gboolean good = mgk_publish_file(&place, source, &path, &error);
    ck_assert_msg(good == (error == NULL) && good == (path != NULL), "result, error and path disagree");
    close(source);
    return path;
}

static void expect_content(const char *path, const char *want)
{
    g_autofree char *got = NULL;
    ck_assert_msg(g_file_get_contents(path, &got, NULL, NULL), "'%s' cannot be read", path);
    ck_assert_str_eq(got, want);
}

static guint files_in(const char *path)
{
    guint n = 0;
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    while (folder && g_dir_read_name(folder))
        n++;
    return n;
}

START_TEST(test_publish__folders_are_made_and_bytes_arrive)
{
    g_autofree char *got = publish("木/枝", "報告.txt", "data");
    g_autofree char *want = g_build_filename(root, "木/枝/報告.txt", NULL);
    ck_assert_str_eq(got, want);
    expect_content(want, "data");
    ck_assert_uint_eq(files_in(root), 1);
}
END_TEST

START_TEST(test_publish__same_bytes_are_done_other_bytes_get_a_number)
{
    static const struct {
        const char *data, *want;
    } steps[] = {{"one", "a.txt"},     {"one", "a.txt"},     {"two", "a (2).txt"}, {"one", "a.txt"},
                 {"two", "a (2).txt"}, {"333", "a (3).txt"}, {"", "a (4).txt"}};
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autofree char *got = publish("", "a.txt", steps[i].data);
        g_autofree char *base = g_path_get_basename(got);
        ck_assert_msg(strcmp(base, steps[i].want) == 0, "step %u: got '%s' want '%s'", i, base, steps[i].want);
        expect_content(got, steps[i].data);
    }
    ck_assert_uint_eq(files_in(root), 4);
}
END_TEST

/* Whatever stands under the wished name, it stays what it was. */
START_TEST(test_publish__nothing_is_ever_replaced_or_followed)
{
    g_autofree char *folder = g_build_filename(root, "a.txt", NULL), *link = g_build_filename(root, "b.txt", NULL);
    g_autofree char *target = g_build_filename(root, "target", NULL), *fifo = g_build_filename(root, "c.txt", NULL);
    ck_assert_int_eq(g_mkdir(folder, 0755), 0);
    ck_assert(g_file_set_contents(target, "precious", -1, NULL));
    ck_assert_int_eq(symlink("target", link), 0);
    ck_assert_int_eq(mkfifo(fifo, 0644), 0);
    for (int letter = 'a'; letter <= 'c'; letter++) {
        g_autofree char *name = g_strdup_printf("%c.txt", letter), *want = g_strdup_printf("%c (2).txt", letter);
        g_autofree char *got = publish("", name, "precious"); /* the link's target has the same bytes */
        g_autofree char *base = g_path_get_basename(got);
        ck_assert_str_eq(base, want);
    }
    expect_content(target, "precious");
}
END_TEST

START_TEST(test_publish__links_below_the_root_are_refused)
{
    g_autofree char *link = g_build_filename(root, "way", NULL), *outside = g_dir_make_tmp("mgk-out-XXXXXX", NULL);
    ck_assert_int_eq(symlink(outside, link), 0);
    g_autofree char *got = publish("way", "a.txt", "x");
    ck_assert_ptr_null(got);
    ck_assert_uint_eq(files_in(outside), 0);
    remove_tree(outside);
}
END_TEST

START_TEST(test_publish__long_names_keep_room_for_the_number)
{
    g_autoptr(GString) name = g_string_new(NULL);
    while (name->len + 3 <= 251)
        g_string_append(name, "漢");
    g_string_append(name, ".txt");
    for (guint i = 0; i < 3; i++) {
        g_autofree char *data = g_strdup_printf("%u", i);
        g_autofree char *got = publish("", name->str, data);
        ck_assert_ptr_nonnull(got);
        ck_assert(g_utf8_validate(got, -1, NULL) && g_str_has_suffix(got, ".txt"));
    }
    ck_assert_uint_eq(files_in(root), 3);
}
END_TEST

START_TEST(test_publish__full_disk_leaves_nothing_behind)
{
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before, small;
    getrlimit(RLIMIT_FSIZE, &before);
    small = (struct rlimit){.rlim_cur = 4096, .rlim_max = before.rlim_max};
    g_autofree char *data = g_strnfill(100000, 'x');
    int source = source_of(data, 100000);
    setrlimit(RLIMIT_FSIZE, &small);
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    const MgkPlace place = {.root = root, .sub = "", .name = "big.txt"};
    gboolean good = mgk_publish_file(&place, source, &path, &error);
    setrlimit(RLIMIT_FSIZE, &before);
    close(source);
    ck_assert(!good);
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_IO));
    ck_assert_str_eq(error->message, "the file is larger than allowed there");
    ck_assert_uint_eq(files_in(root), 0);
}
END_TEST

START_TEST(test_publish__impossible_places_are_errors_in_words)
{
    static const struct {
        const char *root, *want;
    } table[] = {{"/proc/mugaika", "it"}, {"/dev/null/x", "something that is not a folder is in the way"}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert(!mgk_publish_prepare(table[i].root, &error));
        ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_IO));
        if (i == 1)
            ck_assert_str_eq(error->message, table[i].want);
    }
    g_autofree char *deep = g_build_filename(root, "a", "b", "c", NULL);
    ck_assert(mgk_publish_prepare(deep, NULL));
    ck_assert(g_file_test(deep, G_FILE_TEST_IS_DIR));
    ck_assert_uint_eq(files_in(deep), 0);
}
END_TEST

START_TEST(test_publish__only_folders_made_by_us_are_marked)
{
    g_autofree char *made = g_build_filename(root, "cleaned", NULL);
    for (guint round = 0; round < 2; round++) { /* round 1: the folder is the user's */
        g_autofree char *marker = g_build_filename(made, MGK_INPUTS_MARKER, NULL), *path = NULL;
        int source = source_of("x", 1);
        const MgkPlace place = {.root = made, .sub = "", .name = "a", .mark = TRUE};
        if (round == 1)
            ck_assert_int_eq(g_mkdir(made, 0755), 0);
        ck_assert(mgk_publish_file(&place, source, &path, NULL));
        close(source);
        ck_assert_int_eq(g_file_test(marker, G_FILE_TEST_EXISTS), round == 0);
        remove_tree(made);
    }
}
END_TEST

START_TEST(test_publish__stream_gets_all_bytes)
{
    g_autofree char *data = g_strnfill(300000, 'y');
    int source = source_of(data, 300000), target = memfd_create("target", MFD_CLOEXEC);
    ck_assert(mgk_publish_stream(source, target, NULL));
    ck_assert_int_eq(lseek(target, 0, SEEK_END), 300000);
    close(target);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    g_autoptr(GError) error = NULL;
    ck_assert(!mgk_publish_stream(source, full, &error));
    ck_assert_str_eq(error->message, "the disk is full");
    close(full);
    close(source);
}
END_TEST

/* What network shares lack, played by a filter: O_TMPFILE, then links, then a rename that does not replace. */
static gboolean deny(guint level)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    gboolean good = filter != NULL;
    if (level >= 1)
        good &= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EOPNOTSUPP), SCMP_SYS(openat), 1,
                                 SCMP_A2(SCMP_CMP_MASKED_EQ, O_TMPFILE, O_TMPFILE)) == 0;
    if (level >= 2)
        good &= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(linkat), 0) == 0;
    if (level >= 3)
        good &= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(renameat2), 0) == 0;
    good = good && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return good;
}

START_TEST(test_publish__poor_file_systems_are_served_or_refused_whole)
{
    guint level = (guint)_i;
    ck_assert(deny(level));
    for (guint i = 0; i < 2; i++) {
        g_autofree char *first = publish("", "a.txt", "one"), *second = publish("", "a.txt", "two");
        ck_assert_int_eq(first != NULL && second != NULL, level < 3);
    }
    ck_assert_uint_eq(files_in(root), level < 3 ? 2 : 0); /* no hidden rest either */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("publish");
    TCase *tc = tcase_create("publish");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, test_publish__folders_are_made_and_bytes_arrive);
    tcase_add_test(tc, test_publish__same_bytes_are_done_other_bytes_get_a_number);
    tcase_add_test(tc, test_publish__nothing_is_ever_replaced_or_followed);
    tcase_add_test(tc, test_publish__links_below_the_root_are_refused);
    tcase_add_test(tc, test_publish__long_names_keep_room_for_the_number);
    tcase_add_test(tc, test_publish__full_disk_leaves_nothing_behind);
    tcase_add_test(tc, test_publish__impossible_places_are_errors_in_words);
    tcase_add_test(tc, test_publish__only_folders_made_by_us_are_marked);
    tcase_add_test(tc, test_publish__stream_gets_all_bytes);
    tcase_add_loop_test(tc, test_publish__poor_file_systems_are_served_or_refused_whole, 1,
                        4); /* last: stays filtered */
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
