#include "engines/doc_file.h"

#include "engines/office_rc4.h"

#include <string.h>

enum {
    FIB_IDENT = 0xa5ec,
    FIB_MIN = 154, /* up to the pairs */
    FIB_WORD97 = 0x00c1,
    FIB_FLAGS = 10,
    FLAG_ENCRYPTED = 0x0100,
    FLAG_TABLE_1 = 0x0200,
    FLAG_XOR = 0x8000,
    FIB_KEY = 14,   /* lKey: bytes of the encryption header */
    FIB_CLEAR = 68, /* never encrypted */
    CIPHER_BLOCK = 512,
    FIB_LENGTHS = 76,
    FIB_PAIRS = 154,
    PAGE = 512,
    MAX_SPANS = 4000000,
    MAX_HEADER = 4096,
};

typedef struct MgkDocPiece {
    guint32 start, end;
    guint16 prm;
} MgkDocPiece;

MgkDocBytes mgk_doc_slice(MgkDocBytes bytes, gsize offset, gsize size)
{
    if (size == 0 || offset > bytes.size || size > bytes.size - offset)
        return (MgkDocBytes){0};
    return (MgkDocBytes){bytes.data + offset, size};
}

guint16 mgk_doc_u16(MgkDocBytes bytes, gsize offset)
{
    const guint8 *p = mgk_doc_slice(bytes, offset, 2).data;
    return p ? (guint16)(p[0] | p[1] << 8) : 0;
}

guint32 mgk_doc_u32(MgkDocBytes bytes, gsize offset)
{
    return mgk_doc_u16(bytes, offset) | (guint32)mgk_doc_u16(bytes, offset + 2) << 16;
}

guint mgk_doc_plc_count(MgkDocBytes plc, gsize element)
{
    return plc.size < 4 ? 0 : (guint)MIN((plc.size - 4) / (4 + element), G_MAXINT);
}

MgkDocBytes mgk_doc_structure(const MgkDocFile *file, guint which)
{
    gsize at = FIB_PAIRS + 8 * (gsize)which;
    return mgk_doc_slice(file->table, mgk_doc_u32(file->word, at), mgk_doc_u32(file->word, at + 4));
}

static gboolean malformed(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "Word document: %s", what);
    return FALSE;
}

static MgkDocBytes load(MgkDocFile *file, guint slot, const char *name)
{
    gint index = mgk_cfb_find(file->cfb, name);
    gsize size = 0;
    if (index >= 0 && mgk_cfb_item(file->cfb, (guint)index)->stream)
        file->streams[slot] = mgk_cfb_read(file->cfb, (guint)index, &size);
    return (MgkDocBytes){file->streams[slot], size};
}

static void decrypt(const MgkOfficeRc4 *rc4, guint8 *stream, gsize size, gsize clear)
{
    guint8 head[MAX_HEADER];
    gsize n = MIN(size, clear);
    if (!stream)
        return;
    memcpy(head, stream, n);
    mgk_office_rc4_apply(rc4, 0, CIPHER_BLOCK, stream, size);
    memcpy(stream, head, n);
}

/* 2.2.6.2, 2.2.6.3: the table stream begins with the encryption header; blocks are counted over what is in clear, too.
 */
static gboolean unlock(MgkDocFile *file, const char *password, GError **error)
{
    guint32 untrusted_header = mgk_doc_u32(file->word, FIB_KEY);
    MgkOfficeRc4 rc4;
    if (mgk_doc_u16(file->word, FIB_FLAGS) & FLAG_XOR) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "XOR obfuscation of Word");
        return FALSE;
    }
    if (!password) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_ENCRYPTED, "no password");
        return FALSE;
    }
    if (untrusted_header > MAX_HEADER || untrusted_header > file->table.size)
        return malformed(error, "encryption header");
    if (!mgk_office_rc4_open(file->table.data, untrusted_header, password, &rc4, error))
        return FALSE;
    decrypt(&rc4, file->streams[0], file->word.size, FIB_CLEAR);
    decrypt(&rc4, file->streams[1], file->table.size, untrusted_header);
    decrypt(&rc4, file->streams[2], file->data.size, 0);
    return TRUE;
}

static gboolean load_streams(MgkDocFile *file, GError **error)
{
    file->word = load(file, 0, "WordDocument");
    guint16 ident = mgk_doc_u16(file->word, 0), version = mgk_doc_u16(file->word, 2);
    guint16 flags = mgk_doc_u16(file->word, FIB_FLAGS);
    if (ident != FIB_IDENT || version < FIB_WORD97) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "Word before 97 (wIdent %#x, nFib %#x)", ident, version);
        return FALSE;
    }
    if (file->word.size < FIB_MIN)
        return malformed(error, "no file information block");
    file->table = load(file, 1, flags & FLAG_TABLE_1 ? "1Table" : "0Table");
    file->data = load(file, 2, "Data");
    return TRUE;
}

/* ---- text ---- */

static gboolean find_stories(MgkDocFile *file, GError **error)
{
    guint32 at = 0;
    for (guint i = 0; i < MGK_DOC_N_STORIES; i++) {
        guint32 untrusted_length = mgk_doc_u32(file->word, FIB_LENGTHS + 4 * (gsize)i);
        file->story[i] = at;
        if (untrusted_length > file->word.size - at)
            return malformed(error, "more text than bytes");
        at += untrusted_length;
    }
    file->story[MGK_DOC_N_STORIES] = at;
    return TRUE;
}

/* Windows-1252 in 0x80 to 0x9f (2.9.73 FcCompressed). */
static gunichar2 wide(guint8 c)
{
    static const gunichar2 table[32] = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                        0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
                                        0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                        0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};
    return c >= 0x80 && c < 0xa0 ? table[c - 0x80] : c;
}

static gboolean read_piece(MgkDocFile *file, const MgkDocPiece *piece, guint32 untrusted_fc, GError **error)
{
    gboolean narrow = (untrusted_fc & 0x40000000) != 0;
    gsize count = piece->end - piece->start;
    gsize start = narrow ? (untrusted_fc & 0x3fffffff) / 2 : untrusted_fc & 0x3fffffff;
    MgkDocBytes bytes = mgk_doc_slice(file->word, start, narrow ? count : 2 * count);
    if (count && !bytes.data)
        return malformed(error, "a piece of text outside the file");
    for (gsize i = 0; i < count; i++) {
        file->text[piece->start + i] = narrow ? wide(bytes.data[i]) : mgk_doc_u16(bytes, 2 * i);
        file->place[piece->start + i] = (guint32)(start + (narrow ? i : 2 * i));
    }
    return TRUE;
}

static gboolean read_pieces(MgkDocFile *file, MgkDocBytes plc, GError **error)
{
    guint n = mgk_doc_plc_count(plc, 8);
    guint32 at = 0;
    file->length = n ? mgk_doc_u32(plc, 4 * (gsize)n) : 0;
    if (file->length > file->word.size)
        return malformed(error, "more text than bytes");
    if (file->length < file->story[MGK_DOC_N_STORIES])
        return malformed(error, "text is missing");
    file->text = g_new0(gunichar2, file->length + 1);
    file->place = g_new0(guint32, file->length + 1);
    for (guint i = 0; i < n; i++) {
        gsize entry = 4 * ((gsize)n + 1) + 8 * (gsize)i;
        MgkDocPiece piece = {mgk_doc_u32(plc, 4 * (gsize)i), mgk_doc_u32(plc, 4 * (gsize)i + 4),
                             mgk_doc_u16(plc, entry + 6)};
        if (piece.start != at || piece.end < at || piece.end > file->length)
            return malformed(error, "pieces of text out of order");
        if (!read_piece(file, &piece, mgk_doc_u32(plc, entry + 2), error))
            return FALSE;
        g_array_append_val(file->pieces, piece);
        at = piece.end;
    }
    return TRUE;
}

/* Clx (2.9.38): blocks of properties, each behind a 1, then the piece table behind a 2. */
static gboolean read_text(MgkDocFile *file, GError **error)
{
    file->clx = mgk_doc_structure(file, MGK_DOC_CLX);
    gsize at = 0;
    while (at < file->clx.size && file->clx.data[at] == 1)
        at += 3 + (gsize)mgk_doc_u16(file->clx, at + 1);
    if (at >= file->clx.size || file->clx.data[at] != 2)
        return malformed(error, "no piece table");
    MgkDocBytes plc = mgk_doc_slice(file->clx, at + 5, mgk_doc_u32(file->clx, at + 1));
    return read_pieces(file, plc, error);
}

MgkDocBytes mgk_doc_piece_properties(const MgkDocFile *file, guint32 position)
{
    guint low = 0, high = file->pieces->len;
    while (low + 1 < high) {
        guint middle = (low + high) / 2;
        if (g_array_index(file->pieces, MgkDocPiece, middle).start <= position)
            low = middle;
        else
            high = middle;
    }
    guint16 prm = high ? g_array_index(file->pieces, MgkDocPiece, low).prm : 0;
    if (!(prm & 1))
        return (MgkDocBytes){0};
    gsize at = 0;
    for (guint skip = prm >> 1; at < file->clx.size && file->clx.data[at] == 1; skip--) {
        gsize size = mgk_doc_u16(file->clx, at + 1);
        if (skip == 0)
            return mgk_doc_slice(file->clx, at + 3, size);
        at += 3 + size;
    }
    return (MgkDocBytes){0};
}

/* ---- formatted disk pages (2.9.33 ChpxFkp, 2.9.175 PapxFkp) ---- */

static MgkDocSpan run_span(MgkDocBytes page, guint index, guint count)
{
    gsize at = 2 * (gsize)page.data[4 * (count + 1) + index];
    MgkDocSpan span = {0};
    if (at && at < PAGE - 1)
        span.grpprl = mgk_doc_slice(page, at + 1, page.data[at]);
    return span;
}

static MgkDocSpan paragraph_span(MgkDocBytes page, guint index, guint count)
{
    gsize at = 2 * (gsize)page.data[4 * (count + 1) + 13 * index];
    MgkDocSpan span = {0};
    if (!at || at + 2 > PAGE)
        return span;
    gsize size = page.data[at] ? 2 * (gsize)page.data[at] - 1 : 2 * (gsize)page.data[at + 1];
    MgkDocBytes all = mgk_doc_slice(page, at + (page.data[at] ? 1 : 2), size);
    span.style = mgk_doc_u16(all, 0);
    span.grpprl = all.size > 2 ? mgk_doc_slice(all, 2, all.size - 2) : (MgkDocBytes){0};
    return span;
}

static void read_page(MgkDocBytes page, gboolean paragraphs, GArray *spans)
{
    guint count = page.data[PAGE - 1];
    gsize entry = paragraphs ? 13 : 1;
    if (count == 0 || 4 * ((gsize)count + 1) + entry * count > PAGE - 1)
        return;
    for (guint i = 0; i < count; i++) {
        MgkDocSpan span = paragraphs ? paragraph_span(page, i, count) : run_span(page, i, count);
        span.start = mgk_doc_u32(page, 4 * (gsize)i);
        span.end = mgk_doc_u32(page, 4 * (gsize)i + 4);
        if (span.end > span.start)
            g_array_append_val(spans, span);
    }
}

static gint by_start(gconstpointer a, gconstpointer b)
{
    const MgkDocSpan *left = a, *right = b;
    return (left->start > right->start) - (left->start < right->start);
}

static GArray *read_spans(const MgkDocFile *file, guint which, GError **error)
{
    MgkDocBytes plc = mgk_doc_structure(file, which);
    guint n = mgk_doc_plc_count(plc, 4);
    g_autoptr(GArray) spans = g_array_new(FALSE, FALSE, sizeof(MgkDocSpan));
    for (guint i = 0; i < n; i++) {
        gsize number = mgk_doc_u32(plc, 4 * ((gsize)n + 1) + 4 * (gsize)i) & 0x3fffff;
        MgkDocBytes page = mgk_doc_slice(file->word, number * PAGE, PAGE);
        if (page.data)
            read_page(page, which == MGK_DOC_PARAGRAPH_PAGES, spans);
        if (spans->len > MAX_SPANS) {
            g_set_error_literal(error, MGK_ERROR, MGK_ERROR_LIMIT, "total_bytes: runs of text");
            return NULL;
        }
    }
    g_array_sort(spans, by_start);
    return g_steal_pointer(&spans);
}

const MgkDocSpan *mgk_doc_span_at(const GArray *spans, guint32 place)
{
    guint low = 0, high = spans->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        const MgkDocSpan *span = &g_array_index(spans, MgkDocSpan, middle);
        if (span->start <= place && place < span->end)
            return span;
        if (span->start > place)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

MgkDocFile *mgk_doc_file_open(const MgkJob *job, gboolean *ret_locked, GError **error)
{
    g_autoptr(MgkDocFile) file = g_new0(MgkDocFile, 1);
    file->pieces = g_array_new(FALSE, FALSE, sizeof(MgkDocPiece));
    file->cfb = mgk_cfb_open(job->data, job->size, error);
    if (!file->cfb || !load_streams(file, error))
        return NULL;
    *ret_locked = (mgk_doc_u16(file->word, FIB_FLAGS) & FLAG_ENCRYPTED) != 0;
    if (*ret_locked && !unlock(file, job->password, error))
        return NULL;
    if (!find_stories(file, error) || !read_text(file, error))
        return NULL;
    file->runs = read_spans(file, MGK_DOC_RUN_PAGES, error);
    file->paragraphs = file->runs ? read_spans(file, MGK_DOC_PARAGRAPH_PAGES, error) : NULL;
    return file->paragraphs ? g_steal_pointer(&file) : NULL;
}

void mgk_doc_file_free(MgkDocFile *file)
{
    if (!file)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(file->streams); i++)
        g_free(file->streams[i]);
    g_free(file->text);
    g_free(file->place);
    g_clear_pointer(&file->runs, g_array_unref);
    g_clear_pointer(&file->paragraphs, g_array_unref);
    g_clear_pointer(&file->pieces, g_array_unref);
    mgk_cfb_free(file->cfb);
    g_free(file);
}
