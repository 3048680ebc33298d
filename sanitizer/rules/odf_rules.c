#include "rules/odf_rules.h"

#include "rules/xml_rules.h"

#include <string.h>

#define TYPE "application/vnd.oasis.opendocument."

static const MgkOdfType types[] = {
#define MGK_ODF_TYPE(suffix, format, extension, flat, body) \
    {TYPE suffix, MGK_FORMAT_ID_##format, extension, flat, body},
#include "rules/odf_types.def"
#undef MGK_ODF_TYPE
};

static const struct {
    const char *names;
    MgkOdfSetting what;
} settings[] = {
#define MGK_ODF_SETTING(names) {names, MGK_ODF_SETTING_STAYS},
#define MGK_ODF_LAYERS(names) {names, MGK_ODF_SETTING_LAYERS},
#define MGK_ODF_PRINTER(names) {names, MGK_ODF_SETTING_PRINTER},
#include "rules/odf_settings.def"
#undef MGK_ODF_SETTING
#undef MGK_ODF_LAYERS
#undef MGK_ODF_PRINTER
};

static const struct {
    const char *prefix;
    guint kind;
} members[] = {
#define MGK_ODF_MEMBER(prefix, kind) {prefix, MGK_KIND_##kind},
#include "rules/odf_members.def"
#undef MGK_ODF_MEMBER
};

const MgkOdfType *mgk_odf_type(const char *media_type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_ascii_strcasecmp(types[i].media_type, media_type) == 0)
            return &types[i];
    }
    return NULL;
}

const MgkOdfType *mgk_odf_type_of_body(const char *body)
{
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        if (strcmp(types[i].body, body) == 0)
            return &types[i];
    }
    return NULL;
}

static gboolean has_word(const char *words, const char *word, gsize length)
{
    for (const char *at = words; *at;) {
        gsize n = strcspn(at, " ");
        if (n == length && memcmp(at, word, n) == 0)
            return TRUE;
        at += n + strspn(at + n, " ");
    }
    return FALSE;
}

MgkOdfSetting mgk_odf_setting(const char *name, gsize length)
{
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (has_word(settings[i].names, name, length))
            return settings[i].what;
    }
    return MGK_ODF_SETTING_GOES;
}

guint mgk_odf_member_kind(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
        if (g_str_has_prefix(name, members[i].prefix))
            return members[i].kind;
    }
    return MGK_KIND_UNKNOWN_PART;
}
