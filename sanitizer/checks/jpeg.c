/* jpeg.c - the second look at a JPEG: SOI, APP0 (JFIF without preview), DQT (the standard tables at some quality),
 * SOF0, DHT, SOS, entropy-coded data without a foreign marker, EOI at the very end; libjpeg decodes it without a
 * warning.
 *
 * And the reader for the profile confirm, for pictures of strangers: the same grammar, with JFIF 1.00 to 1.02, several
 * tables in one DQT or DHT, any usual sampling, and restarts (DRI) in order. Its bits are counted
 * (jpeg_scan.h). Progressive pictures, other segments and tables that are not the standard's are not for it. */
#include "checks/checks.h"
#include "checks/foreign.h"
#include "checks/jpeg_scan.h"

#include <setjmp.h>
#include <stdio.h> /* jpeglib.h needs it first */
#include <string.h>

#include <jpeglib.h>

typedef struct Look {
    const guint8 *data;
    gsize size, at;
    const guint8 *body; /* of the current segment, without marker and length */
    gsize length;
    guint quality; /* as the first table tells */
    guint n_tables, n_codes;
    guint components;
    gboolean confirm; /* a stranger's picture */
    MgkJpegScan scan;
    guint8 next_restart;
    const char *wrong;
} Look;

/* ITU-T T.81, tables K.1 and K.2, in zigzag order as DQT holds them. */
static const guint8 standard[2][64] = {
    {16, 11,  12, 14, 12, 10, 16,  14,  13,  14, 18, 17,  16,  19,  24,  40,  26, 24,  22,  22, 24, 49,
     35, 37,  29, 40, 58, 51, 61,  60,  57,  51, 56, 55,  64,  72,  92,  78,  64, 68,  87,  69, 55, 56,
     80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99},
    {17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66, 99, 99, 99, 99, 99, 99, 99, 99,
     99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
     99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99},
};

static gboolean wrong(Look *look, const char *what)
{
    look->wrong = what;
    return FALSE;
}

/* Takes the next segment when it has this marker; FALSE without a complaint when it has another. */
static gboolean take(Look *look, guint8 marker)
{
    gsize left = look->size - look->at;
    const guint8 *segment = look->data + look->at;
    if (left < 4 || segment[0] != 0xff || segment[1] != marker)
        return FALSE;
    gsize untrusted_length = (gsize)(segment[2] << 8 | segment[3]);
    if (untrusted_length < 2 || untrusted_length > left - 2)
        return FALSE;
    look->body = segment + 4;
    look->length = untrusted_length - 2;
    look->at += untrusted_length + 2;
    return TRUE;
}

static gboolean look_at_jfif(Look *look)
{
    gboolean there = take(look, 0xe0) && look->length == 14 && memcmp(look->body, "JFIF\0\1", 6) == 0;
    if (!there || look->body[6] > 2 || (look->body[6] != 1 && !look->confirm))
        return wrong(look, "APP0");
    const guint8 *density = look->body + 7;
    gboolean whole = (density[1] || density[2]) && (density[3] || density[4]);
    return density[0] <= (look->confirm ? 2 : 1) && whole && !density[5] && !density[6] ? TRUE : wrong(look, "JFIF");
}

static guint8 scaled(guint step, guint quality)
{
    guint percent = quality < 50 ? 5000 / quality : 200 - quality * 2;
    guint value = (step * percent + 50) / 100;
    return (guint8)CLAMP(value, 1, 255);
}

static gboolean table_has_quality(const guint8 *steps, guint which, guint quality)
{
    for (guint i = 0; i < 64; i++) {
        if (steps[i] != scaled(standard[which][i], quality))
            return FALSE;
    }
    return TRUE;
}

/* One table of 65 bytes. Steps chosen freely would be 64 bytes of somebody's own. */
static gboolean look_at_table(Look *look, const guint8 *table)
{
    if (look->n_tables > 1 || table[0] != look->n_tables)
        return wrong(look, "DQT");
    guint first = look->quality ? look->quality : 1, last = look->quality ? look->quality : 100;
    guint quality = first;
    while (quality <= last && !table_has_quality(table + 1, look->n_tables, quality))
        quality++;
    if (quality > last)
        return wrong(look, "DQT is not a standard table");
    look->quality = look->n_tables == 0 ? quality : look->quality;
    look->n_tables++;
    return TRUE;
}

static gboolean look_at_steps(Look *look)
{
    while (take(look, 0xdb)) {
        if (look->length != 65 && (look->length != 130 || !look->confirm))
            return wrong(look, "DQT");
        for (gsize at = 0; at < look->length; at += 65) {
            if (!look_at_table(look, look->body + at))
                return FALSE;
        }
    }
    return look->n_tables ? TRUE : wrong(look, "no DQT");
}

static gboolean look_at_frame(Look *look, const MgkLimits *limits)
{
    if (!take(look, 0xc0) || look->length < 6)
        return wrong(look, "no SOF0");
    const guint8 *frame = look->body;
    guint height = (guint)(frame[1] << 8 | frame[2]), width = (guint)(frame[3] << 8 | frame[4]);
    look->components = frame[5];
    if (frame[0] != 8 || !width || !height || height > limits->image_pixels / width)
        return wrong(look, "size of the picture");
    if ((look->components != 1 && look->components != 3) || look->length != 6 + 3 * (gsize)look->components)
        return wrong(look, "channels");
    if (look->n_tables != (look->components == 1 ? 1 : 2))
        return wrong(look, "number of tables");
    for (guint i = 0; i < look->components; i++) {
        const guint8 *component = frame + 6 + 3 * (gsize)i;
        guint h = component[1] >> 4, v = component[1] & 15, most = i == 0 && look->components == 3 ? 2 : 1;
        guint wide = look->confirm && most > 1 ? 4 : most;
        if (component[0] != i + 1 || h < 1 || h > wide || v < 1 || v > most || component[2] != (i ? 1 : 0))
            return wrong(look, "sampling");
        look->scan.h[i] = (guint8)h;
        look->scan.v[i] = (guint8)v;
    }
    look->scan.width = width;
    look->scan.height = height;
    look->scan.components = look->components;
    return TRUE;
}

/* One code at body + *at, which moves behind it; whether the code is sound is libjpeg's part. */
static gboolean look_at_code(Look *look, gsize *at)
{
    static const guint8 classes[4] = {0x00, 0x10, 0x01, 0x11}; /* DC and AC for luma, then for chroma */
    const guint8 *code = look->body + *at;
    gsize symbols = 0, left = look->length - *at;
    if (look->n_codes > 3 || left < 17 || code[0] != classes[look->n_codes++])
        return wrong(look, "DHT");
    for (guint i = 1; i <= 16; i++)
        symbols += code[i];
    if (symbols > 256 || symbols > left - 17)
        return wrong(look, "DHT");
    look->scan.codes[look->n_codes - 1] = code + 1;
    *at += 17 + symbols;
    return TRUE;
}

static gboolean look_at_codes(Look *look)
{
    while (take(look, 0xc4)) {
        gsize at = 0;
        do {
            if (!look_at_code(look, &at))
                return FALSE;
        } while (look->confirm && at < look->length);
        if (at != look->length)
            return wrong(look, "DHT");
    }
    return look->n_codes == (look->components == 1 ? 2 : 4) ? TRUE : wrong(look, "number of DHT");
}

static gboolean look_at_restarts(Look *look)
{
    if (!look->confirm || !take(look, 0xdd))
        return TRUE;
    look->scan.restart = look->length == 2 ? (guint)(look->body[0] << 8 | look->body[1]) : 0;
    return look->scan.restart ? TRUE : wrong(look, "DRI");
}

/* A marker among the pixels: a byte 0xff that is stuffed, or the next restart. */
static gboolean is_stuffed(Look *look, guint8 marker)
{
    if (marker == 0)
        return TRUE;
    if (!look->scan.restart || marker != 0xd0 + look->next_restart)
        return FALSE;
    look->next_restart = (guint8)((look->next_restart + 1) % 8);
    return TRUE;
}

static gboolean look_at_scan(Look *look)
{
    static const guint8 gray[] = {1, 1, 0x00, 0, 63, 0}, color[] = {3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0};
    const guint8 *want = look->components == 1 ? gray : color;
    gsize length = look->components == 1 ? sizeof gray : sizeof color;
    if (!take(look, 0xda) || look->length != length || memcmp(look->body, want, length) != 0)
        return wrong(look, "SOS");
    const guint8 *start = look->data + look->at;
    while (look->at < look->size) {
        const guint8 *found = memchr(look->data + look->at, 0xff, look->size - look->at);
        gsize left = found ? look->size - (gsize)(found - look->data) : 0;
        if (left < 2)
            break;
        if (found[1] == 0xd9 && left != 2)
            return wrong(look, "data after the end");
        if (found[1] == 0xd9)
            return !look->confirm || mgk_jpeg_scan_is_whole(&look->scan, start, (gsize)(found - start)) ||
                   wrong(look, "bits that are no picture");
        if (!is_stuffed(look, found[1]))
            return wrong(look, "a marker inside the picture");
        look->at = (gsize)(found - look->data) + 2;
    }
    return wrong(look, "no EOI");
}

typedef struct Decoder {
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr error;
    jmp_buf home;
} Decoder;

static void on_exit_error(j_common_ptr info)
{
    longjmp(((Decoder *)info)->home, 1);
}

/* A warning is as bad as an error: our encoder makes no mistakes. */
static void on_message(j_common_ptr info, int level)
{
    if (level < 0)
        longjmp(((Decoder *)info)->home, 1);
}

static void decode(Decoder *decoder, const Look *look, JSAMPROW row)
{
    jpeg_mem_src(&decoder->info, look->data, look->size);
    jpeg_read_header(&decoder->info, TRUE);
    decoder->info.out_color_space = JCS_GRAYSCALE;
    decoder->info.scale_denom = 8; /* all of the entropy coding, little of the arithmetic */
    decoder->info.dct_method = JDCT_IFAST;
    jpeg_start_decompress(&decoder->info);
    while (decoder->info.output_scanline < decoder->info.output_height)
        jpeg_read_scanlines(&decoder->info, &row, 1);
    jpeg_finish_decompress(&decoder->info);
}

static gboolean decodes(Look *look)
{
    Decoder decoder;
    memset(&decoder, 0, sizeof decoder);
    guint8 row[G_MAXUINT16 / 8 + 16];
    decoder.info.err = jpeg_std_error(&decoder.error);
    decoder.error.error_exit = on_exit_error;
    decoder.error.emit_message = on_message;
    if (setjmp(decoder.home)) {
        jpeg_destroy_decompress(&decoder.info);
        return wrong(look, "does not decode cleanly");
    }
    jpeg_create_decompress(&decoder.info);
    decode(&decoder, look, row);
    jpeg_destroy_decompress(&decoder.info);
    return TRUE;
}

static gboolean look_at_all(Look *look, const MgkLimits *limits)
{
    if (look->size < 4 || look->data[0] != 0xff || look->data[1] != 0xd8)
        return wrong(look, "no SOI");
    look->at = 2;
    if (!look_at_jfif(look) || !look_at_steps(look) || !look_at_frame(look, limits) || !look_at_codes(look) ||
        !look_at_restarts(look) || !look_at_scan(look) || !decodes(look))
        return FALSE;
    return mgk_check_foreign(look->data, look->size, MGK_FOREIGN_PICTURE, NULL) || wrong(look, "a foreign signature");
}

static gboolean judge(MgkJob *job, gboolean confirm, GError **error)
{
    Look look = {.data = job->data, .size = job->size, .confirm = confirm};
    gboolean good = look_at_all(&look, &job->policy->limits);
    if (!good)
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "JPEG: %s", look.wrong);
    return good;
}

gboolean mgk_check_jpeg(MgkJob *job, GError **error)
{
    return judge(job, FALSE, error);
}

gboolean mgk_confirm_jpeg(MgkJob *job, GError **error)
{
    return judge(job, TRUE, error);
}
