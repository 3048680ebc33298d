#include "store/seal.h"

#include "store/log_line.h"
#include "store/log_read.h"
#include "store/seal_line.h"

#include <check.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

typedef struct Sealed {
    char *folder, *key_path; /* owned */
    char anchor[65];
    MgkLog *log; /* owned */
} Sealed;

static void clear_sealed(Sealed *s)
{
    g_free(s->folder);
    g_free(s->key_path);
    mgk_log_free(s->log);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sealed, clear_sealed)

static Sealed make_sealed(void)
{
    Sealed s = {.folder = g_dir_make_tmp("mugaika-seal-XXXXXX", NULL)};
    s.key_path = g_strconcat(s.folder, ".key", NULL);
    ck_assert(mgk_seal_create_key(s.key_path, s.anchor, NULL));
    s.log = mgk_log_open(s.folder, NULL, NULL);
    ck_assert_ptr_nonnull(s.log);
    return s;
}

static void append(Sealed *s, guint n)
{
    const MgkEvent event = {.name = "x", .actor = "y"};
    for (guint i = 0; i < n; i++)
        ck_assert(mgk_log_append(s->log, &event, NULL));
}

static MgkSeal seal(Sealed *s)
{
    g_autoptr(GError) error = NULL;
    MgkSeal made;
    ck_assert_msg(mgk_seal(s->log, s->folder, s->key_path, &made, &error), "%s", error ? error->message : "");
    return made;
}

static gboolean verify(const Sealed *s, MgkLogVerdict *verdict)
{
    return mgk_log_verify(s->folder, s->anchor, NULL, verdict, NULL);
}

static char *read_file(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    char *text = NULL;
    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void write_file(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    ck_assert(g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
}

static char *log_name(const Sealed *s)
{
    g_autoptr(GDir) dir = g_dir_open(s->folder, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        if (g_ascii_isdigit(name[0]))
            return g_strdup(name);
    }
    return NULL;
}

START_TEST(test_seal__every_seal_is_signed_by_the_key_the_one_before_named)
{
    g_auto(Sealed) s = make_sealed();
    MgkLogVerdict verdict;
    append(&s, 2);
    MgkSeal first = seal(&s);
    ck_assert_str_eq(first.key, s.anchor);
    ck_assert_uint_eq(first.root.seq, 2);
    append(&s, 3);
    MgkSeal second = seal(&s);
    ck_assert_str_eq(second.key, first.next);
    MgkSeal again = seal(&s);
    ck_assert_msg(again.number == 2, "nothing new is not sealed again");
    append(&s, 1);
    ck_assert(verify(&s, &verdict));
    ck_assert(verdict.seals == 2 && verdict.sealed == 5 && verdict.records == 6);
    ck_assert_str_eq(verdict.anchor, s.anchor);
    verdict.anchor[0] = verdict.anchor[0] == '0' ? '1' : '0';
    ck_assert(!mgk_log_verify(s.folder, verdict.anchor, NULL, &verdict, NULL));
}
END_TEST

START_TEST(test_seal__the_key_file_holds_no_key_of_the_past)
{
    g_auto(Sealed) s = make_sealed();
    g_autofree char *before = read_file("", s.key_path);
    append(&s, 1);
    seal(&s);
    g_autofree char *after = read_file("", s.key_path);
    ck_assert(g_str_has_prefix(before, "1 ") && g_str_has_prefix(after, "2 "));
    ck_assert_uint_eq(strlen(before), strlen(after));
    ck_assert_ptr_null(strstr(after, before + 2));
}
END_TEST

/* Writes the whole log anew, as one who knows how: chain and numbers are right. */
static void forge_log(const Sealed *s, guint n)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *name = log_name(s);
    MgkLogLine line;
    mgk_log_line_begin(&line);
    for (guint i = 0; i < n; i++)
        mgk_log_line_append(text, &line, g_get_real_time(), 0, "\"event\":\"forged\"");
    write_file(s->folder, name, text->str);
}

START_TEST(test_seal__a_log_written_anew_is_found_at_the_sealed_record)
{
    g_auto(Sealed) s = make_sealed();
    MgkLogVerdict verdict;
    append(&s, 4);
    seal(&s);
    append(&s, 2);
    forge_log(&s, 6);
    ck_assert(!verify(&s, &verdict));
    ck_assert_msg(strstr(verdict.where, "line 4 (seq 4)") != NULL, "%s", verdict.where);
}
END_TEST

START_TEST(test_seal__a_cut_end_is_found_by_a_seal)
{
    g_auto(Sealed) s = make_sealed();
    MgkLogVerdict verdict;
    append(&s, 4);
    seal(&s);
    g_autofree char *name = log_name(&s), *text = read_file(s.folder, name);
    char *end = text;
    for (guint i = 0; i < 3; i++)
        end = strchr(end, '\n') + 1;
    *end = '\0';
    write_file(s.folder, name, text);
    ck_assert(!verify(&s, &verdict));
    ck_assert_str_eq(verdict.where, "end (seq 3)");
}
END_TEST

/* Who steals the key of seal 3 signs seal 1 anew with it, over a log of his own. */
START_TEST(test_seal__a_stolen_key_cannot_sign_the_past)
{
    g_auto(Sealed) s = make_sealed();
    MgkLogVerdict verdict;
    guint8 secret[MGK_SEAL_SECRET];
    append(&s, 2);
    MgkSeal first = seal(&s);
    append(&s, 2);
    seal(&s);
    g_autofree char *stolen = read_file("", s.key_path), *seals = read_file(s.folder, MGK_SEAL_FILE);
    ck_assert(sodium_hex2bin(secret, sizeof secret, strchr(stolen, ' ') + 1, sizeof secret * 2, NULL, NULL, NULL) == 0);
    forge_log(&s, 4);
    ck_assert(mgk_log_verify(s.folder, NULL, NULL, &verdict, NULL) == FALSE);
    /* with the key that the seal names: the signature is not that key's; with his own: the key is not the anchor */
    for (guint own = 0; own < 2; own++) {
        MgkSeal forged = first;
        if (own)
            sodium_bin2hex(forged.key, sizeof forged.key, secret + 32, 32);
        g_autofree char *line = mgk_seal_line_make(&forged, secret);
        g_autofree char *all = g_strconcat(line, strchr(seals, '\n') + 1, NULL);
        write_file(s.folder, MGK_SEAL_FILE, all);
        ck_assert(!verify(&s, &verdict));
        ck_assert_str_eq(verdict.where, MGK_SEAL_FILE " line 1");
    }
}
END_TEST

START_TEST(test_seal__seals_left_out_or_without_their_file_are_found)
{
    g_auto(Sealed) s = make_sealed();
    MgkLogVerdict verdict;
    for (guint i = 0; i < 3; i++) {
        append(&s, 1);
        seal(&s);
    }
    g_autofree char *seals = read_file(s.folder, MGK_SEAL_FILE);
    char *second = strchr(seals, '\n') + 1, *third = strchr(second, '\n') + 1;
    g_autofree char *without = g_strdup_printf("%.*s%s", (int)(second - seals), seals, third);
    write_file(s.folder, MGK_SEAL_FILE, without);
    ck_assert(!verify(&s, &verdict));
    ck_assert_str_eq(verdict.where, MGK_SEAL_FILE " line 2");
    g_autofree char *path = g_build_filename(s.folder, MGK_SEAL_FILE, NULL);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert(!verify(&s, &verdict));
}
END_TEST

/* Both halves of an interruption: the second key is there, the seal is not; the seal is there, the old key still is. */
START_TEST(test_seal__an_interrupted_seal_is_finished_or_made_again)
{
    g_auto(Sealed) s = make_sealed();
    MgkLogVerdict verdict;
    g_autofree char *first = read_file("", s.key_path);
    append(&s, 1);
    seal(&s);
    g_autofree char *second = read_file("", s.key_path), *seals = read_file(s.folder, MGK_SEAL_FILE),
                    *both = g_strconcat(first, second, NULL);
    write_file("", s.key_path, both);
    append(&s, 1);
    ck_assert_uint_eq(seal(&s).number, 2);
    ck_assert(verify(&s, &verdict));
    write_file("", s.key_path, both);
    write_file(s.folder, MGK_SEAL_FILE, "");
    ck_assert_uint_eq(seal(&s).number, 1);
    ck_assert(verify(&s, &verdict));
    write_file("", s.key_path, both);
    g_autofree char *torn = g_strconcat(seals, "{\"seal\":2,\"se", NULL);
    write_file(s.folder, MGK_SEAL_FILE, torn);
    ck_assert_uint_eq(seal(&s).number, 2);
    ck_assert(verify(&s, &verdict));
}
END_TEST

START_TEST(test_seal__a_key_file_of_another_log_is_refused)
{
    g_auto(Sealed) s = make_sealed();
    g_auto(Sealed) other = make_sealed();
    MgkSeal made;
    g_autoptr(GError) error = NULL;
    append(&s, 1);
    seal(&s);
    append(&s, 1);
    append(&other, 1);
    seal(&other);
    ck_assert(!mgk_seal(s.log, s.folder, other.key_path, &made, &error));
    ck_assert(g_error_matches(error, MGK_ERROR, MGK_ERROR_USAGE));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("seal");
    TCase *cases = tcase_create("seal");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, test_seal__every_seal_is_signed_by_the_key_the_one_before_named);
    tcase_add_test(cases, test_seal__the_key_file_holds_no_key_of_the_past);
    tcase_add_test(cases, test_seal__a_log_written_anew_is_found_at_the_sealed_record);
    tcase_add_test(cases, test_seal__a_cut_end_is_found_by_a_seal);
    tcase_add_test(cases, test_seal__a_stolen_key_cannot_sign_the_past);
    tcase_add_test(cases, test_seal__seals_left_out_or_without_their_file_are_found);
    tcase_add_test(cases, test_seal__an_interrupted_seal_is_finished_or_made_again);
    tcase_add_test(cases, test_seal__a_key_file_of_another_log_is_refused);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
