#include "engines/property_set.h"

#include <string.h>

#define SET_HEADER 28 /* before the sections' names and places */
#define SECTION_ENTRY 20
#define MOST_PROPERTIES 1024
#define MOST_STRING 65536
#define MOST_VALUES (16u << 20) /* bytes of a section: thousands of properties may name one long string */
#define UTF16 1200              /* its strings are UTF-16LE */
#define VT_I2 2
#define VT_I4 3
#define VT_BOOL 11
#define VT_LPSTR 30
#define VT_LPWSTR 31
#define VT_FILETIME 64
#define THUMBNAIL 17 /* in the summary */

typedef enum { KEEP_STRING, KEEP_TIME, KEEP_I4, KEEP_BOOL } Keep;

static const struct {
    MgkProperties set;
    guint32 id;
    Keep keep;
} kept[] = {
#define MGK_PROPERTY(set, id, type) {MGK_PROPERTIES_##set, id, KEEP_##type},
#include "rules/property_set.def"
#undef MGK_PROPERTY
};

static const guint8 formats[3][16] = {
    {0xe0, 0x85, 0x9f, 0xf2, 0xf9, 0x4f, 0x68, 0x10, 0xab, 0x91, 0x08, 0x00, 0x2b, 0x27, 0xb3, 0xd9},
    {0x02, 0xd5, 0xcd, 0xd5, 0x9c, 0x2e, 0x1b, 0x10, 0x93, 0x97, 0x08, 0x00, 0x2b, 0x2c, 0xf9, 0xae},
    {0x05, 0xd5, 0xcd, 0xd5, 0x9c, 0x2e, 0x1b, 0x10, 0x93, 0x97, 0x08, 0x00, 0x2b, 0x2c, 0xf9, 0xae}, /* user-defined */
};

#define USER_DEFINED 2

/* One section in, and the same section out. */
typedef struct Section {
    MgkJob *job;
    guint format; /* into formats */
    const guint8 *data;
    gsize size;
    guint n;
    guint codepage;
    GArray *index;      /* guint32 pairs: id, place among the values */
    GByteArray *values; /* places counted from its start */
    GByteArray *names;  /* entries of the dictionary */
    guint n_names;
    guint gone, thumbnails;
} Section;

static guint32 u32(const guint8 *p)
{
    return (guint32)p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24;
}

static guint16 u16(const guint8 *p)
{
    return (guint16)(p[0] | p[1] << 8);
}

static void append32(GByteArray *out, guint32 value)
{
    const guint8 bytes[4] = {(guint8)value, (guint8)(value >> 8), (guint8)(value >> 16), (guint8)(value >> 24)};
    g_byte_array_append(out, bytes, 4);
}

static void append_padded(GByteArray *out, const guint8 *data, gsize size)
{
    static const guint8 zeros[4];
    g_byte_array_append(out, data, (guint)size);
    g_byte_array_append(out, zeros, (guint)((4 - size % 4) % 4));
}

const char *mgk_properties_stream(MgkProperties which)
{
    return which == MGK_PROPERTIES_SUMMARY ? "\5SummaryInformation" : "\5DocumentSummaryInformation";
}

/* The length of a string without its end and what stands behind it, in units of `unit` bytes. */
static gsize string_units(const guint8 *p, gsize units, gsize unit)
{
    gsize n = 0;
    while (n < units && (p[n * unit] != 0 || (unit == 2 && p[n * unit + 1] != 0)))
        n++;
    return n;
}

/* Appends a string value afresh: what stands behind its end goes. */
static gboolean append_string(Section *section, guint type, const guint8 *p, gsize left)
{
    static const guint8 end[2];
    gsize unit = type == VT_LPWSTR || section->codepage == UTF16 ? 2 : 1;
    guint32 untrusted_count = left >= 4 ? u32(p) : G_MAXUINT32;
    gsize bytes = type == VT_LPWSTR ? (gsize)untrusted_count * 2 : untrusted_count;
    if (left < 4 || untrusted_count > MOST_STRING || bytes > left - 4)
        return FALSE;
    gsize n = string_units(p + 4, bytes / unit, unit);
    g_autoptr(GByteArray) text = g_byte_array_new();
    g_byte_array_append(text, p + 4, (guint)(n * unit));
    g_byte_array_append(text, end, (guint)unit);
    append32(section->values, type);
    append32(section->values, type == VT_LPWSTR ? (guint32)(n + 1) : text->len);
    append_padded(section->values, text->data, text->len);
    return TRUE;
}

static gboolean append_number(Section *section, guint type, const guint8 *p, gsize left)
{
    gsize size = type == VT_FILETIME ? 8 : type == VT_I4 ? 4 : 2;
    if (left < size)
        return FALSE;
    append32(section->values, type);
    append_padded(section->values, p, size);
    return TRUE;
}

static gboolean append_value(Section *section, guint type, const guint8 *p, gsize left)
{
    if (section->values->len > MOST_VALUES)
        return FALSE;
    if (type == VT_LPSTR || type == VT_LPWSTR)
        return append_string(section, type, p, left);
    return append_number(section, type, p, left);
}

static gboolean type_fits(Keep keep, guint type)
{
    switch (keep) {
    case KEEP_STRING:
        return type == VT_LPSTR || type == VT_LPWSTR;
    case KEEP_TIME:
        return type == VT_FILETIME;
    case KEEP_I4:
        return type == VT_I4 || type == VT_I2;
    case KEEP_BOOL:
        return type == VT_BOOL;
    }
    return FALSE;
}

/* A label's name in the dictionary of own properties ([MS-OLEPS] 2.17); NULL when it is none. */
static char *label_name(const Section *section, const guint8 *dictionary, gsize size, guint32 id)
{
    gsize at = 4, unit = section->codepage == UTF16 ? 2 : 1;
    guint32 n = size >= 4 ? u32(dictionary) : 0;
    for (guint32 i = 0; i < n && size - at >= 8; i++) {
        guint32 entry = u32(dictionary + at), length = u32(dictionary + at + 4);
        at += 8;
        if (length > 1024 || length * unit > size - at)
            return NULL;
        if (entry == id) {
            g_autofree char *name = g_malloc0(length + 1);
            for (guint32 k = 0; k < length; k++)
                name[k] = (char)(unit == 2 && dictionary[at + k * 2 + 1] ? '?' : dictionary[at + k * unit]);
            gboolean label = g_str_has_prefix(name, "MSIP_Label_") && g_str_is_ascii(name);
            return label ? g_steal_pointer(&name) : NULL;
        }
        at += length * unit;
        at += unit == 2 ? MIN((4 - at % 4) % 4, size - at) : 0;
    }
    return NULL;
}

static void append_name(Section *section, guint32 id, const char *name)
{
    gsize unit = section->codepage == UTF16 ? 2 : 1, n = strlen(name) + 1;
    g_autofree guint8 *text = g_malloc0(n * unit);
    for (gsize i = 0; i < n; i++)
        text[i * unit] = (guint8)name[i];
    append32(section->names, id);
    append32(section->names, (guint32)n);
    if (unit == 2)
        append_padded(section->names, text, n * unit);
    else
        g_byte_array_append(section->names, text, (guint)n);
    section->n_names++;
}

/* The place and length of a property's value, or FALSE. */
static gboolean find_value(const Section *section, guint i, guint32 *ret_id, const guint8 **ret_p, gsize *ret_left)
{
    guint32 untrusted_at = u32(section->data + 12 + (gsize)i * 8);
    *ret_id = u32(section->data + 8 + (gsize)i * 8);
    if (untrusted_at >= section->size || section->size - untrusted_at < 4)
        return FALSE;
    *ret_p = section->data + untrusted_at;
    *ret_left = section->size - untrusted_at;
    return TRUE;
}

/* Whether a property stays, by the table or as a label, whose name is then *ret_label. */
static gboolean stays(const Section *section, guint32 id, guint type, char **ret_label)
{
    for (guint i = 0; section->format < USER_DEFINED && i < G_N_ELEMENTS(kept); i++) {
        if ((guint)kept[i].set == section->format && kept[i].id == id)
            return type_fits(kept[i].keep, type);
    }
    if (section->format != USER_DEFINED)
        return FALSE;
    gboolean fits = type == VT_LPSTR || type == VT_LPWSTR || type == VT_BOOL || type == VT_I4 || type == VT_FILETIME;
    for (guint i = 0; fits && i < section->n; i++) {
        const guint8 *p = NULL;
        gsize left = 0;
        guint32 other = 0;
        if (!find_value(section, i, &other, &p, &left) || other != 0)
            continue;
        *ret_label = label_name(section, p, left, id);
        return *ret_label != NULL;
    }
    return FALSE;
}

static gboolean known(const Section *section, guint32 id)
{
    for (guint i = 0; i + 1 < section->index->len; i += 2) {
        if (g_array_index(section->index, guint32, i) == id)
            return TRUE;
    }
    return FALSE;
}

static void take_property(Section *section, guint i)
{
    const guint8 *p = NULL;
    gsize left = 0;
    guint32 id = 0;
    if (!find_value(section, i, &id, &p, &left) || id < 2 || id >= 0x80000000u || known(section, id))
        return;
    guint type = u16(p);
    guint32 place[2] = {id, section->values->len};
    g_autofree char *label = NULL;
    if (stays(section, id, type, &label) && append_value(section, type, p + 4, left - 4)) {
        g_array_append_vals(section->index, place, 2);
        if (label)
            append_name(section, id, label);
    } else if (section->format == MGK_PROPERTIES_SUMMARY && id == THUMBNAIL) {
        section->thumbnails++;
    } else {
        section->gone++;
    }
}

/* The section, written: size, count, places, code page, dictionary, values. NULL when no property stayed. */
static GByteArray *write_section(Section *section)
{
    guint n = section->index->len / 2 + 1 + (section->n_names > 0);
    GByteArray *out = g_byte_array_new();
    g_autoptr(GByteArray) dictionary = g_byte_array_new();
    if (section->n_names > 0) {
        append32(dictionary, section->n_names);
        append_padded(dictionary, section->names->data, section->names->len);
    }
    guint32 first = 8 + n * 8, values = first + 8 + dictionary->len;
    append32(out, values + section->values->len);
    append32(out, n);
    append32(out, 1);
    append32(out, first);
    if (section->n_names > 0) {
        append32(out, 0);
        append32(out, first + 8);
    }
    for (guint i = 0; i + 1 < section->index->len; i += 2) {
        append32(out, g_array_index(section->index, guint32, i));
        append32(out, values + g_array_index(section->index, guint32, i + 1));
    }
    append32(out, VT_I2);
    append32(out, section->codepage);
    g_byte_array_append(out, dictionary->data, dictionary->len);
    g_byte_array_append(out, section->values->data, section->values->len);
    return out;
}

static void read_codepage(Section *section)
{
    section->codepage = 1252;
    for (guint i = 0; i < section->n; i++) {
        const guint8 *p = NULL;
        gsize left = 0;
        guint32 id = 0;
        if (find_value(section, i, &id, &p, &left) && id == 1 && left >= 6 && u16(p) == VT_I2)
            section->codepage = u16(p + 4);
    }
}

static GByteArray *rebuild_section(MgkJob *job, guint format, const guint8 *data, gsize size)
{
    guint32 untrusted_size = size >= 8 ? u32(data) : 0, untrusted_n = size >= 8 ? u32(data + 4) : 0;
    if (untrusted_size < 8 || untrusted_size > size || untrusted_n > MIN((untrusted_size - 8) / 8, MOST_PROPERTIES))
        return NULL;
    g_autoptr(GArray) index = g_array_new(FALSE, FALSE, sizeof(guint32));
    g_autoptr(GByteArray) values = g_byte_array_new(), names = g_byte_array_new();
    Section section = {.job = job,
                       .format = format,
                       .data = data,
                       .size = untrusted_size,
                       .n = untrusted_n,
                       .index = index,
                       .values = values,
                       .names = names};
    read_codepage(&section);
    for (guint i = 0; i < section.n; i++)
        take_property(&section, i);
    if (section.gone > 0)
        mgk_job_find(job, MGK_KIND_METADATA, "SummaryInformation", NULL);
    if (section.thumbnails > 0)
        mgk_job_find(job, MGK_KIND_THUMBNAIL, "SummaryInformation", NULL);
    return index->len > 0 ? write_section(&section) : NULL;
}

/* The sections of one set: which of them stands where. */
static GByteArray *find_section(MgkJob *job, guint format, const guint8 *data, gsize size)
{
    guint32 untrusted_n = u32(data + 24);
    for (guint32 i = 0; i < MIN(untrusted_n, 2) && size - SET_HEADER >= (i + 1) * (gsize)SECTION_ENTRY; i++) {
        const guint8 *entry = data + SET_HEADER + (gsize)i * SECTION_ENTRY;
        guint32 at = u32(entry + 16);
        if (memcmp(entry, formats[format], 16) == 0 && at < size)
            return rebuild_section(job, format, data + at, size - at);
    }
    return NULL;
}

static GByteArray *write_set(guint which, const GByteArray *first, const GByteArray *second)
{
    GByteArray *out = g_byte_array_new();
    guint8 header[24] = {0xfe, 0xff};
    guint n = (first != NULL) + (second != NULL);
    guint32 at = SET_HEADER + n * SECTION_ENTRY;
    g_byte_array_append(out, header, sizeof header);
    append32(out, n);
    if (first) {
        g_byte_array_append(out, formats[which], 16);
        append32(out, at);
        at += first->len;
    }
    if (second) {
        g_byte_array_append(out, formats[USER_DEFINED], 16);
        append32(out, at);
    }
    if (first)
        g_byte_array_append(out, first->data, first->len);
    if (second)
        g_byte_array_append(out, second->data, second->len);
    return out;
}

GByteArray *mgk_properties_rebuild(MgkJob *job, MgkProperties which, const guint8 *data, gsize size)
{
    if (size < SET_HEADER || u16(data) != 0xfffe) {
        if (size > 0)
            mgk_job_find(job, MGK_KIND_UNKNOWN_PART, "SummaryInformation", "damaged");
        return NULL;
    }
    g_autoptr(GByteArray) first = find_section(job, which, data, size);
    g_autoptr(GByteArray) second =
        which == MGK_PROPERTIES_DOCUMENT ? find_section(job, USER_DEFINED, data, size) : NULL;
    if (!first && second) { /* a set begins with its own section */
        g_autoptr(GArray) index = g_array_new(FALSE, FALSE, sizeof(guint32));
        g_autoptr(GByteArray) values = g_byte_array_new();
        Section none = {.codepage = UTF16, .index = index, .values = values};
        first = write_section(&none);
    }
    return first ? write_set(which, first, second) : NULL;
}
