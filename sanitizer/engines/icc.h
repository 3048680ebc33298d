/* icc.h - colours by an ICC profile into sRGB, so that a picture keeps its look without the profile. */
#pragma once

#include "engines/raster.h"

typedef enum { MGK_ICC_GRAY, MGK_ICC_RGB, MGK_ICC_CMYK, MGK_ICC_CMYK_INVERTED } MgkIccInk;

typedef struct MgkIcc MgkIcc;
/* A converter for samples of depth 8 or 16 (big-endian), alpha behind them if so; CMYK only 8 and without alpha, to
 * RGB. NULL when the profile cannot be used for this ink, or changes nothing worth the work (sRGB itself). */
MgkIcc *mgk_icc_new(const guint8 *profile, gsize size, MgkIccInk ink, guint depth, gboolean alpha);
void mgk_icc_free(MgkIcc *icc);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkIcc, mgk_icc_free)
/* out may be in, except from CMYK. */
void mgk_icc_apply(MgkIcc *icc, const guint8 *in, guint8 *out, guint32 pixels);
