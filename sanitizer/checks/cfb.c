#include "checks/cfb.h"

#include <string.h>

#include "model/error.h"

#define SECTOR 512u
#define NONE 0xffffffffu
#define LAST 0xfffffffeu

/* Where the parts of the file must lie, in sectors. */
typedef struct Layout {
    const guint8 *data;
    guint32 sectors, difat, fat, directory, directory_n, mini_fat, mini_fat_n, mini, mini_n, big;
} Layout;

static guint32 le32(const guint8 *p)
{
    return p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24;
}

static gboolean refuse(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "compound file: %s", what);
    return FALSE;
}

static gboolean zeros(const guint8 *p, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        if (p[i] != 0)
            return FALSE;
    }
    return TRUE;
}

static const guint8 *at_sector(const Layout *l, guint32 id)
{
    return l->data + ((gsize)id + 1) * SECTOR;
}

/* Number `id` of a table that begins at a sector. */
static guint32 number(const Layout *l, guint32 table, guint32 id)
{
    return le32(at_sector(l, table) + (gsize)id * 4);
}

/* Chain from..from+n of a table: consecutive, then the end. */
static gboolean is_run(const Layout *l, guint32 table, guint32 from, guint32 n)
{
    for (guint32 i = 0; i < n; i++) {
        if (number(l, table, from + i) != (i + 1 < n ? from + i + 1 : LAST))
            return FALSE;
    }
    return TRUE;
}

static gboolean look_at_header(const guint8 *data, gsize size, Layout *l, GError **error)
{
    static const guint8 start[] = {0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1};
    static const guint8 middle[] = {0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0};
    if (size < 3 * SECTOR || size % SECTOR != 0 || size / SECTOR > 0x400000)
        return refuse(error, "its size");
    if (memcmp(data, start, 8) != 0 || !zeros(data + 8, 16) || memcmp(data + 24, middle, 10) != 0 ||
        !zeros(data + 34, 10) || !zeros(data + 52, 4) || le32(data + 56) != 4096)
        return refuse(error, "its header");
    l->data = data;
    l->sectors = (guint32)(size / SECTOR - 1);
    l->difat = le32(data + 72);
    l->fat = le32(data + 44);
    l->mini_fat_n = le32(data + 64);
    if (l->difat > l->sectors || l->fat != (l->sectors + 127) / 128 || l->mini_fat_n > l->sectors ||
        l->difat != (l->fat > 109 ? (l->fat - 109 + 126) / 127 : 0))
        return refuse(error, "the length of its tables");
    l->directory = l->difat + l->fat;
    if (le32(data + 48) != l->directory || le32(data + 60) == 0 || le32(data + 68) != (l->difat ? 0 : LAST))
        return refuse(error, "the order of its parts");
    return TRUE;
}

/* The numbers of the table's own sectors, in the header and beyond. */
static gboolean look_at_difat(const Layout *l, GError **error)
{
    guint32 fat = 0;
    for (; fat < 109; fat++) {
        if (le32(l->data + 76 + fat * 4) != (fat < l->fat ? l->difat + fat : NONE))
            return refuse(error, "where its table lies");
    }
    for (guint32 i = 0; i < l->difat; i++) {
        for (guint32 k = 0; k < 127; k++, fat++) {
            if (le32(at_sector(l, i) + k * 4) != (fat < l->fat ? l->difat + fat : NONE))
                return refuse(error, "where its table lies");
        }
        if (le32(at_sector(l, i) + 508) != (i + 1 < l->difat ? i + 1 : LAST))
            return refuse(error, "where its table lies");
    }
    return TRUE;
}

/* The parts before the streams, and what the table says of itself and beyond the end. */
static gboolean look_at_tables(Layout *l, GError **error)
{
    for (guint32 i = 0; i < l->directory; i++) {
        if (number(l, l->difat, i) != (i < l->difat ? 0xfffffffcu : 0xfffffffdu))
            return refuse(error, "its table");
    }
    for (guint32 i = l->sectors; i < l->fat * 128; i++) {
        if (number(l, l->difat, i) != NONE)
            return refuse(error, "its table goes on behind the end");
    }
    for (guint32 id = l->directory; id < l->sectors && l->directory_n == 0; id++) {
        if (number(l, l->difat, id) == LAST)
            l->directory_n = id - l->directory + 1;
    }
    if (l->directory_n == 0 || l->directory_n > (MGK_CHECK_CFB_STREAMS + 1 + 3) / 4 ||
        !is_run(l, l->difat, l->directory, l->directory_n))
        return refuse(error, "its directory");
    l->mini_fat = l->directory + l->directory_n;
    guint32 root_size = le32(at_sector(l, l->directory) + 120);
    l->mini = l->mini_fat + l->mini_fat_n;
    l->mini_n = root_size / SECTOR + (root_size % SECTOR != 0);
    if (l->mini_fat_n > l->sectors - l->mini_fat || l->mini_n > l->sectors - l->mini || root_size % 64 != 0 ||
        l->mini_fat_n != (root_size / 64 + 127) / 128 || le32(l->data + 60) != (l->mini_fat_n ? l->mini_fat : LAST) ||
        !is_run(l, l->difat, l->mini_fat, l->mini_fat_n) || !is_run(l, l->difat, l->mini, l->mini_n))
        return refuse(error, "its small sectors");
    l->big = l->mini + l->mini_n;
    return TRUE;
}

static gboolean look_at_name(const guint8 *entry, MgkCheckStream *stream, GError **error)
{
    guint length = entry[64] | (guint)entry[65] << 8;
    if (length < 4 || length > 64 || length % 2 != 0)
        return refuse(error, "a name");
    for (guint i = 0; i < 32; i++) {
        guint unit = entry[i * 2] | (guint)entry[i * 2 + 1] << 8;
        if (unit >= 127 || (unit == 0) != (i >= length / 2 - 1))
            return refuse(error, "a name");
        stream->name[i] = (char)unit;
    }
    stream->name[32] = '\0';
    return TRUE;
}

/* The next stream in its place: small ones in the small sectors, others behind them. */
static gboolean look_at_stream(Layout *l, const guint8 *entry, guint32 *mini, MgkCheckStream *stream, GError **error)
{
    guint32 start = le32(entry + 116), size = le32(entry + 120), unit = size < 4096 ? 64 : SECTOR;
    guint32 n = size / unit + (size % unit != 0);
    if (entry[66] != 2 || entry[67] > 1 || le32(entry + 76) != NONE || !zeros(entry + 80, 36) || !zeros(entry + 124, 4))
        return refuse(error, "an entry of the directory");
    if (!look_at_name(entry, stream, error))
        return FALSE;
    guint32 *at = unit == 64 ? mini : &l->big, end = unit == 64 ? l->mini_n * 8 : l->sectors;
    if (start != (size == 0 ? LAST : *at) || n > end - *at || !is_run(l, unit == 64 ? l->mini_fat : l->difat, *at, n))
        return refuse(error, "where a stream lies");
    stream->data = at_sector(l, unit == 64 ? l->mini : 0) + (gsize)*at * unit;
    stream->size = size;
    *at += n;
    return zeros(stream->data + size, (gsize)n * unit - size) || refuse(error, "bytes behind a stream");
}

/* The tree must find what a binary search finds: in order, each entry once. */
static gboolean look_at_order(const Layout *l, guint32 id, guint32 *next, guint levels, GError **error)
{
    if (id == NONE)
        return TRUE;
    if (levels == 0 || id > MGK_CHECK_CFB_STREAMS || id >= l->directory_n * 4)
        return refuse(error, "its directory is no tree");
    const guint8 *entry = at_sector(l, l->directory) + (gsize)id * 128;
    if (!look_at_order(l, le32(entry + 68), next, levels - 1, error))
        return FALSE;
    if (id != (*next)++)
        return refuse(error, "its directory is out of order");
    return look_at_order(l, le32(entry + 72), next, levels - 1, error);
}

static gint compare(const char *a, const char *b)
{
    gsize n = strlen(a), m = strlen(b);
    return n != m ? (n < m ? -1 : 1) : g_ascii_strcasecmp(a, b);
}

static gboolean look_at_rest(const Layout *l, guint32 n, guint32 mini, GError **error)
{
    guint32 next = 1;
    for (guint32 i = n + 1; i < l->directory_n * 4; i++) {
        const guint8 *entry = at_sector(l, l->directory) + (gsize)i * 128;
        if (!zeros(entry, 68) || le32(entry + 68) != NONE || le32(entry + 72) != NONE || le32(entry + 76) != NONE ||
            !zeros(entry + 80, 48))
            return refuse(error, "an entry that should be empty");
    }
    for (guint32 i = mini; i < l->mini_fat_n * 128; i++) {
        if (number(l, l->mini_fat, i) != NONE)
            return refuse(error, "small sectors of nobody");
    }
    if (mini * 64 != le32(at_sector(l, l->directory) + 120) || l->big != l->sectors ||
        !zeros(at_sector(l, l->mini) + (gsize)mini * 64, (gsize)l->mini_n * SECTOR - (gsize)mini * 64))
        return refuse(error, "sectors of nobody");
    if (!look_at_order(l, le32(at_sector(l, l->directory) + 76), &next, 6, error))
        return FALSE;
    return next == n + 1 || refuse(error, "an entry outside the tree");
}

gboolean mgk_check_cfb(const guint8 *data, gsize size, MgkCheckCfb *ret, GError **error)
{
    Layout l = {0};
    guint32 mini = 0;
    memset(ret, 0, sizeof *ret);
    if (!look_at_header(data, size, &l, error) || !look_at_difat(&l, error) || !look_at_tables(&l, error))
        return FALSE;
    const guint8 *root = at_sector(&l, l.directory);
    MgkCheckStream name;
    if (!look_at_name(root, &name, error))
        return FALSE;
    if (root[66] != 5 || !zeros(root + 96, 20) || !zeros(root + 124, 4) || root[67] != 1 || le32(root + 68) != NONE ||
        le32(root + 72) != NONE || strcmp(name.name, "Root Entry") != 0 ||
        le32(root + 116) != (l.mini_n ? l.mini : LAST))
        return refuse(error, "its root");
    memcpy(ret->root_class, root + 80, 16);
    while (ret->n < MGK_CHECK_CFB_STREAMS && ret->n + 1 < l.directory_n * 4 && root[(ret->n + 1) * 128 + 66] != 0) {
        MgkCheckStream *stream = &ret->streams[ret->n];
        if (!look_at_stream(&l, root + (gsize)(ret->n + 1) * 128, &mini, stream, error))
            return FALSE;
        if (ret->n > 0 && compare(ret->streams[ret->n - 1].name, stream->name) >= 0)
            return refuse(error, "names out of order");
        ret->n++;
    }
    return look_at_rest(&l, ret->n, mini, error);
}

const MgkCheckStream *mgk_check_cfb_find(const MgkCheckCfb *cfb, const char *name)
{
    for (guint i = 0; i < cfb->n; i++) {
        if (strcmp(cfb->streams[i].name, name) == 0)
            return &cfb->streams[i];
    }
    return NULL;
}
