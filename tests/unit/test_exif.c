#include "engines/exif.h"
#include "pictures.h"

#include <check.h>

START_TEST(test_exif__fields_are_read_and_bounded)
{
    g_autoptr(GByteArray) exif = picture_exif(7, TRUE);
    MgkExif seen;
    mgk_exif_read(exif->data + 6, exif->len - 6, &seen);
    ck_assert(seen.orientation == 7 && seen.has_gps && !seen.has_thumbnail);
    for (gsize size = 0; size < exif->len - 6; size++) /* cut anywhere: defaults, no reading beyond */
        mgk_exif_read(exif->data + 6, size, &seen);
    exif->data[6 + 19] = 99; /* an orientation that does not exist */
    mgk_exif_read(exif->data + 6, exif->len - 6, &seen);
    ck_assert_uint_eq(seen.orientation, 1);
    guint8 far[8] = {'I', 'I', 42, 0, 0xff, 0xff, 0xff, 0xff};
    mgk_exif_read(far, sizeof far, &seen);
    ck_assert_uint_eq(seen.orientation, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exif");
    TCase *tc = tcase_create("exif");
    tcase_add_test(tc, test_exif__fields_are_read_and_bounded);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
