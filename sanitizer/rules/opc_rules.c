#include "rules/opc_rules.h"

#include "rules/xml_rules.h"

#include <string.h>

static const MgkRelInfo relationships[MGK_N_RELS] = {
    [MGK_REL_UNKNOWN] = {MGK_OPC_DROP, MGK_KIND_UNKNOWN_PART, "", "", "", ""},
#define MGK_REL(id, action, kind, name, root, types, uri) \
    [MGK_REL_##id] = {MGK_OPC_##action, MGK_KIND_##kind, name, root, types, uri},
#define MGK_REL_ALIAS(id, uri)
#include "rules/relationships.def"
#undef MGK_REL
#undef MGK_REL_ALIAS
};

static const struct {
    const char *uri;
    MgkRel rel;
} spellings[] = {
#define MGK_REL(id, action, kind, name, root, types, uri) {uri, MGK_REL_##id},
#define MGK_REL_ALIAS(id, uri) {uri, MGK_REL_##id},
#include "rules/relationships.def"
#undef MGK_REL
#undef MGK_REL_ALIAS
};

static const MgkBinaryInfo binaries[] = {
#define MGK_BINARY(rel, type, name, part) {MGK_REL_##rel, type, name, MGK_BINARY_##part},
#include "rules/xlsb_parts.def"
#undef MGK_BINARY
};

static const MgkPackageInfo packages[] = {
#define MGK_PACKAGE(format, extension, macros, held, type, out_type) \
    {MGK_FORMAT_ID_##format, extension, macros, held, type, out_type},
#include "rules/packages.def"
#undef MGK_PACKAGE
};

const MgkRelInfo *mgk_rel_info(MgkRel rel)
{
    return &relationships[rel < MGK_N_RELS ? rel : MGK_REL_UNKNOWN];
}

MgkRel mgk_rel_from_uri(const char *uri)
{
    static const char strict[] = "http://purl.oclc.org/ooxml/officeDocument/relationships/";
    static const char transitional[] = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
    g_autofree char *mapped =
        g_str_has_prefix(uri, strict) ? g_strconcat(transitional, uri + sizeof strict - 1, NULL) : NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++) {
        if (strcmp(spellings[i].uri, mapped ? mapped : uri) == 0)
            return spellings[i].rel;
    }
    return MGK_REL_UNKNOWN;
}

static const char *find_type(const MgkRelInfo *info, const char *content_type)
{
    gsize length = strlen(content_type);
    for (const char *type = info->types; *type;) {
        gsize n = strcspn(type, " ");
        if (n == length && g_ascii_strncasecmp(type, content_type, n) == 0)
            return type;
        type += n + strspn(type + n, " ");
    }
    return NULL;
}

const char *mgk_rel_out_type(MgkRel rel, const char *content_type)
{
    const MgkRelInfo *info = mgk_rel_info(rel);
    const char *found = find_type(info, content_type);
    return found ? found : info->types;
}

gboolean mgk_rel_has_type(MgkRel rel, const char *content_type)
{
    const MgkRelInfo *info = mgk_rel_info(rel);
    if (info->action == MGK_OPC_XML &&
        (g_ascii_strcasecmp(content_type, "application/xml") == 0 || g_ascii_strcasecmp(content_type, "text/xml") == 0))
        return TRUE;
    return find_type(info, content_type) != NULL;
}

const MgkBinaryInfo *mgk_rel_binary(MgkRel rel)
{
    for (gsize i = 0; i < G_N_ELEMENTS(binaries); i++) {
        if (binaries[i].rel == rel)
            return &binaries[i];
    }
    return NULL;
}

const MgkPackageInfo *mgk_package_from_type(const char *content_type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(packages); i++) {
        if (g_ascii_strcasecmp(packages[i].type, content_type) == 0)
            return &packages[i];
    }
    return NULL;
}
