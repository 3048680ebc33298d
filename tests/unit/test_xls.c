/* Binary workbooks with planted attacks: each leaves a canary that must not come out, and VISIBLE that must. */
#include <check.h>
#include <string.h>

#include "checks/cfb.h"
#include "engines/cfb_write.h"
#include "planted.h"

typedef enum { GLOBAL, SHEET, TOKENS, NAME, STREAM } Where;

typedef struct Plant {
    const char *label;
    Where where;
    guint id; /* of the record; for STREAM unused */
    const char *data;
    gsize size;
    gint kind; /* that must be found, or -1 */
} Plant;

#define BYTES(text) text, sizeof(text) - 1

static void put(GByteArray *out, guint id, const void *data, gsize size)
{
    const guint8 head[4] = {(guint8)id, (guint8)(id >> 8), (guint8)size, (guint8)(size >> 8)};
    g_byte_array_append(out, head, 4);
    g_byte_array_append(out, data, (guint)size);
}

static void put_bof(GByteArray *out, guint8 type)
{
    const guint8 bof[16] = {0, 6, type, 0, 0xbb, 0x0d, 0xcc, 7, 0, 0, 0, 0, 6};
    put(out, 0x809, bof, 16);
}

static void put_formula(GByteArray *out, const char *tokens, gsize size, gsize extra)
{
    GByteArray *record = g_byte_array_new();
    guint8 head[22] = {0, 0, 1, 0, 15, 0, 0, 0, 0, 0, 0, 0, 0x45, 0x40}; /* shows 42 */
    head[20] = (guint8)(size - extra);
    g_byte_array_append(record, head, sizeof head);
    g_byte_array_append(record, (const guint8 *)tokens, (guint)size);
    put(out, 0x0006, record->data, record->len);
    g_byte_array_unref(record);
}

static void put_name(GByteArray *out, guint flags, const char *name, gsize n, const char *tokens, gsize size)
{
    GByteArray *record = g_byte_array_new();
    guint8 head[15] = {(guint8)flags, 0, 0, (guint8)n, (guint8)size};
    g_byte_array_append(record, head, sizeof head);
    g_byte_array_append(record, (const guint8 *)name, (guint)n);
    g_byte_array_append(record, (const guint8 *)tokens, (guint)size);
    put(out, 0x18, record->data, record->len);
    g_byte_array_unref(record);
}

/* What a workbook is made of. */
typedef struct Forge {
    const Plant *plant; /* or NULL */
    guint8 state, type; /* of a second sheet, when named */
    const char *second;
    guint8 second_bof;
} Forge;

static guint put_sheet_row(GByteArray *out, guint8 state, guint8 type, const char *name)
{
    guint8 row[40] = {0, 0, 0, 0, state, type, (guint8)strlen(name)};
    memcpy(row + 8, name, strlen(name));
    guint at = out->len + 4;
    put(out, 0x85, row, 8 + strlen(name));
    return at;
}

static void put_place(GByteArray *out, guint at)
{
    for (guint i = 0; i < 4; i++)
        out->data[at + i] = (guint8)(out->len >> (8 * i));
}

static GByteArray *forge_stream(const Forge *forge)
{
    GByteArray *out = g_byte_array_new();
    const Plant *plant = forge->plant;
    static const guint8 font[16] = {0xc8}, xf[20], dimensions[14] = {0, 0, 0, 0, 9}, window[18] = {0xb6, 6};
    static const guint8 self[4] = {1, 0, 1, 4}, externs[14] = {2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0};
    static const char label[] = "\0\0\0\0\17\0\7\0\0VISIBLE";
    put_bof(out, 5);
    put(out, 0x31, font, sizeof font);
    put(out, 0xe0, xf, sizeof xf);
    guint first = put_sheet_row(out, 0, 0, "S1");
    guint second = forge->second ? put_sheet_row(out, forge->state, forge->type, forge->second) : 0;
    put(out, 0x1ae, self, 4);
    if (plant && plant->where == GLOBAL)
        put(out, plant->id, plant->data, plant->size);
    put(out, 0x17, externs, sizeof externs); /* 0: S1; 1: the planted book */
    put_name(out, 0, "fine", 4, "\x1e\1\0", 3);
    if (plant && plant->where == NAME)
        put_name(out, plant->id, plant->data, plant->size, "\x1e\1\0", 3);
    put(out, 10, "", 0);
    put_place(out, first);
    put_bof(out, 0x10);
    put(out, 0x200, dimensions, sizeof dimensions);
    put(out, 0x204, label, sizeof label - 1);
    if (plant && plant->where == TOKENS)
        put_formula(out, plant->data, plant->size, plant->id);
    if (plant && plant->where == SHEET)
        put(out, plant->id, plant->data, plant->size);
    put(out, 0x23e, window, sizeof window);
    put(out, 10, "", 0);
    if (forge->second) {
        put_place(out, second);
        put_bof(out, forge->second_bof);
        put(out, 0x204, "\0\0\0\0\17\0\6\0\0CANARY", 15);
        put(out, 10, "", 0);
    }
    return out;
}

static GByteArray *pack(const GByteArray *stream, const Plant *plant)
{
    static const guint8 class_id[16] = {0x20, 8, 2, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46};
    g_autoptr(MgkCfbWriter) writer = mgk_cfb_writer_new(class_id);
    mgk_cfb_writer_add(writer, "Workbook", stream->data, stream->len);
    if (plant && plant->where == STREAM)
        mgk_cfb_writer_add(writer, plant->data, (const guint8 *)"CANARY", 6);
    return mgk_cfb_writer_finish(writer, NULL);
}

static GByteArray *forge_file(const Forge *forge)
{
    g_autoptr(GByteArray) stream = forge_stream(forge);
    return pack(stream, forge->plant);
}

static gboolean holds(const GByteArray *bytes, const char *text, gsize size)
{
    return memmem(bytes->data, bytes->len, text, size) != NULL;
}

#define LINK_HEAD "\0\0\0\0\0\0\0\0\xd0\xc9\xea\x79\xf9\xba\xce\x11\x8c\x82\0\xaa\0\x4b\xa9\x0b\2\0\0\0"
#define URL_MONIKER "\xe0\xc9\xea\x79\xf9\xba\xce\x11\x8c\x82\0\xaa\0\x4b\xa9\x0b"
#define FILE_MONIKER "\3\3\0\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"

static const Plant plants[] = {
    {"ObProj", GLOBAL, 0xd3, BYTES("CANARY"), MGK_KIND_MACRO_VBA},
    {"ObNoMacros", GLOBAL, 0x1bd, BYTES("CANARY"), -1},
    {"CodeName", GLOBAL, 0x1ba, BYTES("\6\0\0CANARY"), -1},
    {"DConn", GLOBAL, 0x876, BYTES("CANARY"), MGK_KIND_EXTERNAL_DATA},
    {"DbOrParamQry", SHEET, 0xdc, BYTES("CANARY"), MGK_KIND_EXTERNAL_DATA},
    {"DCon", SHEET, 0x50, BYTES("CANARY"), MGK_KIND_EXTERNAL_DATA},
    {"DConRef", SHEET, 0x51, BYTES("CANARY"), MGK_KIND_EXTERNAL_DATA},
    {"DConName", SHEET, 0x52, BYTES("CANARY"), MGK_KIND_EXTERNAL_DATA},
    {"DConBin", SHEET, 0x1b5, BYTES("CANARY"), MGK_KIND_EXTERNAL_DATA},
    {"Qsi", SHEET, 0x1ad, BYTES("CANARY"), MGK_KIND_EXTERNAL_DATA},
    {"QsiSXTag", SHEET, 0x802, BYTES("CANARY"), MGK_KIND_EXTERNAL_DATA},
    {"DBQueryExt", SHEET, 0x803, BYTES("CANARY"), MGK_KIND_EXTERNAL_DATA},
    {"ExtString", SHEET, 0x804, BYTES("CANARY"), MGK_KIND_EXTERNAL_DATA},
    {"TxtQry", SHEET, 0x805, BYTES("CANARY"), MGK_KIND_EXTERNAL_DATA},
    {"RealTimeData", GLOBAL, 0x813, BYTES("CANARY"), MGK_KIND_FORMULA_DANGEROUS},
    {"WebPub", SHEET, 0x801, BYTES("CANARY"), MGK_KIND_EXTERNAL_CONTENT},
    {"another workbook", GLOBAL, 0x1ae, BYTES("\1\0\6\0\0CANARY\2\0\0S1"), MGK_KIND_FORMULA_EXTERNAL},
    {"DDE", GLOBAL, 0x1ae, BYTES("\0\0\12\0\0cmd\3CANARY"), MGK_KIND_FORMULA_DANGEROUS},
    {"ExternName", GLOBAL, 0x23, BYTES("\0\0\0\0\0\0\6\0CANARY"), -1},
    {"values of another workbook", GLOBAL, 0x5a, BYTES("\0\0\0\0\2\6\0\0CANARY"), -1},
    {"the user's name", GLOBAL, 0x5c, BYTES("\6\0\0CANARY"), -1},
    {"a printer", SHEET, 0x4d, BYTES("\0\0CANARY"), MGK_KIND_PRINTER_SETTINGS},
    {"an unknown record", GLOBAL, 0x7777, BYTES("CANARY"), MGK_KIND_UNKNOWN_PART},
    {"an unknown record of a sheet", SHEET, 0x7778, BYTES("CANARY"), MGK_KIND_UNKNOWN_PART},
    {"a record of a wrong length", SHEET, 0x27e, BYTES("CANARYCANARY"), MGK_KIND_UNKNOWN_PART},
    {"a continuation of nothing", SHEET, 0x3c, BYTES("CANARY"), -1},
    {"a pivot table", SHEET, 0xb0, BYTES("CANARY"), MGK_KIND_PIVOT_EXTERNAL},
    {"a shape", SHEET, 0xec, BYTES("CANARY"), -1},
    {"a button", SHEET, 0x5d, BYTES("\x15\0\x12\0\7\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0CANARY"), MGK_KIND_ACTIVEX},
    {"a picture", SHEET, 0x5d, BYTES("\x15\0\x12\0\10\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0CANARY"), MGK_KIND_DRAWING_LOST},
    {"an OLE object", SHEET, 0x5d, BYTES("\x15\0\x12\0\10\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x09\0CANARY"),
     MGK_KIND_OLE_OBJECT},
    {"Auto_Open, built in", NAME, 0x20, BYTES("\1"), MGK_KIND_MACRO_NAME},
    {"Auto_Close, built in", NAME, 0x21, BYTES("\2"), MGK_KIND_MACRO_NAME},
    {"Auto_Activate, built in", NAME, 0x20, BYTES("\12"), MGK_KIND_MACRO_NAME},
    {"auto_open in letters", NAME, 0, BYTES("aUtO_openCANARY"), MGK_KIND_MACRO_NAME},
    {"a macro's name", NAME, 0x08, BYTES("CANARY"), -1},
    {"a function's name", NAME, 0x02, BYTES("CANARY"), -1},
    {"CALL", TOKENS, 0, BYTES("\x17\6\0CANARY\x42\1\x96\0"), MGK_KIND_FORMULA_DANGEROUS},
    {"REGISTER", TOKENS, 0, BYTES("\x17\6\0CANARY\x22\1\x95\0"), MGK_KIND_FORMULA_DANGEROUS},
    {"EXEC", TOKENS, 0, BYTES("\x17\6\0CANARY\x41\x6e\0"), MGK_KIND_FORMULA_DANGEROUS},
    {"a command", TOKENS, 0, BYTES("\x17\6\0CANARY\x42\1\x01\x80"), MGK_KIND_FORMULA_DANGEROUS},
    {"an add-in", TOKENS, 0, BYTES("\x39\1\0\1\0\0\0\x17\6\0CANARY\x42\2\xff\0"), MGK_KIND_FORMULA_UNKNOWN},
    {"HYPERLINK", TOKENS, 0, BYTES("\x17\6\0CANARY\x42\1\x67\1"), MGK_KIND_FORMULA_LINK},
    {"a cell elsewhere", TOKENS, 0, BYTES("\x5a\1\0\0\0\0\0\x17\6\0CANARY\x08"), MGK_KIND_FORMULA_EXTERNAL},
    {"cells elsewhere", TOKENS, 0, BYTES("\x3b\7\0\0\0\0\0\0\0\0\0\x17\6\0CANARY\x08"), MGK_KIND_FORMULA_EXTERNAL},
    {"a name that is not there", TOKENS, 0, BYTES("\x43\x63\0\0\0\x17\6\0CANARY\x08"), MGK_KIND_FORMULA_UNKNOWN},
    {"a token of Lotus", TOKENS, 0, BYTES("\x18\6CANARY"), MGK_KIND_FORMULA_UNKNOWN},
    {"a text that is cut off", TOKENS, 0, BYTES("\x17\x20\0CANARY"), MGK_KIND_FORMULA_UNKNOWN},
    {"a class that does not exist", TOKENS, 0, BYTES("\x17\6\0CANARY\xc4"), MGK_KIND_FORMULA_UNKNOWN},
    {"bytes behind a formula", TOKENS, 6, BYTES("\x1e\1\0CANARY"), MGK_KIND_FORMULA_UNKNOWN},
    {"a jump table that is cut off", TOKENS, 0,
     BYTES("\x19\4\xff\xff"
           "CANARY"),
     MGK_KIND_FORMULA_UNKNOWN},
    {"a shared formula of nobody", SHEET, 0x4bc, BYTES("\0\0\0\0\0\0\0\0\x09\0\x17\6\0CANARY"), -1},
    {"an array formula of nobody", SHEET, 0x221, BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\x09\0\x17\6\0CANARY"), -1},
    {"a condition that calls", SHEET, 0x1b1, BYTES("\2\0\x0d\0\0\0\0\0\0\0\0\0\x17\6\0CANARY\x42\1\x96\0"),
     MGK_KIND_FORMULA_DANGEROUS},
    {"a validation that calls", SHEET, 0x1be,
     BYTES("\7\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\x0d\0\0\0\x17\6\0CANARY\x42\1\x96\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0"),
     MGK_KIND_FORMULA_DANGEROUS},
    {"a condition with a formula in front of its formula", SHEET, 0x1b1,
     BYTES("\2\0\3\0\0\0\0\0\0\0\0\0\x17\6\0CANARY\x42\1\x96\0\x1e\1\0"), MGK_KIND_FORMULA_UNKNOWN},
    {"a condition that is cut off", SHEET, 0x1b1, BYTES("\2\0\x40\0\0\0\0\0\0\0\0\0CANARY"), MGK_KIND_FORMULA_UNKNOWN},
    {"a condition with a number format of its own that is longer than it", SHEET, 0x1b1,
     BYTES("\2\0\0\0\0\0\0\0\0\2\1\0\xff\xff"
           "CANARY"),
     MGK_KIND_FORMULA_UNKNOWN},
    {"a validation whose formula is longer than it", SHEET, 0x1be,
     BYTES("\7\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\xff\xff\0\0"
           "CANARY"),
     MGK_KIND_FORMULA_UNKNOWN},
    {"an attribute that is two things", TOKENS, 0, BYTES("\x19\6\4\0\x17\6\0CANARY\0\x1e\1\0"),
     MGK_KIND_FORMULA_UNKNOWN},
    {"a link to a file", SHEET, 0x1b8, BYTES(LINK_HEAD "\1\0\0\0" FILE_MONIKER "\0\0\7\0\0\0CANARY\0"),
     MGK_KIND_LINK_DANGEROUS},
    {"a link that runs", SHEET, 0x1b8,
     BYTES(LINK_HEAD "\1\0\0\0" URL_MONIKER
                     "\x2e\0\0\0v\0b\0s\0c\0r\0i\0p\0t\0:\0C\0A\0N\0A\0R\0Y\0C\0A\0N\0A\0R\0Y\0\0\0"),
     MGK_KIND_LINK_DANGEROUS},
    {"a link with a text of monikers", SHEET, 0x1b8, BYTES(LINK_HEAD "\1\1\0\0\7\0\0\0C\0A\0N\0A\0R\0Y\0\0\0"),
     MGK_KIND_LINK_DANGEROUS},
    {"VBA", STREAM, 0, BYTES("_VBA_PROJECT_CUR"), MGK_KIND_MACRO_VBA},
    {"an object's storage", STREAM, 0, BYTES("MBD0001F"), MGK_KIND_OLE_OBJECT},
    {"controls", STREAM, 0, BYTES("Ctls"), MGK_KIND_ACTIVEX},
    {"a stream nobody knows", STREAM, 0, BYTES("Stray"), MGK_KIND_UNKNOWN_PART},
    {"the book of an older program", STREAM, 0, BYTES("Book"), MGK_KIND_UNKNOWN_PART},
};

static void judge(const FakeRun *run, const char *label)
{
    static const char wide[] = "C\0A\0N\0A\0R\0Y";
    ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CLEANED, "%s: %d %s", label, run->outcome.verdict,
                  run->outcome.detail);
    ck_assert_msg(!holds(run->output, "CANARY", 6) && !holds(run->output, wide, sizeof wide - 1),
                  "%s: the canary came out", label);
    ck_assert_msg(holds(run->output, "VISIBLE", 7), "%s: text lost", label);
    g_autoptr(FakeRun) again = planted_clean(run->output, "a.xls");
    ck_assert_msg(again->output->len == run->output->len &&
                      memcmp(again->output->data, run->output->data, run->output->len) == 0,
                  "%s: cleaning again changes it", label);
}

START_TEST(test_xls__planted_attacks_go)
{
    for (guint i = 0; i < G_N_ELEMENTS(plants); i++) {
        Forge forge = {.plant = &plants[i]};
        g_autoptr(GByteArray) file = forge_file(&forge);
        g_autoptr(FakeRun) run = planted_clean(file, "a.xls");
        judge(run, plants[i].label);
        ck_assert_msg(plants[i].kind < 0 || fake_run_found(run, (MgkKind)plants[i].kind), "%s: not reported",
                      plants[i].label);
        ck_assert_msg(plants[i].where != TOKENS || holds(run->output, "\x45\x40", 2), "%s: its value is lost",
                      plants[i].label);
    }
}
END_TEST

START_TEST(test_xls__second_look_sees_planted_attacks)
{
    for (guint i = 0; i < G_N_ELEMENTS(plants); i++) {
        Forge forge = {.plant = &plants[i]};
        if (plants[i].id == 0x5c || plants[i].id == 0x4bc || plants[i].id == 0x221 || plants[i].id == 0x27e ||
            (plants[i].where == TOKENS && (plants[i].data[0] & 0x1f) < 0x1c && plants[i].data[0] != 0x17 &&
             plants[i].data[0] != 0x18 && plants[i].data[0] != 0x19))
            continue; /* what a record of an allowed kind says, and which sheet or name a token means */
        if (g_str_has_prefix(plants[i].label, "cells else") || g_str_has_prefix(plants[i].label, "a name that is not"))
            continue;
        g_autoptr(GByteArray) file = forge_file(&forge);
        g_autoptr(FakeRun) run = fake_run_new();
        g_autoptr(GError) error = NULL;
        ck_assert_msg(!fake_run_check(run, file->data, file->len, MGK_FORMAT_ID_xls, &error), "%s: not seen",
                      plants[i].label);
    }
    Forge plain = {0};
    g_autoptr(GByteArray) file = forge_file(&plain);
    g_autoptr(FakeRun) run = fake_run_new();
    g_autoptr(GError) error = NULL;
    ck_assert_msg(fake_run_check(run, file->data, file->len, MGK_FORMAT_ID_xls, &error), "%s",
                  error ? error->message : "");
}
END_TEST

START_TEST(test_xls__macro_sheets_become_empty)
{
    static const struct {
        guint8 state, type, bof;
        MgkKind kind;
    } rows[] = {{1, 1, 0x40, MGK_KIND_MACRO_SHEET},
                {2, 1, 0x10, MGK_KIND_MACRO_SHEET},
                {0, 6, 0x06, MGK_KIND_MACRO_VBA},
                {0, 2, 0x20, MGK_KIND_DRAWING_LOST}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        Forge forge = {.state = rows[i].state, .type = rows[i].type, .second = "S2", .second_bof = rows[i].bof};
        g_autoptr(GByteArray) file = forge_file(&forge);
        g_autoptr(FakeRun) run = planted_clean(file, "a.xls");
        judge(run, "a sheet");
        ck_assert(fake_run_found(run, rows[i].kind));
        ck_assert_msg(holds(run->output, "S2", 2), "row %u: its name is lost", i);
    }
    Forge lie = {.type = 0, .second = "S2", .second_bof = 0x40};
    g_autoptr(GByteArray) file = forge_file(&lie);
    g_autoptr(FakeRun) run = planted_clean(file, "a.xls");
    ck_assert_uint_eq(run->outcome.verdict, MGK_VERDICT_HELD);
    ck_assert_uint_eq(run->outcome.reason, MGK_REASON_MALFORMED);
    Forge hidden = {.state = 2, .second = "S2", .second_bof = 0x10};
    g_autoptr(GByteArray) other = forge_file(&hidden);
    g_autoptr(FakeRun) second = planted_clean(other, "a.xls");
    ck_assert(fake_run_found(second, MGK_KIND_HIDDEN_SHEET));
}
END_TEST

START_TEST(test_xls__ordinary_formulas_stay)
{
    static const Plant rows[] = {
        {"SUM(A1:A3)", TOKENS, 0, BYTES("\x25\0\0\2\0\0\0\0\0\x19\x10\0\0"), -1},
        {"IF(A1>1,\"a\",\"b\")", TOKENS, 0, BYTES("\x44\0\0\0\0\x1e\1\0\x0d\x17\1\0a\x17\1\0b\x42\3\1\0"), -1},
        {"S1!A1", TOKENS, 0, BYTES("\x5a\0\0\0\0\0\0"), -1},
        {"fine+1", TOKENS, 0, BYTES("\x43\1\0\0\0\x1e\1\0\3"), -1},
        {"{1}", TOKENS, 12, BYTES("\x60\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\xf0\x3f"), -1},
        {"VLOOKUP", TOKENS, 0, BYTES("\x44\0\0\0\0\x25\0\0\2\0\0\0\0\0\x1e\1\0\x42\3\x66\0"), -1},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        Forge forge = {.plant = &rows[i]};
        g_autoptr(GByteArray) file = forge_file(&forge);
        g_autoptr(FakeRun) run = planted_clean(file, "a.xls");
        judge(run, rows[i].label);
        ck_assert_msg(holds(run->output, rows[i].data, rows[i].size), "%s: lost", rows[i].label);
    }
}
END_TEST

START_TEST(test_xls__a_name_that_only_looks_like_auto_close_stays)
{
    static const Plant plant = {"Auto_Calc", NAME, 0, BYTES("Auto_Calc_List"), -1};
    Forge forge = {.plant = &plant};
    g_autoptr(GByteArray) file = forge_file(&forge);
    g_autoptr(FakeRun) run = planted_clean(file, "a.xls");
    judge(run, plant.label);
    ck_assert(holds(run->output, "Auto_Calc_List", 14));
}
END_TEST

START_TEST(test_xls__links_to_the_web_stay)
{
    static const char web[] = LINK_HEAD "\3\0\0\0" URL_MONIKER "\x18\0\0\0h\0t\0t\0p\0:\0/\0/\0a\0.\0j\0p\0\0\0";
    static const char place[] = LINK_HEAD "\x08\0\0\0\6\0\0\0S\0"
                                          "1\0!\0A\0"
                                          "1\0\0\0";
    static const Plant rows[] = {{"web", SHEET, 0x1b8, BYTES(web), MGK_KIND_LINK_EXTERNAL},
                                 {"place", SHEET, 0x1b8, BYTES(place), -1}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        Forge forge = {.plant = &rows[i]};
        g_autoptr(GByteArray) file = forge_file(&forge);
        g_autoptr(FakeRun) run = planted_clean(file, "a.xls");
        judge(run, rows[i].label);
        ck_assert_msg(holds(run->output, rows[i].data, rows[i].size), "%s: lost", rows[i].label);
    }
}
END_TEST

START_TEST(test_xls__conditions_stay_with_their_looks)
{
    static const char looks[] = "\2\0\3\0\0\0\0\0\0\x22\0\0\7\0PATT\x1e\1\0"; /* a number, a pattern */
    static const char own[] = "\1\5\3\0\3\0\0\0\0\x02\1\0\6\0QQQQ\x1e\1\0\x1e\2\0";
    static const Plant rows[] = {{"looks", SHEET, 0x1b1, BYTES(looks), -1}, {"own", SHEET, 0x1b1, BYTES(own), -1}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        Forge forge = {.plant = &rows[i]};
        g_autoptr(GByteArray) file = forge_file(&forge);
        g_autoptr(FakeRun) run = planted_clean(file, "a.xls");
        judge(run, rows[i].label);
        ck_assert_msg(holds(run->output, rows[i].data, rows[i].size), "%s: lost", rows[i].label);
    }
}
END_TEST

/* What would be counted past the sheets and names that were counted first. */
START_TEST(test_xls__globals_hold_no_substream)
{
    Forge plain = {0};
    g_autoptr(GByteArray) rest = forge_stream(&plain), stream = g_byte_array_new();
    put_bof(stream, 5);
    put_bof(stream, 0x10);
    put(stream, 10, "", 0);
    for (guint i = 0; i < 200; i++) {
        put_sheet_row(stream, 0, 0, "S");
        put_name(stream, 0x20, "\1", 1, "\x1e\1\0", 3);
    }
    g_byte_array_append(stream, rest->data + 20, rest->len - 20);
    g_autoptr(GByteArray) file = pack(stream, NULL);
    g_autoptr(FakeRun) run = planted_clean(file, "a.xls");
    ck_assert_uint_eq(run->outcome.verdict, MGK_VERDICT_HELD);
    ck_assert_uint_eq(run->outcome.reason, MGK_REASON_MALFORMED);
}
END_TEST

/* Thousands of sheets in one place would be written thousands of times. */
START_TEST(test_xls__one_sheet_stands_in_one_place)
{
    Forge forge = {.second = "S2", .second_bof = 0x10};
    g_autoptr(GByteArray) stream = forge_stream(&forge);
    guint8 *first = memmem(stream->data, stream->len, "\2\0S1", 4),
           *second = memmem(stream->data, stream->len, "\2\0S2", 4);
    ck_assert(first && second);
    memcpy(second - 6, first - 6, 4);
    g_autoptr(GByteArray) file = pack(stream, NULL);
    g_autoptr(FakeRun) run = planted_clean(file, "a.xls");
    ck_assert_uint_eq(run->outcome.verdict, MGK_VERDICT_HELD);
}
END_TEST

START_TEST(test_xls__damage_never_crashes)
{
    Forge forge = {.second = "S2", .second_bof = 0x10};
    g_autoptr(GByteArray) stream = forge_stream(&forge);
    for (guint i = 0; i < stream->len; i++) {
        guint8 was = stream->data[i];
        stream->data[i] ^= 0xff;
        g_autoptr(GByteArray) file = pack(stream, NULL);
        stream->data[i] = was;
        g_autoptr(FakeRun) run = planted_clean(file, "a.xls");
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CLEANED || run->outcome.verdict == MGK_VERDICT_HELD,
                      "byte %u", i);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("xls");
    TCase *cases = tcase_create("xls");
    tcase_add_test(cases, test_xls__planted_attacks_go);
    tcase_add_test(cases, test_xls__second_look_sees_planted_attacks);
    tcase_add_test(cases, test_xls__macro_sheets_become_empty);
    tcase_add_test(cases, test_xls__ordinary_formulas_stay);
    tcase_add_test(cases, test_xls__a_name_that_only_looks_like_auto_close_stays);
    tcase_add_test(cases, test_xls__links_to_the_web_stay);
    tcase_add_test(cases, test_xls__conditions_stay_with_their_looks);
    tcase_add_test(cases, test_xls__globals_hold_no_substream);
    tcase_add_test(cases, test_xls__one_sheet_stands_in_one_place);
    tcase_add_test(cases, test_xls__damage_never_crashes);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
