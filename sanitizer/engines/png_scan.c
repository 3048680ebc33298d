#include "engines/png_scan.h"

#include "engines/animation.h"
#include "engines/signature.h"

#include <string.h>

#define CHUNK_FRAME 12 /* length, type, CRC */
/* Beyond so many findings the file is telling us nothing new. */
#define MAX_FINDINGS 200
#define KEYWORD_BYTES 79

typedef enum {
    CHUNK_PICTURE, /* pixels, or hints that stay or are harmless to lose */
    CHUNK_TEXT,    /* keyword, NUL, text */
    CHUNK_METADATA,
    CHUNK_EXIF,
    CHUNK_ANIMATION,
} ChunkUse;

/* PNG 3rd edition, section 11, and the registered extensions. */
static const struct {
    char type[5];
    ChunkUse use;
    const char *where;
} chunks[] = {
    {"IHDR", CHUNK_PICTURE, ""},       {"PLTE", CHUNK_PICTURE, ""},      {"IDAT", CHUNK_PICTURE, ""},
    {"tRNS", CHUNK_PICTURE, ""},       {"pHYs", CHUNK_PICTURE, ""},      {"gAMA", CHUNK_PICTURE, ""},
    {"cHRM", CHUNK_PICTURE, ""},       {"sRGB", CHUNK_PICTURE, ""},      {"sBIT", CHUNK_PICTURE, ""},
    {"bKGD", CHUNK_PICTURE, ""},       {"hIST", CHUNK_PICTURE, ""},      {"sPLT", CHUNK_PICTURE, ""},
    {"iCCP", CHUNK_PICTURE, ""},       {"cICP", CHUNK_PICTURE, ""},      {"mDCV", CHUNK_PICTURE, ""},
    {"cLLI", CHUNK_PICTURE, ""},       {"tEXt", CHUNK_TEXT, "tEXt"},     {"zTXt", CHUNK_TEXT, "zTXt"},
    {"iTXt", CHUNK_TEXT, "iTXt"},      {"tIME", CHUNK_METADATA, "tIME"}, {"eXIf", CHUNK_EXIF, "EXIF"},
    {"zxIf", CHUNK_METADATA, "EXIF"},  {"oFFs", CHUNK_METADATA, "oFFs"}, {"sCAL", CHUNK_METADATA, "sCAL"},
    {"pCAL", CHUNK_METADATA, "pCAL"},  {"sTER", CHUNK_METADATA, "sTER"}, {"vpAg", CHUNK_METADATA, "vpAg"},
    {"caNv", CHUNK_METADATA, "caNv"},  {"orNT", CHUNK_METADATA, "orNT"}, {"caBX", CHUNK_METADATA, "caBX"},
    {"acTL", CHUNK_ANIMATION, "acTL"}, {"fcTL", CHUNK_PICTURE, ""},      {"fdAT", CHUNK_PICTURE, ""},
};

typedef struct Walk {
    MgkJob *job; /* borrowed */
    MgkPngScan *scan;
    guint findings;
    gboolean seen_exif;
} Walk;

static void find(Walk *walk, MgkKind kind, const char *where, const char *detail)
{
    if (walk->findings++ < MAX_FINDINGS)
        mgk_job_find(walk->job, kind, where, detail);
}

static void see_text(Walk *walk, const char *where, const guint8 *data, gsize size)
{
    gsize length = strnlen((const char *)data, MIN(size, KEYWORD_BYTES));
    g_autofree char *keyword = g_strndup((const char *)data, length);
    find(walk, MGK_KIND_METADATA, strcmp(keyword, "XML:com.adobe.xmp") == 0 ? "XMP" : where, keyword);
}

static void see_exif(Walk *walk, const guint8 *data, gsize size)
{
    find(walk, MGK_KIND_METADATA, "EXIF", NULL);
    if (walk->seen_exif)
        return;
    walk->seen_exif = TRUE;
    mgk_exif_read(data, size, &walk->scan->exif);
    if (walk->scan->exif.has_gps)
        find(walk, MGK_KIND_IMAGE_GPS, "EXIF", NULL);
    if (walk->scan->exif.has_thumbnail)
        find(walk, MGK_KIND_IMAGE_THUMBNAIL, "EXIF", NULL);
}

static void see_unknown(Walk *walk, const guint8 *type, gsize size)
{
    char name[5] = {0};
    for (guint i = 0; i < 4; i++)
        name[i] = g_ascii_isalpha((char)type[i]) ? (char)type[i] : '?';
    g_autofree char *detail = g_strdup_printf("%" G_GSIZE_FORMAT " bytes", size);
    find(walk, MGK_KIND_UNKNOWN_PART, name, detail);
}

static void see_chunk(Walk *walk, const guint8 *type, const guint8 *data, gsize size)
{
    for (guint i = 0; i < G_N_ELEMENTS(chunks); i++) {
        if (memcmp(type, chunks[i].type, 4) != 0)
            continue;
        switch (chunks[i].use) {
        case CHUNK_PICTURE:
            break;
        case CHUNK_TEXT:
            see_text(walk, chunks[i].where, data, size);
            break;
        case CHUNK_METADATA:
            find(walk, MGK_KIND_METADATA, chunks[i].where, NULL);
            break;
        case CHUNK_EXIF:
            see_exif(walk, data, size);
            break;
        case CHUNK_ANIMATION:
            mgk_animation_lost(walk->job, chunks[i].where);
            break;
        }
        return;
    }
    see_unknown(walk, type, size);
}

void mgk_png_scan(MgkJob *job, MgkPngScan *ret_scan)
{
    *ret_scan = (MgkPngScan){.exif.orientation = 1};
    Walk walk = {.job = job, .scan = ret_scan};
    gsize at = MGK_PNG_MAGIC_BYTES;
    while (job->size - at >= CHUNK_FRAME) {
        const guint8 *chunk = job->data + at;
        guint32 untrusted_size = 0;
        memcpy(&untrusted_size, chunk, 4);
        gsize size = GUINT32_FROM_BE(untrusted_size);
        if (size > job->size - at - CHUNK_FRAME)
            return;
        at += size + CHUNK_FRAME;
        if (memcmp(chunk + 4, "IEND", 4) == 0) {
            ret_scan->has_end = TRUE;
            break;
        }
        see_chunk(&walk, chunk + 4, chunk + 8, size);
    }
    if (ret_scan->has_end)
        mgk_signature_report_tail(job, at);
}
