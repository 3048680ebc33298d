#include "engines/jpeg_scan.h"

#include "engines/signature.h"

#include <string.h>

#define MAX_FINDINGS 200

enum {
    SOI = 0xd8,
    EOI = 0xd9,
    SOS = 0xda,
    RST0 = 0xd0,
    RST7 = 0xd7,
    TEM = 0x01,
    APP0 = 0xe0,
    APP15 = 0xef,
    COM = 0xfe
};

typedef enum { SEGMENT_HARMLESS, SEGMENT_METADATA, SEGMENT_EXIF, SEGMENT_JFIF, SEGMENT_PREVIEW, SEGMENT_SEVERAL } Use;

typedef struct Walk {
    MgkJob *job; /* borrowed */
    MgkJpegScan *scan;
    guint findings;
    gboolean seen_exif;
} Walk;

#define LABEL(text) (text), sizeof(text) - 1

/* Application segments by marker and the label that they start with. */
static const struct {
    guint8 marker;
    const char *label;
    gsize length;
    Use use;
    const char *where;
} segments[] = {
    {APP0, LABEL("JFIF\0"), SEGMENT_JFIF, "JFIF"},
    {APP0, LABEL("JFXX\0"), SEGMENT_PREVIEW, "JFXX"},
    {APP0 + 1, LABEL("Exif\0"), SEGMENT_EXIF, "EXIF"},
    {APP0 + 1, LABEL("http://ns.adobe.com/"), SEGMENT_METADATA, "XMP"},
    {APP0 + 2, LABEL("ICC_PROFILE\0"), SEGMENT_HARMLESS, "ICC"},
    {APP0 + 2, LABEL("MPF\0"), SEGMENT_SEVERAL, "MPF"},
    {APP0 + 2, LABEL("FPXR\0"), SEGMENT_METADATA, "FlashPix"},
    {APP0 + 2, LABEL("urn:iso:std:iso:ts:21496"), SEGMENT_METADATA, "gain map"},
    {APP0 + 3, LABEL("Meta"), SEGMENT_METADATA, "Kodak"},
    {APP0 + 11, LABEL("JP"), SEGMENT_METADATA, "JUMBF"},
    {APP0 + 12, LABEL(""), SEGMENT_METADATA, "APP12"},
    {APP0 + 13, LABEL("Photoshop 3.0\0"), SEGMENT_METADATA, "IPTC"},
    {APP0 + 13, LABEL("Adobe_"), SEGMENT_METADATA, "Photoshop"},
    {APP0 + 14, LABEL("Adobe"), SEGMENT_HARMLESS, "Adobe"},
    {COM, LABEL(""), SEGMENT_METADATA, "comment"},
};

static void find(Walk *walk, MgkKind kind, const char *where, const char *detail)
{
    if (walk->findings++ < MAX_FINDINGS)
        mgk_job_find(walk->job, kind, where, detail);
}

static void see_exif(Walk *walk, const guint8 *data, gsize size)
{
    find(walk, MGK_KIND_METADATA, "EXIF", NULL);
    if (walk->seen_exif || size < 6)
        return;
    walk->seen_exif = TRUE;
    mgk_exif_read(data + 6, size - 6, &walk->scan->exif);
    if (walk->scan->exif.has_gps)
        find(walk, MGK_KIND_IMAGE_GPS, "EXIF", NULL);
    if (walk->scan->exif.has_thumbnail)
        find(walk, MGK_KIND_IMAGE_THUMBNAIL, "EXIF", NULL);
}

static void see_text(Walk *walk, const char *where, const guint8 *data, gsize size)
{
    g_autofree char *text = g_strndup((const char *)data, MIN(size, 80));
    find(walk, MGK_KIND_METADATA, where, text);
}

/* Dispatches on what the segment is for; data is the segment without marker and length. */
static void see_known(Walk *walk, guint row, const guint8 *data, gsize size)
{
    switch (segments[row].use) {
    case SEGMENT_HARMLESS:
        break;
    case SEGMENT_METADATA:
        if (segments[row].marker == COM)
            see_text(walk, segments[row].where, data, size);
        else
            find(walk, MGK_KIND_METADATA, segments[row].where, NULL);
        break;
    case SEGMENT_EXIF:
        see_exif(walk, data, size);
        break;
    case SEGMENT_JFIF:
        if (size >= 14 && data[12] && data[13])
            find(walk, MGK_KIND_IMAGE_THUMBNAIL, "JFIF", NULL);
        break;
    case SEGMENT_PREVIEW:
        find(walk, MGK_KIND_IMAGE_THUMBNAIL, segments[row].where, NULL);
        break;
    case SEGMENT_SEVERAL:
        walk->scan->several = TRUE;
        find(walk, MGK_KIND_METADATA, segments[row].where, NULL);
        break;
    }
}

static void see_segment(Walk *walk, guint8 marker, const guint8 *data, gsize size)
{
    for (guint i = 0; i < G_N_ELEMENTS(segments); i++) {
        if (segments[i].marker == marker && size >= segments[i].length &&
            memcmp(data, segments[i].label, segments[i].length) == 0) {
            see_known(walk, i, data, size);
            return;
        }
    }
    if (marker >= APP0 && marker <= APP15) {
        char name[8];
        g_snprintf(name, sizeof name, "APP%u", (guint)marker - APP0);
        g_autofree char *detail = g_strdup_printf("%" G_GSIZE_FORMAT " bytes", size);
        find(walk, MGK_KIND_UNKNOWN_PART, name, detail);
    }
}

/* The next marker at or after *at (0 when there is none); *at then stands behind it. Stuffed zeros and restart markers
 * belong to the entropy-coded data. */
static guint8 next_marker(const MgkJob *job, gsize *at)
{
    while (*at < job->size) {
        const guint8 *found = memchr(job->data + *at, 0xff, job->size - *at);
        if (!found)
            return 0;
        *at = (gsize)(found - job->data) + 1;
        while (*at < job->size && job->data[*at] == 0xff)
            (*at)++;
        if (*at == job->size)
            return 0;
        guint8 marker = job->data[(*at)++];
        if (marker != 0 && marker != TEM && (marker < RST0 || marker > RST7))
            return marker;
    }
    return 0;
}

void mgk_jpeg_scan(MgkJob *job, MgkJpegScan *ret_scan)
{
    *ret_scan = (MgkJpegScan){.exif.orientation = 1};
    Walk walk = {.job = job, .scan = ret_scan};
    gsize at = 2;
    for (guint8 marker = next_marker(job, &at); marker; marker = next_marker(job, &at)) {
        if (marker == EOI) {
            ret_scan->has_end = TRUE;
            break;
        }
        if (marker == SOI || job->size - at < 2)
            continue;
        gsize untrusted_size = (gsize)(job->data[at] << 8 | job->data[at + 1]);
        if (untrusted_size < 2 || untrusted_size > job->size - at)
            continue;
        see_segment(&walk, marker, job->data + at + 2, untrusted_size - 2);
        at += untrusted_size;
    }
    if (ret_scan->has_end && !ret_scan->several)
        mgk_signature_report_tail(job, at);
    else if (ret_scan->has_end && at < job->size)
        mgk_job_find(job, MGK_KIND_TRAILING_DATA, "MPF", "further pictures");
}
