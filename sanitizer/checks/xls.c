#include "checks/xls.h"

#include <string.h>

#include "checks/cfb.h"
#include "checks/foreign.h"
#include "checks/xls_tokens.h"
#include "model/error.h"

/* Every record that may stand in a rebuilt workbook, but those that are looked at closer. */
static const guint16 allowed[] = {
    0x0006, 0x000a, 0x000c, 0x000d, 0x000e, 0x000f, 0x0010, 0x0011, 0x0012, 0x0013, 0x0014, 0x0015, 0x0017, 0x0018,
    0x0019, 0x001a, 0x001b, 0x001d, 0x0022, 0x0026, 0x0027, 0x0028, 0x0029, 0x002a, 0x002b, 0x0031, 0x0033, 0x003d,
    0x0040, 0x0041, 0x0042, 0x0055, 0x005c, 0x005f, 0x0063, 0x007d, 0x0080, 0x0081, 0x0082, 0x0083, 0x0084, 0x0085,
    0x008c, 0x008d, 0x0090, 0x0092, 0x0099, 0x009b, 0x009c, 0x009d, 0x009e, 0x00a0, 0x00a1, 0x00ab, 0x00bd, 0x00be,
    0x00c1, 0x00d6, 0x00da, 0x00dd, 0x00e0, 0x00e1, 0x00e2, 0x00e5, 0x00ef, 0x00fc, 0x00fd, 0x013d, 0x0160, 0x0161,
    0x01ae, 0x01af, 0x01b0, 0x01b1, 0x01b2, 0x01b8, 0x01bc, 0x01be, 0x01c0, 0x01c1, 0x0200, 0x0201, 0x0203, 0x0204,
    0x0205, 0x0207, 0x0208, 0x0221, 0x0225, 0x023e, 0x027e, 0x0293, 0x041e, 0x04bc, 0x0809,
};

typedef struct Book {
    const guint8 *data;
    gsize size, at;           /* at: the record in hand */
    guint id, length, before; /* before: the last record that is no continuation */
    guint sheets, seen;       /* as the globals say; substreams so far */
    GArray *places;           /* guint32, of the sheets */
} Book;

static guint le16(const guint8 *p)
{
    return p[0] | (guint)p[1] << 8;
}

static guint32 le32(const guint8 *p)
{
    return le16(p) | (guint32)le16(p + 2) << 16;
}

static gboolean refuse(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "workbook: %s", what);
    return FALSE;
}

static gboolean is_allowed(guint id)
{
    for (guint i = 0; i < G_N_ELEMENTS(allowed); i++) {
        if (allowed[i] == id)
            return TRUE;
    }
    return FALSE;
}

/* Formulas of n bytes at p, behind which `more` bytes of constants may stand. */
static gboolean tokens(const guint8 *p, gsize n, gsize more, GError **error)
{
    return mgk_check_xls_tokens(p, n, more) || refuse(error, "a formula that may not stay");
}

/* Auto_Open and its kin, and what begins like them; Auto_Calc is any name. */
static gboolean starts_macros(const guint8 *name, gsize bytes, guint step)
{
    static const char *const words[] = {"auto_open", "auto_close", "auto_activate", "auto_deactivate"};
    for (guint w = 0; w < G_N_ELEMENTS(words); w++) {
        gsize i = 0;
        while (words[w][i] && (i + 1) * step <= bytes && g_ascii_tolower((char)name[i * step]) == words[w][i])
            i++;
        if (!words[w][i])
            return TRUE;
    }
    return FALSE;
}

static gboolean look_at_name(const guint8 *p, guint length, GError **error)
{
    gsize letters = length > 14 ? (gsize)p[3] << (p[14] & 1) : 0;
    if (length < 15 + letters || p[14] > 1 || (p[0] & 0x0e) || le32(p + 10) != 0 || le16(p + 4) > length - 15 - letters)
        return refuse(error, "a name of another kind");
    if ((p[0] & 0x20) && p[3] == 1 && p[15] != 3 && p[15] != 4 && p[15] != 5 && p[15] != 6 && p[15] != 7 &&
        p[15] != 9 && p[15] != 12 && p[15] != 13 && p[15] != 0)
        return refuse(error, "a name that starts macros");
    if (starts_macros(p + 15, letters, p[14] ? 2 : 1))
        return refuse(error, "a name that starts macros");
    gsize at = 15 + letters;
    return tokens(p + at, le16(p + 4), length - at - le16(p + 4), error);
}

static gboolean look_at_link(const guint8 *p, guint length, GError **error)
{
    static const guint8 web[4] = {0xe0, 0xc9, 0xea, 0x79};
    static const char *const schemes[] = {"http://", "https://", "mailto:"};
    guint32 flags = length >= 36 ? le32(p + 28) : ~0u;
    if (flags & ~0x0bu)
        return refuse(error, "a link of another kind");
    for (guint s = 0; (flags & 1) && s < G_N_ELEMENTS(schemes); s++) {
        guint i = 0;
        while (length >= 53 + i * 2 && schemes[s][i] && g_ascii_tolower((char)p[52 + i * 2]) == schemes[s][i] &&
               p[53 + i * 2] == 0)
            i++;
        if (!schemes[s][i])
            return memcmp(p + 32, web, 4) == 0 || refuse(error, "a link to elsewhere");
    }
    return (flags & 8 && !(flags & 1)) || refuse(error, "a link to elsewhere");
}

/* The formulas of a validation stand between four texts and the cells. */
static gboolean look_at_validation(const guint8 *p, guint length, GError **error)
{
    gsize at = 4;
    for (guint i = 0; i < 4; i++) {
        gsize n = at + 3 <= length ? (gsize)le16(p + at) << (p[at + 2] & 1) : length;
        if (at + 3 + n > length)
            return refuse(error, "a validation");
        at += 3 + n;
    }
    for (guint i = 0; i < 2; i++) {
        gsize n = at + 4 <= length ? le16(p + at) : length;
        if (at + 4 + n > length)
            return refuse(error, "a validation");
        if (!tokens(p + at + 4, n, 0, error))
            return FALSE;
        at += 4 + n;
    }
    return TRUE;
}

/* A record whose tokens are counted by the two bytes before them. */
static gboolean look_at_counted(const guint8 *p, guint length, guint head, GError **error)
{
    if (length < head || le16(p + head - 2) > length - head)
        return refuse(error, "a formula is cut off");
    gsize n = le16(p + head - 2);
    return tokens(p + head, n, length - head - n, error);
}

/* Nothing may stand between the look of a condition, as long as its flags say, and the formulas. */
static gboolean look_at_condition(const guint8 *p, guint length, GError **error)
{
    gsize at = 12;
    if (length < 14)
        return refuse(error, "a condition is cut off");
    guint32 flags = le32(p + 6);
    if (flags & 1u << 25)
        at += p[10] & 1 ? le16(p + 12) : 2;
    at += (flags & 1u << 26 ? 118 : 0) + (flags & 1u << 27 ? 8 : 0) + (flags & 1u << 28 ? 8 : 0) +
          (flags & 1u << 29 ? 4 : 0) + (flags & 1u << 30 ? 2 : 0);
    gsize one = le16(p + 2), two = le16(p + 4);
    if (at + one + two != length)
        return refuse(error, "a condition of another length");
    return tokens(p + at, one, 0, error) && tokens(p + at + one, two, 0, error);
}

static gboolean look_at_sheet_row(Book *book, const guint8 *p, guint length, GError **error)
{
    if (length < 8 || p[5] != 0 || p[4] > 2)
        return refuse(error, "a sheet of another kind");
    guint32 place = le32(p);
    g_array_append_val(book->places, place);
    return TRUE;
}

static gboolean look_at_record(Book *book, GError **error)
{
    const guint8 *p = book->data + book->at + 4;
    guint length = book->length;
    switch (book->id) {
    case 0x0006:
        return look_at_counted(p, length, 22, error);
    case 0x04bc:
        return look_at_counted(p, length, 10, error);
    case 0x0221:
        return look_at_counted(p, length, 14, error);
    case 0x0018:
        return look_at_name(p, length, error);
    case 0x01b1:
        return look_at_condition(p, length, error);
    case 0x01be:
        return look_at_validation(p, length, error);
    case 0x01b8:
        return look_at_link(p, length, error);
    case 0x0085:
        return look_at_sheet_row(book, p, length, error);
    case 0x01ae:
        return (length == 4 && le16(p + 2) == 0x0401) || refuse(error, "a reference to elsewhere");
    case 0x003c:
        return book->before == 0x00fc || book->before == 0x0207 || refuse(error, "a continuation of nothing");
    default:
        return is_allowed(book->id) || refuse(error, "a record that has to go");
    }
}

/* One substream: its BOF where the globals say, and no other inside. */
static gboolean look_at_substream(Book *book, GError **error)
{
    gboolean first = TRUE;
    do {
        if (book->size - book->at < 4)
            return refuse(error, "it does not end");
        book->id = le16(book->data + book->at);
        book->length = le16(book->data + book->at + 2);
        if (book->length > 8224 || book->length > book->size - book->at - 4)
            return refuse(error, "a record is cut off");
        const guint8 *p = book->data + book->at + 4;
        if (first != (book->id == 0x0809) ||
            (first && (book->length != 16 || le16(p) != 0x0600 || le16(p + 2) != (book->seen ? 0x10 : 5))))
            return refuse(error, "a substream of another kind");
        if (first && book->seen && g_array_index(book->places, guint32, book->seen - 1) != book->at)
            return refuse(error, "a sheet in another place than said");
        if (!look_at_record(book, error))
            return FALSE;
        book->at += 4 + book->length;
        first = FALSE;
        book->before = book->id == 0x003c ? book->before : book->id;
    } while (book->id != 0x000a);
    book->seen++;
    return TRUE;
}

static gboolean look_at_workbook(const MgkCheckStream *stream, GError **error)
{
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(guint32));
    Book book = {.data = stream->data, .size = stream->size, .places = places};
    do {
        if (!look_at_substream(&book, error))
            return FALSE;
    } while (book.seen <= places->len);
    return book.at == book.size || refuse(error, "bytes behind its end");
}

gboolean mgk_check_xls(MgkJob *job, GError **error)
{
    MgkCheckCfb cfb;
    if (!mgk_check_cfb(job->data, job->size, &cfb, error))
        return FALSE;
    const MgkCheckStream *workbook = mgk_check_cfb_find(&cfb, "Workbook");
    if (!workbook || memcmp(cfb.root_class, "\x20\x08\2\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", 16) != 0)
        return refuse(error, "it is none");
    for (guint i = 0; i < cfb.n; i++) {
        const MgkCheckStream *stream = &cfb.streams[i];
        gboolean properties = strcmp(stream->name, "\5SummaryInformation") == 0 ||
                              strcmp(stream->name, "\5DocumentSummaryInformation") == 0;
        if (stream != workbook && !properties)
            return refuse(error, "a stream that has to go");
        if (properties && !mgk_check_properties(stream, error))
            return FALSE;
    }
    return look_at_workbook(workbook, error) &&
           mgk_check_foreign(job->data, job->size, mgk_foreign_shape(MGK_FORMAT_ID_xls), error);
}
