#include "engines/icc.h"

#include <check.h>
#include <lcms2.h>
#include <string.h>

/* An RGB profile with sRGB's colours and this gamma. */
static GBytes *profile(double gamma)
{
    cmsCIExyY white = {0.3127, 0.3290, 1.0};
    cmsCIExyYTRIPLE primaries = {{0.64, 0.33, 1.0}, {0.30, 0.60, 1.0}, {0.15, 0.06, 1.0}};
    cmsToneCurve *curve = cmsBuildGamma(NULL, gamma), *curves[3] = {curve, curve, curve};
    cmsHPROFILE rgb = cmsCreateRGBProfile(&white, &primaries, curves);
    cmsUInt32Number size = 0;
    cmsSaveProfileToMem(rgb, NULL, &size);
    g_autofree guint8 *bytes = g_malloc(size);
    cmsSaveProfileToMem(rgb, bytes, &size);
    cmsCloseProfile(rgb);
    cmsFreeToneCurve(curve);
    return g_bytes_new(bytes, size);
}

START_TEST(test_icc__linear_light_becomes_brighter_and_alpha_stays)
{
    g_autoptr(GBytes) linear = profile(1.0);
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(linear, &size);
    g_autoptr(MgkIcc) icc = mgk_icc_new(data, size, MGK_ICC_RGB, 8, TRUE);
    ck_assert(icc != NULL);
    guint8 pixel[4] = {128, 128, 128, 77};
    mgk_icc_apply(icc, pixel, pixel, 1);
    ck_assert_msg(pixel[0] > 180 && pixel[0] < 195 && pixel[3] == 77, "got %u alpha %u", pixel[0], pixel[3]);
    g_autoptr(MgkIcc) deep = mgk_icc_new(data, size, MGK_ICC_RGB, 16, FALSE);
    guint8 wide[6] = {0x80, 0, 0x80, 0, 0x80, 0};
    mgk_icc_apply(deep, wide, wide, 1);
    ck_assert_msg(wide[0] > 180 && wide[0] < 195, "16 bits: got %u", wide[0]);
}
END_TEST

START_TEST(test_icc__srgb_and_rubbish_need_no_converter)
{
    g_autoptr(GBytes) linear = profile(1.0);
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(linear, &size);
    ck_assert(mgk_icc_new(data, size, MGK_ICC_GRAY, 8, FALSE) == NULL); /* another ink */
    ck_assert(mgk_icc_new(data, 100, MGK_ICC_RGB, 8, FALSE) == NULL);
    ck_assert(mgk_icc_new(data, size / 2, MGK_ICC_RGB, 8, FALSE) == NULL);
    guint8 rubbish[300] = {0};
    ck_assert(mgk_icc_new(rubbish, sizeof rubbish, MGK_ICC_CMYK, 8, FALSE) == NULL);
    cmsHPROFILE srgb = cmsCreate_sRGBProfile();
    cmsUInt32Number length = 0;
    cmsSaveProfileToMem(srgb, NULL, &length);
    g_autofree guint8 *bytes = g_malloc(length);
    cmsSaveProfileToMem(srgb, bytes, &length);
    cmsCloseProfile(srgb);
    ck_assert(mgk_icc_new(bytes, length, MGK_ICC_RGB, 8, FALSE) == NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("icc");
    TCase *tc = tcase_create("icc");
    tcase_add_test(tc, test_icc__linear_light_becomes_brighter_and_alpha_stays);
    tcase_add_test(tc, test_icc__srgb_and_rubbish_need_no_converter);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
