/* odf_rules.h - OpenDocument beside its elements: media types, members of a package, settings. */
#pragma once

#include "model/format.h"
#include "model/kind.h"

typedef struct MgkOdfType {
    const char *media_type;
    MgkFormatId format; /* of a file of its own; NONE: only inside others */
    guint extension;    /* index into the format's extensions */
    guint flat;         /* the same for the flat format */
    const char *body;   /* the element in office:body; "" for MathML */
} MgkOdfType;

/* By media type, any case; NULL for types that are not rebuilt. Static. */
const MgkOdfType *mgk_odf_type(const char *media_type);
/* The first type with this body, for parts that no manifest names; NULL when there is none. Static. */
const MgkOdfType *mgk_odf_type_of_body(const char *body);

typedef enum {
    MGK_ODF_SETTING_GOES,
    MGK_ODF_SETTING_STAYS,
    MGK_ODF_SETTING_LAYERS,
    MGK_ODF_SETTING_PRINTER
} MgkOdfSetting;
MgkOdfSetting mgk_odf_setting(const char *name, gsize length);

/* What a member is that no document leads to: a kind, or MGK_KIND_NONE (rules/xml_rules.h) when it tells nothing. */
guint mgk_odf_member_kind(const char *name);
