/* xlsb_forge.h - builds binary workbooks in memory with one thing planted in a chosen place. Tests only. */
#pragma once

#include "engines/zip_reader.h"
#include "engines/zip_writer.h"
#include "fake_job.h"

#include <check.h>
#include <string.h>

#define FORGE_MS "http://schemas.microsoft.com/office/2006/relationships/"
#define FORGE_ODR "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

/* Where it goes. */
typedef enum {
    FORGE_BOOK,      /* a record of the workbook */
    FORGE_SHEET,     /* a record behind the cells */
    FORGE_CELL,      /* a record among the cells */
    FORGE_TOKENS,    /* tokens of a cell that shows 42 */
    FORGE_NAME,      /* a name: `id` its flags, `data` its text in ASCII */
    FORGE_BOOK_PART, /* a part of the workbook: `data` the end of its relationship's type, `type` its content type */
    FORGE_SHEET_PART,
    FORGE_STYLES, /* a record of the styles */
    FORGE_TWIN,   /* a name behind one in a block that is left out */
    FORGE_NOWHERE
} ForgeWhere;

typedef struct Plant {
    const char *label;
    ForgeWhere where;
    guint id;
    const char *data;
    gsize size;
    gint kind;        /* that must be found, or -1 */
    const char *type; /* of a part */
} Plant;

static inline void forge_number(GByteArray *out, gsize number)
{
    do {
        const guint8 byte = (guint8)((number & 0x7f) | (number > 0x7f ? 0x80 : 0));
        g_byte_array_append(out, &byte, 1);
        number >>= 7;
    } while (number);
}

static inline void forge_record(GByteArray *out, guint id, const void *data, gsize size)
{
    forge_number(out, id);
    forge_number(out, size);
    if (size)
        g_byte_array_append(out, data, (guint)size);
}

static inline void forge_u32(GByteArray *out, gsize number)
{
    const guint8 bytes[4] = {(guint8)number, (guint8)(number >> 8), (guint8)(number >> 16), (guint8)(number >> 24)};
    g_byte_array_append(out, bytes, 4);
}

static inline void forge_text(GByteArray *out, const char *text)
{
    forge_u32(out, strlen(text));
    for (; *text; text++) {
        const guint8 letter[2] = {(guint8)*text, 0};
        g_byte_array_append(out, letter, 2);
    }
}

static inline void forge_flush(GByteArray *out, guint id, GByteArray *record)
{
    forge_record(out, id, record->data, record->len);
    g_byte_array_set_size(record, 0);
}

static inline void forge_sheet_row(GByteArray *out, GByteArray *record, guint number, const char *name)
{
    g_autofree char *id = g_strdup_printf("rId%u", number);
    forge_u32(record, 0);
    forge_u32(record, number);
    forge_text(record, id);
    forge_text(record, name);
    forge_flush(out, 156, record);
}

static inline void forge_name(GByteArray *out, GByteArray *record, guint flags, const char *name)
{
    forge_u32(record, flags);
    g_byte_array_append(record, (const guint8 *)"\0\xff\xff\xff\xff", 5);
    forge_text(record, name);
    g_byte_array_append(record, (const guint8 *)"\3\0\0\0\x1e\1\0\0\0\0\0\xff\xff\xff\xff", 15);
    for (guint i = 0; (flags & 8) && i < 4; i++)
        forge_u32(record, 0xffffffff);
    forge_flush(out, 39, record);
}

static inline GByteArray *forge_book(const Plant *plant, const char *second)
{
    GByteArray *out = g_byte_array_new();
    g_autoptr(GByteArray) record = g_byte_array_new();
    static const guint8 externs[] = {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                     0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    forge_record(out, 131, "", 0);
    forge_record(out, 143, "", 0);
    forge_sheet_row(out, record, 1, "S1");
    if (second)
        forge_sheet_row(out, record, 2, second);
    forge_record(out, 144, "", 0);
    forge_record(out, 353, "", 0);
    forge_record(out, 357, "", 0);
    forge_record(out, 358, "", 0);
    forge_record(out, 362, externs, sizeof externs); /* 0: S1; 1: the planted book */
    forge_record(out, 354, "", 0);
    if (plant && plant->where == FORGE_BOOK && plant->id == 132) { /* an end of what is not open, in a list that is */
        forge_record(out, 135, "", 0);
        forge_record(out, 132, "", 0);
        forge_name(out, record, 0, "Auto_OpenCANARY");
        forge_record(out, 136, "", 0);
    }
    if (plant && plant->where == FORGE_TWIN) {
        forge_record(out, 37, "", 0);
        forge_name(out, record, 0, "twin");
        forge_record(out, 38, "", 0);
        forge_name(out, record, plant->id, plant->data);
    }
    forge_name(out, record, 0, "fine");
    if (plant && plant->where == FORGE_NAME)
        forge_name(out, record, plant->id, plant->data);
    if (plant && plant->where == FORGE_BOOK)
        forge_record(out, plant->id, plant->data, plant->size);
    forge_record(out, 132, "", 0);
    return out;
}

/* A cell whose formula has these tokens, `extra` bytes of which are constants, and shows 42. */
static inline void forge_formula(GByteArray *out, const char *tokens, gsize size, gsize extra)
{
    g_autoptr(GByteArray) record = g_byte_array_new();
    static const guint8 head[18] = {3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x45, 0x40};
    g_byte_array_append(record, head, sizeof head);
    forge_u32(record, size - extra);
    g_byte_array_append(record, (const guint8 *)tokens, (guint)(size - extra));
    forge_u32(record, extra);
    g_byte_array_append(record, (const guint8 *)tokens + size - extra, (guint)extra);
    forge_flush(out, 9, record);
}

static inline GByteArray *forge_sheet(const Plant *plant)
{
    GByteArray *out = g_byte_array_new();
    static const guint8 row[17] = {0}, label[] = "\0\0\0\0\0\0\0\0\7\0\0\0V\0I\0S\0I\0B\0L\0E";
    forge_record(out, 129, "", 0);
    forge_record(out, 145, "", 0);
    forge_record(out, 0, row, sizeof row);
    forge_record(out, 6, label, sizeof label);
    if (plant && plant->where == FORGE_TOKENS)
        forge_formula(out, plant->data, plant->size, plant->id);
    if (plant && plant->where == FORGE_CELL)
        forge_record(out, plant->id, plant->data, plant->size);
    forge_record(out, 146, "", 0);
    if (plant && plant->where == FORGE_SHEET)
        forge_record(out, plant->id, plant->data, plant->size);
    forge_record(out, 130, "", 0);
    return out;
}

static inline GByteArray *forge_styles(const Plant *plant)
{
    GByteArray *out = g_byte_array_new();
    forge_record(out, 278, "", 0);
    if (plant && plant->where == FORGE_STYLES)
        forge_record(out, plant->id, plant->data, plant->size);
    forge_record(out, 279, "", 0);
    return out;
}

static inline void forge_add(MgkZipWriter *zip, const char *name, GByteArray *data)
{
    ck_assert(mgk_zip_writer_add(zip, name, MGK_ZIP_PACK, MGK_ZIP_EPOCH, data->data, data->len, NULL));
    g_byte_array_unref(data);
}

static inline void forge_add_text(MgkZipWriter *zip, const char *name, const char *format, const char *text)
{
    g_autoptr(GString) out = g_string_new(format);
    g_string_replace(out, "{}", text, 0);
    ck_assert(mgk_zip_writer_add(zip, name, MGK_ZIP_PACK, MGK_ZIP_EPOCH, out->str, out->len, NULL));
}

#define FORGE_RELS(inside) \
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">" inside "</Relationships>"
#define FORGE_REL(id, type, target) "<Relationship Id=\"" id "\" Type=\"" type "\" Target=\"" target "\"/>"
#define FORGE_TYPE(part, type) "<Override PartName=\"" part "\" ContentType=\"application/vnd.ms-excel." type "\"/>"

/* A workbook with what is planted, or none. second: the name of a second sheet, reached like `plant` says. */
static inline GByteArray *forge_workbook(const Plant *plant, const char *second)
{
    GByteArray *bytes = g_byte_array_new();
    g_autoptr(MgkZipWriter) zip = mgk_zip_writer_new(fake_sink, bytes);
    gboolean part = plant && (plant->where == FORGE_BOOK_PART || plant->where == FORGE_SHEET_PART);
    g_autofree char *type =
        part ? g_strdup_printf("<Override PartName=\"/xl/planted.bin\" ContentType=\"%s\"/>", plant->type)
             : g_strdup("");
    g_autofree char *rel =
        part ? g_strdup_printf(FORGE_REL("rId2", "%s", "/xl/planted.bin"), plant->data) : g_strdup("");
    gboolean of_sheet = part && plant->where == FORGE_SHEET_PART;
    forge_add_text(
        zip, "[Content_Types].xml",
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default "
        "Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>" FORGE_TYPE(
            "/xl/workbook.bin", "sheet.binary.macroEnabled.main") FORGE_TYPE("/xl/sheet1.bin", "worksheet")
            FORGE_TYPE("/xl/styles.bin", "styles") "{}</Types>",
        type);
    forge_add_text(zip, "_rels/.rels", FORGE_RELS(FORGE_REL("rId1", FORGE_ODR "officeDocument", "xl/workbook.bin")),
                   "");
    forge_add_text(zip, "xl/_rels/workbook.bin.rels",
                   FORGE_RELS(FORGE_REL("rId1", FORGE_ODR "worksheet", "sheet1.bin")
                                  FORGE_REL("rId9", FORGE_ODR "styles", "styles.bin") "{}"),
                   of_sheet ? "" : rel);
    forge_add_text(zip, "xl/_rels/sheet1.bin.rels", FORGE_RELS("{}"), of_sheet ? rel : "");
    forge_add(zip, "xl/workbook.bin", forge_book(plant, second));
    forge_add(zip, "xl/sheet1.bin", forge_sheet(plant));
    forge_add(zip, "xl/styles.bin", forge_styles(plant));
    if (part)
        ck_assert(mgk_zip_writer_add(zip, "xl/planted.bin", MGK_ZIP_PACK, MGK_ZIP_EPOCH, "CANARY\0\0\0\0", 10, NULL));
    ck_assert(mgk_zip_writer_finish(zip, NULL));
    return bytes;
}
