#include "engines/cfb_write.h"

#include <string.h>

#include "model/error.h"

#define SECTOR 512
#define NUMBERS (SECTOR / 4)
#define MINI 64
#define MINI_CUTOFF 4096
#define HEADER_FATS 109
#define ENTRY_SIZE 128
#define MOST_BYTES 0x7fffffffu
#define FREE 0xffffffffu
#define END 0xfffffffeu
#define FAT 0xfffffffdu
#define DIFAT 0xfffffffcu

typedef struct Stream {
    char *name; /* owned */
    const guint8 *data;
    gsize size;
    guint32 start;
    guint32 left, right; /* entries */
    gboolean red;
} Stream;

struct MgkCfbWriter {
    guint8 root_class[16];
    GArray *streams; /* Stream, sorted when finished */
};

/* How many sectors each part of the file takes; they follow each other in this order. */
typedef struct Plan {
    gsize difat, fat, directory, mini_fat, mini_stream, big;
    gsize mini_bytes;
} Plan;

static void clear_stream(gpointer data)
{
    g_free(((Stream *)data)->name);
}

MgkCfbWriter *mgk_cfb_writer_new(const guint8 *root_class)
{
    MgkCfbWriter *writer = g_new0(MgkCfbWriter, 1);
    memcpy(writer->root_class, root_class, sizeof writer->root_class);
    writer->streams = g_array_new(FALSE, FALSE, sizeof(Stream));
    g_array_set_clear_func(writer->streams, clear_stream);
    return writer;
}

void mgk_cfb_writer_free(MgkCfbWriter *writer)
{
    if (!writer)
        return;
    g_array_unref(writer->streams);
    g_free(writer);
}

void mgk_cfb_writer_add(MgkCfbWriter *writer, const char *name, const guint8 *data, gsize size)
{
    g_return_if_fail(strlen(name) <= 31);
    Stream stream = {.name = g_strdup(name), .data = data, .size = size, .start = END, .left = FREE, .right = FREE};
    g_array_append_val(writer->streams, stream);
}

static Stream *stream_at(const MgkCfbWriter *writer, guint index)
{
    return &g_array_index(writer->streams, Stream, index);
}

/* [MS-CFB] 2.6.4: shorter names first, then by upper case. */
static gint compare(gconstpointer a, gconstpointer b)
{
    const char *x = ((const Stream *)a)->name, *y = ((const Stream *)b)->name;
    gsize n = strlen(x), m = strlen(y);
    return n != m ? (n < m ? -1 : 1) : g_ascii_strcasecmp(x, y);
}

/* Makes a tree of the streams from `low` to before `high`: halves, so that only the lowest level has gaps; with that
 * level red it is a red-black tree. Entry 0 is the root storage. */
static guint32 make_tree(MgkCfbWriter *writer, guint low, guint high, guint levels)
{
    if (low >= high)
        return FREE;
    guint middle = low + (high - low) / 2;
    guint32 left = make_tree(writer, low, middle, levels - 1), right = make_tree(writer, middle + 1, high, levels - 1);
    Stream *stream = stream_at(writer, middle);
    stream->left = left;
    stream->right = right;
    stream->red = levels == 0;
    return middle + 1;
}

static gsize parts(gsize size, gsize unit)
{
    return size / unit + (size % unit != 0);
}

static gboolean is_mini(const Stream *stream)
{
    return stream->size < MINI_CUTOFF;
}

static gboolean plan_file(const MgkCfbWriter *writer, Plan *plan, GError **error)
{
    guint64 total = 0;
    for (guint i = 0; i < writer->streams->len; i++) {
        const Stream *stream = stream_at(writer, i);
        total += stream->size;
        if (is_mini(stream))
            plan->mini_bytes += parts(stream->size, MINI) * MINI;
        else
            plan->big += parts(stream->size, SECTOR);
    }
    if (total > MOST_BYTES - MOST_BYTES / 16) { /* leaves room for the tables */
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "compound file: 2 GiB or more");
        return FALSE;
    }
    plan->directory = parts((writer->streams->len + 1) * (gsize)ENTRY_SIZE, SECTOR);
    plan->mini_stream = parts(plan->mini_bytes, SECTOR);
    plan->mini_fat = parts(plan->mini_bytes / MINI, NUMBERS);
    gsize content = plan->directory + plan->mini_fat + plan->mini_stream + plan->big, before = 0;
    do { /* the tables describe themselves too */
        before = plan->fat + plan->difat;
        plan->fat = parts(content + before, NUMBERS);
        plan->difat = plan->fat > HEADER_FATS ? parts(plan->fat - HEADER_FATS, NUMBERS - 1) : 0;
    } while (plan->fat + plan->difat != before);
    return TRUE;
}

static void put16(guint8 *p, guint value)
{
    p[0] = (guint8)value;
    p[1] = (guint8)(value >> 8);
}

static void put32(guint8 *p, guint32 value)
{
    put16(p, value & 0xffff);
    put16(p + 2, value >> 16);
}

static void append32(GByteArray *out, guint32 value)
{
    guint8 bytes[4];
    put32(bytes, value);
    g_byte_array_append(out, bytes, 4);
}

/* Fills up to the end of a sector (or of a small one). */
static void pad(GByteArray *out, gsize unit, guint8 with)
{
    gsize missing = (unit - out->len % unit) % unit;
    guint at = out->len;
    if (missing == 0) /* an empty array has no address */
        return;
    g_byte_array_set_size(out, (guint)(at + missing));
    memset(out->data + at, with, missing);
}

static void write_header(GByteArray *out, const Plan *plan)
{
    guint8 header[SECTOR] = {0};
    gsize directory = plan->difat + plan->fat, mini_fat = directory + plan->directory;
    memcpy(header, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
    put16(header + 24, 0x3e);
    put16(header + 26, 3);
    put16(header + 28, 0xfffe);
    put16(header + 30, 9);
    put16(header + 32, 6);
    put32(header + 44, (guint32)plan->fat);
    put32(header + 48, (guint32)directory);
    put32(header + 56, MINI_CUTOFF);
    put32(header + 60, plan->mini_fat > 0 ? (guint32)mini_fat : END);
    put32(header + 64, (guint32)plan->mini_fat);
    put32(header + 68, plan->difat > 0 ? 0 : END);
    put32(header + 72, (guint32)plan->difat);
    for (gsize i = 0; i < HEADER_FATS; i++)
        put32(header + 76 + i * 4, i < plan->fat ? (guint32)(plan->difat + i) : FREE);
    g_byte_array_append(out, header, sizeof header);
}

static void write_difat(GByteArray *out, const Plan *plan)
{
    gsize fat = HEADER_FATS;
    for (gsize i = 0; i < plan->difat; i++) {
        for (gsize k = 0; k < NUMBERS - 1; k++, fat++)
            append32(out, fat < plan->fat ? (guint32)(plan->difat + fat) : FREE);
        append32(out, i + 1 < plan->difat ? (guint32)(i + 1) : END);
    }
}

/* The next numbers of a chain of n sectors; *at is where it begins. */
static void write_run(GByteArray *out, gsize n, guint32 *at)
{
    for (gsize i = 0; i < n; i++)
        append32(out, i + 1 < n ? *at + (guint32)i + 1 : END);
    *at += (guint32)n;
}

static void write_fat(MgkCfbWriter *writer, GByteArray *out, const Plan *plan)
{
    guint32 at = (guint32)(plan->difat + plan->fat);
    for (gsize i = 0; i < plan->difat; i++)
        append32(out, DIFAT);
    for (gsize i = 0; i < plan->fat; i++)
        append32(out, FAT);
    write_run(out, plan->directory, &at);
    write_run(out, plan->mini_fat, &at);
    write_run(out, plan->mini_stream, &at);
    for (guint i = 0; i < writer->streams->len; i++) {
        Stream *stream = stream_at(writer, i);
        if (is_mini(stream))
            continue;
        stream->start = at;
        write_run(out, parts(stream->size, SECTOR), &at);
    }
    pad(out, SECTOR, 0xff);
}

/* The numbers of the small sectors; done before the directory, which needs where streams begin. */
static GByteArray *make_mini_fat(MgkCfbWriter *writer)
{
    GByteArray *table = g_byte_array_new();
    guint32 at = 0;
    for (guint i = 0; i < writer->streams->len; i++) {
        Stream *stream = stream_at(writer, i);
        if (!is_mini(stream) || stream->size == 0)
            continue;
        stream->start = at;
        write_run(table, parts(stream->size, MINI), &at);
    }
    pad(table, SECTOR, 0xff);
    return table;
}

static void write_entry(GByteArray *out, const char *name, guint8 type, const Stream *stream)
{
    guint8 entry[ENTRY_SIZE] = {0};
    gsize n = strlen(name);
    for (gsize i = 0; i < n; i++)
        entry[i * 2] = (guint8)name[i];
    put16(entry + 64, type ? (guint)(n + 1) * 2 : 0);
    entry[66] = type;
    entry[67] = type && !stream->red;
    put32(entry + 68, stream->left);
    put32(entry + 72, stream->right);
    put32(entry + 76, FREE);
    put32(entry + 116, stream->start);
    put32(entry + 120, (guint32)stream->size);
    g_byte_array_append(out, entry, sizeof entry);
}

static void write_directory(const MgkCfbWriter *writer, GByteArray *out, const Plan *plan, guint32 top)
{
    Stream root = {.start = plan->mini_bytes > 0 ? (guint32)(plan->difat + plan->fat + plan->directory + plan->mini_fat)
                                                 : END,
                   .size = plan->mini_bytes,
                   .left = FREE,
                   .right = FREE};
    Stream none = {.left = FREE, .right = FREE};
    guint at = out->len;
    write_entry(out, "Root Entry", 5, &root);
    put32(out->data + at + 76, top);
    memcpy(out->data + at + 80, writer->root_class, sizeof writer->root_class);
    for (guint i = 0; i < writer->streams->len; i++)
        write_entry(out, stream_at(writer, i)->name, 2, stream_at(writer, i));
    while (out->len % SECTOR != 0)
        write_entry(out, "", 0, &none);
}

static void write_streams(const MgkCfbWriter *writer, GByteArray *out, gboolean mini)
{
    for (guint i = 0; i < writer->streams->len; i++) {
        const Stream *stream = stream_at(writer, i);
        if (is_mini(stream) != mini || stream->size == 0)
            continue;
        g_byte_array_append(out, stream->data, (guint)stream->size);
        pad(out, mini ? MINI : SECTOR, 0);
    }
    pad(out, SECTOR, 0);
}

GByteArray *mgk_cfb_writer_finish(MgkCfbWriter *writer, GError **error)
{
    Plan plan = {0};
    guint levels = 0, n = writer->streams->len;
    if (!plan_file(writer, &plan, error))
        return NULL;
    g_array_sort(writer->streams, compare);
    while ((2u << levels) - 1 <= n) /* full levels */
        levels++;
    guint32 top = make_tree(writer, 0, n, levels);
    g_autoptr(GByteArray) mini_fat = make_mini_fat(writer);
    GByteArray *out = g_byte_array_new();
    write_header(out, &plan);
    write_difat(out, &plan);
    write_fat(writer, out, &plan);
    write_directory(writer, out, &plan, top);
    g_byte_array_append(out, mini_fat->data, mini_fat->len);
    write_streams(writer, out, TRUE);
    write_streams(writer, out, FALSE);
    return out;
}
