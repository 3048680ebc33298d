#include "inputs.h"

#include <check.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <seccomp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *root; /* made anew for every test */

static char *below(const char *path)
{
    return g_build_filename(root, path, NULL);
}

static void make_file(const char *path, const char *data)
{
    g_autofree char *full = below(path), *folder = g_path_get_dirname(full);
    ck_assert_int_eq(g_mkdir_with_parents(folder, 0755), 0);
    ck_assert(g_file_set_contents(full, data, -1, NULL));
}

static void remove_tree(const char *path)
{
    g_autoptr(GDir) folder = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
    for (const char *name = folder ? g_dir_read_name(folder) : NULL; name; name = g_dir_read_name(folder)) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        remove_tree(inner);
    }
    (void)g_remove(path);
}

static void set_up(void)
{
    root = g_dir_make_tmp("mgk-inputs-XXXXXX", NULL);
    ck_assert_ptr_nonnull(root);
}

static void tear_down(void)
{
    remove_tree(root);
    g_clear_pointer(&root, g_free);
}

static const MgkEntry *entry(const MgkInputs *inputs, guint index)
{
    ck_assert_uint_lt(index, inputs->entries->len);
    return g_ptr_array_index(inputs->entries, index);
}

START_TEST(test_inputs__trees_are_mirrored_in_order)
{
    make_file("tree/b.txt", "22");
    make_file("tree/a/z.txt", "1");
    make_file("tree/c/d/e.txt", "333");
    g_autofree char *tree = below("tree/"), *output = below("cleaned");
    g_autoptr(MgkInputs) inputs = mgk_inputs_new(NULL);
    mgk_inputs_add(inputs, tree, TRUE);
    static const struct {
        const char *name, *sub;
        guint size;
    } want[] = {{"z.txt", "tree/a", 1}, {"b.txt", "tree", 2}, {"e.txt", "tree/c/d", 3}};
    ck_assert_uint_eq(inputs->entries->len, G_N_ELEMENTS(want));
    for (guint i = 0; i < G_N_ELEMENTS(want); i++) {
        const MgkEntry *got = entry(inputs, i);
        ck_assert_str_eq(got->name, want[i].name);
        ck_assert_str_eq(got->output_sub, want[i].sub);
        ck_assert_str_eq(got->output_root, output);
        ck_assert_uint_eq(got->size, want[i].size);
        ck_assert_ptr_null(got->trouble);
        const char *trouble = NULL;
        int file = mgk_inputs_open(got, &trouble);
        ck_assert_msg(file >= 0, "%s: %s", got->path, trouble);
        close(file);
    }
}
END_TEST

START_TEST(test_inputs__files_go_beside_themselves_or_where_told)
{
    make_file("x/a.txt", "1");
    g_autofree char *file = below("x/a.txt"), *beside = below("x/cleaned"), *told = below("told");
    for (guint i = 0; i < 2; i++) {
        g_autoptr(MgkInputs) inputs = mgk_inputs_new(i ? told : NULL);
        mgk_inputs_add(inputs, file, TRUE);
        ck_assert_str_eq(entry(inputs, 0)->output_root, i ? told : beside);
        ck_assert_str_eq(entry(inputs, 0)->output_sub, "");
        ck_assert_str_eq(entry(inputs, 0)->path, file);
    }
}
END_TEST

START_TEST(test_inputs__what_cannot_be_read_is_listed_with_its_trouble)
{
    make_file("t/ok.txt", "1");
    g_autofree char *fifo = below("t/fifo"), *link = below("t/link"), *dangling = below("t/none"), *tree = below("t");
    ck_assert_int_eq(mkfifo(fifo, 0644), 0);
    ck_assert_int_eq(symlink("ok.txt", link), 0);
    ck_assert_int_eq(symlink("/nowhere", dangling), 0);
    g_autoptr(MgkInputs) inputs = mgk_inputs_new(NULL);
    mgk_inputs_add(inputs, tree, TRUE);
    static const struct {
        const char *name, *want;
    } rows[] = {{"fifo", "it is not an ordinary file"},
                {"link", "it is a link to another place; links are not followed"},
                {"none", "it is a link to another place; links are not followed"},
                {"ok.txt", NULL}};
    ck_assert_uint_eq(inputs->entries->len, G_N_ELEMENTS(rows));
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *trouble = NULL;
        int file = mgk_inputs_open(entry(inputs, i), &trouble);
        ck_assert_str_eq(entry(inputs, i)->name, rows[i].name);
        ck_assert_msg(g_strcmp0(trouble, rows[i].want) == 0, "%s: got '%s'", rows[i].name, trouble);
        ck_assert((file >= 0) == (rows[i].want == NULL));
        if (file >= 0)
            close(file);
    }
}
END_TEST

START_TEST(test_inputs__missing_and_odd_arguments_are_listed_too)
{
    static const struct {
        const char *path, *want;
    } rows[] = {{"/nonexistent/a.txt", "it does not exist, or not any more"},
                {"", "it does not exist, or not any more"},
                {"/dev/null", "it is not an ordinary file"},
                {"/dev/null/x", "it does not exist, or not any more"}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *trouble = NULL;
        g_autoptr(MgkInputs) inputs = mgk_inputs_new(NULL);
        mgk_inputs_add(inputs, rows[i].path, TRUE);
        ck_assert_int_lt(mgk_inputs_open(entry(inputs, 0), &trouble), 0);
        ck_assert_str_eq(trouble, rows[i].want);
    }
}
END_TEST

/* An old kernel, or a filter around us, has no openat2: the way is gone step by step then. */
static void deny_openat2(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    ck_assert_int_eq(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0), 0);
    ck_assert_int_eq(seccomp_load(filter), 0);
    seccomp_release(filter);
}

/* Swapped after the walk: a file for a link, a folder for a link, a file for a FIFO, a file for nothing. */
START_TEST(test_inputs__swaps_during_the_run_lead_nowhere)
{
    if (_i == 1)
        deny_openat2();
    make_file("t/g/h/still.txt", "1");
    static const char *const files[] = {"t/a.txt", "t/d/b.txt", "t/e.txt", "t/f.txt"};
    for (guint i = 0; i < G_N_ELEMENTS(files); i++)
        make_file(files[i], "1");
    make_file("secret/b.txt", "secret");
    g_autofree char *tree = below("t"), *a = below("t/a.txt"), *d = below("t/d"), *e = below("t/e.txt");
    g_autofree char *f = below("t/f.txt"), *away = below("away"), *secret = below("secret"),
                    *one = below("secret/b.txt");
    g_autoptr(MgkInputs) inputs = mgk_inputs_new(NULL);
    mgk_inputs_add(inputs, tree, TRUE);
    ck_assert_uint_eq(inputs->entries->len, 5);
    ck_assert_int_eq(g_remove(a) | g_rename(d, away) | g_remove(e) | g_remove(f), 0);
    ck_assert_int_eq(symlink(one, a) | symlink(secret, d) | mkfifo(e, 0644), 0);
    for (guint i = 0; i < 5; i++) {
        const char *trouble = NULL;
        gboolean still = strcmp(entry(inputs, i)->name, "still.txt") == 0;
        int file = mgk_inputs_open(entry(inputs, i), &trouble);
        ck_assert_msg((file >= 0) == still, "'%s': descriptor %d", entry(inputs, i)->path, file);
        if (file >= 0)
            close(file);
    }
}
END_TEST

START_TEST(test_inputs__our_results_are_left_out_visibly)
{
    make_file("t/a.txt", "1");
    make_file("t/cleaned/a.txt", "1");
    make_file("t/cleaned/" MGK_INPUTS_MARKER, "");
    make_file("t/sub/cleaned/users_own.txt", "2"); /* unmarked: somebody's own folder of that name */
    make_file("t/out/a.txt", "1");
    g_autofree char *tree = below("t"), *marked = below("t/cleaned"), *out = below("t/out");
    g_autoptr(MgkInputs) inputs = mgk_inputs_new(out);
    mgk_inputs_add(inputs, tree, FALSE);
    ck_assert_uint_eq(inputs->entries->len, 2);
    ck_assert_str_eq(entry(inputs, 0)->name, "a.txt");
    ck_assert_str_eq(entry(inputs, 1)->name, "users_own.txt");
    ck_assert_uint_eq(inputs->skipped->len, 2);
    mgk_inputs_add(inputs, marked, FALSE); /* as from "clean *" */
    ck_assert_uint_eq(inputs->entries->len, 2);
    ck_assert_uint_eq(inputs->skipped->len, 3);
    mgk_inputs_add(inputs, marked, TRUE); /* asked for by itself */
    ck_assert_uint_eq(inputs->entries->len, 3);
}
END_TEST

START_TEST(test_inputs__any_bytes_are_a_name)
{
    make_file("t/\x83\x65\x83\x58.txt", "1");
    g_autofree char *tree = below("t");
    g_autoptr(MgkInputs) inputs = mgk_inputs_new(NULL);
    mgk_inputs_add(inputs, tree, TRUE);
    const char *trouble = NULL;
    int file = mgk_inputs_open(entry(inputs, 0), &trouble);
    ck_assert_int_ge(file, 0);
    ck_assert_str_eq(entry(inputs, 0)->name, "\x83\x65\x83\x58.txt");
    close(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inputs");
    TCase *tc = tcase_create("inputs");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, test_inputs__trees_are_mirrored_in_order);
    tcase_add_test(tc, test_inputs__files_go_beside_themselves_or_where_told);
    tcase_add_test(tc, test_inputs__what_cannot_be_read_is_listed_with_its_trouble);
    tcase_add_test(tc, test_inputs__missing_and_odd_arguments_are_listed_too);
    tcase_add_test(tc, test_inputs__our_results_are_left_out_visibly);
    tcase_add_test(tc, test_inputs__any_bytes_are_a_name);
    tcase_add_loop_test(tc, test_inputs__swaps_during_the_run_lead_nowhere, 0, 2); /* last: stays filtered */
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
