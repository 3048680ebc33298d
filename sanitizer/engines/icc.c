#include "engines/icc.h"

#include <lcms2.h>
#include <stdlib.h>

/* Colour differences (of 255) that nobody sees: such a profile is sRGB by another name. */
#define INVISIBLE 3
#define GRID 6
#define PROFILE_BYTES (8 * MGK_MIB)

struct MgkIcc {
    cmsContext context; /* owned */
    cmsHTRANSFORM transform;
};

/* Little CMS reports to its context; there is nobody to tell. */
static void on_error(cmsContext context, cmsUInt32Number code, const char *text)
{
    (void)context;
    (void)code;
    (void)text;
}

static cmsHPROFILE gray_like_srgb(cmsContext context)
{
    static const cmsFloat64Number curve[5] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
    cmsToneCurve *tone = cmsBuildParametricToneCurve(context, 4, curve);
    cmsHPROFILE profile = cmsCreateGrayProfileTHR(context, cmsD50_xyY(), tone);
    cmsFreeToneCurve(tone);
    return profile;
}

static gboolean fits(cmsHPROFILE profile, MgkIccInk ink)
{
    static const cmsColorSpaceSignature want[] = {[MGK_ICC_GRAY] = cmsSigGrayData,
                                                  [MGK_ICC_RGB] = cmsSigRgbData,
                                                  [MGK_ICC_CMYK] = cmsSigCmykData,
                                                  [MGK_ICC_CMYK_INVERTED] = cmsSigCmykData};
    cmsProfileClassSignature class = cmsGetDeviceClass(profile);
    gboolean device = class == cmsSigInputClass || class == cmsSigDisplayClass || class == cmsSigOutputClass ||
                      class == cmsSigColorSpaceClass;
    return device && cmsGetColorSpace(profile) == want[ink];
}

static void formats(MgkIccInk ink, guint depth, gboolean alpha, cmsUInt32Number *in, cmsUInt32Number *out)
{
    cmsUInt32Number sample = depth == 16 ? BYTES_SH(2) | ENDIAN16_SH(1) : BYTES_SH(1);
    cmsUInt32Number extra = EXTRA_SH(alpha ? 1 : 0);
    switch (ink) {
    case MGK_ICC_GRAY:
        *in = *out = COLORSPACE_SH(PT_GRAY) | CHANNELS_SH(1) | extra | sample;
        break;
    case MGK_ICC_RGB:
        *in = *out = COLORSPACE_SH(PT_RGB) | CHANNELS_SH(3) | extra | sample;
        break;
    case MGK_ICC_CMYK:
        *in = TYPE_CMYK_8;
        *out = TYPE_RGB_8;
        break;
    case MGK_ICC_CMYK_INVERTED:
        *in = TYPE_CMYK_8_REV;
        *out = TYPE_RGB_8;
        break;
    }
}

/* flags are Little CMS's. */
static cmsHTRANSFORM transform_new(cmsContext context, cmsHPROFILE profile, MgkIccInk ink, guint depth, guint32 flags)
{
    gboolean alpha = (flags & cmsFLAGS_COPY_ALPHA) != 0;
    cmsUInt32Number in = 0, out = 0;
    formats(ink, depth, alpha, &in, &out);
    cmsHPROFILE srgb = ink == MGK_ICC_GRAY ? gray_like_srgb(context) : cmsCreate_sRGBProfileTHR(context);
    if (!srgb)
        return NULL;
    cmsHTRANSFORM transform =
        cmsCreateTransformTHR(context, profile, in, srgb, out, INTENT_PERCEPTUAL, alpha ? cmsFLAGS_COPY_ALPHA : 0);
    cmsCloseProfile(srgb);
    return transform;
}

/* Tries a grid of colours (grays lie on its diagonal). */
static gboolean changes_nothing(cmsContext context, cmsHPROFILE profile, MgkIccInk ink)
{
    if (ink != MGK_ICC_GRAY && ink != MGK_ICC_RGB)
        return FALSE;
    guint channels = ink == MGK_ICC_GRAY ? 1 : 3;
    cmsHTRANSFORM transform = transform_new(context, profile, ink, 8, cmsFLAGS_NOOPTIMIZE);
    gint worst = transform ? 0 : 255;
    for (guint i = 0; transform && i < GRID * GRID * GRID; i++) {
        guint8 in[3] = {(guint8)(i % GRID * 51), (guint8)(i / GRID % GRID * 51), (guint8)(i / GRID / GRID * 51)};
        guint8 out[3];
        cmsDoTransform(transform, in, out, 1);
        for (guint c = 0; c < channels; c++)
            worst = MAX(worst, abs(in[c] - out[c]));
    }
    if (transform)
        cmsDeleteTransform(transform);
    return worst <= INVISIBLE;
}

MgkIcc *mgk_icc_new(const guint8 *profile, gsize size, MgkIccInk ink, guint depth, gboolean alpha)
{
    if (size < 128 || size > PROFILE_BYTES)
        return NULL;
    g_autoptr(MgkIcc) icc = g_new0(MgkIcc, 1);
    icc->context = cmsCreateContext(NULL, NULL);
    cmsSetLogErrorHandlerTHR(icc->context, on_error);
    cmsHPROFILE source = cmsOpenProfileFromMemTHR(icc->context, profile, (cmsUInt32Number)size);
    if (!source)
        return NULL;
    if (fits(source, ink) && !changes_nothing(icc->context, source, ink))
        icc->transform = transform_new(icc->context, source, ink, depth, alpha ? cmsFLAGS_COPY_ALPHA : 0);
    cmsCloseProfile(source);
    return icc->transform ? g_steal_pointer(&icc) : NULL;
}

void mgk_icc_free(MgkIcc *icc)
{
    if (!icc)
        return;
    if (icc->transform)
        cmsDeleteTransform(icc->transform);
    cmsDeleteContext(icc->context);
    g_free(icc);
}

void mgk_icc_apply(MgkIcc *icc, const guint8 *in, guint8 *out, guint32 pixels)
{
    cmsDoTransform(icc->transform, in, out, pixels);
}
