/* opc_probe.c - the first look: does a zip archive declare a main document of one of the three formats? */
#include "engines/opc_internal.h"

#include <string.h>

#define TYPES_BYTES (1u << 20)
#define CERTAIN 90 /* above a plain ZIP archive */

/* Whether the types name a main part of the format. A search by text is enough here: cleaning parses and decides. */
static gboolean names_package(const char *types, gsize size, MgkFormatId format)
{
    g_autofree char *text = g_malloc(size + 1);
    gsize length = 0;
    for (gsize i = 0; i < size; i++) { /* without the NULs UTF-16 reads as ASCII */
        if (types[i])
            text[length++] = types[i];
    }
    text[length] = '\0';
    for (const char *at = strstr(text, "ContentType"); at; at = strstr(at + 1, "ContentType")) {
        const char *open = at + strcspn(at, "\"'");
        if (!*open)
            break;
        g_autofree char *type = g_strstrip(g_strndup(open + 1, strcspn(open + 1, "\"'")));
        const MgkPackageInfo *package = mgk_package_from_type(type);
        if (package && package->format == format)
            return TRUE;
    }
    return FALSE;
}

guint mgk_opc_probe(const MgkProbe *probe, MgkFormatId format)
{
    if (probe->size < 22 || !memmem(probe->data, MIN(probe->size, 4096), "PK\3\4", 4))
        return 0;
    MgkLimits limits;
    mgk_limits_init(&limits);
    g_autoptr(MgkZip) zip = mgk_zip_open(probe->data, probe->size, &limits, NULL);
    MgkZipEntry *entry = zip ? mgk_zip_find(zip, "[Content_Types].xml") : NULL;
    if (!entry)
        return 0;
    g_autoptr(GBytes) types = mgk_zip_entry_bytes(zip, entry, TYPES_BYTES, NULL);
    gsize size = 0;
    const char *data = types ? g_bytes_get_data(types, &size) : NULL;
    return data && names_package(data, size, format) ? CERTAIN : 0;
}
